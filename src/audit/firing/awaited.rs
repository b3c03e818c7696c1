//! Reads whether the servers of a rule that starts were seen running, for rules that come after it.

use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::row::row;
use crate::model::instance::{Action, RuleName};
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::state_history::State;

/// The last start of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastStart {
    /// The rule has never fired.
    Never,
    /// A firing of the rule is under way.
    UnderWay,
    /// It ended badly as a whole, or in a region.
    Failed(Outcome),
    /// The names of its servers that were not seen running since, but for those that were left
    /// alone by choice.
    Over { not_running: Vec<String> },
}

row! {
    struct Begun of "firing" as firing {
        firing: i64,
        is_over: bool,
    }
}

row! {
    struct Awaited {
        name: String,
        outcome: Option<Outcome>,
        reason: Option<String>,
        status: Option<String>,
    }
}

impl AuditLog {
    /// The last firing by which the rule starts servers. Dry runs do not count, nor do firings that
    /// caught up.
    pub async fn last_start(&self, rule: &RuleName) -> Result<LastStart, AuditError> {
        let mut connection = self.connection().await?;
        let begun: Option<Begun> = sqlx::query_as(
            "SELECT
                firing.seq AS firing,
                EXISTS (SELECT 1 FROM firing_end WHERE firing_end.firing = firing.seq) AS is_over
            FROM firing
            WHERE firing.rule = ?1
                AND firing.action = ?2
                AND firing.take > 0
                AND firing.dry_run = 0
                AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.firing = firing.seq)
            ORDER BY firing.seq DESC
            LIMIT 1",
        )
        .bind(rule.as_str())
        .bind(Action::Start)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(Begun { firing, is_over }) = begun else { return Ok(LastStart::Never) };
        if !is_over {
            return Ok(LastStart::UnderWay);
        }
        let of_all: Vec<Outcome> = sqlx::query_scalar(
            "SELECT outcome
            FROM outcome
            WHERE firing = ?1 AND instance_no IS NULL
            ORDER BY seq",
        )
        .bind(firing)
        .fetch_all(&mut *connection)
        .await?;
        if let Some(bad) = of_all.into_iter().find(|it| !it.is_of_server() && is_bad(*it)) {
            return Ok(LastStart::Failed(bad));
        }
        let awaited: Vec<Awaited> = sqlx::query_as(
            "SELECT
                target.instance_name AS name,
                outcome.outcome,
                outcome.reason,
                last.status
            FROM firing
            JOIN target ON target.firing = firing.seq
            LEFT JOIN outcome
                ON outcome.firing = target.firing
                AND outcome.instance_no = target.instance_no
            LEFT JOIN seen AS last ON last.seq = (
                SELECT max(seen.seq)
                FROM seen
                WHERE seen.account = firing.account AND seen.instance_no = target.instance_no
            )
            WHERE firing.seq = ?1
            ORDER BY target.instance_name",
        )
        .bind(firing)
        .fetch_all(&mut *connection)
        .await?;
        let is_awaited = |server: &Awaited| {
            let reason = server.reason.clone().map(Reason::from);
            !server.outcome.is_some_and(|outcome| outcome.is_by_choice(reason.as_ref()))
                && server.status.as_deref().map(State::of) != Some(State::Running)
        };
        let awaited = awaited.into_iter().filter(is_awaited);
        Ok(LastStart::Over { not_running: awaited.map(|server| server.name).collect() })
    }
}

/// Whether servers may not have been started.
fn is_bad(outcome: Outcome) -> bool {
    outcome.concern(None).is_some()
}
