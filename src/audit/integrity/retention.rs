//! Lists the rows that a prune must keep below its line.
//!
//! 1. Firings, whole or not at all: open ones, those that reach over the line, and the last ones of
//!    each rule, by which drift is judged. With them their texts of schedules.toml and sessions.
//! 2. For each instance, the evidence of who stopped it: its last state, its last settled state,
//!    its last change, and the firing of its last stop that may have worked. Also its last product.
//! 3. Undelivered notices, and each target's last notice, which shows how far the target was told.
//! 4. Rows of living sessions.
//! 5. For each instance and limit, the last step towards it, which shows the share that was told.
//! 6. Holds still in force; holds with a deferred action; per instance, the newest hold set by a
//!    tag, so that the same value is not read as a new hold.
//! 7. Deferred actions until they were caught up on; after that, they go with the firing that did.
//!
//! Facts about the whole log are read once, by a reader, so that no writer waits ([`Outlook`]). All
//! others are asked about the rows below the line only.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::record::{json, outcomes};
use crate::audit::store::session_id::SessionId;
use crate::cloud::codes;
use crate::model::outcome::Outcome;

/// Facts of the whole log about rows below a line. Writers do not make them false: new rows only
/// make more old rows unneeded, or belong to living sessions.
#[derive(Debug)]
pub(crate) struct Outlook {
    /// The final place of the line.
    target: i64,
    /// The last firings of each rule, and those of the last stops of each instance.
    recent: String,
    /// The sessions that have written from the target on, or were alive.
    sessions: String,
    now: DateTime<Utc>,
}

impl Outlook {
    /// Reads the whole log. `living` are the sessions whose processes are alive.
    pub(crate) async fn of(
        connection: &mut SqliteConnection,
        target: i64,
        living: &[SessionId],
        now: DateTime<Utc>,
    ) -> Result<Self, AuditError> {
        let mut recent: Vec<i64> = sqlx::query_scalar(RECENT)
            .bind(outcomes(Outcome::is_guard))
            .fetch_all(&mut *connection)
            .await?;
        recent.extend(sqlx::query_scalar::<_, i64>(LAST_STOPS).fetch_all(&mut *connection).await?);
        let mut sessions: Vec<i64> =
            sqlx::query_scalar("SELECT DISTINCT session FROM entry WHERE seq >= ?1")
                .bind(target)
                .fetch_all(connection)
                .await?;
        sessions.extend(living.iter().map(|&session| i64::from(session)));
        Ok(Self { target, recent: json(&recent), sessions: json(&sessions), now })
    }

    /// The needed numbers below a line. All sessions count as needed until the line has reached its
    /// target.
    pub(crate) async fn below(
        &self,
        connection: &mut SqliteConnection,
        line: i64,
        living: &[SessionId],
    ) -> Result<BTreeSet<i64>, AuditError> {
        let living: Vec<i64> = living.iter().map(|&session| session.into()).collect();
        let kept: Vec<i64> = sqlx::query_scalar(KEPT)
            .bind(line)
            .bind(json(&living))
            .bind(&self.recent)
            .bind(&self.sessions)
            .bind(line >= self.target)
            .bind(Millis::from(self.now))
            .bind(json(&codes::settled()))
            .bind(json(&codes::no_operation()))
            .fetch_all(connection)
            .await?;
        Ok(kept.into_iter().collect())
    }
}

/// The sessions below a line that have not ended in good order.
pub(crate) async fn unended_sessions(
    connection: &mut SqliteConnection,
) -> Result<Vec<SessionId>, AuditError> {
    let open: Vec<i64> = sqlx::query_scalar(
        "SELECT seq
        FROM session
        WHERE seq NOT IN (
            SELECT entry.session
            FROM session_end
            CROSS JOIN entry ON entry.seq = session_end.seq
        )",
    )
    .fetch_all(connection)
    .await?;
    Ok(open.into_iter().map(SessionId).collect())
}

/// Drift is measured by the last ten firings of a rule that had targets and that no guard stopped.
/// `firing::precedent` decides which of them count (dry runs do not), so ten of each sort are kept.
/// Open firings stay anyway, and may still become another sort. `?1` are the outcomes of a guard.
const RECENT: &str = "
SELECT seq
FROM (
    SELECT
        firing.seq,
        row_number() OVER (
            PARTITION BY
                rule, action, account, dry_run,
                EXISTS (SELECT 1 FROM target WHERE target.firing = firing.seq),
                EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq),
                EXISTS (
                    SELECT 1
                    FROM outcome
                    WHERE outcome.firing = firing.seq
                        AND outcome.instance_no IS NULL
                        AND outcome.outcome IN (SELECT value FROM json_each(?1))
                )
            ORDER BY firing.seq DESC
        ) AS place
    FROM firing
    WHERE take > 0
        AND EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq)
)
WHERE place <= 10";

/// The firings of each instance's last stop that may have worked, and of its last refused stop.
const LAST_STOPS: &str = "
SELECT firing
FROM request
WHERE seq IN (
    SELECT max(asked.seq)
    FROM request_instance AS named
    JOIN request AS asked ON asked.seq = named.request
    LEFT JOIN answer ON answer.request = asked.seq
    WHERE asked.action = 'stop'
        AND coalesce(answer.result, 'unanswered')
            IN ('accepted', 'unanswered', 'unreadable', 'refused')
    GROUP BY named.account, named.instance_no, coalesce(answer.result, '') = 'refused'
)";

/// `?1` is the line, `?2` the living sessions, `?3` and `?4` the facts of an [`Outlook`], `?5`
/// whether the line is at the outlook's target, `?6` is now. `CROSS JOIN` keeps the order, which
/// begins with the few rows.
const KEPT: &str = "
WITH
kept_firing (seq) AS MATERIALIZED (
    SELECT seq
    FROM firing
    WHERE seq < ?1 AND (
        seq IN (SELECT value FROM json_each(?3))
        OR take > 0
            AND NOT EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq)
        OR EXISTS (SELECT 1 FROM firing_end AS at WHERE at.firing = firing.seq AND at.seq >= ?1)
        OR EXISTS (SELECT 1 FROM takeover AS at WHERE at.firing = firing.seq AND at.seq >= ?1)
        OR EXISTS (SELECT 1 FROM target AS at WHERE at.firing = firing.seq AND at.seq >= ?1)
        OR EXISTS (SELECT 1 FROM outcome AS at WHERE at.firing = firing.seq AND at.seq >= ?1)
        OR EXISTS (
            SELECT 1
            FROM request
            LEFT JOIN answer ON answer.request = request.seq
            WHERE request.firing = firing.seq AND (request.seq >= ?1 OR answer.seq >= ?1)
        )
    )
),
kept_notice (seq) AS MATERIALIZED (
    SELECT seq
    FROM notice
    WHERE NOT EXISTS (SELECT 1 FROM notice_end WHERE notice_end.notice = notice.seq)
    UNION
    SELECT max(seq) FROM notice GROUP BY target
    UNION
    SELECT notice FROM notice_end WHERE seq >= ?1
),
kept_owed (seq, hold) AS MATERIALIZED (
    SELECT owed.seq, owed.hold
    FROM owed
    LEFT JOIN makeup ON makeup.owed = owed.seq
    WHERE makeup.seq IS NULL OR makeup.firing IN (SELECT seq FROM kept_firing)
),
kept_hold (seq) AS MATERIALIZED (
    SELECT seq
    FROM hold
    WHERE until > ?6 AND NOT EXISTS (SELECT 1 FROM hold_end WHERE hold_end.hold = hold.seq)
    UNION
    SELECT hold FROM kept_owed
    UNION
    SELECT max(seq) FROM hold WHERE via = 'tag' GROUP BY account, instance_no
),
kept_file_load (seq) AS MATERIALIZED (
    SELECT max(entry.seq)
    FROM file_load
    CROSS JOIN entry ON entry.seq = file_load.seq
    CROSS JOIN session ON session.seq = entry.session
    WHERE session.writer = 'daemon'
    UNION
    SELECT max(entry.seq)
    FROM file_load
    CROSS JOIN entry ON entry.seq = file_load.seq
    WHERE entry.session IN (SELECT value FROM json_each(?2))
    GROUP BY entry.session
),
kept (seq) AS MATERIALIZED (
    SELECT seq FROM kept_firing
    UNION
    SELECT seq FROM firing_end WHERE firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq FROM takeover WHERE firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq FROM target WHERE firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq FROM outcome WHERE firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq FROM request WHERE firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT answer.seq
    FROM request
    JOIN answer ON answer.request = request.seq
    WHERE request.firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq
    FROM seen
    WHERE seq < ?1
        AND NOT EXISTS (
            SELECT 1
            FROM seen AS later
            WHERE later.account = seen.account
                AND later.instance_no = seen.instance_no
                AND later.seq > seen.seq
        )
    UNION
    SELECT seq
    FROM seen
    WHERE seq < ?1
        AND status IN (SELECT value FROM json_each(?7))
        AND operation IN (SELECT value FROM json_each(?8))
        AND NOT EXISTS (
            SELECT 1
            FROM seen AS later
            WHERE later.account = seen.account
                AND later.instance_no = seen.instance_no
                AND later.seq > seen.seq
                AND later.status IN (SELECT value FROM json_each(?7))
                AND later.operation IN (SELECT value FROM json_each(?8))
        )
    UNION
    SELECT max(seq) FROM change GROUP BY account, instance_no
    UNION
    SELECT max(seq) FROM product GROUP BY account, instance_no
    UNION
    SELECT max(seq) FROM budget GROUP BY account, instance_no, against
    UNION
    SELECT seq FROM clock
    UNION
    SELECT seq FROM kept_notice
    UNION
    SELECT seq FROM notice_end WHERE notice IN (SELECT seq FROM kept_notice)
    UNION
    SELECT seq FROM kept_owed
    UNION
    SELECT seq FROM makeup WHERE firing IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq FROM kept_hold WHERE seq IS NOT NULL
    UNION
    SELECT seq FROM hold_end WHERE hold IN (SELECT seq FROM kept_hold)
    UNION
    SELECT seq FROM kept_file_load
    UNION
    SELECT file FROM firing WHERE seq IN (SELECT seq FROM kept_firing)
    UNION
    SELECT seq
    FROM file_text
    WHERE seq < ?1
        AND EXISTS (SELECT 1 FROM firing WHERE firing.file = file_text.seq AND firing.seq >= ?1)
    UNION
    SELECT file
    FROM file_load
    WHERE seq >= ?1 OR seq IN (SELECT seq FROM kept_file_load)
),
kept_session (seq) AS MATERIALIZED (
    SELECT session FROM entry WHERE seq IN (SELECT seq FROM kept WHERE seq < ?1)
    UNION
    SELECT value FROM json_each(?2)
    UNION
    SELECT value FROM json_each(?4)
    UNION
    SELECT seq FROM session WHERE NOT ?5
    UNION
    SELECT max(seq) FROM session WHERE writer = 'daemon'
)
SELECT seq FROM kept WHERE seq < ?1
UNION
SELECT seq FROM kept_session WHERE seq < ?1
UNION
SELECT session_end.seq
FROM session_end
CROSS JOIN entry ON entry.seq = session_end.seq
WHERE session_end.seq < ?1 AND entry.session IN (SELECT seq FROM kept_session)
ORDER BY 1";
