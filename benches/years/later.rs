//! Entries of kinds that nothing in the library writes yet: holds, what they leave to be made
//! up, and what others changed. Written and chained as migrations/README.md says, so that
//! verifying the log proves them too.

use std::path::Path;

use chrono::{DateTime, Utc};
use lightsout::model::ids::DeferredId;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection, SqliteTransaction};

/// What an entry says; the fields in the order of the view `body`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Said {
    Hold {
        what: &'static str,
        subject: String,
        until: i64,
        skip: u8,
        why: Option<&'static str>,
        who: &'static str,
        via: &'static str,
        account: Option<&'static str>,
        instance_no: Option<String>,
        tag_value: Option<&'static str>,
    },
    HoldEnd {
        hold: i64,
        who: &'static str,
    },
    Deferred {
        firing: i64,
        rule: String,
        action: &'static str,
        account: &'static str,
        instance_no: String,
        wanted_at: i64,
        hold: Option<i64>,
        due_at: Option<i64>,
    },
    Change {
        account: &'static str,
        region: &'static str,
        instance_no: String,
        instance_name: String,
        status_before: &'static str,
        status_after: &'static str,
        unseen_since: i64,
        seen_at: i64,
    },
}

/// A second hand in the log, beside the daemon's.
pub(crate) struct Hand(SqliteConnection);

impl Hand {
    pub(crate) async fn at(log: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(log);
        Ok(Self(SqliteConnection::connect_with(&options).await?))
    }

    /// Appends entries in the name of the last daemon; the number of the first.
    pub(crate) async fn write(&mut self, at: DateTime<Utc>, all: &[Said]) -> anyhow::Result<i64> {
        let mut tx = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let session = "SELECT max(seq) FROM session WHERE writer = 'daemon'";
        let session: i64 = sqlx::query_scalar(session).fetch_one(&mut *tx).await?;
        let last = "SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1";
        let (last, mut hash): (i64, Vec<u8>) = sqlx::query_as(last).fetch_one(&mut *tx).await?;
        for (seq, said) in (last + 1..).zip(all) {
            let (at, body) = (at.timestamp_millis(), serde_json::to_string(said)?);
            let words = format!("{seq} {at} {session} {} ", said.kind());
            let link = Sha256::new().chain_update(&hash).chain_update(words).chain_update(&body);
            hash = link.finalize().to_vec();
            sqlx::query("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5)")
                .bind(seq)
                .bind(at)
                .bind(session)
                .bind(said.kind())
                .bind(&hash)
                .execute(&mut *tx)
                .await?;
            said.insert(&mut tx, seq, &body).await?;
        }
        tx.commit().await?;
        Ok(last + 1)
    }
}

/// The numbers of entries as those of what is owed.
pub(crate) fn owed_ids(first: i64, count: usize) -> Vec<DeferredId> {
    (first..).take(count).map(DeferredId::from).collect()
}

impl Said {
    fn kind(&self) -> &'static str {
        match self {
            Self::Hold { .. } => "hold",
            Self::HoldEnd { .. } => "hold_end",
            Self::Deferred { .. } => "owed",
            Self::Change { .. } => "change",
        }
    }

    async fn insert(
        &self,
        tx: &mut SqliteTransaction<'_>,
        seq: i64,
        body: &str,
    ) -> Result<(), sqlx::Error> {
        let insert = match self {
            Self::Hold { .. } => {
                "INSERT INTO hold
                SELECT
                    ?1, ?2 ->> 'what', ?2 ->> 'subject', ?2 ->> 'until', ?2 ->> 'skip',
                    ?2 ->> 'why', ?2 ->> 'who', ?2 ->> 'via', ?2 ->> 'account',
                    ?2 ->> 'instance_no', ?2 ->> 'tag_value'"
            }
            Self::HoldEnd { .. } => "INSERT INTO hold_end SELECT ?1, ?2 ->> 'hold', ?2 ->> 'who'",
            Self::Deferred { .. } => {
                "INSERT INTO owed
                SELECT
                    ?1, ?2 ->> 'firing', ?2 ->> 'rule', ?2 ->> 'action', ?2 ->> 'account',
                    ?2 ->> 'instance_no', ?2 ->> 'wanted_at', ?2 ->> 'hold', ?2 ->> 'due_at'"
            }
            Self::Change { .. } => {
                "INSERT INTO change
                SELECT
                    ?1, ?2 ->> 'account', ?2 ->> 'region', ?2 ->> 'instance_no',
                    ?2 ->> 'instance_name', ?2 ->> 'status_before', ?2 ->> 'status_after',
                    ?2 ->> 'unseen_since', ?2 ->> 'seen_at'"
            }
        };
        sqlx::query(insert).bind(seq).bind(body).execute(&mut **tx).await.map(|_| ())
    }
}
