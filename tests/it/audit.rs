//! The audit log through its public side, and through a second connection that looks on.

mod attacker;
mod budget;
mod chain;
mod changes;
mod claims;
mod damage;
mod every_kind;
mod exporting;
mod files;
mod holds;
mod migrations;
mod products;
mod pruning;
mod reading;
mod requests;
mod restarts;
mod sessions;
mod summaries;
mod tampering;
mod told;
mod tried_again;
mod upkeep;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use lightsout::audit::{Ask, AuditLog, AuditReader, Claim, Through, Trigger, Writer};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::codes;
use lightsout::model::ids::{FileId, FiringId};
use lightsout::model::instance::{AccountName, Action, Instance, InstanceNo, Product, RegionCode};
use lightsout::schedule::{AuditFile, Rule, Schedules};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

const RULES: &str = "
timezone = 'Asia/Seoul'

[accounts.main]
platform = 'vpc'
credentials = 'env'

[[rules]]
name = 'night'
action = 'stop'
cron = '0 20 * * *'
select = { names = ['web-*'] }

[[rules]]
name = 'late-night'
action = 'stop'
cron = '0 23 * * *'
select = { names = ['web-*'] }
";

/// A folder with a log in it, a clock that stands still at noon, and two rules.
struct World {
    dir: TempDir,
    clock: Arc<RehearsalClock>,
    schedules: Schedules,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (schedules, _) = Schedules::parse(&dir.path().join("schedules.toml"), RULES).unwrap();
        Self { dir, clock: RehearsalClock::new(noon(), 0), schedules }
    }

    /// Another folder with the same log in it, which nobody may have open.
    fn copy(&self) -> Self {
        let copy = Self { clock: RehearsalClock::new(self.now(), 0), ..Self::new() };
        std::fs::copy(self.file().path, copy.file().path).unwrap();
        copy
    }

    fn file(&self) -> AuditFile {
        AuditFile { path: self.dir.path().join("audit.db"), mode: 0o600, keep: None, shared: None }
    }

    async fn open(&self, writer: Writer) -> AuditLog {
        AuditLog::open(&self.file(), writer, self.clock.clone()).await.unwrap()
    }

    /// A session of `fire` that has loaded the rules.
    async fn writer(&self) -> (AuditLog, FileId) {
        let log = self.open(Writer::Fire).await;
        let file = log.load_file(&self.schedules).await.unwrap();
        (log, file)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    async fn reader(&self) -> AuditReader {
        AuditReader::open(&self.file().path).await.unwrap()
    }

    async fn raw(&self) -> SqliteConnection {
        raw(&self.file().path).await
    }

    fn rule(&self, name: &str) -> &Rule {
        &self.schedules.entry(name).unwrap()[0]
    }

    fn claim(&self, rule: &str, trigger: Trigger, file: FileId) -> Claim<'_> {
        Claim { rule: self.rule(rule), trigger, file, dry_run: false, makes_up: &[] }
    }

    async fn fire(&self, log: &AuditLog, rule: &str, file: FileId) -> FiringId {
        log.claim(&[self.claim(rule, Trigger::Manual, file)]).await.unwrap()[0].unwrap()
    }
}

/// A connection of its own, with foreign keys as SQLite has them without being told.
async fn raw(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    SqliteConnection::connect_with(&options).await.unwrap()
}

fn noon() -> DateTime<Utc> {
    "2026-11-23T12:00:00.123Z".parse().unwrap()
}

fn main_account() -> AccountName {
    AccountName::new("main").unwrap()
}

fn kr() -> RegionCode {
    RegionCode::new("KR").unwrap()
}

/// A stop of what was seen after all that others did.
fn ask(region: &RegionCode) -> Ask<'_> {
    Ask { action: Action::Stop, region, seen: Through::from(i64::MAX) }
}

fn no(number: &str) -> InstanceNo {
    InstanceNo::new(number).unwrap()
}

fn running(number: &str, name: &str) -> Instance {
    Instance {
        no: no(number),
        name: name.to_owned(),
        region: kr(),
        status: codes::status("RUN"),
        operation: codes::operation("NULL"),
        booted_at: Some(noon()),
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}
