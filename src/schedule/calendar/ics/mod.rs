//! Holidays out of an iCalendar file (RFC 5545): which days its events touch.
//!
//! `lines` takes the text apart, `event` collects what it says of each event, `time`, `zone` and
//! `recurrence` say when that is. What cannot be understood is an error, never a day that is
//! silently worked.

mod event;
mod lines;
mod recurrence;
mod time;
mod zone;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use self::event::Event;
use self::time::{Frame, Stamp, days, instant};
use super::Timed;
pub use lines::whole_characters;

/// How many days and stretches of time a file may stand for: a century of weekends many times
/// over.
const MOST: usize = 200_000;

/// No holiday is longer.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// What is wrong in an iCalendar file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {message}", event.as_ref().map(|it| format!(", event `{it}`")).unwrap_or_default())]
pub struct IcsError {
    /// From 1.
    pub line: usize,
    /// What the event is called, as far as that is known.
    pub event: Option<String>,
    /// What is wrong there.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// What can always be done.
const TAKE_OUT: &str = "take the event out of the file, and write its days into `dates`";

/// What can be done where there is no event to be taken out.
const EXPORT: &str = "export it again from the calendar program that it comes from";

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holidays {
    /// Days, in the order of the file, some of them more than once.
    pub days: Vec<(NaiveDate, Option<Arc<str>>)>,
    /// What begins and ends at instants.
    pub timed: Vec<Timed>,
    /// Those of the days that do not recur for ever; of what begins and ends at instants, the
    /// last day in UTC.
    pub listed: BTreeSet<NaiveDate>,
}

/// Reads a file.
///
/// # Errors
/// When anything in it cannot be understood: the first such thing.
pub fn read(text: &str) -> Result<Holidays, IcsError> {
    let events = event::events(text)?;
    let mut altered: HashMap<&str, Vec<Stamp>> = HashMap::new();
    for event in &events {
        if let (Some(uid), Some(instead_of)) = (&event.uid, event.instead_of) {
            altered.entry(uid).or_default().push(instead_of);
        }
    }
    let endless: HashSet<&str> =
        events.iter().filter(|it| it.is_endless()).filter_map(|it| it.uid.as_deref()).collect();
    let mut holidays = Holidays::default();
    for event in &events {
        let elsewhere = event.uid.as_deref().and_then(|uid| altered.get(uid));
        let elsewhere = elsewhere.filter(|_| event.instead_of.is_none());
        let (days, timed) = (holidays.days.len(), holidays.timed.len());
        holidays
            .add(event, elsewhere.map_or(&[], Vec::as_slice))
            .map_err(|error| IcsError { event: event.summary.clone(), ..error })?;
        // What is altered of an endless series is no list of days either.
        if !event.is_endless() && event.uid.as_deref().is_none_or(|uid| !endless.contains(uid)) {
            holidays.list_from(days, timed);
        }
    }
    Ok(holidays)
}

impl Holidays {
    /// One event. What is `altered` of its occurrences is told by events of their own.
    fn add(&mut self, event: &Event, altered: &[Stamp]) -> Result<(), IcsError> {
        if event.is_cancelled {
            return Ok(());
        }
        let start = event.start;
        let length = event.length()?;
        if length > LONGEST {
            return Err(event.error("it is longer than a year"));
        }
        let name: Option<Arc<str>> = event.summary.as_deref().map(Arc::from);
        for local in occurrences(event, altered)? {
            match start.frame {
                Frame::Day | Frame::Floating => {
                    self.days.extend(days(local, length).map(|day| (day, name.clone())));
                }
                Frame::Zone(zone) => {
                    let from = instant(local, zone);
                    self.timed.push(Timed { from, until: from + length, name: name.clone() });
                }
            }
            if self.days.len() + self.timed.len() > MOST {
                return Err(event.error(format!("the file stands for more than {MOST} days")));
            }
        }
        Ok(())
    }

    /// Lists the days from one on, and the ends of the stretches of time from one on.
    fn list_from(&mut self, day: usize, timed: usize) {
        let days = self.days[day..].iter().map(|(day, _)| *day);
        let ends = self.timed[timed..].iter().map(|timed| timed.until.date_naive());
        self.listed.extend(days.chain(ends));
    }
}

/// When an event begins, in its own frame.
fn occurrences(event: &Event, altered: &[Stamp]) -> Result<BTreeSet<NaiveDateTime>, IcsError> {
    let start = event.start;
    let mut times = BTreeSet::new();
    if event.rules.is_empty() {
        times.insert(start.local);
    }
    for rule in &event.rules {
        times.extend(recurrence::expand(rule, start)?);
    }
    times.extend(event.added.iter().map(|stamp| stamp.in_frame(start.frame)));
    for out in event.taken_out.iter().chain(altered) {
        match out.frame {
            Frame::Day => times.retain(|time| time.date() != out.local.date()),
            _ => drop(times.remove(&out.in_frame(start.frame))),
        }
    }
    Ok(times)
}

#[cfg(test)]
mod tests;
