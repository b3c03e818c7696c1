//! Takes one notice to one target, once, and returns the result.
//!
//! Repeats are [`super::delivery`]'s business.

use std::path::Path;

use super::command;
use super::delivery_error::DeliveryError;
use super::{form, http};
use crate::program::{Output, Program};
use crate::schedule::notify::{Channel, Format, Notify, SecretUrl, UrlSource};
use crate::schedule::{HEARTBEAT, Schedules};

/// A target, and the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeTarget {
    pub name: String,
    way: Way,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    Post {
        url: UrlSource,
        format: Format,
    },
    Run(Program),
    /// A URL that is fetched without a body: the fetch itself is the message.
    Ping(UrlSource),
}

impl NoticeTarget {
    /// The target of an entry of `[[notify]]`.
    pub fn of(notify: &Notify, schedules: &Schedules) -> Self {
        let way = match &notify.channel {
            Channel::Post { url, format } => Way::Post { url: url.clone(), format: *format },
            Channel::Command { program, arguments } => Way::Run(Program {
                path: program.clone(),
                arguments: arguments.clone(),
                folder: schedules.path.parent().unwrap_or(Path::new("")).to_owned(),
                without: schedules.secret_variables(),
                output: Output::Logged,
            }),
        };
        Self { name: notify.name.clone(), way }
    }

    /// Every target of a file, the heartbeat among them.
    pub fn all(schedules: &Schedules) -> Vec<Self> {
        let heartbeat = schedules.heartbeat_url.iter();
        let heartbeat =
            heartbeat.map(|url| Self { name: HEARTBEAT.to_owned(), way: Way::Ping(url.clone()) });
        schedules.notify.iter().map(|notify| Self::of(notify, schedules)).chain(heartbeat).collect()
    }

    /// Checks that the URL is available.
    ///
    /// # Errors
    /// When the variable that should hold the URL is not set.
    pub fn check(&self) -> Result<(), DeliveryError> {
        match &self.way {
            Way::Post { url, .. } | Way::Ping(url) => resolve(url).map(|_| ()),
            Way::Run(_) => Ok(()),
        }
    }

    /// Takes a notice there, once. `number` is the number of its row, if it has one; `body` is
    /// JSON. Returns the other side's answer, for people.
    ///
    /// # Errors
    /// When the other side did not accept.
    pub async fn deliver(&self, number: Option<i64>, body: &str) -> Result<String, DeliveryError> {
        let notice = form::own(number, body);
        match &self.way {
            Way::Post { url, format } => {
                http::send(&resolve(url)?, Some(form::formatted(*format, notice))).await
            }
            Way::Run(program) => command::deliver(program, &notice).await,
            Way::Ping(url) => http::send(&resolve(url)?, None).await,
        }
    }
}

fn resolve(url: &UrlSource) -> Result<SecretUrl, DeliveryError> {
    let name = match url {
        UrlSource::Written(url) => return Ok(url.clone()),
        UrlSource::Variable(name) => name,
    };
    let value = std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let value = value.ok_or_else(|| DeliveryError::NoVariable(name.clone()))?;
    SecretUrl::parse(&value)
        .map_err(|source| DeliveryError::BadVariable { name: name.clone(), source })
}
