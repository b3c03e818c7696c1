//! Owns the zones that a file names, and the zone for which the file is read.
//!
//! `zone` and `own_zone` find the zone of one name.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::lines::Line;
use super::own_zone::Parts;
use super::stamp::{Frame, Stamp};
use super::zone::{of_offset, zone};
use crate::time::zone::Zone;

/// The most zones of a calendar. It has one; programs describe others for events in them.
const MOST: usize = 8;

/// The zones that a file names, and the zone for which it is read.
#[derive(Debug)]
pub(super) struct Zones {
    /// The zone of the caller, which decides on the limits of days.
    pub(super) asking: Zone,
    /// The zones of the calendar, if the file names any. An all-day event that is written as an
    /// instant begins at midnight there.
    homes: Vec<Zone>,
    named: RefCell<HashMap<String, Option<Zone>>>,
    is_asked: Cell<bool>,
}

/// The description of a zone in the file: `VTIMEZONE`.
#[derive(Debug, Default)]
pub(super) struct Described {
    names: Vec<String>,
    offset: Option<String>,
    has_one_offset: bool,
    parts: Parts,
}

impl Zones {
    pub(super) fn new(asking: Zone) -> Self {
        let (homes, named) = (Vec::new(), RefCell::default());
        Self { asking, homes, named, is_asked: Cell::new(false) }
    }

    pub(super) fn home(&mut self, name: &str) {
        if let Some(zone) = self.of(name) {
            self.add(zone);
        }
    }

    /// Takes a zone that the file describes. The first of these decides: (1) one of its names; (2)
    /// its offset, if it never had another; (3) the turns of its clocks.
    pub(super) fn describe(&mut self, described: Described) {
        let known = described.names.iter().find_map(|name| self.of(name));
        let offset = described.offset.filter(|_| described.has_one_offset);
        let found = known.or_else(|| of_offset(&offset?)).or_else(|| described.parts.place());
        let Some(zone) = found else { return };
        self.add(zone);
        if let Some(name) = described.names.into_iter().next() {
            self.named.get_mut().insert(name, Some(zone));
        }
    }

    fn add(&mut self, zone: Zone) {
        if self.homes.len() < MOST && !self.homes.contains(&zone) {
            self.homes.push(zone);
        }
    }

    pub(super) fn of(&self, name: &str) -> Option<Zone> {
        let name = name.trim();
        if let Some(known) = self.named.borrow().get(name) {
            return *known;
        }
        let found = zone(name);
        self.named.borrow_mut().insert(name.to_owned(), found);
        found
    }

    /// The zone of the caller. Notes that the result depends on it.
    pub(super) fn asking(&self) -> Zone {
        self.is_asked.set(true);
        self.asking
    }

    /// Whether another zone could give other days.
    pub(super) fn were_asked(&self) -> bool {
        self.is_asked.get()
    }

    /// The day that a stamp means if a whole day is meant: the local day that begins then, or the
    /// written date.
    pub(super) fn day(&self, stamp: Stamp) -> NaiveDate {
        self.midnight(stamp).unwrap_or(stamp.local.date())
    }

    /// The day that begins then, in the zone of the stamp or of the calendar.
    pub(super) fn midnight(&self, stamp: Stamp) -> Option<NaiveDate> {
        let Frame::Zone(zone) = stamp.frame else {
            return (stamp.local.time() == NaiveTime::MIN).then_some(stamp.local.date());
        };
        if zone != Zone::UTC && stamp.local.time() == NaiveTime::MIN {
            return Some(stamp.local.date());
        }
        let at = zone.instant(stamp.local);
        let begins = |zone: Zone| Some(zone.local(at)).filter(|it| it.time() == NaiveTime::MIN);
        let found = if self.homes.is_empty() {
            begins(self.asking())
        } else {
            self.homes.iter().find_map(|home| begins(*home))
        };
        found.map(|local| local.date())
    }

    /// The same, or the day that begins then in UTC, in which some programs count days.
    pub(super) fn any_midnight(&self, stamp: Stamp) -> Option<NaiveDate> {
        let written = (stamp.local.time() == NaiveTime::MIN).then_some(stamp.local.date());
        self.midnight(stamp).or(written)
    }

    /// The time in another frame. An instant stays the same instant. A day, and a time without a
    /// zone, keep their digits.
    pub(super) fn local(&self, stamp: Stamp, frame: Frame) -> NaiveDateTime {
        match (stamp.frame, frame) {
            (_, Frame::Day) => self.day(stamp).into(),
            (Frame::Zone(here), Frame::Zone(there)) if here != there => {
                there.local(here.instant(stamp.local))
            }
            (Frame::Zone(here), Frame::Floating) => {
                let home = self.homes.first().copied().unwrap_or_else(|| self.asking());
                home.local(here.instant(stamp.local))
            }
            _ => stamp.local,
        }
    }
}

impl Described {
    /// Notes that a part of the description begins.
    pub(super) fn begin_part(&mut self) {
        self.parts.begin();
    }

    pub(super) fn take(&mut self, line: &Line<'_>) {
        self.parts.take(line);
        if line.is("TZID") {
            self.names.insert(0, line.value().to_owned());
        } else if line.is("X-LIC-LOCATION") && self.names.len() < MOST {
            self.names.push(line.value().to_owned());
        } else if line.is("TZOFFSETTO") {
            let other = self.offset.as_deref().is_some_and(|known| known != line.value());
            self.has_one_offset = !other && (self.offset.is_none() || self.has_one_offset);
            self.offset = Some(line.value().to_owned());
        }
    }
}
