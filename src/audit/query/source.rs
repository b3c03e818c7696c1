//! The accounts and calendars that the daemon must read, each with the result of the last attempt.
//! Overwritten, and outside the chain. `engine::account_health` writes them.

use std::collections::BTreeSet;

use crate::audit::instance::last_state::every_instance;
use crate::audit::store::audit_log::AuditLog;
use crate::audit::store::column::column;
use crate::audit::store::error::AuditError;
use crate::audit::store::millis::Millis;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::json;
use crate::audit::store::row::row;
use crate::audit::store::session::living_daemon;
use crate::audit::store::write_tx::{WriteTx, writing};
use crate::model::instance::{AccountName, RegionCode};
use crate::model::language::{Language, words};
use crate::model::reason::Reason;
use crate::model::repair::Repair;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceKind {
    /// `[accounts.NAME]`.
    Account,
    /// `[calendars.NAME]`.
    Calendar,
    /// A region without servers so far. Present only while it cannot be listed.
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

/// The reason why a source cannot be read, and the repair that is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The error of the last attempt.
    pub reason: String,
    pub needs: Repair,
    /// For an account: the regions that cannot be listed; empty when all cannot.
    pub regions: Vec<RegionCode>,
}

impl Loss {
    /// The regions that cannot be listed, separated by commas.
    pub fn regions(&self) -> String {
        let regions: Vec<&str> = self.regions.iter().map(RegionCode::as_str).collect();
        regions.join(",")
    }
}

row! {
    /// The result of the last attempt at a source. Times are RFC 3339, in UTC with milliseconds.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Source {
        pub kind: SourceKind,
        /// The name; for a region, its account's.
        pub name: String,
        /// The region, if the source is one.
        pub region: String,
        /// The last good reading; `None`: never.
        pub read_at: Option<String>,
        /// The beginning of the failure; `None`: it can be read.
        pub lost_at: Option<String>,
        pub reason: Option<String>,
        /// The repair that is needed, as a clause.
        pub needs: Option<String>,
        /// For an account: the regions that cannot be listed, with commas; `None` when all cannot.
        pub regions: Option<String>,
        /// The living daemon has tried, or the node on duty of those that share the log.
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
    /// Records the result of an attempt at an account. `without_servers` holds the unlistable
    /// regions in which no server was ever seen, with the reasons.
    pub async fn looked(
        &self,
        account: &AccountName,
        loss: Option<&Loss>,
        without_servers: &[(RegionCode, String)],
    ) -> Result<(), AuditError> {
        writing!(self, |tx| {
            let account = account.as_str();
            self.note(tx, (SourceKind::Account, account, ""), loss).await?;
            let regions: Vec<&str> =
                without_servers.iter().map(|(code, _)| code.as_str()).collect();
            sqlx::query(
                "DELETE FROM source
                WHERE kind = 'region'
                    AND name = ?1
                    AND region NOT IN (SELECT value FROM json_each(?2))",
            )
            .bind(account)
            .bind(json(&regions))
            .execute(&mut **tx)
            .await?;
            for (region, reason) in without_servers {
                let loss =
                    Loss { reason: reason.clone(), needs: Repair::Region, regions: Vec::new() };
                let key = (SourceKind::Region, account, region.as_str());
                self.note(tx, key, Some(&loss)).await?;
            }
            Ok(())
        })
    }

    /// Records the accounts and calendars of a file, and the state of the calendars. All other
    /// sources are forgotten.
    pub async fn sources_are(
        &self,
        accounts: &[&AccountName],
        calendars: &[(&str, Option<Loss>)],
    ) -> Result<(), AuditError> {
        writing!(self, |tx| {
            let names: Vec<&str> = calendars.iter().map(|(name, _)| *name).collect();
            sqlx::query(
                "DELETE FROM source
                WHERE kind <> 'calendar' AND name NOT IN (SELECT value FROM json_each(?1))
                    OR kind = 'calendar' AND name NOT IN (SELECT value FROM json_each(?2))",
            )
            .bind(json(&accounts))
            .bind(json(&names))
            .execute(&mut **tx)
            .await?;
            for (name, loss) in calendars {
                self.note(tx, (SourceKind::Calendar, name, ""), loss.as_ref()).await?;
            }
            Ok(())
        })
    }

    /// Keeps the beginning of a failure that goes on.
    async fn note(
        &self,
        tx: &mut WriteTx<'_>,
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
        .bind(loss.map(|loss| loss.needs.as_str()))
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

    /// The unlistable regions of an account in which no server was ever seen, and that a daemon has
    /// reported.
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
    /// The result of the last attempt at each source.
    pub async fn sources(&self) -> Result<Vec<Source>, AuditError> {
        let connection = &mut *self.connection().await;
        let living = living_daemon(connection, &self.path).await?;
        let sources = sqlx::query_as(
            "SELECT
                kind, name, region, reason, needs, regions,
                session IS ?1 OR session IN (SELECT node.session FROM node WHERE on_duty = 1)
                    AS is_current,
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
    /// A target's last notice about a source, as JSON.
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

impl Source {
    /// The consequence of an account that cannot be read.
    pub fn means(&self, language: Language) -> String {
        let regions = self.regions.as_deref().unwrap_or_default();
        let needs = self.needs.as_deref().unwrap_or_default();
        means(&self.name, regions, needs, language)
    }
}

/// That something cannot be read, in a line that begins with its name; `since` is a time in words.
pub fn unreadable(since: &str) -> String {
    format!("unreadable since {since}")
}

/// The consequence of an account, or of these regions with commas, that cannot be read.
pub fn means(account: &str, regions: &str, needs: &str, language: Language) -> String {
    let words = SourceWords(language);
    let place = match regions {
        "" => words.whole(account),
        regions => words.part(regions, account),
    };
    words.rests(&place, &Reason::told(needs, language))
}

words! { struct SourceWords:
    whole(account: &str): "`{account}`", "`{account}` 계정";
    part(regions: &str, account: &str): "{regions} of `{account}`", "`{account}` 계정의 {regions} 리전";
    rests(place: &str, needs: &str):
        "nothing can be stopped or started in {place} until {needs}",
        "{place}에서는 아무것도 정지하거나 시작할 수 없음. {needs}";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::language::assert_both_say_the_same;

    #[test]
    fn both_languages_say_the_same() {
        assert_both_say_the_same(SourceWords::SOURCES);
    }
}
