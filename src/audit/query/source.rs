//! What the daemon has to be able to read, accounts and calendars: how the last attempt at each
//! went. Overwritten, outside the chain.

use std::collections::BTreeSet;

use sqlx::{Connection, SqliteTransaction};

use crate::audit::instance::last_state::every_instance;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::column::column;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::audit::store::session::living_daemon;
use crate::model::instance::{AccountName, RegionCode};

/// What kind of thing is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceKind {
    /// `[accounts.NAME]`.
    Account,
    /// `[calendars.NAME]`.
    Calendar,
    /// A region of an account in which no server was ever seen: there while it cannot be listed.
    Region,
}

column!(word SourceKind, SourceKind::of_word);

impl SourceKind {
    fn of_word(word: String) -> Result<Self, String> {
        let all = [Self::Account, Self::Calendar, Self::Region];
        all.into_iter().find(|kind| kind.as_str() == word).ok_or(word)
    }

    /// The word in the log and in notices.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Calendar => "calendar",
            Self::Region => "region",
        }
    }
}

/// Why something cannot be read, and what that takes to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// What the last attempt met.
    pub reason: String,
    /// What has to be so again, as a clause: `its keys are accepted`.
    pub needs: &'static str,
    /// Of an account: the regions that cannot be listed; none where that is all of them.
    pub regions: Vec<RegionCode>,
}

impl Loss {
    /// The regions that cannot be listed, with commas.
    pub fn regions(&self) -> String {
        let regions: Vec<&str> = self.regions.iter().map(RegionCode::as_str).collect();
        regions.join(",")
    }
}

row! {
    /// How the last attempt to read something went. Times are RFC 3339, in UTC with milliseconds.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Source {
        pub kind: SourceKind,
        /// Its name; of a region, its account's.
        pub name: String,
        /// The region, where it is one.
        pub region: String,
        /// When it was last read; `None`: never.
        pub read_at: Option<String>,
        /// Since when it cannot be read; `None`: it can.
        pub lost_at: Option<String>,
        pub reason: Option<String>,
        /// What has to be so again, as a clause.
        pub needs: Option<String>,
        /// Of an account: the regions that cannot be listed, with commas; `None` where that is all.
        pub regions: Option<String>,
        /// Whether the daemon that is alive on the log has tried.
        pub is_current: bool,
    }
}

impl Source {
    /// Whether the living daemon needs it and cannot read it.
    pub fn is_lost(&self) -> bool {
        self.is_current && self.lost_at.is_some() && self.kind != SourceKind::Region
    }
}

impl AuditLog {
    /// Notes how a look at an account went. `without_servers`: the regions that could not be
    /// listed and in which no server was ever seen, each with the reason.
    pub async fn looked(
        &self,
        account: &AccountName,
        loss: Option<&Loss>,
        without_servers: &[(RegionCode, String)],
    ) -> Result<(), AuditError> {
        let mut connection = self.connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let account = account.as_str();
        self.note(&mut tx, (SourceKind::Account, account, ""), loss).await?;
        let regions: Vec<&str> = without_servers.iter().map(|(code, _)| code.as_str()).collect();
        sqlx::query(
            "DELETE FROM source
            WHERE kind = 'region'
                AND name = ?1
                AND region NOT IN (SELECT value FROM json_each(?2))",
        )
        .bind(account)
        .bind(json(&regions))
        .execute(&mut *tx)
        .await?;
        for (region, reason) in without_servers {
            let loss = Loss { reason: reason.clone(), needs: "it is listed", regions: Vec::new() };
            let key = (SourceKind::Region, account, region.as_str());
            self.note(&mut tx, key, Some(&loss)).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Notes which accounts and calendars there are to be read, and how the calendars were:
    /// nothing else is known any more.
    pub async fn sources_are(
        &self,
        accounts: &[&AccountName],
        calendars: &[(&str, Option<Loss>)],
    ) -> Result<(), AuditError> {
        let mut connection = self.connection().await?;
        let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
        let names: Vec<&str> = calendars.iter().map(|(name, _)| *name).collect();
        sqlx::query(
            "DELETE FROM source
            WHERE kind <> 'calendar' AND name NOT IN (SELECT value FROM json_each(?1))
                OR kind = 'calendar' AND name NOT IN (SELECT value FROM json_each(?2))",
        )
        .bind(json(&accounts))
        .bind(json(&names))
        .execute(&mut *tx)
        .await?;
        for (name, loss) in calendars {
            self.note(&mut tx, (SourceKind::Calendar, name, ""), loss.as_ref()).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Since when it cannot be read, where it cannot, stays as it is.
    async fn note(
        &self,
        tx: &mut SqliteTransaction<'_>,
        (kind, name, region): (SourceKind, &str, &str),
        loss: Option<&Loss>,
    ) -> Result<(), AuditError> {
        sqlx::query(
            "INSERT INTO source (
                kind, name, region, session, read_at, lost_at, reason, needs, regions)
            VALUES (
                ?1, ?2, ?3, ?4, iif(?6 IS NULL, ?5, NULL), iif(?6 IS NULL, NULL, ?5), ?6, ?7,
                nullif(?8, ''))
            ON CONFLICT (kind, name, region) DO UPDATE SET
                session = excluded.session,
                read_at = coalesce(excluded.read_at, read_at),
                lost_at = iif(excluded.lost_at IS NULL, NULL, coalesce(lost_at, excluded.lost_at)),
                reason = excluded.reason,
                needs = excluded.needs,
                regions = excluded.regions",
        )
        .bind(kind)
        .bind(name)
        .bind(region)
        .bind(i64::from(self.session))
        .bind(Millis::from(self.clock.now()))
        .bind(loss.map(|loss| loss.reason.as_str()))
        .bind(loss.map(|loss| loss.needs))
        .bind(loss.map(Loss::regions))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// The regions of an account in which a server was ever seen.
    pub async fn regions_with_servers(
        &self,
        account: &AccountName,
    ) -> Result<BTreeSet<String>, AuditError> {
        let regions: Vec<String> = sqlx::query_scalar(concat!(
            every_instance!(),
            "
            SELECT DISTINCT last.region
            FROM instance
            JOIN seen AS last ON last.seq = (
                SELECT max(seen.seq)
                FROM seen
                WHERE seen.account = instance.account AND seen.instance_no = instance.no
            )
            WHERE instance.account = ?1"
        ))
        .bind(account.as_str())
        .fetch_all(&mut *self.connection().await?)
        .await?;
        Ok(regions.into_iter().collect())
    }

    /// The regions of an account that cannot be listed, in which no server was ever seen, and
    /// that a daemon has told of.
    pub async fn regions_told_of(
        &self,
        account: &AccountName,
    ) -> Result<BTreeSet<String>, AuditError> {
        let regions: Vec<String> =
            sqlx::query_scalar("SELECT region FROM source WHERE kind = 'region' AND name = ?1")
                .bind(account.as_str())
                .fetch_all(&mut *self.connection().await?)
                .await?;
        Ok(regions.into_iter().collect())
    }
}

impl AuditReader {
    /// How the last attempt at each went.
    pub async fn sources(&self) -> Result<Vec<Source>, AuditError> {
        let connection = &mut *self.connection().await;
        let living = living_daemon(connection, &self.path).await?;
        let sources = sqlx::query_as(
            "SELECT
                kind, name, region, reason, needs, regions,
                session IS ?1 AS is_current,
                strftime('%Y-%m-%dT%H:%M:%fZ', read_at / 1000.0, 'unixepoch') AS read_at,
                strftime('%Y-%m-%dT%H:%M:%fZ', lost_at / 1000.0, 'unixepoch') AS lost_at
            FROM source
            ORDER BY kind, name, region",
        )
        .bind(living.map(|(session, _)| i64::from(session)))
        .fetch_all(connection)
        .await?;
        Ok(sources)
    }
    /// What a target was last told of one of them, as JSON.
    pub async fn last_told_of(
        &self,
        target: &str,
        source: &Source,
    ) -> Result<Option<String>, AuditError> {
        let told = sqlx::query_scalar(
            "SELECT body -> '$.unreadable'
            FROM notice
            WHERE target = ?1
                AND event = 'unreadable'
                AND body ->> '$.unreadable.kind' = ?2
                AND body ->> '$.unreadable.name' = ?3
                AND coalesce(body ->> '$.unreadable.region', '') = ?4
            ORDER BY seq DESC
            LIMIT 1",
        )
        .bind(target)
        .bind(source.kind.as_str())
        .bind(&source.name)
        .bind(&source.region)
        .fetch_optional(&mut *self.connection().await)
        .await?;
        Ok(told)
    }
}

/// What comes of it that an account cannot be read, or these regions of it, written with commas.
pub fn means(account: &str, regions: &str, needs: &str) -> String {
    let place = match regions {
        "" => format!("`{account}`"),
        regions => format!("{regions} of `{account}`"),
    };
    format!("nothing can be stopped or started in {place} until {needs}")
}
