//! Checks `[[expect]]`: the instance, the time, and the expected state.
//!
//! `select::simulate` finds the real state.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use toml::Spanned;

use super::selector::Part;
use super::{Check, Defaults};
use crate::model::instance::InstanceNo;
use crate::schedule::expect::{Expectation, ExpectedInstance};
use crate::schedule::hint::Hint;
use crate::schedule::raw::{self, Number, Text};
use crate::time::spoken;
use crate::time::zone::{Instants, Zone};

/// A number that no server has.
const NO_NUMBER: &str = "0";
/// Characters that begin a part of a glob.
const OF_GLOBS: [char; 4] = ['*', '?', '[', '{'];

impl Check<'_> {
    /// `zone`: the zone of local times; `None` if nothing names one.
    pub(super) fn expect(
        &mut self,
        entries: Vec<Spanned<raw::Expect>>,
        defaults: &Defaults,
        zone: Option<Zone>,
    ) -> Vec<Expectation> {
        entries.into_iter().filter_map(|entry| self.expectation(entry, defaults, zone)).collect()
    }

    /// Local times need a zone. If a rule has none either, the problem is reported for the rule.
    pub(super) fn zone_of_expectations(
        &mut self,
        rules: &[Spanned<raw::Rule>],
        entries: &[Spanned<raw::Expect>],
        defaults: &Defaults,
    ) {
        let zones = rules.iter().map(|rule| rule.get_ref().timezone.as_ref().map(Text::get_ref));
        let zones: HashSet<_> = zones.collect();
        let do_agree = zones.len() == 1 || zones.contains(&None);
        let is_hidden = ["timezone", "rules"].iter().any(|top| self.losses.hide(top));
        if defaults.names_zone || do_agree || is_hidden {
            return;
        }
        let mut times = entries.iter().filter_map(|entry| entry.get_ref().at.as_ref());
        let local = times.find(|at| DateTime::parse_from_rfc3339(at.get_ref()).is_err());
        if let Some(local) = local {
            let hint = "write `timezone = \"CONTINENT/CITY\"` at the top, above the first table";
            let message = "the file names no time zone for this, and its rules do not agree on one";
            self.error(local.span(), message, hint);
        }
    }

    fn expectation(
        &mut self,
        entry: Spanned<raw::Expect>,
        defaults: &Defaults,
        zone: Option<Zone>,
    ) -> Option<Expectation> {
        let line = self.source.line_of(entry.span().start);
        let entry = entry.into_inner();
        let at = entry.at.and_then(|at| self.instant(&at, zone));
        let expected = entry.instance?;
        let span = expected.span();
        let expected = expected.into_inner();
        let account = self.account_of(expected.account, defaults, span);
        let no = match expected.no {
            Some(no) => self.number(&no),
            None => InstanceNo::new(NO_NUMBER).ok(),
        };
        let name = expected.name.and_then(|name| self.name_of_one(&name));
        let tags = expected.tags.unwrap_or_default();
        for value in tags.values() {
            self.warn_of_glob(value);
            self.warn_of_letters(value, Part { of: "instance", key: "tags" });
        }
        let tags = tags.into_iter().map(|(key, value)| (key, value.into_inner())).collect();
        Some(Expectation {
            line,
            at: at?,
            instance: ExpectedInstance { no: no?, name: name?, tags },
            account: account?,
            state: entry.state?,
            because: entry.because,
        })
    }

    fn number(&mut self, number: &Spanned<Number>) -> Option<InstanceNo> {
        match InstanceNo::new(number.get_ref().0.as_str()) {
            Ok(number) => Some(number),
            Err(error) => {
                self.error(number.span(), error.to_string(), "a name belongs into `name`");
                None
            }
        }
    }

    fn name_of_one(&mut self, name: &Text) -> Option<String> {
        if name.get_ref().is_empty() {
            self.error(name.span(), "no server has an empty name", "name one server");
            return None;
        }
        self.warn_of_glob(name);
        self.warn_of_letters(name, Part { of: "instance", key: "name" });
        Some(name.get_ref().clone())
    }

    fn warn_of_glob(&mut self, text: &Text) {
        if text.get_ref().contains(OF_GLOBS) {
            let message = format!("`{}` is taken as it is, not as a glob", text.get_ref());
            let hint = "an expectation is about one server: write out its name and tags";
            let problem = self.source.warning(text.span(), message, hint);
            self.problems.push(problem);
        }
    }

    /// A time that comes exactly once.
    fn instant(&mut self, written: &Text, zone: Option<Zone>) -> Option<DateTime<Utc>> {
        let (text, span) = (written.get_ref(), written.span());
        let (local, absolute) = match DateTime::parse_from_rfc3339(text) {
            Ok(at) => (Some(at.naive_utc()), Some(at.to_utc())),
            Err(_) => (local_time(text), None),
        };
        let Some(local) = local else {
            let hint = match spoken::moment(text).map(|at| at.format("%F %H:%M").to_string()) {
                Some(at) => Hint::write(&at, self.source.rewriting(written, &at)),
                None => "a time is written as `YYYY-MM-DD HH:MM`, or as RFC 3339 has it, with an \
                         offset"
                    .into(),
            };
            self.error(span, format!("`{text}` is no date with a time"), hint);
            return None;
        };
        if !(1971..=2199).contains(&local.year()) {
            let hint = "rules are followed from 1971 to 2199";
            self.error(span, format!("nothing is known of {}", local.year()), hint);
            return None;
        }
        if absolute.is_some() {
            return absolute;
        }
        let zone = zone?;
        match zone.instants(local) {
            Instants::One(at) => return Some(at),
            Instants::None(gap) => {
                let hint = format!("clocks go from {} to {}", gap.from, gap.to);
                self.error(span, format!("{local} does not exist in {zone}"), hint);
            }
            Instants::Two { first, second } => {
                let [first, second] = [first, second].map(|at| zone.show(at).to_rfc3339());
                let hint = format!("write `{first}` or `{second}`");
                self.error(span, format!("{local} comes twice in {zone}"), hint);
            }
        }
        None
    }
}

/// A local time to the minute or the second.
fn local_time(text: &str) -> Option<NaiveDateTime> {
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    forms.into_iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}
