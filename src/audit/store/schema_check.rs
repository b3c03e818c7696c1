//! Compares a log's tables, views and triggers with those that this version makes.
//!
//! The chain is computed from the view `body`, so a log with another view could say anything.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection, SqliteConnection};

use super::error::AuditError;
use super::migrations::MIGRATIONS;
use crate::audit::store::finding::{Finding, Flaw};

/// A log's tables, views, indexes and triggers, and the words for its kinds of entries.
#[derive(Debug)]
struct Blueprint {
    /// The statement that made each, by type and name.
    objects: BTreeMap<(String, String), String>,
    kinds: BTreeSet<(String, String)>,
}

/// The differences from this version's schema.
#[derive(Debug, Default)]
pub(crate) struct Deviations {
    pub(crate) findings: Vec<Finding>,
    /// A table or view is among them, so no reading can be trusted.
    pub(crate) unreadable: bool,
}

/// The missing or different parts of a log's schema, in words.
pub(crate) async fn doubts(connection: &mut SqliteConnection) -> Vec<String> {
    match deviations(connection).await {
        Ok(found) => found.findings.iter().map(|it| it.problem.to_string()).collect(),
        Err(error) => vec![error.to_string()],
    }
}

/// Compares a log with a fresh one.
pub(crate) async fn deviations(
    connection: &mut SqliteConnection,
) -> Result<Deviations, AuditError> {
    let mut fresh = SqliteConnection::connect("sqlite::memory:").await?;
    for (_, _, migration) in MIGRATIONS {
        sqlx::raw_sql(migration).execute(&mut fresh).await?;
    }
    let expected = Blueprint::read(&mut fresh).await?;
    fresh.close().await?;
    let objects = Blueprint::objects(connection).await?;
    let mut found = Deviations::default();
    for ((kind, name), sql) in &expected.objects {
        if objects.get(&(kind.clone(), name.clone())) != Some(sql) {
            found.findings.push(Finding::overall(Flaw::Object(name.clone())));
            found.unreadable |= matches!(kind.as_str(), "table" | "view");
        }
    }
    let is_foreign =
        |key: &&(String, String)| key.0 == "trigger" && !expected.objects.contains_key(key);
    let foreign = objects.keys().filter(is_foreign);
    found
        .findings
        .extend(foreign.map(|(_, name)| Finding::overall(Flaw::ForeignTrigger(name.clone()))));
    if !found.unreadable {
        let kinds = Blueprint::kinds(connection).await?;
        let names: BTreeSet<&String> =
            kinds.symmetric_difference(&expected.kinds).map(|(name, _)| name).collect();
        let finding = |name: &String| Finding::overall(Flaw::Kind(name.clone()));
        found.findings.extend(names.into_iter().map(finding));
    }
    Ok(found)
}

impl Blueprint {
    async fn read(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let objects = Self::objects(connection).await?;
        Ok(Self { objects, kinds: Self::kinds(connection).await? })
    }

    /// Without SQLite's own objects and the migrations' table.
    async fn objects(
        connection: &mut SqliteConnection,
    ) -> Result<BTreeMap<(String, String), String>, sqlx::Error> {
        let objects: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT type, name, sql
            FROM sqlite_schema
            WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
        )
        .fetch_all(connection)
        .await?;
        Ok(objects.into_iter().map(|(kind, name, sql)| ((kind, name), sql)).collect())
    }

    async fn kinds(
        connection: &mut SqliteConnection,
    ) -> Result<BTreeSet<(String, String)>, sqlx::Error> {
        let kinds: Vec<(String, String)> = sqlx::query_as(
            "SELECT name, meaning
            FROM kind",
        )
        .fetch_all(connection)
        .await?;
        Ok(kinds.into_iter().collect())
    }
}
