//! The events of an iCalendar file, each with what decides on its days.

use chrono::TimeDelta;

use super::lines::{Line, lines};
use super::recurrence::is_endless;
use super::time::{Frame, Stamp, duration};
use super::{EXPORT, IcsError, TAKE_OUT};

/// `VEVENT`.
#[derive(Debug)]
pub(super) struct Event {
    /// The number of its first line.
    line: usize,
    pub(super) summary: Option<String>,
    pub(super) uid: Option<String>,
    pub(super) is_cancelled: bool,
    /// Which occurrence of another event of the same `uid` this is in the place of.
    pub(super) instead_of: Option<Stamp>,
    pub(super) start: Stamp,
    end: Option<Stamp>,
    duration: Option<TimeDelta>,
    /// `RRULE`.
    pub(super) rules: Vec<Line>,
    /// `RDATE`.
    pub(super) added: Vec<Stamp>,
    /// `EXDATE`.
    pub(super) taken_out: Vec<Stamp>,
}

/// The events of a file, in its order.
pub(super) fn events(text: &str) -> Result<Vec<Event>, IcsError> {
    let mut lines = lines(text);
    match lines.next().transpose()? {
        Some(first) if is(&first, "BEGIN", "VCALENDAR") => {}
        _ => return Err(of_file(1, "an iCalendar file begins with `BEGIN:VCALENDAR`")),
    }
    // What has begun and not ended.
    let mut open = vec!["VCALENDAR".to_owned()];
    let mut properties: Vec<Line> = Vec::new();
    let mut events = Vec::new();
    let mut last = 1;
    for line in lines {
        let line = line?;
        last = line.number;
        match line.name.as_str() {
            "BEGIN" => {
                let name = line.value.trim().to_ascii_uppercase();
                if name == "VEVENT" {
                    properties.clear();
                    properties.push(line);
                }
                open.push(name);
            }
            "END" => {
                let name = line.value.trim().to_ascii_uppercase();
                if open.pop().as_ref() != Some(&name) {
                    let message = format!("`END:{name}` ends what did not begin");
                    return Err(of_file(line.number, message));
                }
                if name == "VEVENT" {
                    events.push(Event::of(&properties)?);
                }
            }
            _ if open.last().is_some_and(|name| name == "VEVENT") => properties.push(line),
            _ => {}
        }
    }
    match open.pop() {
        None => Ok(events),
        Some(name) => Err(of_file(last, format!("the file ends here without `END:{name}`"))),
    }
}

fn at_line(line: usize, message: impl Into<String>) -> IcsError {
    IcsError { line, event: None, message: message.into(), hint: TAKE_OUT }
}

/// An error about the file as a whole, which no event can be taken out of.
fn of_file(line: usize, message: impl Into<String>) -> IcsError {
    IcsError { hint: EXPORT, ..at_line(line, message) }
}

fn is(line: &Line, name: &str, value: &str) -> bool {
    line.name == name && line.value.trim().eq_ignore_ascii_case(value)
}

impl Event {
    /// `BEGIN:VEVENT` and what follows it.
    fn of(lines: &[Line]) -> Result<Self, IcsError> {
        let first = |name: &str| lines.iter().find(|line| line.name == name);
        let summary = first("SUMMARY").map(Line::text).filter(|text| !text.is_empty());
        Self::read(lines).map_err(|error| IcsError { event: summary, ..error })
    }

    fn read(lines: &[Line]) -> Result<Self, IcsError> {
        let all = |name: &'static str| lines.iter().filter(move |line| line.name == name);
        let first = |name| all(name).next();
        let line = lines.first().map_or(1, |line| line.number);
        if let Some(excluded) = first("EXRULE") {
            return Err(excluded.error("`EXRULE` cannot be expanded"));
        }
        let instead_of = first("RECURRENCE-ID");
        if let Some(range) = instead_of.filter(|line| line.parameter("RANGE").is_some()) {
            return Err(range.error("a `RECURRENCE-ID` with `RANGE` cannot be expanded"));
        }
        if let Some(period) = all("RDATE").find(|line| line.parameter("VALUE") == Some("PERIOD")) {
            return Err(period.error("an `RDATE` of periods cannot be expanded"));
        }
        let Some(start) = first("DTSTART") else {
            return Err(at_line(line, "the event has no `DTSTART`"));
        };
        let listed = |name| -> Result<Vec<Stamp>, IcsError> {
            let lists = all(name).map(Stamp::list).collect::<Result<Vec<_>, _>>()?;
            Ok(lists.concat())
        };
        Ok(Self {
            line,
            summary: first("SUMMARY").map(Line::text).filter(|text| !text.is_empty()),
            uid: first("UID").map(|line| line.value.trim().to_owned()),
            is_cancelled: first("STATUS").is_some_and(|line| is(line, "STATUS", "CANCELLED")),
            instead_of: instead_of.map(Stamp::of).transpose()?,
            start: Stamp::of(start)?,
            end: first("DTEND").map(Stamp::of).transpose()?,
            duration: first("DURATION").map(duration).transpose()?,
            rules: all("RRULE").cloned().collect(),
            added: listed("RDATE")?,
            taken_out: listed("EXDATE")?,
        })
    }

    /// Whether it recurs for ever.
    pub(super) fn is_endless(&self) -> bool {
        self.rules.iter().any(is_endless)
    }

    /// How long each occurrence is; the end is not part of it.
    pub(super) fn length(&self) -> Result<TimeDelta, IcsError> {
        let is_day = self.start.frame == Frame::Day;
        let least = if is_day { TimeDelta::days(1) } else { TimeDelta::zero() };
        let length = match (self.end, self.duration) {
            (Some(end), _) => self.start.until(end),
            (None, Some(duration)) => duration,
            (None, None) => least,
        };
        if length < TimeDelta::zero() {
            return Err(self.error("it ends before it begins"));
        }
        Ok(length.max(least))
    }

    /// An error about the event as a whole.
    pub(super) fn error(&self, message: impl Into<String>) -> IcsError {
        at_line(self.line, message)
    }
}
