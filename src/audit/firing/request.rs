//! Requests for changes, recorded before they are sent, and their answers.
//!
//! [`super::settle`] records what became of the instances.

use crate::audit::hold::entry;
use crate::audit::node::guard::Recording;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::error::AuditError;
use crate::audit::store::record::{AnswerRecord, RequestRecord, json, text};
use crate::audit::store::through::Through;
use crate::audit::store::write_tx::writing;
use crate::clock::SinceBoot;
use crate::cloud::{Accepted, CloudError};
use crate::hold::HoldEntry;
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo, RegionCode};

/// A request: the number of its entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(i64);

/// A request before it is recorded.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub action: Action,
    pub region: &'a RegionCode,
    /// An entry that was written before the states of the instances were read.
    pub seen: Through,
}

/// The result of recording a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The request to send now, with the instances that it may name; `None` when none is left.
    pub request: Option<(RequestId, Vec<InstanceNo>)>,
    /// Instances for which another firing (1) has an open request, or (2) had a request answered
    /// after their state was read.
    pub held: Vec<(InstanceNo, FiringId)>,
    /// Instances that are held, with their holds.
    pub on_hold: Vec<(InstanceNo, HoldEntry)>,
    /// The time of the record, for the last check before the request leaves; `None` for a log that is
    /// not shared.
    pub recording: Option<Recording>,
}

impl AuditLog {
    /// Records a request before it is sent. The same transaction leaves out instances that (1)
    /// another firing has an open request for, (2) were named in a request answered after their
    /// state was read, or (3) are held.
    ///
    /// # Errors
    /// When the log cannot be written; then nothing may be sent.
    pub async fn request(
        &self,
        firing: FiringId,
        account: &AccountName,
        ask: Ask<'_>,
        instances: &[InstanceNo],
    ) -> Result<Recorded, AuditError> {
        writing!(self, |tx| {
            tx.must_hold(firing).await?;
            // The latest request of each instance decides: an earlier open one would have kept out
            // the later one. Answers from before this firing began, or before the state was read,
            // do not count. Entry numbers are compared, not clocks.
            let open: Vec<(String, i64)> = sqlx::query_as(
                "SELECT wanted.value, request.firing
                FROM json_each(?2) AS wanted
                JOIN request ON request.seq = (
                    SELECT max(request_instance.request)
                    FROM request_instance
                    WHERE request_instance.account = ?1
                        AND request_instance.instance_no = wanted.value
                )
                LEFT JOIN answer ON answer.request = request.seq
                WHERE request.firing <> ?3
                    AND (
                        coalesce(answer.seq, request.seq) > max(?3, ?4)
                        OR NOT EXISTS (
                            SELECT 1
                            FROM outcome
                            WHERE outcome.firing = request.firing
                                AND outcome.instance_no = wanted.value
                        )
                    )",
            )
            .bind(account.as_str())
            .bind(json(&instances))
            .bind(firing.0)
            .bind(ask.seen)
            .fetch_all(&mut **tx)
            .await?;
            let holder = |no: &InstanceNo| open.iter().find(|(held, _)| held == no.as_str());
            let (held, mut free): (Vec<_>, Vec<_>) =
                instances.iter().cloned().partition(|no| holder(no).is_some());
            let held = held
                .into_iter()
                .filter_map(|no| holder(&no).map(|&(_, firing)| (no.clone(), FiringId(firing))))
                .collect();
            let on_hold = entry::held(tx, firing.0, &free, self.clock.now()).await?;
            free.retain(|no| !on_hold.iter().any(|(held, _)| held == no));
            if free.is_empty() {
                return Ok(Recorded { request: None, held, on_hold, recording: None });
            }
            free.sort_by(|a, b| (a.as_str().len(), a).cmp(&(b.as_str().len(), b)));
            let up = self.clock.uptime();
            let record = RequestRecord {
                firing: firing.0,
                region: ask.region.to_string(),
                action: ask.action.as_str(),
                account: account.to_string(),
                instances: free.iter().map(ToString::to_string).collect(),
                since_boot: up.as_ref().map(SinceBoot::milliseconds),
                boot: up.map(|up| up.boot),
            };
            // Only now, in its turn: however many wait for theirs, this request is new.
            let recording = self.recording();
            let seq = tx.append(&[record]).await?;
            Ok(Recorded { request: Some((RequestId(seq), free)), held, on_hold, recording })
        })
    }

    /// Records the answer to a request.
    ///
    /// # Errors
    /// When the log cannot be written. The answer then waits in memory, and is written before
    /// anything else as soon as possible.
    pub async fn answer(
        &self,
        request: RequestId,
        answer: &Result<Accepted, CloudError>,
    ) -> Result<(), AuditError> {
        let record = answer_of(request, answer);
        self.unwritten.add(record.clone(), self.clock.now());
        let written = self.connection().await.map(drop);
        if written.is_err() {
            record.complain("answer kept in memory until the audit log can be written");
        }
        written
    }
}

fn answer_of(request: RequestId, answer: &Result<Accepted, CloudError>) -> AnswerRecord {
    let refusal = answer.as_ref().err().and_then(CloudError::refusal);
    let mut record = AnswerRecord {
        request: request.0,
        result: "accepted",
        http_status: None,
        request_id: refusal.and_then(|refusal| refusal.request_id.as_deref().map(text)),
        return_code: refusal.and_then(|refusal| refusal.return_code.as_deref().map(text)),
        return_message: refusal.and_then(|refusal| refusal.return_message.as_deref().map(text)),
        detail: None,
    };
    match answer {
        Ok(accepted) => {
            record.http_status = Some(accepted.http_status);
            record.request_id = accepted.request_id.as_deref().map(text);
            record.return_code = Some(text(&accepted.return_code));
            record.return_message = accepted.return_message.as_deref().map(text);
        }
        Err(error) => {
            record.http_status = error.http_status();
            record.detail = Some(text(&error.to_string()));
            record.result = match error {
                CloudError::NotSent(_) => "not_sent",
                CloudError::Unanswered { .. } => "unanswered",
                CloudError::Throttled { .. } => "throttled",
                CloudError::Denied { .. } => "denied",
                CloudError::Forbidden { .. } | CloudError::Refused { .. } => "refused",
                CloudError::Unreadable { .. } => "unreadable",
            };
        }
    }
    record
}
