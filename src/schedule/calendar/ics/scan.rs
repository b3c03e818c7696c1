//! Finds the events of a file, the versions of each, and the zones.
//!
//! `event` reads the events.

use std::borrow::Cow;

use super::IcsError;
use super::error::{EXPORT, shown};
use super::lines::{Line, Lines};
use super::zones::{Described, Zones};
use crate::time::zone::Zone;

/// The deepest nesting of components. Programs use four levels.
const DEEPEST: usize = 32;

/// The facts about an event before it is read.
#[derive(Clone, Debug)]
pub(super) struct Head<'t> {
    /// The file from the first line of the event on.
    pub(super) lines: Lines<'t>,
    pub(super) line: usize,
    pub(super) uid: Option<Cow<'t, str>>,
    pub(super) version: Version,
    /// Whether the event replaces an occurrence of another event with its `uid`.
    pub(super) is_altered: bool,
    pub(super) is_cancelled: bool,
}

/// The age of a version of an event: `SEQUENCE`, and for equal ones the time of the last change,
/// since some programs forget to count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) sequence: u64,
    stamped: u64,
    modified: u64,
}

/// The events of a file, in its order, and its zones.
pub(super) fn scan(bytes: &[u8], asking: Zone) -> Result<(Vec<Head<'_>>, Zones), IcsError> {
    let mut scan = Scan::new(asking);
    let mut lines = Lines::of(bytes);
    begin(bytes, &mut lines)?;
    scan.open.push("VCALENDAR".into());
    let mut last = 1;
    loop {
        let here = lines.clone();
        let Some(line) = lines.next().transpose()? else { break };
        last = line.number;
        scan.take(line, here)?;
    }
    match scan.open.pop() {
        None => Ok((scan.heads, scan.zones)),
        Some(name) => {
            let message = format!("the file ends here without `END:{}`", shown(&name));
            Err(IcsError::new(last, message, EXPORT))
        }
    }
}

fn begin(bytes: &[u8], lines: &mut Lines<'_>) -> Result<(), IcsError> {
    let refused = |message, hint| Err(IcsError::new(1, message, hint));
    match bytes.trim_ascii_start().first() {
        None => return refused("the file is empty", EXPORT),
        Some(b'<') => {
            let hint = "save the calendar itself, in the iCalendar format (.ics)";
            return refused("this is a web page, and no iCalendar file", hint);
        }
        Some(_) => {}
    }
    match lines.next() {
        Some(Ok(line)) if line.says("BEGIN", "VCALENDAR") => Ok(()),
        _ => {
            let hint = "name a file in the iCalendar format, as calendar programs export it";
            refused("an iCalendar file begins with `BEGIN:VCALENDAR`", hint)
        }
    }
}

struct Scan<'t> {
    zones: Zones,
    /// The components that have begun and not ended.
    open: Vec<Cow<'t, str>>,
    heads: Vec<Head<'t>>,
    event: Option<Head<'t>>,
    described: Described,
    /// Whether the file cancels its events: `METHOD:CANCEL`.
    cancels: bool,
}

impl<'t> Scan<'t> {
    fn new(asking: Zone) -> Self {
        Self {
            zones: Zones::new(asking),
            open: Vec::new(),
            heads: Vec::new(),
            event: None,
            described: Described::default(),
            cancels: false,
        }
    }

    /// Takes a line, with the lines from it on.
    fn take(&mut self, line: Line<'t>, here: Lines<'t>) -> Result<(), IcsError> {
        if line.is("BEGIN") {
            if self.open.len() == DEEPEST {
                return Err(IcsError::new(
                    line.number,
                    format!("things are within things more than {DEEPEST} deep"),
                    EXPORT,
                ));
            }
            if line.says("BEGIN", "VEVENT") {
                self.event = Some(Head::at(here, line.number));
            } else if line.says("BEGIN", "VTIMEZONE") {
                self.described = Described::default();
            } else if line.says("BEGIN", "STANDARD") || line.says("BEGIN", "DAYLIGHT") {
                self.described.begin_part();
            }
            self.open.push(line.into_value());
            return Ok(());
        }
        if line.is("END") {
            return self.end(&line);
        }
        let within = self.open.last().map(Cow::as_ref).unwrap_or_default();
        let is_within = |name: &str| within.eq_ignore_ascii_case(name);
        if is_within("VEVENT") {
            if let Some(event) = &mut self.event {
                event.take(line);
            }
        } else if self.open.iter().any(|name| name.eq_ignore_ascii_case("VTIMEZONE")) {
            self.described.take(&line);
        } else if is_within("VCALENDAR") {
            self.cancels |= line.says("METHOD", "CANCEL");
            if line.is("X-WR-TIMEZONE") {
                self.zones.home(line.value());
            }
        }
        Ok(())
    }

    fn end(&mut self, line: &Line<'t>) -> Result<(), IcsError> {
        let name = line.value();
        if !self.open.pop().is_some_and(|open| open.eq_ignore_ascii_case(name)) {
            let message = format!("`END:{}` ends what did not begin", shown(name));
            return Err(IcsError::new(line.number, message, EXPORT));
        }
        if name.eq_ignore_ascii_case("VEVENT") {
            let event = self.event.take();
            self.heads.extend(
                event.map(|event| Head {
                    is_cancelled: event.is_cancelled || self.cancels,
                    ..event
                }),
            );
        } else if name.eq_ignore_ascii_case("VTIMEZONE") {
            self.zones.describe(std::mem::take(&mut self.described));
        }
        Ok(())
    }
}

impl<'t> Head<'t> {
    fn at(lines: Lines<'t>, line: usize) -> Self {
        Self {
            lines,
            line,
            uid: None,
            version: Version::default(),
            is_altered: false,
            is_cancelled: false,
        }
    }

    fn take(&mut self, line: Line<'t>) {
        if line.is("UID") {
            let uid = line.into_value();
            self.uid = Some(uid).filter(|uid| !uid.is_empty());
        } else if line.is("SEQUENCE") {
            self.version.sequence = line.value().parse().unwrap_or_default();
        } else if line.is("DTSTAMP") {
            self.version.stamped = digits(line.value());
        } else if line.is("LAST-MODIFIED") {
            self.version.modified = digits(line.value());
        } else if line.is("RECURRENCE-ID") {
            self.is_altered = true;
        } else if line.says("STATUS", "CANCELLED") {
            self.is_cancelled = true;
        }
    }
}

/// `20261123T010203Z` as a number. Later times give larger numbers.
fn digits(text: &str) -> u64 {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    digits.parse().unwrap_or_default()
}
