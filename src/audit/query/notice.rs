//! Notices: records them and their ends, and reads the open ones. `notice` sends them.

use std::collections::HashSet;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{NoticeEndRecord, NoticeRecord, text};
use crate::audit::store::row::row;
use crate::audit::store::through::Through;
use crate::audit::store::write_tx::writing;
use crate::model::ids::{FiringId, NoticeId};

/// A notice to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    pub target: String,
    pub event: &'static str,
    /// The firing that the notice is about, if any.
    pub firing: Option<FiringId>,
    /// The last entry that it covers.
    pub through: Through,
    pub body: String,
}

row! {
    /// A notice that was neither delivered nor given up.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OpenNotice of "notice" as id {
        pub id: NoticeId,
        pub target: String,
        pub at: DateTime<Utc> = of_number,
        pub body: String,
    }
}

row! {
    /// A notice about firings of one account.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct FiringNotice of "notice" as id {
        pub id: NoticeId,
        pub account: String,
        pub at: DateTime<Utc> = of_number,
        /// The last entry that it covers.
        pub through: Through,
        /// It is about several firings.
        pub is_of_several: bool,
        /// The target hears of it because somebody is needed.
        pub is_trouble: bool,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeResult {
    Delivered,
    /// Tried until it was too old to be worth it.
    GivenUp,
}

impl AuditLog {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records notices, all in one transaction. Of several machines only the one on duty does: one
    /// that was frozen meanwhile must not say again what another has said.
    pub async fn notices(&self, notices: Vec<NewNotice>) -> Result<(), AuditError> {
        let record = |notice: NewNotice| NoticeRecord {
            target: notice.target,
            event: notice.event,
            firing: notice.firing.map(|firing| firing.0),
            through: notice.through.0,
            body: text(&notice.body),
        };
        let records: Vec<_> = notices.into_iter().map(record).collect();
        if records.is_empty() {
            return Ok(());
        }
        writing!(self, |tx| {
            if !self.is_on_duty() {
                return Err(AuditError::OffDuty);
            }
            tx.append(&records).await?;
            Ok(())
        })
    }

    /// Records the end of a notice with the other side's answer. A notice that has ended before
    /// stays as it is.
    pub async fn end_notice(
        &self,
        notice: NoticeId,
        result: NoticeResult,
        detail: &str,
    ) -> Result<(), AuditError> {
        let result = match result {
            NoticeResult::Delivered => "delivered",
            NoticeResult::GivenUp => "given_up",
        };
        let record = NoticeEndRecord { notice: notice.0, result, detail: text(detail) };
        writing!(self, |tx| {
            let has_ended: bool =
                sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM notice_end WHERE notice = ?1)")
                    .bind(notice.0)
                    .fetch_one(&mut **tx)
                    .await?;
            if !has_ended {
                tx.append(std::slice::from_ref(&record)).await?;
            }
            Ok(())
        })
    }
}

/// The rules of one account and instant of which a target was told ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForetoldRules {
    named: HashSet<String>,
    /// There were more than a notice names, so nobody knows which.
    all: bool,
}

impl ForetoldRules {
    pub fn has(&self, rule: &str) -> bool {
        self.all || self.named.contains(rule)
    }
}

impl AuditReader {
    /// The open notices, oldest first.
    pub async fn open_notices(&self) -> Result<Vec<OpenNotice>, AuditError> {
        let open = sqlx::query_as(
            "SELECT notice.seq AS id, notice.target, entry.at, notice.body
            FROM notice
            JOIN entry ON entry.seq = notice.seq
            WHERE NOT EXISTS (SELECT 1 FROM notice_end WHERE notice_end.notice = notice.seq)
            ORDER BY notice.seq",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(open)
    }

    /// The last entry that a target has been told of. Pruned entries count as told, even when some
    /// of them were kept.
    pub async fn told_through(&self, target: &str) -> Result<Through, AuditError> {
        let through = sqlx::query_scalar(
            "SELECT max(
                (SELECT coalesce(max(through), 0) FROM notice WHERE target = ?1),
                (SELECT coalesce(max(below), 0) FROM prune))",
        )
        .bind(target)
        .fetch_one(&mut *self.connection().await)
        .await?;
        Ok(through)
    }

    /// A target's notices about firings in this time before the last one, the newest first.
    pub async fn firing_notices(
        &self,
        target: &str,
        before: TimeDelta,
    ) -> Result<Vec<FiringNotice>, AuditError> {
        let notices = sqlx::query_as(
            "SELECT
                notice.seq AS id,
                firing.account,
                entry.at,
                notice.through,
                notice.body -> '$.together' IS NOT NULL AS is_of_several,
                notice.event <> 'summary' AS is_trouble
            FROM notice
            CROSS JOIN entry ON entry.seq = notice.seq
            CROSS JOIN firing ON firing.seq = notice.firing
            WHERE notice.target = ?1
                AND entry.at >= ?2 + (
                    SELECT said.at
                    FROM notice AS last
                    JOIN entry AS said ON said.seq = last.seq
                    WHERE last.target = ?1 AND last.firing IS NOT NULL
                    ORDER BY last.seq DESC
                    LIMIT 1
                )
            ORDER BY notice.seq DESC",
        )
        .bind(target)
        .bind(-before.num_milliseconds())
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(notices)
    }

    /// The body of a target's newest notice about this event, as JSON.
    pub async fn last_notice(
        &self,
        target: &str,
        event: &str,
    ) -> Result<Option<String>, AuditError> {
        let body = sqlx::query_scalar(
            "SELECT body
            FROM notice
            WHERE target = ?1 AND event = ?2
            ORDER BY seq DESC
            LIMIT 1",
        )
        .bind(target)
        .bind(event)
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(body)
    }

    /// The rules of an account of whose stops at this time a target was told ahead; `at` is the time
    /// as the notice has it.
    pub async fn foretold(
        &self,
        target: &str,
        account: &str,
        at: &str,
    ) -> Result<ForetoldRules, AuditError> {
        let told: Vec<(String, bool)> = sqlx::query_as(
            "SELECT
                told.value ->> '$.rule' AS rule,
                coalesce(notice.body ->> '$.ahead.rules_left_out', 0) > 0 AS leaves_out
            FROM notice
            JOIN json_each(coalesce(
                notice.body -> '$.ahead.rules', json_array(notice.body -> '$.ahead')
            )) AS told
            WHERE notice.target = ?1
                AND notice.event = 'ahead'
                AND notice.body ->> '$.ahead.account' = ?2
                AND notice.body ->> '$.ahead.at' = ?3",
        )
        .bind(target)
        .bind(account)
        .bind(at)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let all = told.iter().any(|(_, leaves_out)| *leaves_out);
        Ok(ForetoldRules { named: told.into_iter().map(|(rule, _)| rule).collect(), all })
    }

    /// The body of a target's newest report on a period that ends by an instant, as JSON.
    pub async fn last_report(
        &self,
        target: &str,
        by: DateTime<Utc>,
    ) -> Result<Option<String>, AuditError> {
        let body = sqlx::query_scalar(
            "SELECT body
            FROM notice
            WHERE target = ?1
                AND event = 'report'
                AND unixepoch(body ->> '$.report.until') <= ?2
            ORDER BY seq DESC
            LIMIT 1",
        )
        .bind(target)
        .bind(by.timestamp())
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(body)
    }

    /// Whether daemons have dealt with everything due up to a time.
    pub async fn lived_through(&self, at: DateTime<Utc>) -> Result<bool, AuditError> {
        let lived =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM lived WHERE lived_until >= ?1)")
                .bind(Millis::from(at))
                .fetch_one(&mut *self.connection().await)
                .await?;
        Ok(lived)
    }
}
