//! What every check has at hand.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

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
    /// What paths in the file are relative to.
    pub(super) folder: PathBuf,
    pub(super) calendar_files: ReadCalendars<'a>,
    pub(super) losses: &'a Losses,
    pub(super) problems: Problems,
    /// Large files say the same again and again.
    pub(super) zones: HashMap<String, Result<Zone, UnknownZone>>,
    pub(super) crons: HashMap<String, Result<Cron, CronError>>,
    /// `[calendars.NAME]`, and those built in that have been named.
    pub(super) calendars: Calendars,
    /// Whether all of them could be read.
    pub(super) knows_calendars: bool,
    /// How many days more may be listed.
    pub(super) days_left: i64,
    /// What `[calendars.NAME]` says of calendars that other zones read in another way.
    pub(super) tables: HashMap<String, Table>,
    /// Whether some account is one whose lists show no tags.
    pub(super) lists_show_no_tags: bool,
    /// The globs whose cost was warned of.
    pub(super) costly: BTreeSet<TagQuestion>,
}

/// What the file says for all its rules.
pub(crate) struct Defaults {
    /// Whether the file names a zone, be it an unknown one.
    pub(super) names_zone: bool,
    pub(super) zone: Option<Zone>,
    pub(super) max_instances: u32,
    /// Whether nothing is looked for between firings.
    pub(super) never_looks: bool,
    /// The names of all accounts, also of those that have problems, in order.
    pub(super) accounts: Vec<String>,
}

/// The name of the log where the file gives none.
pub(crate) const LOG: &str = "lightsout.db";

/// What `[calendars.NAME]` says, before a zone makes days of it.
#[derive(Default)]
pub(super) struct Table {
    pub(super) builtin: Option<Calendar>,
    /// The file of `ics`, and where its name stands.
    pub(super) file: Option<(ics::File, Range<usize>)>,
    pub(super) path: Option<PathBuf>,
    pub(super) left_out: LeftOut,
    /// `without = []`.
    pub(super) counts_all: bool,
    pub(super) dates: BTreeSet<NaiveDate>,
    pub(super) workdays: BTreeSet<NaiveDate>,
    /// Why its file could not be read.
    pub(super) unreadable: Option<Arc<str>>,
}
