//! What rules are still to do to instances at another time than their own: at the end of a hold,
//! or some time after somebody started one.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::error::AuditError;
use super::log::AuditLog;
use super::millis::Millis;
use crate::instance::{AccountName, Action, InstanceNo, RuleName};

/// Something owed: the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwedId(pub(super) i64);

impl From<i64> for OwedId {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

/// What a rule is still to do to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// Its number.
    pub id: OwedId,
    /// The rule.
    pub rule: RuleName,
    /// What it is to do.
    pub action: Action,
    /// To which account's instance.
    pub account: AccountName,
    /// To which instance.
    pub instance: InstanceNo,
    /// When the rule wanted it: what a later firing of the opposite action had since is left to
    /// that.
    pub wanted_at: DateTime<Utc>,
    /// When it is to be made up: for what a hold held back, when that is over.
    pub due_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct DebtRow {
    seq: i64,
    rule: String,
    action: String,
    account: String,
    instance_no: String,
    wanted_at: Millis,
    due_at: Millis,
}

impl AuditLog {
    /// What is owed and not made up, and falls due after `since`; in the order in which it does.
    /// A firing of the same rule at that very instant takes its place.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn debts(&self, since: DateTime<Utc>) -> Result<Vec<Debt>, AuditError> {
        let mut connection = self.connection().await?;
        let rows: Vec<DebtRow> = sqlx::query_as(
            "WITH pending AS (
                SELECT seq, rule, action, account, instance_no, wanted_at, due_at
                FROM owed
                WHERE due_at > ?1
                UNION ALL
                SELECT
                    owed.seq, owed.rule, owed.action, owed.account, owed.instance_no,
                    owed.wanted_at, min(hold.until, ifnull(released.at, hold.until)) AS due_at
                FROM hold
                CROSS JOIN owed ON owed.hold = hold.seq
                LEFT JOIN hold_end ON hold_end.hold = hold.seq
                LEFT JOIN entry AS released ON released.seq = hold_end.seq
                WHERE hold.until > ?1
            )
            SELECT seq, rule, action, account, instance_no, wanted_at, due_at
            FROM pending
            WHERE due_at > ?1
                AND NOT EXISTS (SELECT 1 FROM makeup WHERE makeup.owed = pending.seq)
                AND NOT EXISTS (
                    SELECT 1
                    FROM firing
                    WHERE firing.rule = pending.rule
                        AND firing.action = pending.action
                        AND firing.scheduled_at = pending.due_at
                )
            ORDER BY due_at, seq",
        )
        .bind(Millis::from(since))
        .fetch_all(&mut *connection)
        .await?;
        Ok(rows.into_iter().filter_map(debt).collect())
    }
}

fn debt(row: DebtRow) -> Option<Debt> {
    Some(Debt {
        id: OwedId(row.seq),
        rule: RuleName::new(row.rule).ok()?,
        action: Action::from_word(&row.action)?,
        account: AccountName::new(row.account).ok()?,
        instance: InstanceNo::new(row.instance_no).ok()?,
        wanted_at: row.wanted_at.into(),
        due_at: row.due_at.into(),
    })
}
