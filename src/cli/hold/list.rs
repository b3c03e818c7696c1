//! `lightsout holds`: lists holds and deferred actions.

use std::fmt;

use chrono::{DateTime, Utc};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::{AuditError, AuditReader, DeferredLine};
use crate::cli::listing::{self, Columns, Listing, column, optional};
use crate::cli::local_time::Spoken;
use crate::cli::session::{self, LogPlace};
use crate::cli::{Exit, Global, output};
use crate::clock::{Clock, SystemClock};
use crate::hold::{HoldEntry, Via};
use crate::model::ids::HoldId;
use crate::model::subject::Subject;
use crate::time::uptime::LONGEST_ABSENCE;
use crate::time::zone::Zone;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout holds\n  lightsout holds --all -o json")]
pub(in super::super) struct Holds {
    /// Also those that are over or were released
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

/// A hold. Times are in the file's zone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "holds")]
pub(in super::super) struct HoldLine {
    /// Its number, as `release` takes it.
    pub(in super::super) hold: HoldId,
    /// Whether it is about a rule or a server.
    #[schemars(extend("x-words" = ["rule", "instance"]))]
    pub(in super::super) what: &'static str,
    /// The rule's name, or the server's name or number, as it was held.
    pub(in super::super) subject: String,
    /// When it was set.
    since: String,
    /// When it ends by itself.
    pub(in super::super) until: String,
    #[schemars(extend("x-words" = ["in force", "over", "released"]))]
    state: &'static str,
    /// Who set it.
    pub(in super::super) who: String,
    /// What for.
    pub(in super::super) why: Option<String>,
    /// The way by which it was set.
    via: Via,
    /// Whether what falls into it is dropped at its end, and not caught up on.
    skip: bool,
    /// Only of a hold by a tag.
    pub(in super::super) account: Option<String>,
    /// Only of a hold by a tag.
    pub(in super::super) instance_no: Option<String>,
    /// Only of a hold by a tag.
    tag_value: Option<String>,
    /// When somebody ended it before its time.
    released_at: Option<String>,
    /// Who did.
    released_by: Option<String>,
    /// The actions deferred to its end, in words.
    owed: Option<String>,
}

impl Holds {
    pub(in super::super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let now = SystemClock::new().now();
        let mut found = Vec::new();
        if let Some(log) = session::log(&file.log).await? {
            found = lines(&log, file.timezone, now).await?;
            log.close().await?;
            if !self.all {
                found.retain(|line| line.state == IN_FORCE);
            }
            if found.is_empty() {
                output::say(if self.all { "nothing was ever held" } else { "nothing is held" });
            }
        }
        let (spoken, format) = (Spoken { zone: file.timezone, now }, self.listing.format);
        listing::print(format, &found, &columns(spoken))?;
        spoken.below_table(format, found.len()).map(|()| Exit::Ok)
    }
}

const IN_FORCE: &str = "in force";

/// Every hold, the oldest first, with the actions deferred to its end.
pub(in super::super) async fn lines(
    log: &AuditReader,
    zone: Zone,
    now: DateTime<Utc>,
) -> Result<Vec<HoldLine>, AuditError> {
    let (holds, owed) = (log.holds(None).await?, log.owed(now - LONGEST_ABSENCE).await?);
    Ok(holds.iter().map(|entry| HoldLine::of(entry, &owed, (zone, now))).collect())
}

/// `dev-db  until 2026-11-24T02:00:00+09:00 by kim@desk (release)`.
impl fmt::Display for HoldLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(&self.until))
    }
}

impl HoldLine {
    /// The line, with its end in words.
    pub(in super::super) fn told(&self, until: &str) -> String {
        let why = self.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{}  until {until} by {}{why}", self.subject, self.who)
    }

    pub(in super::super) fn of(
        entry: &HoldEntry,
        owed: &[DeferredLine],
        (zone, now): (Zone, DateTime<Utc>),
    ) -> Self {
        let hold = &entry.hold;
        let shown = |at| zone.show(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
        let (account, no, value) = match &hold.subject {
            Subject::Tagged { account, no, value, .. } => {
                (Some(account.to_string()), Some(no.to_string()), Some(value.clone()))
            }
            Subject::Rule(_) | Subject::Instance(_) => (None, None, None),
        };
        let (released_at, released_by) = entry.released.clone().unzip();
        let waits: Vec<String> =
            owed.iter().filter(|owed| owed.hold() == Some(entry.id)).map(in_words).collect();
        Self {
            hold: entry.id,
            what: if matches!(hold.subject, Subject::Rule(_)) { "rule" } else { "instance" },
            subject: hold.subject.to_string(),
            since: shown(entry.held_at),
            until: shown(hold.until),
            state: match released_at {
                Some(_) => "released",
                None if entry.is_in_force(now) => IN_FORCE,
                None => "over",
            },
            who: hold.who.clone(),
            why: hold.story(),
            via: entry.via,
            skip: hold.skip,
            account,
            instance_no: no,
            tag_value: value,
            released_at: released_at.map(shown),
            released_by,
            owed: (!waits.is_empty()).then(|| waits.join(", ")),
        }
    }

    /// Whether it is in force now.
    pub(in super::super) fn is_in_force(&self) -> bool {
        self.state == IN_FORCE
    }
}

/// `stop dev-db (dev-nightly)`: a deferred action with its rule.
pub(in super::super) fn in_words(owed: &DeferredLine) -> String {
    let instance = owed.instance_name.as_ref().unwrap_or(&owed.instance_no);
    format!("{} {instance} ({})", owed.action, owed.rule)
}

fn columns<'c>(spoken: Spoken) -> Columns<'c, HoldLine> {
    let at_its_end = |line: &HoldLine| match (&line.owed, line.skip) {
        (Some(owed), _) => owed.clone(),
        (None, true) => "nothing is caught up on".to_owned(),
        (None, false) => String::new(),
    };
    vec![
        vec![
            column("hold", |line: &HoldLine| line.hold.to_string()),
            column("subject", |line: &HoldLine| line.subject.clone()),
            column("until", move |line: &HoldLine| spoken.of(&line.until)),
            column("state", |line: &HoldLine| line.state.to_owned()),
        ],
        vec![
            column("since", move |line: &HoldLine| spoken.of(&line.since)),
            column("by", |line: &HoldLine| line.who.clone()),
            column("at its end", at_its_end),
        ],
        vec![optional("why", |line: &HoldLine| line.why.as_ref())],
    ]
}
