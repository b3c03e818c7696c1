//! Answers `lightsout history`: all outcomes, newest first.
//!
//! [`super::history_filter`] finds the firings.

use schemars::JsonSchema;
use serde::Serialize;
use sqlx::Connection;

use super::history_filter;
use super::history_lines::{HistoryFilter, HistoryPlace};
use super::overridden::overrides_of;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{json, named};
use crate::audit::store::row::row;
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::model::mark::Mark;
use crate::model::outcome::Outcome;
use crate::model::outcome_sum::OutcomeSum;
use crate::model::reason::Reason;

row! {
    /// One server in one firing, or words about a whole firing, whose server is null. Times are in
    /// UTC. The request is the last one that named the server.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
    #[schemars(rename = "history")]
    pub struct HistoryLine {
        pub firing: i64,
        pub rule: String,
        #[schemars(with = "Action")]
        pub action: String,
        #[schemars(extend("x-words" = ["schedule", "late", "manual"]))]
        pub trigger: String,
        /// The due time; null for a firing by hand.
        pub scheduled_at: Option<String>,
        /// When the firing was claimed.
        pub started_at: String,
        pub account: String,
        /// The region of the server or of the line.
        pub region: Option<String>,
        pub instance_no: Option<String>,
        pub instance_name: Option<String>,
        /// When the request was recorded, just before it was sent; null: none named it.
        pub requested_at: Option<String>,
        /// `requestId` of the answer.
        pub request_id: Option<String>,
        /// The HTTP status of the answer.
        pub http_status: Option<i64>,
        /// `returnCode` of the answer.
        pub return_code: Option<String>,
        /// `returnMessage` of the answer.
        pub return_message: Option<String>,
        /// The API's code for the status when found.
        pub status_before: Option<String>,
        /// The API's code for the status when last seen.
        pub status_after: Option<String>,
        /// Null while it is open.
        #[schemars(with = "Option<Outcome>")]
        pub outcome: Option<String>,
        #[schemars(with = "Option<String>")]
        pub reason: Option<Reason>,
        /// When the outcome was recorded.
        pub settled_at: Option<String>,
        pub reason_code: Option<&'static str> = code,
        /// The override that made the firing what it was, by the text of its file.
        #[serde(rename = "override")]
        pub changed: Option<String> = absent,
        /// Orders the lines of a firing.
        #[serde(skip)]
        pub line: i64,
    }
}

/// A text that people see behind the outcome.
#[derive(Clone, Copy, Debug)]
pub struct LineText {
    /// Its key, which is also its head on the terminal.
    pub key: &'static str,
    /// Its head on the page, in English and in Korean.
    pub heads: [&'static str; 2],
    pub text: fn(&HistoryLine, Language) -> Option<String>,
}

impl HistoryLine {
    /// The sum of some lines of one firing.
    pub fn sum(lines: &[Self]) -> OutcomeSum {
        let mut sum = OutcomeSum::default();
        for line in lines {
            let outcome = line.outcome.as_deref().and_then(|word| word.parse().ok());
            sum.add(line.instance_no.is_some(), outcome, 1);
        }
        sum
    }

    /// The mark of its outcome; `None` while it is open.
    pub fn mark(&self) -> Option<Mark> {
        let outcome: Outcome = self.outcome.as_deref()?.parse().ok()?;
        Some(outcome.mark(self.reason.as_ref()))
    }

    /// The texts behind the outcome, in their order. A line here shows a new column of the history
    /// on the terminal and on the page.
    pub const TEXTS: [LineText; 1] = [LineText {
        key: "reason",
        heads: ["Reason", "이유"],
        text: |line, language| {
            let reason = line.reason.as_ref().map(|reason| reason.in_language(language));
            let word = language.either(["override", "예외 기간"]);
            let changed = line.changed.as_ref().map(|changed| format!("{word}: {changed}"));
            let texts: Vec<String> = reason.into_iter().chain(changed).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        },
    }];

    /// The place of the line in the history.
    pub fn place(&self) -> HistoryPlace {
        HistoryPlace { firing: self.firing, line: self.line }
    }
}

impl AuditReader {
    /// The lines that pass a filter: the newest firing first, its instances in the order of
    /// finding.
    pub async fn history(&self, filter: &HistoryFilter) -> Result<Vec<HistoryLine>, AuditError> {
        // One transaction, so that all of it is of one moment.
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let missing = history_filter::missing(connection, filter).await?;
        let firings = history_filter::firings(connection, filter, &missing).await?;
        let mut lines: Vec<HistoryLine> = sqlx::query_as(concat!(
            "SELECT *
            FROM history
            WHERE firing IN (SELECT value FROM json_each(?1))
                AND (?2 IS NULL OR instance_no = ?2
                    OR instance_name IN (SELECT value FROM json_each(?7))
                    OR instance_no IS NULL AND line IN (SELECT value FROM json_each(?8)))
                AND (?3 IS NULL OR history.outcome IN (SELECT value ->> 0 FROM json_each(?3)))
                AND (?3 IS NULL OR EXISTS (
                    SELECT 1
                    FROM json_each(?3) AS wanted
                    WHERE wanted.value ->> 0 = history.outcome AND ",
            history_filter::has_wanted_reason!("history.reason"),
            "
                ))
                AND (?5 IS NULL OR firing <> ?5 OR line > ?6)
            ORDER BY firing DESC, line
            LIMIT ?4"
        ))
        .bind(json(&firings))
        .bind(filter.instance.as_deref())
        .bind(history_filter::wanted(&filter.outcomes).map(|wanted| json(&wanted)))
        .bind(filter.limit)
        .bind(filter.after.map(|after| after.firing))
        .bind(filter.after.map(|after| after.line))
        .bind(named(filter.instance.as_deref()))
        .bind(json(&missing))
        .fetch_all(&mut *connection)
        .await?;
        let overrides = overrides_of(connection, &firings).await?;
        for line in &mut lines {
            line.changed = overrides.get(&line.firing).cloned();
        }
        Ok(lines)
    }

    /// The open lines of firings in which something is left to do or to follow.
    pub async fn in_flight(&self) -> Result<Vec<HistoryLine>, AuditError> {
        let mut guard = self.connection().await;
        let connection = &mut *guard.begin().await?;
        let open = crate::audit::firing::open::open(connection, 0).await?;
        let lines = sqlx::query_as(
            "SELECT *
            FROM history
            WHERE firing IN (SELECT value FROM json_each(?1)) AND outcome IS NULL
            ORDER BY firing DESC, line",
        )
        .bind(json(&open))
        .fetch_all(connection)
        .await?;
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::HistoryLine;
    use crate::text::csv::heads;

    /// The columns that listings show by themselves or beside the reason, or leave to `show`.
    const OTHERS: usize = 21;

    #[test]
    fn a_new_column_is_shown_to_people() {
        let (columns, texts) = (heads::<HistoryLine>().len(), HistoryLine::TEXTS.len());
        assert_eq!(columns, OTHERS + texts, "a new column needs a line in `TEXTS`");
    }
}
