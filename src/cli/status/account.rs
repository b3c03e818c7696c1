//! The account lines of `status`: the last good reading, or since when and why reading fails.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::{Source, SourceKind, means, unreadable};
use crate::cli::local_time::Spoken;
use crate::model::language::Language;
use crate::schedule::Schedules;

/// Whether the daemon can read an account. Times are in UTC.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "account_look")]
pub(super) struct AccountLine {
    pub(super) account: String,
    /// Null: never.
    pub(super) last_good_look: Option<String>,
    /// Null: it can be read, or the daemon has not tried yet.
    pub(super) unreadable_since: Option<String>,
    pub(super) reason: Option<String>,
    /// The repair that is needed, as a clause.
    #[schemars(extend("format" = "words"))]
    until: Option<String>,
    /// The regions that cannot be listed; empty when all cannot.
    regions: Vec<String>,
    /// Regions that cannot be listed, and in which no server was ever seen.
    without_servers: Vec<String>,
}

/// A line for each account of the file, and for each other account that the daemon observes.
pub(super) fn lines(schedules: Option<&Schedules>, sources: &[Source]) -> Vec<AccountLine> {
    let mut lines = BTreeMap::new();
    for account in schedules.iter().flat_map(|schedules| schedules.accounts.keys()) {
        lines.insert(account.to_string(), AccountLine::default());
    }
    for source in sources.iter().filter(|source| source.kind == SourceKind::Account) {
        let line: &mut AccountLine = lines.entry(source.name.clone()).or_default();
        line.last_good_look.clone_from(&source.read_at);
        if source.is_lost() {
            line.unreadable_since.clone_from(&source.lost_at);
            line.reason.clone_from(&source.reason);
            line.until.clone_from(&source.needs);
            let regions = source.regions.iter().flat_map(|regions| regions.split(','));
            line.regions = regions.map(ToOwned::to_owned).collect();
        }
    }
    for source in sources.iter().filter(|it| it.kind == SourceKind::Region && it.is_current) {
        if let Some(line) = lines.get_mut(&source.name) {
            line.without_servers.push(source.region.clone());
        }
    }
    let named = |(account, line)| AccountLine { account, ..line };
    lines.into_iter().map(named).collect()
}

impl AccountLine {
    /// Whether people should know of it.
    pub(super) fn is_noteworthy(&self) -> bool {
        self.is_lost() || !self.without_servers.is_empty()
    }

    pub(super) fn is_lost(&self) -> bool {
        self.unreadable_since.is_some()
    }

    /// The lines of the table, without their label. `next_step` is that of an account that cannot be
    /// read.
    pub(super) fn table(&self, spoken: Spoken, next_step: Option<String>) -> Vec<String> {
        let good = self.last_good_look.as_ref().map(|at| spoken.of(at));
        let mut lines = Vec::new();
        match (&self.unreadable_since, good) {
            (Some(since), good) => {
                lines.push(format!("{}: {}", self.account, unreadable(&spoken.of(since))));
                let needs = self.until.as_deref().unwrap_or_default();
                lines.push(means(&self.account, &self.regions.join(","), needs, Language::English));
                lines.extend(self.reason.clone());
                lines.extend(next_step);
                let good = good.unwrap_or_else(|| "never".to_owned());
                lines.push(format!("last good look {good}"));
            }
            (None, Some(good)) => lines.push(format!("{}: last good look {good}", self.account)),
            (None, None) => lines.push(format!("{}: not looked at yet", self.account)),
        }
        for region in &self.without_servers {
            lines.push(format!("region {region} cannot be listed; no server was ever seen in it"));
        }
        lines
    }
}
