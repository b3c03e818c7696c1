//! The origin of a report's figures, for its page, and the links to it.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::model::instance::InstanceNo;
use crate::text::sanitize::harmless;

#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The path of the log.
    pub log: &'a str,
    pub made_at: DateTime<Utc>,
    /// The address of the pages: `""` on the page itself. `None`: names are no links.
    pub pages: Option<&'a str>,
}

impl Origin<'_> {
    /// A server's name, as a link to its page.
    pub(super) fn server(&self, no: &InstanceNo, name: &str) -> Markup {
        self.linked(&format!("/servers/{no}"), name)
    }

    /// A rule's name, as a link to its history.
    pub(super) fn rule(&self, name: &str) -> Markup {
        let mut query = form_urlencoded::Serializer::new(String::new());
        self.linked(
            &format!("/history?{}", query.append_pair("rule", name).finish()),
            &harmless(name),
        )
    }

    fn linked(&self, path: &str, name: &str) -> Markup {
        html! {
            @match self.pages {
                Some(pages) => a href={ (pages.trim_end_matches('/')) (path) } { (name) },
                None => (name),
            }
        }
    }
}
