//! Tells whom a stop will mean, some time before it.
//!
//! The log alone cannot show this: only an inventory shows which servers a rule means. Its reader
//! (`engine::ahead`) finds a stop again after a restart. Each target is told of a firing once.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::body::{Ahead, Body, Digest, MOST_NAMED, MeantServer, long};
use super::brief::brief;
use super::cursor::Subscription;
use super::planner::{NoticePlanner, notice};
use super::sentence::{LONGEST_NAME, some};
use super::words::NoticeWords;
use crate::audit::AuditError;
use crate::model::instance::{InstanceNo, RegionCode};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::notify::Event;
use crate::schedule::{Rule, beside};

/// The most servers that the sentence names.
const MOST_IN_SENTENCE: usize = 5;
/// The longest name of a rule with its purpose, in characters.
const LONGEST_RULE: usize = 120;

/// A stop that is to come.
#[derive(Clone, Debug)]
pub struct Foretold {
    pub rule: Arc<Rule>,
    pub at: DateTime<Utc>,
    /// The servers that it would stop; never empty.
    pub servers: Vec<ForetoldServer>,
    /// The guard that would send nothing, and why.
    pub guarded: Option<(Outcome, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForetoldServer {
    pub region: RegionCode,
    pub no: InstanceNo,
    pub name: String,
}

impl NoticePlanner {
    /// Records a notice for each target whose time ahead has come, and that was not told yet.
    pub(super) async fn tell_foretold(&self, foretold: &Foretold) -> Result<(), AuditError> {
        let Some(schedules) = &self.schedules else { return Ok(()) };
        let (rule, now) = (foretold.rule.name.as_str(), self.context.clock.now());
        let at = foretold.rule.timezone.show(foretold.at).to_rfc3339();
        for notify in &schedules.notify {
            let is_time = notify.ahead.is_some_and(|ahead| foretold.at <= now + ahead);
            if !is_time || !self.since.contains_key(&Subscription::events(notify)) {
                continue;
            }
            if self.context.reader.is_foretold(&notify.name, rule, &at).await? {
                continue;
            }
            let words = NoticeWords(notify.language);
            let page = schedules.web.url.as_ref();
            let digest = digest(words, foretold, (&at, page));
            // This notice covers no entry that another notice would tell.
            let through = self.context.reader.told_through(&notify.name).await?;
            let notices = notice((notify, page), &digest, (None, through));
            self.send(&notify.name, notices.into_iter().collect()).await?;
        }
        Ok(())
    }
}

fn digest(words: NoticeWords, foretold: &Foretold, (at, page): (&str, Option<&Url>)) -> Digest {
    let Foretold { rule, servers, guarded, .. } = foretold;
    let guarded = guarded.as_ref().map(|(by, why)| {
        let reason = Reason::Guarded { by: *by, why: why.clone() };
        reason.in_language(words.0)
    });
    let named = servers.iter().take(MOST_NAMED);
    let details = named.clone().map(|server| {
        let name = brief(&server.name, LONGEST_NAME);
        let how = match page {
            Some(page) => {
                let page = page.as_str().trim_end_matches('/');
                format!("{page}/hold?server={}", server.no)
            }
            None => format!("lightsout hold {} --tonight", server.no),
        };
        format!("{name}: {how}")
    });
    let details = if guarded.is_none() { details.collect() } else { Vec::new() };
    let ahead = Ahead {
        rule: rule.name.to_string(),
        about: rule.about.as_deref().map(long),
        account: rule.account.to_string(),
        action: rule.action.as_str(),
        at: at.to_owned(),
        guarded: guarded.clone(),
        servers: named
            .map(|server| MeantServer {
                region: server.region.to_string(),
                instance_no: server.no.to_string(),
                instance_name: long(&server.name),
            })
            .collect(),
        servers_left_out: servers.len().saturating_sub(MOST_NAMED),
    };
    let text = sentence(words, foretold, guarded.as_deref());
    let link = Some(format!("/rules/{}", rule.name));
    let body = Body { text, link, details, ahead: Some(ahead), ..Body::default() };
    Digest { events: BTreeSet::from([Event::Ahead]), body }
}

/// `at 20:00 dev-nightly is to stop 12 servers: …`.
fn sentence(words: NoticeWords, foretold: &Foretold, guarded: Option<&str>) -> String {
    let Foretold { rule, at, servers, .. } = foretold;
    let name = brief(&beside(rule.name.as_str(), rule.about.as_deref()), LONGEST_RULE);
    let at = rule.timezone.show(*at).format("%F %H:%M").to_string();
    if let Some(why) = guarded {
        return words.foretold_nothing(&at, &name, why);
    }
    let named = servers.iter().map(|server| brief(&server.name, LONGEST_NAME));
    let named = some(words, named, (MOST_IN_SENTENCE, ", ", NoticeWords::more_servers));
    words.foretold(&at, &name, servers.len(), &named)
}
