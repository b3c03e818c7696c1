//! Sums up firings: the due time of each, and the number of instances by outcome.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::audit::store::at::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::row::row;
use crate::model::ids::FiringId;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiringSummary {
    pub firing: FiringId,
    pub rule: String,
    /// `stop` or `start`.
    pub action: String,
    /// `schedule`, `late` or `manual`.
    pub trigger: String,
    /// The due time; for a firing by hand, its beginning.
    pub due_at: DateTime<Utc>,
    /// Nothing was to be sent.
    pub dry_run: bool,
    /// Something is left to do or to follow.
    pub is_open: bool,
    /// The number of lines by outcome and, for `skipped`, by reason.
    pub counts: BTreeMap<(Outcome, Option<Reason>), u64>,
}

row! {
    struct SummaryRow of "firing" as firing {
        firing: FiringId,
        rule: String,
        action: String,
        trigger: String,
        due_at: DateTime<Utc> = of_number,
        dry_run: bool,
        is_open: bool,
        counts: Vec<(String, Option<String>, u64, i64)> = json,
    }
}

impl AuditReader {
    /// The firings that began, or were recorded as missed, at `since` or later: the newest `most`
    /// of them, in the order of their due times.
    pub async fn firings_since(
        &self,
        since: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<FiringSummary>, AuditError> {
        let rows: Vec<SummaryRow> = sqlx::query_as(
            "SELECT
                firing.seq AS firing,
                firing.rule,
                firing.action,
                firing.trigger,
                coalesce(firing.scheduled_at, begun.at) AS due_at,
                firing.dry_run,
                firing.take > 0
                    AND NOT EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq)
                    AS is_open,
                (
                    SELECT json_group_array(json_array(outcome, why, times, first))
                    FROM (
                        SELECT
                            outcome.outcome,
                            CASE WHEN outcome.outcome = ?3 THEN outcome.reason END AS why,
                            count(*) AS times,
                            min(outcome.seq) AS first
                        FROM outcome
                        WHERE outcome.firing = firing.seq
                        GROUP BY +outcome.outcome, why
                    )
                ) AS counts
            FROM entry AS begun
            JOIN firing ON firing.seq = begun.seq
            WHERE begun.kind = 'firing' AND begun.at >= ?1
            ORDER BY begun.at DESC, begun.seq DESC
            LIMIT ?2",
        )
        .bind(Millis::from(since))
        .bind(most)
        .bind(Outcome::Skipped)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let mut firings = rows.into_iter().map(summary).collect::<Result<Vec<_>, _>>()?;
        firings.sort_by_key(|firing| (firing.due_at, firing.firing));
        Ok(firings)
    }
}

fn summary(row: SummaryRow) -> Result<FiringSummary, AuditError> {
    let known = |(word, why, times, seq): (String, Option<String>, u64, i64)| {
        Ok(((At::of("outcome", seq).read(word.parse())?, why.map(Reason::from)), times))
    };
    Ok(FiringSummary {
        firing: row.firing,
        rule: row.rule,
        action: row.action,
        trigger: row.trigger,
        due_at: row.due_at,
        dry_run: row.dry_run,
        is_open: row.is_open,
        counts: row.counts.into_iter().map(known).collect::<Result<_, AuditError>>()?,
    })
}
