//! Makes one digest of several firings of one account that ended close together.
//!
//! [`super::ended`] decides which firings these are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use url::form_urlencoded;

use super::body::{Body, Digest, FiringDigest, MOST_NAMED};
use super::brief::brief;
use super::gathered::{Gathered, GatheredFiring};
use super::sentence::{LONGEST_NAME, LONGEST_REASON, some};
use super::words::NoticeWords;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::report::number;
use crate::time::zone::Zone;

/// The most causes that the sentence names.
const MOST_CAUSES: usize = 3;
/// The most rules that it names for a cause.
const MOST_RULES: usize = 3;
/// The most firings whose own sentences stand below it.
pub(super) const MOST_DETAILED: usize = 5;
/// The lines that `history` shows without `-n`.
const USUAL_LINES: usize = 50;

/// Some firings with the gravest first, else in their order.
pub(super) fn gravest_first<'d>(ended: &[&'d Digest]) -> Vec<&'d Digest> {
    let gravity = |it: &&Digest| it.body.firing.as_ref().map_or(0, FiringDigest::gravity);
    let mut gravest_first = ended.to_vec();
    gravest_first.sort_by_key(|it| Reverse(gravity(it)));
    gravest_first
}

/// The digest of several firings, which stand the gravest first. `in_full` has the first of them, with
/// their sentences.
pub(super) fn digest(
    words: NoticeWords,
    (account, zone): (&str, Zone),
    (ended, in_full): (&[&Digest], &[&Digest]),
) -> Digest {
    let firings: Vec<&FiringDigest> =
        ended.iter().filter_map(|digest| digest.body.firing.as_ref()).collect();
    let troubled = firings.iter().filter(|it| !it.trouble.is_empty()).count();
    let mut counts = BTreeMap::new();
    for (outcome, count) in firings.iter().flat_map(|it| &it.counts) {
        *counts.entry(outcome.clone()).or_default() += count;
    }
    let all = Ended { words, account, firings: &firings, troubled, counts: &counts, zone };
    let body = Body {
        text: all.sentence(),
        link: Some(all.link()),
        details: in_full.iter().map(|it| it.body.text.clone()).collect(),
        firing: in_full.first().and_then(|it| it.body.firing.clone()),
        together: Some(Gathered {
            account: account.to_owned(),
            troubled,
            counts: counts.clone(),
            firings: firings.iter().take(MOST_NAMED).map(|it| it.in_short()).collect(),
            firings_left_out: firings.len().saturating_sub(MOST_NAMED),
        }),
        ..Body::default()
    };
    let events: BTreeSet<_> = ended.iter().flat_map(|digest| &digest.events).copied().collect();
    Digest { events, body }
}

impl FiringDigest {
    /// The gravity of its gravest trouble; 0 when nobody is needed.
    fn gravity(&self) -> u8 {
        self.cause().map_or(0, |(outcome, _)| outcome.gravity() + 1)
    }

    /// The outcome and the reason of its gravest trouble.
    fn cause(&self) -> Option<(Outcome, &str)> {
        let trouble = self.trouble.iter();
        let known = trouble.filter_map(|it| Some((it.outcome.parse().ok()?, it)));
        let (outcome, trouble): (Outcome, _) =
            known.max_by_key(|(it, _): &(Outcome, _)| it.gravity())?;
        Some((outcome, trouble.reason.as_deref().unwrap_or_default()))
    }

    fn in_short(&self) -> GatheredFiring {
        GatheredFiring {
            firing: self.firing,
            rule: self.rule.clone(),
            about: self.about.clone(),
            action: self.action.clone(),
            scheduled_at: self.scheduled_at.clone(),
            counts: self.counts.clone(),
            trouble: self.trouble.len() + self.trouble_left_out,
        }
    }

    /// The due time; of a firing by hand, its beginning.
    fn due_at(&self) -> Option<DateTime<Utc>> {
        self.scheduled_at.as_ref().unwrap_or(&self.started_at).parse().ok()
    }
}

/// Several firings, to be put into words.
struct Ended<'e> {
    words: NoticeWords,
    account: &'e str,
    firings: &'e [&'e FiringDigest],
    troubled: usize,
    counts: &'e BTreeMap<String, usize>,
    zone: Zone,
}

impl Ended<'_> {
    fn sentence(&self) -> String {
        let words = self.words;
        let all = number(self.firings.len() as u64);
        let account = words.account(&brief(self.account, LONGEST_NAME));
        let due = self.due();
        let said = match (self.troubled, self.causes().join("; ")) {
            (0, _) => words.beside(&words.all_ended_well(&all, &account, &due), &self.outcomes()),
            (n, causes) if n == self.firings.len() => {
                words.all_need_somebody(&all, &account, &due, &causes)
            }
            (n, causes) => {
                words.some_need_somebody(&all, &account, &due, (&number(n as u64), &causes))
            }
        };
        format!("{said}; {}", self.command())
    }

    fn due(&self) -> String {
        let due = || self.firings.iter().filter_map(|it| it.due_at());
        let shown = |at: Option<DateTime<Utc>>| {
            at.map(|at| self.words.time(self.zone, at.trunc_subsecs(0))).unwrap_or_default()
        };
        let (first, last) = (shown(due().min()), shown(due().max()));
        if first == last { self.words.due_at(&first) } else { self.words.due_from(&first, &last) }
    }

    /// The causes, the most frequent first: how many firings each has, why, and the first rules.
    fn causes(&self) -> Vec<String> {
        let mut causes: BTreeMap<(Outcome, String), (usize, BTreeSet<&str>)> = BTreeMap::new();
        for firing in self.firings {
            let Some((outcome, why)) = firing.cause() else { continue };
            let why = brief(&Reason::told(why, self.words.0), LONGEST_REASON);
            let (count, rules) = causes.entry((outcome, why)).or_default();
            *count += 1;
            rules.insert(&firing.rule);
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by_key(|(_, (count, _))| Reverse(*count));
        let others: usize = causes.iter().skip(MOST_CAUSES).map(|(_, (count, _))| count).sum();
        let named = causes.iter().take(MOST_CAUSES).map(|((outcome, why), (count, rules))| {
            let count = number(*count as u64);
            let rules = rules.iter().map(|rule| brief(rule, LONGEST_NAME));
            let rules = some(self.words, rules, (MOST_RULES, ", ", NoticeWords::more_rules));
            let outcome = outcome.in_language(self.words.0);
            self.words.cause(&count, outcome, &self.words.beside(&rules, why))
        });
        let others = (others > 0).then(|| self.words.other_causes(&number(others as u64)));
        named.chain(others).collect()
    }

    /// `4,000 stopped, 3 already so`.
    fn outcomes(&self) -> String {
        let outcome = |(word, count): (&String, &usize)| {
            let word =
                word.parse().map_or(word.as_str(), |it: Outcome| it.in_language(self.words.0));
            self.words.servers(*count, word)
        };
        self.counts.iter().map(outcome).collect::<Vec<_>>().join(", ")
    }

    /// The time in which they began, widened to whole seconds.
    fn begun(&self) -> Option<(String, String)> {
        let begun = || self.firings.iter().filter_map(|it| it.started_at.parse().ok());
        let (first, last): (DateTime<Utc>, DateTime<Utc>) = (begun().min()?, begun().max()?);
        let shown = |at: DateTime<Utc>| self.zone.show(at.trunc_subsecs(0)).to_rfc3339();
        Some((shown(first), shown(last + TimeDelta::seconds(1))))
    }

    /// The command that lists them.
    fn command(&self) -> String {
        let trouble = (self.troubled > 0).then(|| "--trouble".to_owned());
        let begun = self.begun().map(|(since, until)| format!("--since {since} --until {until}"));
        // Others may have begun in that time, too.
        let most = (self.firings.len() * 2).next_multiple_of(100);
        let most = (self.firings.len() > USUAL_LINES).then(|| format!("-n {most}"));
        let history = "lightsout history --firings".to_owned();
        let command = [Some(history), trouble, begun, most];
        command.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// The page that lists them.
    fn link(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.troubled > 0 {
            query.append_pair("outcome", "trouble");
        }
        if let Some((since, until)) = self.begun() {
            query.append_pair("since", &since).append_pair("until", &until);
        }
        format!("/history?{}", query.finish())
    }
}
