//! Puts the words of the three lines together: in each the answer first, then what explains it.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::last_night::{NightResult, Troubled, TroubledFiring};
use super::month::{Month, SavedSoFar};
use super::tonight::{Hindrance, Tonight};
use super::words::Words;
use super::{Mark, Verdict};
use crate::model::outcome::Outcome;
use crate::report::{Money, about_paid, hours_text, number};
use crate::text::sanitize::harmless;
use crate::time::zone::Zone;

/// The most servers or firings that are named in a line where others are left out. One is not.
const MOST_NAMED: usize = 3;
/// Less than this is no figure that a month could be judged by.
const LEAST_COUNTED: TimeDelta = TimeDelta::hours(1);

/// Clauses. Whoever reads only the first has the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) answer: String,
    pub(crate) more: Vec<String>,
}

impl Sentence {
    pub(super) fn new(answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), more: Vec::new() }
    }

    /// `None` of no clauses.
    pub(super) fn of(clauses: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut clauses = clauses.into_iter();
        Some(Self { answer: clauses.next()?, more: clauses.collect() })
    }

    pub(super) fn and(mut self, clause: String) -> Self {
        self.more.push(clause);
        self
    }

    /// All but the answer.
    pub(crate) fn rest(&self) -> String {
        self.more.join("; ")
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.answer)?;
        self.more.iter().try_for_each(|clause| write!(f, "; {clause}"))
    }
}

impl Words {
    /// The line of last night, which lasts until noon.
    pub(crate) fn of_last_night(self, verdict: &Verdict, zone: Zone) -> Sentence {
        let (night, again) = (&verdict.last_night, verdict.tonight.tried_again);
        let told = if again == 0 || verdict.tonight.hindrance.is_some() {
            self.night(night)
        } else {
            let all = night.troubled.len() as u64;
            self.night(night).and(self.tried_again(again, all))
        };
        let Some(first) = verdict.rest.first() else { return told };
        let so_far = match night.stops {
            0 => Sentence::new(self.no_stop_yet()),
            _ => told,
        };
        let rest = number(verdict.rest.len() as u64);
        so_far.and(self.still_to_come(&rest, &hour(first.at, zone)))
    }

    /// What came of a night so far.
    pub(crate) fn night(self, night: &NightResult) -> Sentence {
        let mut said = match (night.servers, night.stops) {
            (0, 0) => vec![self.no_stop_due().to_owned()],
            (0, _) if night.failed.is_empty() && night.searching == 0 => {
                vec![self.no_server_meant().to_owned()]
            }
            (0, _) => Vec::new(),
            _ if night.searching > 0 => {
                vec![self.off_so_far(&number(night.off), &number(night.servers))]
            }
            _ => vec![self.off_of(&number(night.off), &number(night.servers))],
        };
        if night.waiting > 0 {
            said.push(self.waiting(&number(night.waiting)));
        }
        if night.searching > 0 {
            said.push(self.searching(&number(night.searching)));
        }
        said.extend(self.failed_firings(night));
        said.extend(self.troubled(night));
        Sentence::of(said).expect("a night without a server and without a failed firing says so")
    }

    /// What became of a server; of one that was skipped, why.
    pub(crate) fn end_of(self, server: &Troubled) -> String {
        match (server.outcome, &server.reason) {
            (Some(Outcome::Skipped), Some(reason)) => {
                let reason = reason.in_language(self.0);
                reason.split_once(':').map_or(&*reason, |(kind, _)| kind).to_owned()
            }
            (Some(outcome), _) => outcome.in_language(self.0).to_owned(),
            (None, _) => self.held_back().to_owned(),
        }
    }

    /// The servers that did not stop.
    fn troubled(self, night: &NightResult) -> Option<String> {
        let servers = night
            .troubled
            .iter()
            .map(|it| self.one(&harmless(&it.instance_name), &self.end_of(it)));
        let count = number(night.troubled.len() as u64);
        let names = some(servers, |names, more| self.more_servers(names, more));
        (!night.troubled.is_empty()).then(|| self.did_not_stop(&count, &names))
    }

    /// The firings that failed.
    fn failed_firings(self, night: &NightResult) -> Option<String> {
        let firings = night.failed.iter().map(|it: &TroubledFiring| {
            let outcome = it.outcome.map_or("", |outcome: Outcome| outcome.in_language(self.0));
            self.one(&harmless(&it.rule), outcome)
        });
        let names = some(firings, |names, more| self.more_firings(names, more));
        (!night.failed.is_empty()).then(|| self.failed(&names))
    }

    pub(crate) fn of_tonight(self, tonight: &Tonight, zone: Zone) -> Sentence {
        let mut said = Vec::new();
        if let Some(hindrance) = &tonight.hindrance {
            said.push(self.hindrance(hindrance));
        }
        let has_begun = tonight.so_far.stops > 0;
        if has_begun {
            let Sentence { answer, more } = self.night(&tonight.so_far);
            said.push(match (tonight.so_far.is_open(), tonight.so_far.troubles()) {
                (false, _) => self.so_far(&answer),
                (true, 0) if tonight.hindrance.is_none() => self.under_way_well(&answer),
                (true, _) => self.under_way(&answer),
            });
            said.extend(more);
        }
        match tonight.coming.first() {
            None if has_begun || !tonight.knows_rules => {}
            None => said.push(self.no_stop_comes().to_owned()),
            Some(first) => said.extend(self.to_come(tonight, &hour(first.at, zone))),
        }
        if tonight.hindrance.is_none() && !tonight.coming.is_empty() {
            said.push(match tonight.read_at {
                Some(at) => self.read_at(tonight.accounts, &hour(at, zone)),
                None => self.not_read_yet().to_owned(),
            });
        }
        Sentence::of(said).expect("without rules, a hindrance was said")
    }

    /// The stops of tonight that are to come, the first of them `at`.
    fn to_come(self, tonight: &Tonight, at: &str) -> Vec<String> {
        let count = number(tonight.coming.len() as u64);
        let (has_begun, hindrance) = (tonight.so_far.stops > 0, tonight.hindrance.as_ref());
        let mut stops = vec![match (has_begun, hindrance) {
            (true, _) => self.more_stops(&count, at),
            (false, None) => self.stops_from(&count, at),
            // Those of other accounts and regions can.
            (false, Some(Hindrance::Account { regions, .. }))
                if tonight.accounts > 1 || regions.is_some() =>
            {
                self.stops_from(&count, at)
            }
            (false, Some(_)) => self.stops_cannot_run(&count, at),
        }];
        let is_first = tonight.untried == tonight.coming.len() as u64;
        match (tonight.servers, hindrance) {
            (0, None) if !is_first => stops.push(self.no_servers().to_owned()),
            (0, _) => {}
            (servers, _) => stops.push(self.about_servers(&number(servers))),
        }
        if tonight.untried > 0 && tonight.servers > 0 {
            stops.push(self.untried(&number(tonight.untried)));
        }
        if tonight.held > 0 {
            stops.push(self.held(&number(tonight.held)));
        }
        let stops = stops.join(", ");
        let mut said = vec![match tonight.mark() {
            Mark::Quiet if is_first && !has_begun && tonight.read_at.is_some() => {
                self.ready_first(&stops)
            }
            Mark::Quiet if is_first && !has_begun => self.first_night(&stops),
            Mark::Good if !has_begun => self.ready(&stops),
            _ => stops,
        }];
        if tonight.servers == 0 && is_first && hindrance.is_none() {
            said.push(self.first_servers().to_owned());
        }
        said
    }

    fn hindrance(self, hindrance: &Hindrance) -> String {
        match hindrance {
            Hindrance::NoLog => self.no_log().to_owned(),
            Hindrance::NoDaemon => self.no_daemon().to_owned(),
            Hindrance::Silent => self.silent().to_owned(),
            Hindrance::File => self.no_file().to_owned(),
            Hindrance::Account { name, regions } => {
                self.account_lost(&place(name, regions.as_deref()))
            }
        }
    }

    /// What the hindrance means for everything that would come.
    pub(crate) fn blocked_by(self, hindrance: &Hindrance) -> String {
        match hindrance {
            Hindrance::Account { name, regions } => {
                self.blocked_in(&place(name, regions.as_deref()))
            }
            _ => self.blocked().to_owned(),
        }
    }

    pub(crate) fn month(self, month: Option<&Month>) -> Sentence {
        let Some(month) = month else { return Sentence::new(self.month_unknown()) };
        if month.off < LEAST_COUNTED {
            return Sentence::new(self.no_hours_yet());
        }
        let hours = self.hours_off(&hours_text(month.off));
        let Some(unpriced) = month.unpriced else {
            return Sentence::new(hours).and(self.prices_unread().to_owned());
        };
        let is_any_known = |it: &&SavedSoFar| unpriced == 0 || it.amount != Money::default();
        let saved = match month.saved.as_ref().filter(is_any_known) {
            Some(saved) if saved.is_least => Some(self.saved_at_least(&self.amount(saved))),
            Some(saved) => Some(self.saved(&self.amount(saved))),
            None => (unpriced > 0).then(|| self.savings_unknown().to_owned()),
        };
        let unpriced = (unpriced > 0).then(|| self.unpriced(&number(unpriced)));
        Sentence::of(saved.into_iter().chain([hours]).chain(unpriced)).expect("it has the hours")
    }

    /// An amount with three digits that count.
    pub(crate) fn amount(self, saved: &SavedSoFar) -> String {
        harmless(&about_paid(saved.amount, &saved.currency, self.0))
    }
}

/// `main (KR,JPN)`: an account, or some regions of it.
fn place(account: &str, regions: Option<&str>) -> String {
    let regions = regions.map(|regions| format!(" ({regions})"));
    harmless(&(account.to_owned() + &regions.unwrap_or_default()))
}

fn hour(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).format("%H:%M").to_string()
}

/// The first of some names, and the number of the others.
fn some(
    names: impl ExactSizeIterator<Item = String>,
    and_more: impl Fn(&str, &str) -> String,
) -> String {
    let shown = if names.len() == MOST_NAMED + 1 { names.len() } else { MOST_NAMED };
    let more = names.len().saturating_sub(shown);
    let first = names.take(shown).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { and_more(&first, &number(more as u64)) }
}
