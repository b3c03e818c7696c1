//! Reads one event of an iCalendar file: the parts that decide on its days.
//!
//! `series` puts the events of one `UID` together.

use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};

use super::IcsError;
use super::error::{TAKE_OUT, shown};
use super::lines::{Line, Lines};
use super::marks::LAST;
use super::rule::Rule;
use super::scan::Head;
use super::stamp::{Frame, Stamp};
use super::texts::{LeftOut, Texts, folded};
use super::time::{Added, duration};
use super::zones::Zones;

/// The longest holiday.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// The most rules of an event. Programs write one.
const MOST_RULES: usize = 32;

/// `VEVENT`.
#[derive(Debug)]
pub(super) struct Event {
    /// The number of its first line.
    pub(super) line: usize,
    pub(super) summary: Option<Arc<str>>,
    pub(super) texts: Texts,
    pub(super) start: Stamp,
    /// The length of each occurrence, without its end.
    pub(super) length: TimeDelta,
    /// `RRULE`.
    pub(super) rules: Vec<Rule>,
    /// `EXRULE`.
    pub(super) except: Vec<Rule>,
    /// `RDATE`.
    pub(super) added: Vec<Added>,
    /// `EXDATE`.
    pub(super) taken_out: Vec<Stamp>,
}

/// The occurrence that an event replaces, and whether all later ones are replaced too.
pub(super) fn instead_of(head: &Head<'_>, zones: &Zones) -> Result<(Stamp, bool), IcsError> {
    let written = Written::of(head)?;
    let read = |line: &Line<'_>| {
        let is_range = match line.parameter("RANGE") {
            None => false,
            Some(range) if range.eq_ignore_ascii_case("THISANDFUTURE") => true,
            Some(_) => {
                let message = "a `RECURRENCE-ID` for what was before cannot be expanded";
                return Err(line.error(message));
            }
        };
        Ok((Stamp::of(line, zones)?, is_range))
    };
    let line = written.instead_of.as_ref().expect("the event is one of those that have the line");
    read(line).map_err(|error| error.of(written.name.as_deref()))
}

#[derive(Default)]
struct Written<'t> {
    instead_of: Option<Line<'t>>,
    start: Option<Line<'t>>,
    end: Option<Line<'t>>,
    duration: Option<Line<'t>>,
    rules: Vec<Line<'t>>,
    except: Vec<Line<'t>>,
    added: Vec<Line<'t>>,
    taken_out: Vec<Line<'t>>,
    /// Whether a program marks the event as all-day although it has times.
    is_all_day: bool,
    name: Option<Arc<str>>,
    texts: Texts,
}

impl<'t> Written<'t> {
    fn of(head: &Head<'t>) -> Result<Self, IcsError> {
        let mut written = Self::default();
        for line in Properties::of(head) {
            written.take(line?);
        }
        Ok(written)
    }

    fn take(&mut self, line: Line<'t>) {
        if line.is("RECURRENCE-ID") {
            self.instead_of.get_or_insert(line);
        } else if line.is("DTSTART") {
            self.start.get_or_insert(line);
        } else if line.is("DTEND") {
            self.end.get_or_insert(line);
        } else if line.is("DURATION") {
            self.duration.get_or_insert(line);
        } else if line.is("RRULE") {
            self.rules.push(line);
        } else if line.is("EXRULE") {
            self.except.push(line);
        } else if line.is("RDATE") {
            self.added.push(line);
        } else if line.is("EXDATE") {
            self.taken_out.push(line);
        } else if line.is("SUMMARY") && self.name.is_none() {
            let text = line.text();
            self.texts.summary = folded(&text);
            self.name = name(&text);
        } else if line.is("DESCRIPTION") && self.texts.description.is_empty() {
            self.texts.description = folded(&line.text());
        } else if line.is("CATEGORIES") {
            self.texts.categories += &folded(&line.text()).replace(',', "\n");
            self.texts.categories.push('\n');
        } else if line.is("X-MICROSOFT-CDO-ALLDAYEVENT") {
            self.is_all_day = line.value().eq_ignore_ascii_case("TRUE");
        }
    }
}

impl Event {
    /// Reads an event; `None` if it is left out.
    pub(super) fn read(
        head: &Head<'_>,
        zones: &Zones,
        left_out: &LeftOut,
    ) -> Result<Option<Self>, IcsError> {
        let mut written = Written::of(head)?;
        if left_out.has_any_of(&written.texts) {
            return Ok(None);
        }
        let summary = written.name.take();
        let read = Self::of(written, head, (zones, left_out));
        match read {
            Ok(event) => Ok(event.map(|event| Self { summary, ..event })),
            Err(error) => Err(error.of(summary.as_deref())),
        }
    }

    fn of(
        written: Written<'_>,
        head: &Head<'_>,
        (zones, left_out): (&Zones, &LeftOut),
    ) -> Result<Option<Self>, IcsError> {
        let error = |message: &str| IcsError::new(head.line, message, TAKE_OUT);
        let Some(start_line) = &written.start else {
            let hint = "write its day as `DTSTART;VALUE=DATE:20261225`, or take the event out of \
                        the file";
            return Err(IcsError { hint, ..error("the event has no `DTSTART`") });
        };
        let mut start = Stamp::of(start_line, zones)?;
        let mut end = written.end.as_ref().map(|line| Stamp::of(line, zones)).transpose()?;
        if written.is_all_day
            && let Some(day) = zones.any_midnight(start)
        {
            start = Stamp { local: day.into(), frame: Frame::Day };
        }
        if let (Frame::Day, Some(end)) = (start.frame, &mut end) {
            let day = zones.midnight(*end).map(NaiveDate::into);
            *end = Stamp { local: day.unwrap_or(end.local), frame: Frame::Day };
        }
        let length = match (end, &written.duration) {
            (Some(end), _) => start.until(end),
            (None, Some(line)) => duration(line.value())
                .ok_or_else(|| line.error(format!("`{}` is no duration", shown(line.value()))))?,
            (None, None) => TimeDelta::zero(),
        };
        if length < TimeDelta::zero() {
            return Err(error("it ends before it begins"));
        }
        let is_day = start.frame == Frame::Day;
        let length = if is_day { length.max(TimeDelta::days(1)) } else { length };
        let days = length.num_days();
        let is_all_day = is_day
            || (days > 0 && length == TimeDelta::days(days) && zones.midnight(start).is_some());
        if left_out.is_timed && !is_all_day {
            return Ok(None);
        }
        if length > LONGEST {
            return Err(error("it is longer than a year"));
        }
        let start = start.known(start_line)?;
        if let (Frame::Zone(_), Some(end), Some(line)) = (start.frame, end, &written.end) {
            end.known(line)?;
        }
        // An unknown zone does not matter if only days count.
        let known = |stamp: Stamp, line: &Line<'_>| match start.frame {
            Frame::Zone(_) => stamp.known(line),
            _ => Ok(stamp),
        };
        let mut added = Vec::new();
        for line in &written.added {
            for read in Stamp::added(line, zones) {
                let (stamp, length) = read?;
                if length.is_some_and(|length| length > LONGEST) {
                    return Err(line.error("a period of it is longer than a year"));
                }
                added.push((known(stamp, line)?, length));
            }
        }
        let mut taken_out = Vec::new();
        for line in &written.taken_out {
            for stamp in Stamp::list(line, zones) {
                taken_out.push(known(stamp?, line)?);
            }
        }
        if written.rules.len() + written.except.len() > MOST_RULES {
            return Err(error(&format!("it has more than {MOST_RULES} rules")));
        }
        let rules = |lines: &[Line<'_>]| lines.iter().map(Rule::of).collect::<Result<_, _>>();
        Ok(Some(Self {
            line: head.line,
            summary: None,
            start,
            length,
            rules: rules(&written.rules)?,
            except: rules(&written.except)?,
            added,
            taken_out,
            texts: written.texts,
        }))
    }

    pub(super) fn is_endless(&self) -> bool {
        self.rules.iter().any(|rule| {
            let ends = rule.until.as_ref().is_some_and(|until| {
                Stamp::written(until).is_none_or(|until| until.local.date() <= LAST)
            });
            !ends && rule.count.is_none()
        })
    }
}

/// The name of an event, on one line.
fn name(text: &str) -> Option<Arc<str>> {
    let mut name = String::new();
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(word);
        if name.len() > 1000 {
            break;
        }
    }
    (!name.is_empty()).then(|| shown(&name).into())
}

/// The lines of an event itself, without those of inner components.
struct Properties<'t> {
    lines: Lines<'t>,
    depth: usize,
}

impl<'t> Properties<'t> {
    fn of(head: &Head<'t>) -> Self {
        Self { lines: head.lines.clone(), depth: 0 }
    }
}

impl<'t> Iterator for Properties<'t> {
    type Item = Result<Line<'t>, IcsError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.lines.next()? {
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            if line.is("BEGIN") {
                self.depth += 1;
            } else if line.is("END") {
                self.depth -= 1;
                if self.depth == 0 {
                    return None;
                }
            } else if self.depth == 1 {
                return Some(Ok(line));
            }
        }
    }
}
