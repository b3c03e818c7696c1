//! Tells whom a stop will mean, some time before it.
//!
//! The log alone cannot show this: only an inventory shows which servers a rule means. Its reader
//! (`engine::ahead`) finds a stop again after a restart. The stops of one instant in one account are
//! one notice. Each target is told of a firing once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::body::{Ahead, AheadRule, Body, Digest, MOST_NAMED, MeantServer, long};
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
/// The same of each of several rules.
const MOST_OF_A_RULE: usize = 2;
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

/// The rules of one account that stop servers at the same time, as a zone writes it.
type Together<'f> = Vec<&'f Foretold>;

impl NoticePlanner {
    /// Records a notice for each target whose time ahead has come, of all stops that it was not told
    /// of yet. They are of one account and one instant.
    pub(super) async fn tell_foretold(&self, foretold: &[Foretold]) -> Result<(), AuditError> {
        let Some(schedules) = &self.schedules else { return Ok(()) };
        let now = self.context.clock.now();
        let mut all: BTreeMap<(&str, String), Together<'_>> = BTreeMap::new();
        for stop in foretold {
            let at = stop.rule.timezone.show(stop.at).to_rfc3339();
            all.entry((stop.rule.account.as_str(), at)).or_default().push(stop);
        }
        for notify in &schedules.notify {
            if !self.since.contains_key(&Subscription::events(notify)) {
                continue;
            }
            for ((account, at), together) in &all {
                let told = self.context.reader.foretold(&notify.name, account, at).await?;
                let is_time = |stop: &Foretold| {
                    notify.ahead.is_some_and(|ahead| stop.at <= now + ahead)
                        && !told.has(stop.rule.name.as_str())
                };
                let new: Together<'_> =
                    together.iter().copied().filter(|stop| is_time(stop)).collect();
                let [first, ..] = new[..] else { continue };
                let words = NoticeWords(notify.language);
                let page = schedules.web.url.as_ref();
                let digest = match new[..] {
                    [_] => digest(words, first, (at, page)),
                    _ => together_digest(words, &new, (at, page)),
                };
                // This notice covers no entry that another notice would tell.
                let through = self.context.reader.told_through(&notify.name).await?;
                let notices = notice((notify, page), &digest, (None, through));
                self.send(&notify.name, notices.into_iter().collect()).await?;
            }
        }
        Ok(())
    }
}

fn digest(words: NoticeWords, foretold: &Foretold, (at, page): (&str, Option<&Url>)) -> Digest {
    let Foretold { rule, servers, .. } = foretold;
    let guarded = foretold.guarded(words);
    let named = servers.iter().take(MOST_NAMED);
    let details = if guarded.is_none() {
        named.clone().map(|server| how_to_hold(server, page)).collect()
    } else {
        Vec::new()
    };
    let ahead = Ahead {
        servers: named.map(|server| server.meant(None)).collect(),
        servers_left_out: servers.len().saturating_sub(MOST_NAMED),
        ..foretold.ahead(words, at)
    };
    let text = sentence(words, foretold, guarded.as_deref());
    let link = Some(format!("/rules/{}", rule.name));
    let body = Body { text, link, details, ahead: Some(ahead), ..Body::default() };
    Digest { events: BTreeSet::from([Event::Ahead]), body }
}

/// Of several rules. The servers are those that no guard leaves alone.
fn together_digest(
    words: NoticeWords,
    together: &[&Foretold],
    (at, page): (&str, Option<&Url>),
) -> Digest {
    let stopped = together.iter().filter(|stop| stop.guarded.is_none());
    let servers = stopped.flat_map(|stop| stop.servers.iter().map(|server| (*stop, server)));
    // A server that several rules mean is stopped once.
    let mut seen = BTreeSet::new();
    let servers: Vec<(&Foretold, &ForetoldServer)> =
        servers.filter(|(_, server)| seen.insert((&server.region, &server.no))).collect();
    let named = servers.iter().take(MOST_NAMED);
    let details = named.clone().map(|(_, server)| how_to_hold(server, page)).collect();
    let rule = |stop: &&Foretold| AheadRule {
        rule: stop.rule.name.to_string(),
        about: stop.rule.about.as_deref().map(long),
        guarded: stop.guarded(words),
        servers: stop.servers.len(),
    };
    let ahead = Ahead {
        servers: named.map(|(stop, server)| server.meant(Some(stop))).collect(),
        servers_left_out: servers.len().saturating_sub(MOST_NAMED),
        rules: together.iter().take(MOST_NAMED).map(rule).collect(),
        rules_left_out: together.len().saturating_sub(MOST_NAMED),
        ..together[0].ahead(words, at)
    };
    let text = sentence_of_all(words, together, servers.len());
    let link = Some("/week".to_owned());
    let body = Body { text, link, details, ahead: Some(ahead), ..Body::default() };
    Digest { events: BTreeSet::from([Event::Ahead]), body }
}

fn how_to_hold(server: &ForetoldServer, page: Option<&Url>) -> String {
    let name = brief(&server.name, LONGEST_NAME);
    let how = match page {
        Some(page) => {
            let page = page.as_str().trim_end_matches('/');
            format!("{page}/hold?server={}", server.no)
        }
        None => format!("lightsout hold {} --tonight", server.no),
    };
    format!("{name}: {how}")
}

impl Foretold {
    /// Why a guard will send nothing.
    fn guarded(&self, words: NoticeWords) -> Option<String> {
        let (by, why) = self.guarded.as_ref()?;
        let reason = Reason::Guarded { by: *by, why: why.clone() };
        Some(reason.in_language(words.0))
    }

    /// Its data without the servers.
    fn ahead(&self, words: NoticeWords, at: &str) -> Ahead {
        Ahead {
            rule: self.rule.name.to_string(),
            about: self.rule.about.as_deref().map(long),
            account: self.rule.account.to_string(),
            action: self.rule.action.as_str(),
            at: at.to_owned(),
            guarded: self.guarded(words),
            servers: Vec::new(),
            servers_left_out: 0,
            rules: Vec::new(),
            rules_left_out: 0,
        }
    }

    /// The rule with its purpose.
    fn named(&self) -> String {
        brief(&beside(self.rule.name.as_str(), self.rule.about.as_deref()), LONGEST_RULE)
    }

    fn names(&self, words: NoticeWords, most: usize) -> String {
        let named = self.servers.iter().map(|server| brief(&server.name, LONGEST_NAME));
        some(words, named, (most, ", ", NoticeWords::more_servers))
    }

    fn time(&self) -> String {
        self.rule.timezone.show(self.at).format("%F %H:%M").to_string()
    }
}

impl ForetoldServer {
    fn meant(&self, stop: Option<&Foretold>) -> MeantServer {
        MeantServer {
            rule: stop.map(|stop| stop.rule.name.to_string()),
            region: self.region.to_string(),
            instance_no: self.no.to_string(),
            instance_name: long(&self.name),
        }
    }
}

/// `at 20:00 dev-nightly is to stop 12 servers: …`.
fn sentence(words: NoticeWords, foretold: &Foretold, guarded: Option<&str>) -> String {
    let (at, name) = (foretold.time(), foretold.named());
    if let Some(why) = guarded {
        return words.foretold_nothing(&at, &name, why);
    }
    let named = foretold.names(words, MOST_IN_SENTENCE);
    words.foretold(&at, &name, foretold.servers.len(), &named)
}

/// `at 20:00 3 rules are to stop 12 servers: dev-nightly (a, b and 4 more), …`.
fn sentence_of_all(words: NoticeWords, together: &[&Foretold], servers: usize) -> String {
    let named = together.iter().map(|stop| match stop.guarded(words) {
        Some(why) => words.foretold_nothing_of(&stop.named(), &brief(&why, LONGEST_RULE)),
        None => format!("{} ({})", stop.named(), stop.names(words, MOST_OF_A_RULE)),
    });
    let named = some(words, named, (MOST_IN_SENTENCE, "; ", NoticeWords::more_rules));
    words.foretold_together(&together[0].time(), together.len(), servers, &named)
}
