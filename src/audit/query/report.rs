//! Reads the facts for a report of a period. [`crate::report`] computes the report.
//!
//! Each statement begins at an index for the period, so a month costs no more on a log of many
//! years.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::config_versions::ConfigVersion;
use crate::audit::instance::product;
use crate::audit::query::report_facts::LONGEST_NIGHT;
use crate::audit::report_facts::{Fired, FiringFacts, HowRun, OutcomeGroup, ReportFacts};
use crate::audit::store::at::At;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::audit::store::seq_range;
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::model::reason::Reason;

row! {
    struct FiredRow of "firing" as firing {
        firing: i64,
        rule: String,
        action: Action,
        account: AccountName,
        due_at: DateTime<Utc> = of_number,
        trigger: String,
        take: i64,
        is_makeup: bool,
        is_dry_run: bool,
        is_open: bool,
        words: String,
        ended: String,
    }
}

row! {
    /// A server of a question, as a firing found it.
    #[derive(Clone, Debug)]
    pub struct FoundName {
        place: i64,
        pub region: String,
        pub instance_name: String,
    }
}

/// An outcome with the number of its first row, its reason, and its instances.
type EndedTold = (Option<String>, Option<i64>, Option<String>, Vec<InstanceNo>);

impl AuditReader {
    /// The facts for a report of a period.
    pub async fn report_facts(
        &self,
        span: Period,
        now: DateTime<Utc>,
    ) -> Result<ReportFacts, AuditError> {
        let before = span.from.checked_sub_signed(LONGEST_NIGHT).unwrap_or(span.from);
        let seen = self.seen_between(before, span.until).await?;
        let fired = self.firing_facts((before, span), now).await?;
        let mut connection = self.connection().await;
        // A handful of rows per instance, over all years.
        let below = seq_range::number_after(&mut connection, span.until).await?;
        let products = product::products(&mut connection, below).await?;
        Ok(ReportFacts { fired, seen, products })
    }

    /// The firings from an instant before a period to its end, and the promises of the period.
    pub async fn firing_facts(
        &self,
        (before, span): (DateTime<Utc>, Period),
        now: DateTime<Utc>,
    ) -> Result<FiringFacts, AuditError> {
        let watch = self.watch(now).await?;
        let in_use = self.file_in_use(span.from).await?;
        let mut connection = self.connection().await;
        let firings = firings(&mut connection, Period { from: before, ..span }).await?;
        let begins_at = begins_at(&mut connection).await?;
        let mut files: Vec<ConfigVersion> = in_use.into_iter().collect();
        files.extend(files_since(&mut connection, span).await?);
        files.dedup_by(|next, file| (&next.path, &next.text) == (&file.path, &file.text));
        Ok(FiringFacts { span, firings, files, begins_at, watch })
    }

    /// The last firing of each of these rules with this action, of those that found servers.
    pub async fn last_firings(
        &self,
        rules: &[&str],
        action: Action,
    ) -> Result<Vec<Fired>, AuditError> {
        let mut connection = self.connection().await;
        let rows: Vec<FiredRow> = sqlx::query_as(LAST_FIRINGS)
            .bind(json(&rules))
            .bind(action)
            .bind(Outcome::Skipped)
            .fetch_all(&mut *connection)
            .await?;
        read(&mut connection, rows).await
    }

    /// The names of servers as firings found them, in the order of the question.
    pub async fn names_in_firings(
        &self,
        servers: &[(FiringId, &InstanceNo)],
    ) -> Result<Vec<Option<FoundName>>, AuditError> {
        let wanted: Vec<_> = servers.iter().map(|(firing, no)| (firing.0, no)).collect();
        let rows: Vec<FoundName> = sqlx::query_as(
            "SELECT wanted.key AS place, target.region, target.instance_name
            FROM json_each(?1) AS wanted
            CROSS JOIN target ON target.firing = wanted.value ->> 0
                AND target.instance_no = wanted.value ->> 1",
        )
        .bind(json(&wanted))
        .fetch_all(&mut *self.connection().await)
        .await?;
        let mut names = vec![None; servers.len()];
        for row in rows {
            let place = usize::try_from(row.place).ok();
            if let Some(name) = place.and_then(|place| names.get_mut(place)) {
                *name = Some(row);
            }
        }
        Ok(names)
    }
}

/// Firings with their outcomes. `due` holds their numbers and due times; `?3` is `skipped`. A firing
/// that was recorded as missed and then run, or run twice, appears once.
macro_rules! fired {
    ($due:literal) => {
        concat!(
            $due,
            "
SELECT
    firing.seq AS firing,
    firing.rule,
    firing.action,
    firing.account,
    due.at AS due_at,
    firing.trigger,
    EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq) AS is_makeup,
    firing.take,
    firing.dry_run AS is_dry_run,
    firing.take > 0
        AND NOT EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq) AS is_open,
    (
        SELECT json_group_array(json_array(outcome.outcome, outcome.seq))
        FROM outcome
        WHERE outcome.firing = firing.seq AND outcome.instance_no IS NULL
    ) AS words,
    (
        SELECT json_group_array(json_array(outcome, first, reason, json(instances)))
        FROM (
            SELECT
                outcome.outcome,
                min(outcome.seq) AS first,
                CASE WHEN outcome.outcome = ?3 THEN outcome.reason END AS reason,
                json_group_array(target.instance_no) AS instances
            FROM target
            LEFT JOIN outcome
                ON outcome.firing = target.firing AND outcome.instance_no = target.instance_no
            WHERE target.firing = firing.seq
            GROUP BY outcome.outcome, 3
        )
    ) AS ended
FROM due
CROSS JOIN firing ON firing.seq = due.seq
WHERE NOT EXISTS (
        SELECT 1
        FROM firing AS run
        WHERE run.rule = firing.rule
            AND run.action = firing.action
            AND run.scheduled_at = firing.scheduled_at
            AND run.take > firing.take
    )
ORDER BY due.at, due.seq"
        )
    };
}

/// The firings due in a period, and those by hand that began in it.
const FIRINGS: &str = fired!(
    "WITH due (seq, at) AS MATERIALIZED (
    SELECT seq, scheduled_at
    FROM firing
    WHERE scheduled_at >= ?1 AND scheduled_at < ?2
    UNION ALL
    SELECT begun.seq, begun.at
    FROM entry AS begun
    CROSS JOIN firing ON firing.seq = begun.seq
    WHERE begun.kind = 'firing' AND begun.at >= ?1 AND begun.at < ?2
        AND firing.scheduled_at IS NULL
)"
);

/// The last firing of each rule with an action that found servers.
const LAST_FIRINGS: &str = fired!(
    "WITH due (seq, at) AS MATERIALIZED (
    SELECT firing.seq, coalesce(firing.scheduled_at, begun.at)
    FROM json_each(?1) AS wanted
    CROSS JOIN firing ON firing.seq = (
        SELECT last.seq
        FROM firing AS last
        WHERE last.rule = wanted.value
            AND last.action = ?2
            AND last.take > 0
            AND EXISTS (SELECT 1 FROM target WHERE target.firing = last.seq)
        ORDER BY last.seq DESC
        LIMIT 1
    )
    CROSS JOIN entry AS begun ON begun.seq = firing.seq
)"
);

async fn firings(
    connection: &mut SqliteConnection,
    span: Period,
) -> Result<Vec<Fired>, AuditError> {
    let rows: Vec<FiredRow> = sqlx::query_as(FIRINGS)
        .bind(Millis::from(span.from))
        .bind(Millis::from(span.until))
        .bind(Outcome::Skipped)
        .fetch_all(&mut *connection)
        .await?;
    read(connection, rows).await
}

async fn read(
    connection: &mut SqliteConnection,
    rows: Vec<FiredRow>,
) -> Result<Vec<Fired>, AuditError> {
    let mut fired = Vec::with_capacity(rows.len());
    for row in rows {
        let firing = row.firing;
        match row.fired()? {
            Some(one) => fired.push(one),
            None => return Err(At::of("target", odd_target(connection, firing).await?).into()),
        }
    }
    Ok(fired)
}

/// A row of a firing's instances whose number is not legal.
async fn odd_target(connection: &mut SqliteConnection, firing: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT seq
        FROM target
        WHERE firing = ?1 AND (instance_no = '' OR instance_no GLOB '*[^0-9]*')
        LIMIT 1",
    )
    .bind(firing)
    .fetch_one(connection)
    .await
}

impl FiredRow {
    /// The firing; `None` when an instance's number is not legal.
    fn fired(self) -> Result<Option<Fired>, AuditError> {
        let at = At::of("firing", self.firing);
        let words: Vec<(String, i64)> = at.read(serde_json::from_str(&self.words))?;
        let Ok(ended) = serde_json::from_str::<Vec<EndedTold>>(&self.ended) else {
            return Ok(None);
        };
        let outcome = |word: &str, seq: i64| At::of("outcome", seq).read(word.parse::<Outcome>());
        let run = match (self.take, self.trigger.as_str()) {
            (0, _) => HowRun::Missed,
            (_, "manual") => HowRun::ByHand,
            (_, "late") => HowRun::Late,
            _ => HowRun::OnTime,
        };
        let ended = ended.into_iter().map(|(word, seq, reason, instances)| {
            let outcome = word.zip(seq).map(|(word, seq)| outcome(&word, seq)).transpose()?;
            Ok(OutcomeGroup { outcome, reason: reason.map(Reason::from), instances })
        });
        let words = words.iter().map(|(word, seq)| outcome(word, *seq));
        Ok(Some(Fired {
            firing: Some(FiringId::from(self.firing)),
            rule: self.rule,
            action: self.action,
            account: self.account,
            due_at: self.due_at,
            run,
            is_makeup: self.is_makeup,
            is_dry_run: self.is_dry_run,
            is_open: self.is_open,
            words: words.collect::<Result<_, _>>()?,
            ended: ended.collect::<Result<_, AuditError>>()?,
        }))
    }
}

/// The beginning of the log, or of the part that is left.
async fn begins_at(
    connection: &mut SqliteConnection,
) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    let at: Option<Millis> = sqlx::query_scalar(
        "SELECT at
        FROM entry
        ORDER BY seq
        LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    Ok(at.map(DateTime::from))
}

/// The texts of schedules.toml that daemons took into use in a period, in order.
async fn files_since(
    connection: &mut SqliteConnection,
    span: Period,
) -> Result<Vec<ConfigVersion>, sqlx::Error> {
    let first = seq_range::number_before(connection, span.from).await?;
    sqlx::query_as(
        "SELECT
            file_load.seq, file_load.file, file_load.path, file_text.text, loaded.at AS since
        FROM file_load
        CROSS JOIN entry AS loaded ON loaded.seq = file_load.seq
        CROSS JOIN session ON session.seq = loaded.session
        CROSS JOIN file_text ON file_text.seq = file_load.file
        WHERE file_load.seq >= ?1
            AND loaded.at > ?2
            AND loaded.at < ?3
            AND session.writer = 'daemon'
        ORDER BY loaded.at, loaded.seq",
    )
    .bind(first)
    .bind(Millis::from(span.from))
    .bind(Millis::from(span.until))
    .fetch_all(connection)
    .await
}
