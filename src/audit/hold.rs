//! Holds: how they are written, taken back, and read.

use chrono::{DateTime, Utc};
use sqlx::{Connection, FromRow, SqliteConnection};

use super::error::AuditError;
use super::log::AuditLog;
use super::millis::Millis;
use super::reader::AuditReader;
use super::record::{HoldEndRecord, HoldRecord, json, text};
use crate::hold::tag::{Changes, FoundTag, TagTerms};
use crate::hold::{Hold, HoldEntry, HoldId, Subject, Whom, binding};
use crate::instance::{AccountName, InstanceNo, RuleName};

/// A hold as its table has it.
#[derive(Debug, FromRow)]
struct HoldRow {
    seq: i64,
    held_at: Millis,
    what: String,
    subject: String,
    until: Millis,
    skip: bool,
    why: Option<String>,
    who: String,
    account: Option<String>,
    instance_no: Option<String>,
    tag_value: Option<String>,
    released_at: Option<Millis>,
    released_by: Option<String>,
}

impl AuditLog {
    /// Records a hold; it holds from now on.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub async fn hold(&self, hold: &Hold) -> Result<HoldId, AuditError> {
        Ok(HoldId::from(self.record(&[record_of(hold)]).await?))
    }

    /// Takes holds back, on somebody's word. Returns those that were still in force.
    ///
    /// # Errors
    /// When the log cannot be written; then none is taken back.
    pub async fn release(&self, holds: &[HoldId], who: &str) -> Result<Vec<HoldId>, AuditError> {
        let now = self.clock.now();
        let mut connection = self.connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let mut released = in_force(&mut tx, now).await?;
        released.retain(|entry| holds.contains(&entry.id));
        let released: Vec<HoldId> = released.into_iter().map(|entry| entry.id).collect();
        self.append(&mut tx, &ends(&released, who)).await?;
        tx.commit().await?;
        Ok(released)
    }

    /// The holds in force now.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn holds_in_force(&self) -> Result<Vec<HoldEntry>, AuditError> {
        in_force(&mut *self.connection().await?, self.clock.now()).await
    }

    /// Takes in what the tags of instances were found to say: new values become holds, and holds
    /// whose tag is gone end. Returns what was written.
    ///
    /// # Errors
    /// When the log cannot be written; then nothing of it is.
    pub async fn take_tags(
        &self,
        terms: TagTerms<'_>,
        found: &[FoundTag],
    ) -> Result<Changes, AuditError> {
        if found.is_empty() {
            return Ok(Changes::default());
        }
        let now = self.clock.now();
        let mut connection = self.connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let known = by_tag(&mut tx, terms.account, found).await?;
        let changes = terms.changes(&known, found, now);
        self.append(&mut tx, &ends(&changes.ended, &terms.who())).await?;
        let begun: Vec<HoldRecord> = changes.begun.iter().map(record_of).collect();
        self.append(&mut tx, &begun).await?;
        tx.commit().await?;
        Ok(changes)
    }
}

impl AuditReader {
    /// Every hold there is, or those that are not over at a time; the oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn holds(&self, now: Option<DateTime<Utc>>) -> Result<Vec<HoldEntry>, AuditError> {
        let connection = &mut *self.connection().await;
        match now {
            Some(now) => in_force(connection, now).await,
            None => read(connection, Which::default()).await,
        }
    }

    /// Every hold that tags of these instances have begun.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn holds_by_tag(
        &self,
        account: &AccountName,
        found: &[FoundTag],
    ) -> Result<Vec<HoldEntry>, AuditError> {
        by_tag(&mut *self.connection().await, account, found).await
    }
}

/// Which of the instances of a firing are held at `now`, each with the hold that counts. Their
/// names are those under which they were last seen.
pub(super) async fn held(
    connection: &mut SqliteConnection,
    firing: i64,
    instances: &[InstanceNo],
    now: DateTime<Utc>,
) -> Result<Vec<(InstanceNo, HoldEntry)>, AuditError> {
    let holds = in_force(connection, now).await?;
    if holds.is_empty() {
        return Ok(Vec::new());
    }
    let (rule, account): (String, String) =
        sqlx::query_as("SELECT rule, account FROM firing WHERE seq = ?1")
            .bind(firing)
            .fetch_one(&mut *connection)
            .await?;
    let (Ok(rule), Ok(account)) = (RuleName::new(rule), AccountName::new(account)) else {
        return Ok(Vec::new());
    };
    let names: Vec<Option<String>> = sqlx::query_scalar(
        "SELECT (
            SELECT seen.instance_name
            FROM seen
            WHERE seen.account = ?1 AND seen.instance_no = wanted.value
            ORDER BY seen.seq DESC
            LIMIT 1
        )
        FROM json_each(?2) AS wanted
        ORDER BY wanted.key",
    )
    .bind(account.as_str())
    .bind(json(&instances))
    .fetch_all(connection)
    .await?;
    let held = instances.iter().zip(&names).filter_map(|(no, name)| {
        let name = name.as_deref().unwrap_or_default();
        let whom = Whom { rule: &rule, account: &account, no, name };
        Some((no.clone(), binding(&holds, whom)?.clone()))
    });
    Ok(held.collect())
}

async fn in_force(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<Vec<HoldEntry>, AuditError> {
    read(connection, Which { at: Some(now), ..Which::default() }).await
}

async fn by_tag(
    connection: &mut SqliteConnection,
    account: &AccountName,
    found: &[FoundTag],
) -> Result<Vec<HoldEntry>, AuditError> {
    let numbers: Vec<&InstanceNo> = found.iter().map(|tag| &tag.no).collect();
    read(connection, Which { at: None, tagged: Some((account, numbers)) }).await
}

/// Which holds are read: all, unless it says otherwise.
#[derive(Debug, Default)]
struct Which<'a> {
    /// Those in force at a time.
    at: Option<DateTime<Utc>>,
    /// Those that tags of these instances have begun.
    tagged: Option<(&'a AccountName, Vec<&'a InstanceNo>)>,
}

async fn read(
    connection: &mut SqliteConnection,
    which: Which<'_>,
) -> Result<Vec<HoldEntry>, AuditError> {
    let (account, numbers) = which.tagged.unzip();
    let rows: Vec<HoldRow> = sqlx::query_as(
        "SELECT
            hold.seq,
            begun.at AS held_at,
            hold.what,
            hold.subject,
            hold.until,
            hold.skip,
            hold.why,
            hold.who,
            hold.account,
            hold.instance_no,
            hold.tag_value,
            ended.at AS released_at,
            hold_end.who AS released_by
        FROM hold
        JOIN entry AS begun ON begun.seq = hold.seq
        LEFT JOIN hold_end ON hold_end.hold = hold.seq
        LEFT JOIN entry AS ended ON ended.seq = hold_end.seq
        WHERE (?1 IS NULL OR (hold.until > ?1 AND hold_end.seq IS NULL))
            AND (
                ?2 IS NULL
                OR (
                    hold.via = 'tag'
                    AND hold.account = ?2
                    AND hold.instance_no IN (SELECT value FROM json_each(?3))
                )
            )
        ORDER BY hold.seq",
    )
    .bind(which.at.map(Millis::from))
    .bind(account.map(AccountName::as_str))
    .bind(json(&numbers.unwrap_or_default()))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(HoldEntry::from).collect())
}

fn ends(holds: &[HoldId], who: &str) -> Vec<HoldEndRecord> {
    let end = |&hold: &HoldId| HoldEndRecord { hold: hold.into(), who: text(who) };
    holds.iter().map(end).collect()
}

fn record_of(hold: &Hold) -> HoldRecord {
    let mut record = HoldRecord {
        what: "instance",
        subject: text(&hold.subject.to_string()),
        until: hold.until.into(),
        skip: hold.skip.into(),
        why: hold.why.as_deref().map(text),
        who: text(&hold.who),
        via: "command",
        account: None,
        instance_no: None,
        tag_value: None,
    };
    match &hold.subject {
        Subject::Rule(_) => record.what = "rule",
        Subject::Instance(_) => {}
        Subject::Tagged { account, no, value, .. } => {
            record.via = "tag";
            record.account = Some(account.to_string());
            record.instance_no = Some(no.to_string());
            record.tag_value = Some(text(value));
        }
    }
    record
}

impl From<HoldRow> for HoldEntry {
    fn from(row: HoldRow) -> Self {
        let account = row.account.and_then(|account| AccountName::new(account).ok());
        let no = row.instance_no.and_then(|no| InstanceNo::new(no).ok());
        let subject = match (account, no, row.tag_value) {
            (Some(account), Some(no), Some(value)) => {
                Subject::Tagged { account, no, name: row.subject, value }
            }
            _ if row.what == "rule" => Subject::Rule(row.subject),
            _ => Subject::Instance(row.subject),
        };
        Self {
            id: HoldId::from(row.seq),
            held_at: row.held_at.into(),
            hold: Hold {
                subject,
                until: row.until.into(),
                skip: row.skip,
                why: row.why,
                who: row.who,
            },
            released: row.released_at.map(DateTime::from).zip(row.released_by),
        }
    }
}
