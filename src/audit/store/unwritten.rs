//! Keeps answers that could not be written yet; the next writer writes them first.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::SqliteConnection;
use tracing::{error, info, warn};

use super::audit_log::{AuditLog, Unwritten, Waiting};
use super::error::AuditError;
use super::record::{AnswerRecord, json};
use super::write_tx::writing;

/// An answer written later than this after its arrival carries its arrival time.
const AT_ONCE: TimeDelta = TimeDelta::seconds(5);
/// The pause between attempts at the end of a process, and their number.
const AT_THE_END: (Duration, u32) = (Duration::from_secs(1), 20);

impl Unwritten {
    pub(crate) fn add(&self, answer: AnswerRecord, came_at: DateTime<Utc>) {
        self.lock().push(Waiting { came_at, answer });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().expect("nobody panics while holding it")
    }
}

impl AuditLog {
    /// Whether an answer waits for the log.
    pub fn owes_answers(&self) -> bool {
        !self.unwritten.lock().is_empty()
    }

    /// Writes the waiting answers.
    pub(crate) async fn write_answers(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(), AuditError> {
        let waiting = self.unwritten.lock().clone();
        if waiting.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        writing!(self, connection, |tx| {
            // An earlier attempt may have written them, and died before it noticed.
            let requests: Vec<i64> = waiting.iter().map(|it| it.answer.request).collect();
            let written: Vec<i64> = sqlx::query_scalar(
                "SELECT request
                FROM answer
                WHERE request IN (SELECT value FROM json_each(?1))",
            )
            .bind(json(&requests))
            .fetch_all(&mut **tx)
            .await?;
            let fresh = waiting.iter().filter(|it| !written.contains(&it.answer.request));
            let answers: Vec<AnswerRecord> = fresh.map(|it| it.record(now)).collect();
            tx.append(&answers).await?;
            Ok(())
        })?;
        self.unwritten.lock().drain(..waiting.len());
        let late = waiting.iter().filter(|it| it.is_late(now)).count();
        if late > 0 {
            info!(answers = late, "answers written that had waited for the audit log");
        }
        Ok(())
    }

    /// Waits a little until the log takes the answers.
    pub(crate) async fn write_last_answers(&self) {
        let (pause, times) = AT_THE_END;
        for left in (0..times).rev() {
            if !self.owes_answers() || self.connection().await.is_ok() {
                return;
            }
            if left + 1 == times {
                warn!("the audit log cannot be written; waiting for it with answers that came");
            }
            self.clock.sleep(self.clock.pace(pause)).await;
        }
        for Waiting { answer, .. } in self.unwritten.lock().iter() {
            answer.complain("answer lost: the audit log could not be written");
        }
    }
}

impl Waiting {
    fn is_late(&self, now: DateTime<Utc>) -> bool {
        (now - self.came_at).abs() > AT_ONCE
    }

    /// The answer as it is written now.
    fn record(&self, now: DateTime<Utc>) -> AnswerRecord {
        let mut answer = self.answer.clone();
        if self.is_late(now) {
            let came_at = self.came_at.format("%FT%TZ");
            let late = format!("it came at {came_at}, when the log could not be written");
            answer.detail = Some(match answer.detail {
                Some(detail) => format!("{detail}; {late}"),
                None => late,
            });
        }
        answer
    }
}

impl AnswerRecord {
    /// Logs an answer that the audit log cannot take.
    pub(crate) fn complain(&self, what: &str) {
        let Self { request, result, request_id, return_code, detail, .. } = self;
        let (request_id, return_code) = (request_id.as_deref(), return_code.as_deref());
        let detail = detail.as_deref();
        error!(request, result, request_id, return_code, detail, "{what}");
    }
}
