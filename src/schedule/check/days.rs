//! Checks `skip_on`, `only_on` and `on`.
//!
//! `calendar::days` owns the result.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta};
use toml::Spanned;

use super::Check;
use crate::schedule::calendar::{BUILTIN, Calendar, Days, Workdays};
use crate::schedule::hint::Hint;
use crate::schedule::raw::Text;
use crate::schedule::times::Times;
use crate::text::did_you_mean::nearest;
use crate::time::spoken;
use crate::time::zone::Zone;

/// The only word of `on`, and the mark between it and a calendar.
const WORKDAYS: &str = "workdays";

/// The part of the future that a calendar must know before a rule is said never to fire.
const A_YEAR: TimeDelta = TimeDelta::days(365);

/// The keys about days, as a rule writes them.
pub(super) struct Written {
    pub(super) skip_on: Option<Spanned<Vec<Text>>>,
    pub(super) only_on: Option<Spanned<Vec<Text>>>,
    pub(super) on: Option<Text>,
}

impl Check<'_> {
    /// The days on which a rule fires, in its zone; `None` after a problem.
    pub(super) fn days_of_rule(&mut self, written: Written, zone: Zone) -> Option<Days> {
        let Written { skip_on, only_on, on } = written;
        let mut is_good = true;
        if let (Some(on), true) = (&on, skip_on.is_some() || only_on.is_some()) {
            let hint = "`on = \"workdays\"` leaves out holidays by itself: remove one of the two";
            self.error(on.span(), "`on` cannot stand beside `skip_on` or `only_on`", hint);
            is_good = false;
        }
        let on = on.map(|on| self.workdays(&on, zone));
        let skipped: Vec<String> = names(skip_on.as_ref());
        let skip_on = self.named(skip_on, zone);
        if let Some(both) =
            only_on.iter().flat_map(Spanned::get_ref).find(|name| skipped.contains(name.get_ref()))
        {
            let message =
                format!("`{}` is in `skip_on` too, so the rule never fires", both.get_ref());
            self.error(both.span(), message, "remove one of the two");
            is_good = false;
        }
        let only_on = self.named(only_on, zone);
        let on = match on {
            Some(on) => Some(on?),
            None => None,
        };
        is_good.then_some(Days { skip_on: skip_on?, only_on: only_on?, on })
    }

    fn named(
        &mut self,
        list: Option<Spanned<Vec<Text>>>,
        zone: Zone,
    ) -> Option<Vec<Arc<Calendar>>> {
        let Some(list) = list else { return Some(Vec::new()) };
        let is_whole = !self.losses.touch(&list.span());
        if list.get_ref().is_empty() && is_whole {
            self.error(list.span(), "no calendar is named", "name one, or leave the key out");
            return None;
        }
        let found: Vec<_> = list.get_ref().iter().map(|name| self.calendar(name, zone)).collect();
        found.into_iter().collect()
    }

    fn workdays(&mut self, on: &Text, zone: Zone) -> Option<Workdays> {
        let written = on.get_ref();
        if let Some(name) = written.strip_prefix(WORKDAYS).and_then(|rest| rest.strip_prefix(':')) {
            let at = self.source.within(on, written.len() - name.len()..written.len());
            let name = Text::new(at, name.to_owned());
            return Some(Workdays { of: Some(self.calendar(&name, zone)?) });
        }
        if written != WORKDAYS {
            let is_of_week = spoken::days(written).is_some() && !written.starts_with("work");
            let hint = match nearest(written, [WORKDAYS]) {
                _ if is_of_week => {
                    "`workdays` are those of a calendar; days of the week stand in the \
                                    last field of `cron`"
                        .into()
                }
                Some(near) => Hint::meant(near, self.source.rewriting(on, near)),
                None => "write `workdays`, or `workdays:NAME` for those of one calendar".into(),
            };
            self.error(on.span(), format!("`on` cannot be `{written}`"), hint);
            return None;
        }
        let tables = self.calendars.iter().map(|it| it.name.clone());
        let names: Vec<String> = tables.filter(|name| !name.starts_with(BUILTIN)).collect();
        match names.as_slice() {
            [] => Some(Workdays { of: None }),
            [only] => {
                let name = Text::new(on.span(), only.clone());
                Some(Workdays { of: Some(self.calendar(&name, zone)?) })
            }
            [first, ..] => {
                let message =
                    format!("there are {} calendars, and none is named here", names.len());
                self.error(
                    on.span(),
                    message,
                    format!("write `on = \"workdays:{first}\"` or another"),
                );
                None
            }
        }
    }

    /// Whether a rule fires on any of its days. Reports a rule that never fires, or only after the
    /// end of its calendars.
    pub(super) fn can_fire(&mut self, times: &Times, zone: Zone, span: Range<usize>) -> bool {
        let days = &times.days;
        if days.is_all() || !self.knows_calendars {
            return true;
        }
        let names: Vec<String> = days.calendars().map(|it| format!("`{}`", it.name)).collect();
        let names = names.join(" or ");
        if times.next_after(zone, DateTime::UNIX_EPOCH).is_none() {
            // The rule is right if only the calendar has no day.
            if !days.only_on.is_empty() && days.only_on.iter().all(|it| it.holidays.is_empty()) {
                let hint = "the rule never fires until the calendar has one";
                let problem = self.source.warning(span, format!("{names} has no day"), hint);
                self.problems.push(problem);
                return true;
            }
            let (whose, hint) = match days.on {
                Some(_) => ("workday".to_owned(), "leave `on` out to fire on other days too"),
                None => {
                    (format!("day of {names}"), "leave `only_on` out to fire on other days too")
                }
            };
            self.error(span, format!("`{times}` falls on no {whose}, so it never fires"), hint);
            return false;
        }
        if let Some(end) = fires_only_after(times, zone) {
            let message = format!("up to {end}, `{times}` falls on days of {names} only");
            let hint = "the rule does not fire until the calendar has ended";
            let problem = self.source.warning(span, message, hint);
            self.problems.push(problem);
        }
        true
    }
}

/// The last day of the calendars, if they prevent every firing for at least a year.
fn fires_only_after(times: &Times, zone: Zone) -> Option<NaiveDate> {
    let skipped = times.days.skip_on.iter().filter_map(|calendar| {
        let (first, _) = calendar.holidays.first_key_value()?;
        let (last, _) = calendar.holidays.last_key_value()?;
        Some((*first, *calendar.listed.last().map_or(last, |end| end.max(last))))
    });
    let (first, end) = skipped.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))?;
    if end - first < A_YEAR {
        return None;
    }
    let begin = first.and_time(NaiveTime::MIN).and_utc();
    let always = Times { days: Days::ALL, ..times.clone() };
    let day = |times: &Times| Some(times.next_after(zone, begin)?.at.date_naive());
    let is_within = |day: Option<NaiveDate>| day.is_some_and(|day| day <= end);
    (is_within(day(&always)) && !is_within(day(times))).then_some(end)
}

fn names(list: Option<&Spanned<Vec<Text>>>) -> Vec<String> {
    list.iter().flat_map(|list| list.get_ref()).map(|name| name.get_ref().clone()).collect()
}
