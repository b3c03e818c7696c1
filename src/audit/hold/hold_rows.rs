//! Reads rows of holds, by one of several choices.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::at::At;
use crate::audit::store::damaged::or_say;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{HoldRecord, json, text};
use crate::audit::store::row::row;
use crate::hold::{Hold, HoldEntry, Via};
use crate::model::found_tag::FoundTag;
use crate::model::ids::HoldId;
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::subject::Subject;

row! {
    #[derive(Debug)]
    struct HoldRow {
        seq: i64,
        held_at: Millis,
        what: String,
        subject: String,
        until: Millis,
        skip: bool,
        why: Option<String>,
        who: String,
        via: String,
        account: Option<String>,
        instance_no: Option<String>,
        tag_value: Option<String>,
        released_at: Option<Millis>,
        released_by: Option<String>,
    }
}

/// Holds in force at `now`.
pub(crate) async fn in_force(
    connection: &mut SqliteConnection,
    now: DateTime<Utc>,
) -> Result<Vec<HoldEntry>, AuditError> {
    read(connection, Which { at: Some(now), ..Which::default() }).await
}

/// Holds that tags of these instances have begun, ended or not.
pub(crate) async fn by_tag(
    connection: &mut SqliteConnection,
    account: &AccountName,
    found: &[FoundTag],
) -> Result<Vec<HoldEntry>, AuditError> {
    let numbers: Vec<&InstanceNo> = found.iter().map(|tag| &tag.no).collect();
    read(connection, Which { tagged: Some((account, numbers)), ..Which::default() }).await
}

/// The choice of holds; all when nothing is set.
#[derive(Debug, Default)]
struct Which<'a> {
    /// Holds in force at this time.
    at: Option<DateTime<Utc>>,
    /// Holds that tags of these instances have begun.
    tagged: Option<(&'a AccountName, Vec<&'a InstanceNo>)>,
    /// Holds with numbers from the first to before the second.
    between: Option<(i64, i64)>,
}

/// All holds, the oldest first.
pub(crate) async fn every(connection: &mut SqliteConnection) -> Result<Vec<HoldEntry>, AuditError> {
    read(connection, Which::default()).await
}

/// Holds with numbers from the first to before the second, ended or not.
pub(crate) async fn between(
    connection: &mut SqliteConnection,
    (begin, end): (i64, i64),
) -> Result<Vec<HoldEntry>, AuditError> {
    read(connection, Which { between: Some((begin, end)), ..Which::default() }).await
}

async fn read(
    connection: &mut SqliteConnection,
    which: Which<'_>,
) -> Result<Vec<HoldEntry>, AuditError> {
    let (account, numbers) = which.tagged.unzip();
    let (begin, end) = which.between.unzip();
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
            hold.via,
            hold.account,
            hold.instance_no,
            hold.tag_value,
            ended.at AS released_at,
            hold_end.who AS released_by
        FROM hold
        JOIN entry AS begun ON begun.seq = hold.seq
        LEFT JOIN hold_end ON hold_end.hold = hold.seq
        LEFT JOIN entry AS ended ON ended.seq = hold_end.seq
        WHERE hold.seq >= coalesce(?4, 0)
            AND hold.seq < coalesce(?5, 9223372036854775807)
            AND (?1 IS NULL OR (hold.until > ?1 AND hold_end.seq IS NULL))
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
    .bind(begin)
    .bind(end)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(HoldEntry::from).collect())
}

pub(crate) fn record_of(hold: &Hold) -> HoldRecord {
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
        // An unreadable account or number is logged, and the hold then counts by name: it holds no
        // less.
        let at = At::of("hold", row.seq);
        let account = row.account.and_then(|account| or_say(at.read(AccountName::new(account))));
        let no = row.instance_no.and_then(|no| or_say(at.read(InstanceNo::new(no))));
        let subject = match (account, no, row.tag_value) {
            (Some(account), Some(no), Some(value)) => {
                Subject::Tagged { account, no, name: row.subject, value }
            }
            _ if row.what == "rule" => Subject::Rule(row.subject),
            _ => Subject::Instance(row.subject),
        };
        let via = match row.via.as_str() {
            "tag" => Via::Tag,
            "page" => Via::Page,
            _ => Via::Command,
        };
        Self {
            id: HoldId::from(row.seq),
            via,
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
