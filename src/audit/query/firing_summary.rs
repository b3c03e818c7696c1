//! Sums up firings: the due time of each, and the number of instances by outcome.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::Connection;

use super::history_filter;
use super::history_lines::HistoryFilter;
use crate::audit::store::at::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::model::ids::FiringId;
use crate::model::mark::Mark;
use crate::model::outcome::{Count, Outcome, ServerCount};
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

/// Lines of a firing with one outcome and one meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SumPart<'f> {
    pub outcome: Outcome,
    /// The reason of one of them.
    pub reason: Option<&'f Reason>,
    pub times: u64,
}

impl SumPart<'_> {
    pub fn mark(&self) -> Mark {
        self.outcome.mark(self.reason)
    }

    /// Whether they need somebody.
    pub fn is_trouble(&self) -> bool {
        self.outcome.concern(self.reason).is_some()
    }

    /// Whether a hold kept them as they were.
    pub fn is_held(&self) -> bool {
        self.outcome.count(self.reason) == Count::Server(ServerCount::Held)
    }

    /// The word of the outcome; `held` tells holds from other servers that were left alone.
    pub fn word(&self) -> &'static str {
        if self.is_held() { "held" } else { self.outcome.as_str() }
    }
}

impl FiringSummary {
    /// The sums, the gravest first.
    pub fn sums(&self) -> Vec<SumPart<'_>> {
        let mut sums: Vec<SumPart<'_>> = Vec::new();
        for ((outcome, reason), times) in &self.counts {
            let one = SumPart { outcome: *outcome, reason: reason.as_ref(), times: *times };
            let meaning = |it: &SumPart<'_>| (it.outcome, it.is_trouble(), it.is_held());
            match sums.iter_mut().find(|it| meaning(it) == meaning(&one)) {
                Some(sum) => sum.times += times,
                None => sums.push(one),
            }
        }
        sums.sort_by_key(|it| Reverse((it.is_trouble(), it.outcome.gravity())));
        sums
    }

    /// The number of lines that need somebody.
    pub fn troubles(&self) -> u64 {
        self.sums().iter().filter(|it| it.is_trouble()).map(|it| it.times).sum()
    }
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

/// The summaries of chosen firings. `?3` is `skipped`.
macro_rules! summaries {
    ($chosen:literal) => {
        concat!(
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
            ",
            $chosen
        )
    };
}

impl AuditReader {
    /// The firings that began, or were recorded as missed, at `since` or later: the newest `most`
    /// of them, in the order of their due times.
    pub async fn firings_since(
        &self,
        since: DateTime<Utc>,
        most: u32,
    ) -> Result<Vec<FiringSummary>, AuditError> {
        let rows: Vec<SummaryRow> = sqlx::query_as(summaries!(
            "WHERE begun.kind = 'firing' AND begun.at >= ?1
            ORDER BY begun.at DESC, begun.seq DESC
            LIMIT ?2"
        ))
        .bind(Millis::from(since))
        .bind(most)
        .bind(Outcome::Skipped)
        .fetch_all(&mut *self.connection().await)
        .await?;
        let mut firings = rows.into_iter().map(summary).collect::<Result<Vec<_>, _>>()?;
        firings.sort_by_key(|firing| (firing.due_at, firing.firing));
        Ok(firings)
    }

    /// The firings with a line that passes a filter, the newest first. The limit counts firings.
    pub async fn firings(&self, filter: &HistoryFilter) -> Result<Vec<FiringSummary>, AuditError> {
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let missing = history_filter::missing(connection, filter).await?;
        let numbers = history_filter::firings(connection, filter, &missing).await?;
        let rows: Vec<SummaryRow> = sqlx::query_as(summaries!(
            "WHERE begun.seq IN (SELECT value FROM json_each(?1))
            ORDER BY begun.seq DESC
            LIMIT ?2"
        ))
        .bind(json(&numbers))
        .bind(filter.limit)
        .bind(Outcome::Skipped)
        .fetch_all(connection)
        .await?;
        rows.into_iter().map(summary).collect()
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
