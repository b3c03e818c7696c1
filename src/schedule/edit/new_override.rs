//! Writes a new override as TOML.

use chrono::NaiveDate;

use super::new_rule::{list, one_or_many, quoted};

/// A new override before any check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOverride {
    pub rules: Vec<String>,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub change: NewChange,
    pub because: Option<String>,
}

/// What is different on the days of a [`NewOverride`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewChange {
    Off(Vec<String>),
    Cron(String),
    Skip,
}

impl NewOverride {
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec!["[[overrides]]".to_owned()];
        lines.extend(list("rules", &self.rules));
        lines.push(format!("from = {}", quoted(&self.from.to_string())));
        lines.push(format!("until = {}", quoted(&self.until.to_string())));
        match &self.change {
            NewChange::Off(off) => lines.extend(one_or_many("off", off)),
            NewChange::Cron(cron) => lines.push(format!("cron = {}", quoted(cron))),
            NewChange::Skip => lines.push("skip = true".to_owned()),
        }
        lines.extend(self.because.as_deref().map(|it| format!("because = {}", quoted(it))));
        lines
    }
}
