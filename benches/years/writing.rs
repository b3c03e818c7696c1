//! Writes the log, working day by working day, as daemons write it: each claim, target, request,
//! answer, state and outcome through the audit log's own doors.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use lightsout::audit::{AuditLog, Claim, Trigger, Writer};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::model::ids::FileId;
use lightsout::model::instance::Action;
use lightsout::schedule::{AuditFile, Schedules};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::company::{self, DISSOLVED, EVERY_MINUTE, TEAMS, rule_name};
use super::dice::Dice;
use super::later::{Hand, owed_ids};
use super::night::{Night, digest};

/// How many working days a daemon lives.
pub(crate) const LIFE: u32 = 20;
/// How many working days a text of schedules.toml is in use.
const REVISION: u32 = 60;
/// The working day on which a team is dissolved.
const DISSOLVED_ON: u32 = 40;
/// A Monday, 07:59 in Seoul.
const FROM: &str = "2020-01-05T22:59:00Z";
/// Which daemon's life has a rule that fires every minute on each of its days.
pub(crate) const BUSY: u32 = 12;
/// How many firings a rule has in a day that fires every minute of it.
const MINUTES: u32 = 700;
const HOUR: Duration = Duration::from_secs(3_600);

/// What was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) rows: i64,
    /// The morning of the first day, and the night of the last.
    pub(crate) from: DateTime<Utc>,
    pub(crate) to: DateTime<Utc>,
    /// Working days.
    pub(crate) days: u32,
}

/// What was written earlier into a log that was kept, be it by an earlier version.
pub(crate) async fn read(file: &AuditFile) -> anyhow::Result<Written> {
    let clock = RehearsalClock::new(FROM.parse()?, 0);
    AuditLog::open(file, Writer::Fire, clock).await?.end("done").await?;
    let options = SqliteConnectOptions::new().filename(&file.path).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let last = "SELECT (SELECT max(seq) FROM entry), max(at) FROM entry WHERE kind = 'firing'";
    let (rows, at): (i64, i64) = sqlx::query_as(last).fetch_one(&mut connection).await?;
    let from: DateTime<Utc> = FROM.parse()?;
    let to = DateTime::from_timestamp_millis(at).context("no time")?;
    let days = u32::try_from((to - from).num_days() / 7 * 5)?;
    Ok(Written { rows, from, to, days })
}

/// Writes a log of at least `rows` rows; `tell` hears of it after each daemon's life.
pub(crate) async fn write(
    file: &AuditFile,
    rows: i64,
    tell: impl Fn(Written),
) -> anyhow::Result<Written> {
    let from: DateTime<Utc> = FROM.parse()?;
    let clock = RehearsalClock::new(from, 0);
    let mut dice = Dice::seeded(1);
    let mut done = Written { rows: 0, from, to: from, days: 0 };
    while done.rows < rows {
        let text = company::file_text(done.days / REVISION);
        let (schedules, _) = Schedules::parse(&file.path.with_extension("toml"), &text)
            .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let log = AuditLog::open(file, Writer::Daemon, clock.clone()).await?;
        let file = log.load_file(&schedules).await?;
        let mut life = Life {
            log: &log,
            rules: Rules { schedules: &schedules, file },
            clock: &clock,
            hand: Hand::at(log.path()).await?,
            dice: &mut dice,
        };
        for _ in 0..LIFE {
            life.day(from, done.days).await?;
            done.days += 1;
        }
        done.rows = log.head().await?.0;
        done.to = clock.now();
        // One daemon of five is killed.
        if dice.below(5) > 0 {
            log.end("told to end").await?;
        }
        tell(done);
    }
    Ok(done)
}

/// A daemon at work.
struct Life<'a> {
    log: &'a AuditLog,
    rules: Rules<'a>,
    clock: &'a Arc<RehearsalClock>,
    hand: Hand,
    dice: &'a mut Dice,
}

/// The rules in use.
#[derive(Clone, Copy)]
struct Rules<'a> {
    schedules: &'a Schedules,
    file: FileId,
}

impl<'a> Rules<'a> {
    fn claim(self, name: &str, trigger: Trigger) -> Option<Claim<'a>> {
        let rule = &self.schedules.entry(name)?[0];
        Some(Claim { rule, trigger, file: self.file, dry_run: false, makes_up: &[] })
    }
}

impl Life<'_> {
    async fn day(&mut self, from: DateTime<Utc>, day: u32) -> anyhow::Result<()> {
        let morning = from + TimeDelta::days(i64::from(day / 5 * 7 + day % 5));
        for (action, hour) in [(Action::Start, 0), (Action::Stop, 12)] {
            self.wait_until(morning + TimeDelta::hours(hour) + TimeDelta::minutes(1));
            self.log.sign_of_life(None).await?;
            self.all_teams(action, day).await?;
            if action == Action::Start && (day / LIFE == BUSY || day.is_multiple_of(LIFE)) {
                self.every_minute(day).await?;
            }
        }
        // Others do as they please, and what they started is stopped again.
        let owed = self.night(0, Action::Stop, day).somebody_starts_some().await?;
        self.make_up(0, owed, day).await?;
        digest(self.log, day).await
    }

    /// All rules of one action, due at once.
    async fn all_teams(&mut self, action: Action, day: u32) -> anyhow::Result<()> {
        let due = Trigger::Schedule(self.clock.now());
        let teams = if day < DISSOLVED_ON { TEAMS } else { DISSOLVED };
        let names: Vec<String> = (0..teams).map(|team| rule_name(team, action)).collect();
        let claims: Vec<Claim<'_>> =
            names.iter().filter_map(|name| self.rules.claim(name, due)).collect();
        if self.dice.below(100) == 0 {
            let away = |claim| (claim, "daemon away 19:30–21:30+09:00".to_owned());
            self.log.miss(&claims.into_iter().map(away).collect::<Vec<_>>()).await?;
            return Ok(());
        }
        let held = (action == Action::Stop && day.is_multiple_of(3)).then_some(day / 3 % DISSOLVED);
        let claimed = self.log.claim(&claims).await?;
        for (team, firing) in (0..).zip(claimed.into_iter().flatten()) {
            let mut night = self.night(team, action, day);
            if held == Some(team) {
                let owed = night.held(firing).await?;
                // Of every other hold the end comes while it still matters.
                if day.is_multiple_of(2) {
                    self.make_up(team, owed, day).await?;
                }
            } else {
                night.fire(firing).await?;
            }
        }
        Ok(())
    }

    /// A day's firings of the rule that fires every minute: on each day of one month, and on one
    /// day of every other. The first of that month finds the server running.
    async fn every_minute(&mut self, day: u32) -> anyhow::Result<()> {
        for minute in 0..MINUTES {
            self.clock.skip(HOUR / 60);
            let due = Trigger::Schedule(self.clock.now());
            let claims: Vec<Claim<'_>> = self.rules.claim(EVERY_MINUTE, due).into_iter().collect();
            for firing in self.log.claim(&claims).await?.into_iter().flatten() {
                let is_first = (day, minute) == (BUSY * LIFE, 0);
                self.night(0, Action::Stop, day).watch(firing, is_first).await?;
            }
        }
        Ok(())
    }

    /// Two hours later, a firing makes up for what is owed.
    async fn make_up(
        &mut self,
        team: u32,
        (first, count): (i64, usize),
        day: u32,
    ) -> anyhow::Result<()> {
        self.clock.skip(2 * HOUR);
        let (name, owed) = (rule_name(team, Action::Stop), owed_ids(first, count));
        let claim = self.rules.claim(&name, Trigger::Schedule(self.clock.now()));
        let claims: Vec<Claim<'_>> =
            claim.into_iter().map(|claim| Claim { makes_up: &owed, ..claim }).collect();
        for firing in self.log.claim(&claims).await?.into_iter().flatten() {
            self.night(team, Action::Stop, day).make_up(firing, count).await?;
        }
        Ok(())
    }

    fn night(&mut self, team: u32, action: Action, day: u32) -> Night<'_> {
        let Self { log, clock, hand, dice, .. } = self;
        Night { log, clock, hand, dice, team, action, day }
    }

    fn wait_until(&self, then: DateTime<Utc>) {
        self.clock.skip((then - self.clock.now()).to_std().unwrap_or_default());
    }
}
