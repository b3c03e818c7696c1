//! Takes over open firings, left by a dead process or while the log could not be written.
//!
//! [`crate::engine::dispatch`] goes on with them.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use tracing::info;

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::chain;
use crate::audit::store::damaged::{decoded, instances, or_say};
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{TakeoverRecord, json};
use crate::audit::store::row::row;
use crate::audit::store::session_id::SessionId;
use crate::audit::store::write_tx::writing;
use crate::clock::SinceBoot;
use crate::cloud::{CloudError, Meaning, Refusal, codes};
use crate::model::ids::{FileId, FiringId};
use crate::model::instance::{Action, Instance, InstanceNo, Product, RegionCode};

/// The most firings in one transaction, for which others have to wait.
pub(crate) const TAKEN_AT_ONCE: usize = 500;

/// An unended firing that is now this session's.
#[derive(Clone, Debug)]
pub struct OpenFiring {
    pub id: FiringId,
    pub rule: String,
    /// The action; a window has a rule for each.
    pub action: Action,
    pub account: String,
    /// The text of schedules.toml under which it began.
    pub file: FileId,
    pub started_at: DateTime<Utc>,
    /// The due time; `None` for a firing by hand.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// The time to wait, retry and follow.
    pub patience: Duration,
    /// Nothing was to be sent.
    pub dry_run: bool,
    /// The deferred actions to catch up on, as in [`crate::engine::deferred::CatchUp::wanted`];
    /// empty for the rule's own firing.
    pub makes_up: BTreeMap<InstanceNo, DateTime<Utc>>,
    /// The instances were selected before the process died.
    pub selected: bool,
    /// The instances without a settlement.
    pub targets: Vec<OpenTarget>,
    /// The instances with a settlement.
    pub settled: Vec<InstanceNo>,
}

/// An instance without a settlement.
#[derive(Clone, Debug)]
pub struct OpenTarget {
    /// The instance as found when the firing began.
    pub instance: Instance,
    /// The state of its requests.
    pub asked: RequestState,
    /// The number of the firing's requests that name it.
    pub attempts: u32,
    /// The error of the last request, or that nothing is known about it.
    pub failure: Option<CloudError>,
    /// The age of the last request's record; `None` when only a wall clock could tell.
    pub asked_ago: Option<Duration>,
}

/// The state of the requests when the process died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// No request, or requests without any effect.
    No,
    Accepted,
    /// A request was recorded, and no answer to it.
    Unclear,
}

row! {
    struct OpenRow of "firing" {
        seq: FiringId,
        rule: String,
        action: Action,
        account: String,
        file: FileId,
        at: DateTime<Utc> = of_number,
        scheduled_at: Option<DateTime<Utc>> = of_number,
        patience: u64 = of_number,
        dry_run: bool,
        selected: bool,
        take: i64,
        holder: SessionId,
    }
}

row! {
    struct TargetRow of "target" {
        region: RegionCode,
        instance_no: InstanceNo,
        instance_name: String,
        status_before: String,
        operation_before: String,
        attempts: u32,
        boot: Option<String>,
        since_boot: Option<u64> = of_number,
        result: Option<String>,
        http_status: Option<u16>,
        return_code: Option<String>,
        return_message: Option<String>,
        detail: Option<String>,
    }
}

impl AuditLog {
    /// Takes over every open firing whose process is dead. Also takes up this session's own ones:
    /// the log could not be written then. Leaves those among `followed`, which this process still
    /// follows. Of very many, returns the first.
    pub async fn take_over(
        &self,
        followed: &HashSet<FiringId>,
    ) -> Result<Vec<OpenFiring>, AuditError> {
        let taken = writing!(self, |tx| {
            let open = self.left_open(tx).await?;
            let up = self.clock.uptime();
            let mut taken = Vec::new();
            for row in open {
                if taken.len() == TAKEN_AT_ONCE {
                    break;
                }
                // What another node took over and left is followed here until its next write.
                if followed.contains(&row.seq) {
                    continue;
                }
                if row.holder != self.session {
                    if self.is_alive(row.holder) {
                        continue;
                    }
                    let record = TakeoverRecord { firing: row.seq.0, take: row.take + 1 };
                    tx.append(&[record]).await?;
                }
                taken.push(open_firing(tx, row, up.as_ref()).await?);
            }
            Ok(taken)
        })?;
        for firing in &taken {
            let OpenFiring { id, rule, targets, .. } = firing;
            info!(firing = %id, rule, open = targets.len(), "firing taken over");
        }
        Ok(taken)
    }

    /// All unended firings. A firing that has ended is never looked at again, so the length of the
    /// log does not matter.
    async fn left_open(&self, tx: &mut SqliteConnection) -> Result<Vec<OpenRow>, AuditError> {
        let from = self.ended_below.load(Ordering::Relaxed);
        let numbers = crate::audit::firing::open::open(tx, from).await?;
        let next = chain::head(tx).await?.0 + 1;
        self.ended_below.store(*numbers.first().unwrap_or(&next), Ordering::Relaxed);
        let open = sqlx::query(
            "SELECT
                firing.seq, firing.rule, firing.action, firing.account, firing.file, begun.at,
                firing.scheduled_at, firing.patience, firing.dry_run,
                EXISTS (SELECT 1 FROM target WHERE target.firing = firing.seq) AS selected,
                coalesce(takeover.take, firing.take) AS take,
                holder.session AS holder
            FROM firing
            JOIN entry AS begun ON begun.seq = firing.seq
            LEFT JOIN takeover ON takeover.seq = (
                SELECT max(last.seq) FROM takeover AS last WHERE last.firing = firing.seq
            )
            JOIN entry AS holder ON holder.seq = coalesce(takeover.seq, firing.seq)
            WHERE firing.seq IN (SELECT value FROM json_each(?1))
            ORDER BY firing.seq",
        )
        .bind(json(&numbers))
        .fetch_all(tx)
        .await?;
        Ok(decoded("firing", open).filter_map(or_say).collect())
    }
}

async fn open_firing(
    tx: &mut SqliteConnection,
    row: OpenRow,
    up: Option<&SinceBoot>,
) -> Result<OpenFiring, sqlx::Error> {
    let targets = sqlx::query(
        "SELECT
            target.seq, target.region, target.instance_no, target.instance_name,
            target.status_before, target.operation_before,
            (
                SELECT count(*)
                FROM request AS asked
                JOIN request_instance ON request_instance.request = asked.seq
                WHERE asked.firing = target.firing
                    AND request_instance.instance_no = target.instance_no
            ) AS attempts,
            request.boot, request.since_boot, answer.result, answer.http_status,
            answer.return_code, answer.return_message, answer.detail
        FROM target
        LEFT JOIN request ON request.seq = (
            SELECT max(asked.seq)
            FROM request AS asked
            JOIN request_instance ON request_instance.request = asked.seq
            WHERE asked.firing = target.firing
                AND request_instance.instance_no = target.instance_no
        )
        LEFT JOIN answer ON answer.request = request.seq
        WHERE target.firing = ?1
            AND NOT EXISTS (
                SELECT 1
                FROM outcome
                WHERE outcome.firing = target.firing
                    AND outcome.instance_no = target.instance_no
            )
        ORDER BY target.seq",
    )
    .bind(row.seq.0)
    .fetch_all(&mut *tx)
    .await?;
    let settled = sqlx::query(
        "SELECT seq, instance_no
        FROM outcome
        WHERE firing = ?1 AND instance_no IS NOT NULL",
    )
    .bind(row.seq.0)
    .fetch_all(&mut *tx)
    .await?;
    Ok(OpenFiring {
        id: row.seq,
        rule: row.rule,
        action: row.action,
        account: row.account,
        file: row.file,
        started_at: row.at,
        scheduled_at: row.scheduled_at,
        patience: Duration::from_millis(row.patience),
        dry_run: row.dry_run,
        makes_up: made_up(tx, row.seq).await?,
        selected: row.selected,
        targets: decoded("target", targets).filter_map(or_say).map(|row| target(row, up)).collect(),
        settled: instances("outcome", settled).filter_map(or_say).collect(),
    })
}

/// The deferred actions of a firing: the instances, each with the last time at which its rule
/// wanted it.
async fn made_up(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<BTreeMap<InstanceNo, DateTime<Utc>>, sqlx::Error> {
    let made_up = sqlx::query(
        "SELECT min(owed.seq) AS seq, owed.instance_no, max(owed.wanted_at)
        FROM makeup
        JOIN owed ON owed.seq = makeup.owed
        WHERE makeup.firing = ?1
        GROUP BY owed.instance_no",
    )
    .bind(firing.0)
    .fetch_all(connection)
    .await?;
    let made_up = decoded::<(i64, InstanceNo, Millis)>("owed", made_up).filter_map(or_say);
    Ok(made_up.map(|(_, no, at)| (no, at.into())).collect())
}

fn target(row: TargetRow, up: Option<&SinceBoot>) -> OpenTarget {
    let asked = match (row.attempts, row.result.as_deref()) {
        (0, _) | (_, Some("refused" | "denied" | "throttled" | "not_sent")) => RequestState::No,
        (_, Some("accepted")) => RequestState::Accepted,
        _ => RequestState::Unclear,
    };
    let asked_ago = up.zip(row.boot.as_deref()).zip(row.since_boot);
    let asked_ago = asked_ago.and_then(|((up, boot), since_boot)| up.since(boot, since_boot));
    let failure = (row.attempts > 0).then(|| failure(&row)).flatten();
    let instance = Instance {
        no: row.instance_no,
        name: row.instance_name,
        region: row.region,
        status: codes::status(&row.status_before),
        operation: codes::operation(&row.operation_before),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    };
    OpenTarget { instance, asked, attempts: row.attempts, failure, asked_ago }
}

/// The error of the last request, as far as it matters for a repeat.
fn failure(row: &TargetRow) -> Option<CloudError> {
    let detail = row.detail.clone();
    Some(match row.result.as_deref() {
        Some("accepted") => return None,
        Some("not_sent") => CloudError::NotSent(detail.unwrap_or_default()),
        Some("refused" | "denied" | "throttled") => CloudError::Refused {
            refusal: Refusal {
                http_status: row.http_status.unwrap_or_default(),
                return_code: row.return_code.clone(),
                return_message: row.return_message.clone(),
                ..Refusal::default()
            },
            meaning: Meaning::InTheWay,
        },
        Some(_) => CloudError::Unanswered {
            detail: detail.unwrap_or_default(),
            http_status: row.http_status,
        },
        None => CloudError::Unanswered {
            detail: "its process died before one was recorded".to_owned(),
            http_status: None,
        },
    })
}
