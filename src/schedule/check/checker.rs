//! Owns the state that all checks share.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use crate::schedule::calendar::ics::{self, LeftOut};
use crate::schedule::calendar::{Calendar, Calendars};
use crate::schedule::cron::{Cron, CronError};
use crate::schedule::problems::Problems;
use crate::schedule::read_error::ReadCalendars;
use crate::schedule::selector::TagQuestion;
use crate::schedule::source::Source;
use crate::schedule::syntax::Losses;
use crate::time::zone::{UnknownZone, Zone};

pub(crate) struct Check<'a> {
    pub(super) source: &'a Source<'a>,
    /// The folder for relative paths in the file.
    pub(super) folder: PathBuf,
    pub(super) calendar_files: ReadCalendars<'a>,
    pub(super) losses: &'a Losses,
    pub(super) problems: Problems,
    /// Large files repeat the same texts, so the results are kept.
    pub(super) zones: HashMap<String, Result<Zone, UnknownZone>>,
    pub(super) crons: HashMap<String, Result<Cron, CronError>>,
    /// `[calendars.NAME]`, and the built-in calendars that were named.
    pub(super) calendars: Calendars,
    pub(super) knows_calendars: bool,
    /// The number of days that may still be listed.
    pub(super) days_left: i64,
    /// The tables of calendars that differ between zones.
    pub(super) tables: HashMap<String, Table>,
    /// Whether the lists of any account show no tags.
    pub(super) lists_show_no_tags: bool,
    /// The globs with a warning about their cost.
    pub(super) costly: BTreeSet<TagQuestion>,
}

/// The values of the file for all its rules.
pub(crate) struct Defaults {
    /// Whether the file names a zone, known or not.
    pub(super) names_zone: bool,
    pub(super) zone: Option<Zone>,
    pub(super) max_instances: u32,
    /// `[limits] grace`.
    pub(super) grace: Duration,
    /// Whether `[observe]` is off.
    pub(super) never_looks: bool,
    /// The names of all accounts in order, also of those with problems.
    pub(super) accounts: Vec<String>,
}

/// The name of the log, if the file gives none.
pub(crate) const LOG: &str = "lightsout.db";

/// The content of `[calendars.NAME]`, before a zone gives its days.
#[derive(Default)]
pub(super) struct Table {
    pub(super) builtin: Option<Calendar>,
    /// The file of `ics`, and the place of its name.
    pub(super) file: Option<(ics::File, Range<usize>)>,
    pub(super) path: Option<PathBuf>,
    pub(super) left_out: LeftOut,
    /// `without = []`.
    pub(super) counts_all: bool,
    pub(super) dates: BTreeSet<NaiveDate>,
    pub(super) workdays: BTreeSet<NaiveDate>,
    /// The reason why its file cannot be read.
    pub(super) unreadable: Option<Arc<str>>,
}
