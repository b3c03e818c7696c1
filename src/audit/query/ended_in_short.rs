//! Reads many ended firings at once, each with its outcomes alone. `firing_detail` has one in full.

use super::events_since::Ended;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::model::ids::FiringId;

row! {
    /// A firing that has ended. Times are in UTC.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct EndedInShort of "firing" as firing {
        pub firing: FiringId,
        pub rule: String,
        pub account: String,
        pub action: String,
        pub trigger: String,
        pub dry_run: bool,
        /// The due time; `None` for a firing by hand.
        pub scheduled_at: Option<String>,
        pub started_at: String,
        /// Its outcomes in the order of writing, with their reasons: of how many servers each is,
        /// and how often it was said of the firing or a region.
        pub outcomes: Vec<(String, Option<String>, usize, usize)> = json,
    }
}

impl AuditReader {
    /// Firings in short, in the order of the question.
    pub async fn ended_in_short(&self, ended: &[Ended]) -> Result<Vec<EndedInShort>, AuditError> {
        let firings: Vec<i64> = ended.iter().map(|it| it.firing.0).collect();
        let found = sqlx::query_as(
            "SELECT
                firing.seq AS firing,
                firing.rule,
                firing.account,
                firing.action,
                firing.trigger,
                firing.dry_run,
                strftime('%Y-%m-%dT%H:%M:%fZ', firing.scheduled_at / 1000.0, 'unixepoch')
                    AS scheduled_at,
                strftime('%Y-%m-%dT%H:%M:%fZ', begun.at / 1000.0, 'unixepoch') AS started_at,
                (
                    SELECT json_group_array(json_array(outcome, reason, servers, words))
                    FROM (
                        SELECT
                            outcome.outcome,
                            outcome.reason,
                            count(outcome.instance_no) AS servers,
                            count(*) - count(outcome.instance_no) AS words
                        FROM outcome
                        WHERE outcome.firing = firing.seq
                        GROUP BY +outcome.outcome, outcome.reason
                        ORDER BY min(outcome.seq)
                    )
                ) AS outcomes
            FROM json_each(?1) AS wanted
            CROSS JOIN firing ON firing.seq = wanted.value
            CROSS JOIN entry AS begun ON begun.seq = firing.seq
            ORDER BY wanted.key",
        )
        .bind(json(&firings))
        .fetch_all(&mut *self.connection().await)
        .await?;
        Ok(found)
    }
}
