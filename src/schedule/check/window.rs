//! Checks `off` and `off_days`.
//!
//! `schedule::window` owns the result.

use chrono::DateTime;
use toml::Spanned;

use super::Check;
use crate::model::instance::Action;
use crate::schedule::calendar::BUILTIN;
use crate::schedule::edit::quoted;
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::overrides::Overrides;
use crate::schedule::raw::{Text, Texts};
use crate::schedule::window::{Hours, OffDays, OffHours, Window, weekdays};
use crate::time::spoken;
use crate::time::zone::Zone;

/// The keys of a window: at least one of the two.
pub(super) struct Written {
    pub(super) off: Option<Spanned<Texts>>,
    pub(super) off_days: Option<Spanned<Texts>>,
}

impl Check<'_> {
    /// The window of a rule, in its zone; `None` after a problem.
    pub(super) fn window(&mut self, written: Written, zone: Zone) -> Option<Window> {
        let Written { off, off_days } = written;
        let given = off.iter().chain(&off_days);
        let is_whole = !given.clone().any(|list| self.losses.touch(&list.span()));
        let span = given.map(Spanned::span).next()?;
        let hours = match off {
            Some(off) => self.hours(off, is_whole),
            None => Some(Hours::from_iter([])),
        };
        let days = match off_days {
            Some(off_days) => self.off_days(off_days, zone, is_whole),
            None => Some(OffDays::default()),
        };
        let Ok(window) = Window::new(hours?, days?) else {
            let hint = "what is always off takes one stop: `action = \"stop\"` and a `cron`";
            self.error(span, "the off-time never ends", hint);
            return None;
        };
        let next =
            || window.next_after(&Overrides::NONE, (Action::Stop, zone), DateTime::UNIX_EPOCH);
        if self.knows_calendars && next().is_none() {
            // The rule is right if only the calendar has no day.
            let hint = "it does once its calendars have days that are off, and days that are not";
            let message = "the off-time never begins";
            self.problems.push(self.source.warning(span, message, hint));
        }
        Some(window)
    }

    pub(super) fn hours(&mut self, off: Spanned<Texts>, is_whole: bool) -> Option<Hours> {
        let is_one = matches!(off.get_ref(), Texts::One(_));
        let span = off.span();
        let texts = self.texts(off, "off", is_whole)?;
        if let Some(meant) = ends_apart(&texts) {
            let meant = quoted(&meant);
            let hint = Hint::write(&format!("off = {meant}"), Fix::new(span.clone(), &*meant));
            self.error(span, "each entry of `off` is from when until when", hint);
            return None;
        }
        let spans: Vec<Option<OffHours>> =
            texts.iter().map(|text| self.span(text, is_one)).collect();
        spans.into_iter().collect()
    }

    fn span(&mut self, text: &Text, is_one: bool) -> Option<OffHours> {
        match text.get_ref().parse::<OffHours>() {
            Ok(span) => Some(span),
            Err(error) => {
                let hint = match &error.meant {
                    Some(meant) => Hint::write(meant, self.source.rewriting(text, meant)),
                    None => spans_in_one(text, is_one).unwrap_or_else(|| error.hint.into()),
                };
                self.error(text.span(), error.to_string(), hint);
                None
            }
        }
    }

    fn off_days(&mut self, list: Spanned<Texts>, zone: Zone, is_whole: bool) -> Option<OffDays> {
        let is_one = matches!(list.get_ref(), Texts::One(_));
        let texts = self.texts(list, "off_days", is_whole)?;
        let mut days = OffDays::default();
        let mut is_good = true;
        for text in &texts {
            if let Some(of_week) = weekdays(text.get_ref()) {
                days.weekdays = days.weekdays.union(of_week);
                continue;
            }
            let written = text.get_ref();
            if !written.starts_with(BUILTIN) && self.calendars.get(written).is_none() {
                self.unknown_day(text, is_one);
                is_good = false;
                continue;
            }
            match self.calendar(text, zone) {
                Some(calendar) if days.calendars.contains(&calendar) => {}
                Some(calendar) => days.calendars.push(calendar),
                None => is_good = false,
            }
        }
        is_good.then_some(days)
    }

    /// One text, or those of a list that is not empty.
    fn texts(&mut self, texts: Spanned<Texts>, key: &str, is_whole: bool) -> Option<Vec<Text>> {
        let span = texts.span();
        let texts = match texts.into_inner() {
            Texts::One(text) => vec![Text::new(span.clone(), text)],
            Texts::Many(texts) => texts,
        };
        if texts.is_empty() {
            if is_whole {
                let message = format!("an empty `{key}` names nothing");
                self.error(span, message, "leave the key out, or fill it");
            }
            return None;
        }
        Some(texts)
    }
}

/// `["20:00", "08:00"]`, as a span.
fn ends_apart(texts: &[Text]) -> Option<String> {
    let [from, until] = texts else { return None };
    let written = |text: &Text| {
        let clock = spoken::time(text.get_ref())?;
        Some(format!("{:02}:{:02}", clock.hour, clock.minute))
    };
    spoken::span(&format!("{}-{}", written(from)?, written(until)?))
}

/// The hint for several spans in one text.
fn spans_in_one(text: &Text, is_one: bool) -> Option<Hint> {
    let parts: Vec<&str> = text.get_ref().split([',', ';']).map(str::trim).collect();
    let read = |part: &&str| {
        part.parse::<OffHours>().map(|_| (*part).to_owned()).ok().or_else(|| spoken::span(part))
    };
    let spans: Vec<String> = parts.iter().map(read).collect::<Option<_>>()?;
    (spans.len() > 1).then(|| as_list("off", &spans, (text, is_one)))
}

/// Proposes several texts in the place of one, which stands alone or in a list.
pub(super) fn as_list(key: &str, texts: &[String], (one, is_alone): (&Text, bool)) -> Hint {
    let entries: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    let entries = entries.join(", ");
    let list = format!("[{entries}]");
    let written = if is_alone { list.clone() } else { entries };
    Hint::fixing(format!("write a list: `{key} = {list}`"), Fix::new(one.span(), written))
}
