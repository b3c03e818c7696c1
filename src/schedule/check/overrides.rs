//! Checks `[[overrides]]`, and gives each rule its own.
//!
//! `schedule::overrides` owns the result.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};
use toml::Spanned;

use super::Check;
use crate::schedule::calendar::{Days, FiringDays};
use crate::schedule::cron::Cron;
use crate::schedule::hint::Hint;
use crate::schedule::overrides::{Change, Override, OverrideEntry, Within};
use crate::schedule::raw::{self, Text};
use crate::schedule::rule::Rule;
use crate::schedule::times::Pattern;
use crate::schedule::window::{OffDays, Window};
use crate::text::did_you_mean::nearest;
use crate::time::zone::Zone;

/// The rules that overrides can name: the written names, and the places of those without problems.
pub(super) struct Named<'r> {
    pub(super) written: &'r HashMap<String, usize>,
    pub(super) rules: &'r mut [Rule],
}

impl Check<'_> {
    pub(super) fn overrides(
        &mut self,
        entries: Vec<Spanned<raw::Override>>,
        Named { written, rules: all }: Named<'_>,
    ) -> Vec<OverrideEntry> {
        let mut places: HashMap<String, Range<usize>> = HashMap::new();
        for (place, rule) in all.iter().enumerate() {
            places.entry(rule.name.to_string()).or_insert(place..place).end = place + 1;
        }
        let mut checked: Vec<OverrideEntry> = Vec::with_capacity(entries.len());
        for entry in entries {
            let place = entry.span();
            let entry = entry.into_inner();
            let names = entry.rules.as_ref().map(|names| names.get_ref().clone());
            let names = self.known(entry.rules.as_ref(), names.unwrap_or_default(), written);
            let Some((entry, key)) = self.overridden(entry, place.clone()) else { continue };
            let entry = Arc::new(entry);
            let mut zones = Vec::new();
            for name in names {
                let Some(halves) = places.get(name.get_ref()).cloned() else { continue };
                let rules = &mut all[halves];
                if !zones.contains(&rules[0].timezone) {
                    zones.push(rules[0].timezone);
                }
                if self.suits(&entry.change, &rules[0], &name) {
                    self.doubt_days(&entry, &rules[0], key.clone());
                    self.give(&entry, rules, (&name, &checked));
                }
            }
            checked.push(OverrideEntry { entry, place, zones });
        }
        checked
    }

    /// The names of rules that exist, each once.
    fn known(
        &mut self,
        list: Option<&Spanned<Vec<Text>>>,
        names: Vec<Text>,
        written: &HashMap<String, usize>,
    ) -> Vec<Text> {
        if let Some(list) = list.filter(|list| list.get_ref().is_empty())
            && !self.losses.touch(&list.span())
        {
            self.error(list.span(), "no rule is named", "name the rules that it is about");
        }
        let mut known: Vec<Text> = Vec::with_capacity(names.len());
        let mut seen = HashSet::new();
        for name in names {
            if !written.contains_key(name.get_ref()) {
                self.unknown_rule(&name, written);
            } else if !seen.insert(name.get_ref().clone()) {
                let message = format!("`{}` is named twice", name.get_ref());
                self.error(name.span(), message, "once is enough");
            } else {
                known.push(name);
            }
        }
        known
    }

    fn unknown_rule(&mut self, name: &Text, written: &HashMap<String, usize>) {
        if self.losses.hide("rules") {
            return;
        }
        if self.source.has_said_enough() {
            self.error(name.span(), "there is no such rule", "");
            return;
        }
        let mut names: Vec<&str> = written.keys().map(String::as_str).collect();
        names.sort_unstable();
        let hint = match nearest(name.get_ref(), names) {
            Some(near) => Hint::meant(near, self.source.rewriting(name, near)),
            None => "`rules` names rules of this file by their `name`".into(),
        };
        self.error(name.span(), format!("there is no rule `{}`", name.get_ref()), hint);
    }

    /// An entry, with the place of the key that says what is different.
    fn overridden(
        &mut self,
        entry: raw::Override,
        place: Range<usize>,
    ) -> Option<(Override, Range<usize>)> {
        let from = entry.from.as_ref().map(|day| self.day(day));
        let until = entry.until.as_ref().map(|day| self.day(day));
        let change = self.change(entry.skip.as_ref(), (entry.off, entry.cron), place);
        let (from, until) = (from??, until??);
        if until < from {
            let span = entry.until.as_ref().map(Spanned::span)?;
            let message = format!("an override from {from} does not end on {until}");
            self.error(span, message, "`from` is the first day, and `until` the last");
            return None;
        }
        let (change, key) = change?;
        if let Change::Cron(cron) = &change
            && !falls_on(cron, &Within(&Days::ALL, from, until))
        {
            let message = format!("`{cron}` falls on none of these days");
            self.error(key, message, "to leave out the firings of these days, write `skip = true`");
            return None;
        }
        Some((Override { from, until, change, because: entry.because.map(Arc::from) }, key))
    }

    fn change(
        &mut self,
        skip: Option<&Spanned<bool>>,
        (off, cron): (Option<Spanned<raw::Texts>>, Option<Text>),
        place: Range<usize>,
    ) -> Option<(Change, Range<usize>)> {
        let given = [
            off.as_ref().map(|off| ("off", off.span())),
            cron.as_ref().map(|cron| ("cron", cron.span())),
            skip.map(|skip| ("skip", skip.span())),
        ];
        let mut given = given.into_iter().flatten();
        let (first, span) = given.next()?;
        if let Some((second, span)) = given.next() {
            let hint = "an override has one of `off`, `cron` and `skip`: remove the others";
            self.error(span, format!("`{second}` cannot stand beside `{first}`"), hint);
            return None;
        }
        let change = match (off, cron) {
            (Some(off), _) => {
                let is_whole = !self.losses.touch(&place);
                let hours = self.hours(off, is_whole)?;
                if Window::new(hours.clone(), OffDays::default()).is_err() {
                    let hint = "leave some time between the spans, as from 08:00 to 20:00";
                    self.error(span, "the off-time never ends", hint);
                    return None;
                }
                Change::Off(hours)
            }
            (None, Some(cron)) => Change::Cron(self.cron(&cron, None)?),
            (None, None) if skip.is_some_and(|skip| *skip.get_ref()) => Change::Skip,
            (None, None) => {
                let hint = "write `skip = true`, or say by `off` or `cron` what is different";
                self.error(span, "`skip = false` leaves everything as it is", hint);
                return None;
            }
        };
        Some((change, span))
    }

    /// Whether a rule can have this change.
    fn suits(&mut self, change: &Change, rule: &Rule, name: &Text) -> bool {
        let (key, is, hint) = match (change, &rule.times.pattern) {
            (Change::Off(_), Pattern::Cron(_)) => (
                "off",
                "a rule with `cron`",
                "give it an override of its own, with `cron` or `skip = true`",
            ),
            (Change::Cron(_), Pattern::Window(..)) => {
                ("cron", "a window", "give it an override of its own, with `off` or `skip = true`")
            }
            _ => return true,
        };
        let message = format!("`{key}` says nothing to `{}`, which is {is}", name.get_ref());
        self.error(name.span(), message, hint);
        false
    }

    /// Warns where the calendars of a rule leave out all days of an override.
    fn doubt_days(&mut self, entry: &Override, rule: &Rule, key: Range<usize>) {
        let Change::Cron(cron) = &entry.change else { return };
        let days = Within(&rule.times.days, entry.from, entry.until);
        if self.knows_calendars && !falls_on(cron, &days) {
            let message = format!("`{}` does not fire on these days", rule.name);
            let hint = "its `skip_on`, `only_on` and `on` hold on these days as well";
            let problem = self.source.warning(key, message, hint);
            self.problems.push(problem);
        }
    }

    /// Gives an override to both rules of a window, or to one rule.
    fn give(
        &mut self,
        entry: &Arc<Override>,
        rules: &mut [Rule],
        (name, others): (&Text, &[OverrideEntry]),
    ) {
        for rule in rules {
            let Err(other) = rule.times.overrides.add(Arc::clone(entry)) else { continue };
            let place = others.iter().find(|it| Arc::ptr_eq(&it.entry, &other));
            let line = place.map_or(1, |it| self.source.line_of(it.place.start));
            let message = format!(
                "two overrides of `{}` overlap: both have {}",
                name.get_ref(),
                entry.from.max(other.from),
            );
            let hint = format!("the other is on line {line}; a day has one override at most");
            self.error(name.span(), message, hint);
            return;
        }
    }
}

/// Whether an expression matches any of these days.
fn falls_on<D: FiringDays>(cron: &Cron, days: &Within<'_, D>) -> bool {
    let before = days.1.and_time(NaiveTime::MIN).and_utc() - TimeDelta::seconds(1);
    cron.next_on(days, Zone::UTC, before).is_some()
}
