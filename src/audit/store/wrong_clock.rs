//! Records clocks that ran ahead, and makes their claims void.
//!
//! Only this machine's entries say anything about its clock. [`crate::engine`] detects the step.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use sqlx::SqliteConnection;

use super::audit_log::AuditLog;
use super::error::AuditError;
use super::millis::Millis;
use super::reader::AuditReader;
use super::record::{ClockRecord, DeferredRecord};
use super::row::row;
use super::through::Through;
use super::write_tx::writing;
use crate::model::ids::FiringId;

row! {
    /// A clock that was found to have been ahead.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct WrongClock of "clock" as entry {
        pub entry: Through,
        /// The machine, where it could be told.
        pub host: Option<String>,
        pub ahead_at: DateTime<Utc> = of_number,
        pub real_at: DateTime<Utc> = of_number,
        /// Whether what was claimed meanwhile may be claimed once more.
        pub are_void: bool,
        /// How many claims that is about.
        pub claims: usize = of_number,
    }
}

const CLOCKS: &str = "
SELECT
    clock.seq AS entry, session.host, clock.ahead_at, clock.real_at, clock.since IS NOT NULL AS are_void,
    (SELECT count(*) FROM void_claim WHERE void_claim.clock = clock.seq) AS claims
FROM clock
JOIN entry ON entry.seq = clock.seq
JOIN session ON session.seq = entry.session
WHERE clock.seq > ?1 AND clock.seq <= ?2
ORDER BY clock.seq";

/// The entry from which on no clock is known to have been ahead of `?1`.
const NOTED: &str = "
SELECT coalesce(max(clock.seq), 0)
FROM clock
JOIN entry ON entry.seq = clock.seq
WHERE entry.at <= ?1";

/// The deferred actions that the newly void claims of a clock (`?1`) had caught up on.
const OWED_AGAIN: &str = "
SELECT
    owed.firing, owed.rule, owed.action, owed.account, owed.instance_no, owed.wanted_at,
    owed.hold, owed.due_at
FROM void_claim
JOIN makeup ON makeup.firing = void_claim.firing
JOIN owed ON owed.seq = makeup.owed
WHERE void_claim.clock = ?1
    AND NOT EXISTS (
        SELECT 1
        FROM void_claim AS before
        WHERE before.firing = void_claim.firing AND before.clock < ?1
    )
ORDER BY owed.seq";

impl AuditLog {
    /// The latest future time that an earlier session of this machine wrote, in the newest entry or
    /// in a claim that no clock record covers.
    pub async fn written_ahead(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, AuditError> {
        let mut connection = self.connection().await?;
        let noted: i64 =
            sqlx::query_scalar(NOTED).bind(Millis::from(now)).fetch_one(&mut *connection).await?;
        let newest: Option<Millis> = sqlx::query_scalar(
            "SELECT at
            FROM entry
            WHERE seq < ?1 AND session IN (
                    SELECT seq
                    FROM session
                    WHERE host IS (SELECT host FROM session WHERE seq = ?1)
                )
            ORDER BY seq DESC
            LIMIT 1",
        )
        .bind(i64::from(self.session))
        .fetch_optional(&mut *connection)
        .await?;
        let claimed: Option<Millis> = sqlx::query_scalar(
            "SELECT max(at)
            FROM entry
            WHERE kind = 'firing' AND at > ?2 AND seq > ?3 AND seq < ?1
                AND session IN (
                    SELECT seq
                    FROM session
                    WHERE host IS (SELECT host FROM session WHERE seq = ?1)
                )",
        )
        .bind(i64::from(self.session))
        .bind(Millis::from(now))
        .bind(noted)
        .fetch_one(&mut *connection)
        .await?;
        let latest = newest.into_iter().chain(claimed).map(DateTime::<Utc>::from).max();
        Ok(latest.filter(|at| *at > now))
    }

    /// Records that this machine's clock showed `ahead_at` when the time was `real_at`. With
    /// `are_void`, this machine's claims for the future may be made once more, and the deferred
    /// actions that they caught up on are open again.
    pub async fn note_clock(
        &self,
        ahead_at: DateTime<Utc>,
        real_at: DateTime<Utc>,
        are_void: bool,
    ) -> Result<WrongClock, AuditError> {
        writing!(self, &mut *self.connection_at_once().await?, |tx| {
            let real = Millis::from(real_at);
            let noted: i64 = sqlx::query_scalar(NOTED).bind(real).fetch_one(&mut **tx).await?;
            let first: Option<i64> = sqlx::query_scalar(
                "SELECT min(seq)
                FROM entry
                WHERE kind = 'firing' AND at > ?2 AND seq > ?3 AND session IN (
                        SELECT seq
                        FROM session
                        WHERE host IS (SELECT host FROM session WHERE seq = ?1)
                    )",
            )
            .bind(i64::from(self.session))
            .bind(real)
            .bind(noted)
            .fetch_one(&mut **tx)
            .await?;
            let since = first.filter(|_| are_void);
            let record = ClockRecord { ahead_at: ahead_at.into(), real_at: real, since };
            let seq = tx.append(&[record]).await?;
            let noted: WrongClock =
                sqlx::query_as(CLOCKS).bind(seq - 1).bind(seq).fetch_one(&mut **tx).await?;
            let owed: Vec<DeferredRecord> =
                sqlx::query_as(OWED_AGAIN).bind(seq).fetch_all(&mut **tx).await?;
            if !owed.is_empty() {
                tx.append(&owed).await?;
            }
            Ok(WrongClock { are_void, ..noted })
        })
    }
}

impl AuditReader {
    /// The clocks that were found to be ahead after one entry and not after another.
    pub async fn clocks_between(
        &self,
        after: Through,
        through: Through,
    ) -> Result<Vec<WrongClock>, AuditError> {
        let clocks = sqlx::query_as(CLOCKS)
            .bind(after)
            .bind(through)
            .fetch_all(&mut *self.connection().await)
            .await?;
        Ok(clocks)
    }
}

row! {
    /// A firing takes place once more, since its first claim was made under a wrong clock.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "once_more")]
    pub struct OnceMore {
        /// The earlier firing.
        pub firing: i64,
        /// What the wrong clock showed.
        pub ahead_at: String,
        /// What it was then.
        pub real_at: String,
    }
}

/// The reason why a firing takes place once more, if it does.
pub(crate) async fn once_more(
    connection: &mut SqliteConnection,
    firing: FiringId,
) -> Result<Option<OnceMore>, sqlx::Error> {
    sqlx::query_as(
        "SELECT
            before.seq AS firing,
            strftime('%Y-%m-%dT%H:%M:%fZ', clock.ahead_at / 1000.0, 'unixepoch') AS ahead_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', clock.real_at / 1000.0, 'unixepoch') AS real_at
        FROM firing
        JOIN firing AS before
            ON before.rule = firing.rule
            AND before.action = firing.action
            AND before.scheduled_at = firing.scheduled_at
            AND before.take = firing.take - 1
        JOIN void_claim ON void_claim.firing = before.seq
        JOIN clock ON clock.seq = void_claim.clock
        WHERE firing.seq = ?1 AND firing.take > 1
        ORDER BY clock.seq
        LIMIT 1",
    )
    .bind(firing.0)
    .fetch_optional(connection)
    .await
}
