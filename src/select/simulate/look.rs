//! Finds the last firings about instances, and remembers them for each rule. So no rule is followed
//! twice through the same time, however many expectations there are.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Foresight, LOOK_BACK, LastFiring, Outlook, Restraint, restrain};
use crate::model::instance::Action;
use crate::schedule::cron::Occurrence;
use crate::schedule::expect::{Expectation, ExpectedInstance};
use crate::schedule::rule::{Schedules, Start};
use crate::select::candidates::Candidates;

/// A search through rules that remembers its results.
pub(super) struct RuleSearch<'s> {
    file: &'s Schedules,
    candidates: Candidates,
    seen: Vec<Seen>,
}

/// The results about a rule.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// Its last occurrence up to a time, if any since [`LOOK_BACK`].
    last: Option<Last>,
    once: Option<DateTime<Utc>>,
}

/// The last occurrence of a rule up to a time.
#[derive(Clone, Copy, Debug)]
struct Last {
    until: DateTime<Utc>,
    occurrence: Option<Occurrence>,
    next: Option<DateTime<Utc>>,
}

impl<'s> RuleSearch<'s> {
    pub(super) fn into(file: &'s Schedules) -> Self {
        let candidates = Candidates::of(file.rules.iter().map(|rule| &rule.select));
        Self { file, candidates, seen: vec![Seen::default(); file.rules.len()] }
    }

    pub(super) fn foresee(&mut self, expectation: &Expectation) -> Foresight<'s> {
        let file = self.file;
        let ExpectedInstance { no, name, tags } = &expectation.instance;
        let concerned = self.candidates.of_instance((no, name), Some(tags)).into_iter();
        let concerned: Vec<_> = concerned
            .filter_map(|place| {
                let rule = file.rules[place].as_ref();
                Some((place, rule, expectation.acts(rule, file)?))
            })
            .collect();
        let mut restrained = Vec::new();
        let mut last: Vec<LastFiring<'s>> = Vec::new();
        for &(place, rule, acts) in &concerned {
            let occurrence = self.last_occurrence(place, expectation.at);
            if let Err(restraint) = acts {
                if occurrence.is_some() {
                    restrain(&mut restrained, rule, restraint);
                }
                continue;
            }
            let since = occurrence.map_or(expectation.at - LOOK_BACK, |occurrence| occurrence.at);
            let skipped =
                rule.skipped(since).take_while(|it| it.occurrence.at <= expectation.at).last();
            restrained.extend(skipped.map(|skipped| (rule, Restraint::Skipped(skipped))));
            let Some(occurrence) = occurrence else { continue };
            if rule.action == Action::Start && rule.start == Start::Ours {
                let acting = concerned.iter().filter(|(_, _, acts)| acts.is_ok());
                let mut stops = acting.filter(|(_, rule, _)| rule.action == Action::Stop);
                if !stops.any(|(place, ..)| self.has_occurred_before(*place, occurrence.at)) {
                    restrain(&mut restrained, rule, Restraint::NotOurs);
                    continue;
                }
            }
            let newest = last.first().map(|last| last.occurrence.at);
            if newest < Some(occurrence.at) {
                last.clear();
            }
            if newest <= Some(occurrence.at) {
                last.push(LastFiring { rule, occurrence });
            }
        }
        let newest = last.first().map(|last| last.occurrence.at);
        restrained.retain(|(_, why)| match why {
            Restraint::Skipped(skipped) => Some(skipped.occurrence.at) >= newest,
            _ => true,
        });
        Foresight { outlook: Outlook::of(&last), restrained }
    }

    /// The last occurrence of a rule up to and including `until`, within [`LOOK_BACK`].
    fn last_occurrence(&mut self, place: usize, until: DateTime<Utc>) -> Option<Occurrence> {
        let (rule, after) = (&self.file.rules[place], until - LOOK_BACK);
        if let Some(seen) = self.seen[place].last
            && seen.until <= until
            && seen.next.is_none_or(|next| until < next)
        {
            return seen.occurrence.filter(|last| last.at > after);
        }
        let occurrence = rule.times.last_up_to(rule.timezone, after, until);
        let next = rule.next_after(until).map(|next| next.at);
        self.seen[place].last = Some(Last { until, occurrence, next });
        occurrence
    }

    /// Whether a rule has occurred before a time, within [`LOOK_BACK`].
    fn has_occurred_before(&mut self, place: usize, at: DateTime<Utc>) -> bool {
        let (after, once) = (at - LOOK_BACK, &mut self.seen[place].once);
        if !once.is_some_and(|once| after < once && once < at) {
            let (rule, before) = (&self.file.rules[place], at - TimeDelta::milliseconds(1));
            let last = rule.times.last_up_to(rule.timezone, after, before);
            *once = last.map(|last| last.at);
        }
        once.is_some()
    }
}
