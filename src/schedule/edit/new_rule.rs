//! Writes a new rule as TOML.

use toml_writer::{ToTomlKey, ToTomlValue, TomlKeyBuilder, TomlStringBuilder};

use crate::model::instance::Action;

/// A new rule before any check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    pub name: String,
    pub when: NewTimes,
    /// Left out if empty.
    pub skip_on: Vec<String>,
    /// Left out if empty.
    pub only_on: Vec<String>,
    pub on: Option<String>,
    /// `None` for the file's zone.
    pub timezone: Option<String>,
    /// `None` for the only account.
    pub account: Option<String>,
    pub select: NewSelector,
    /// Left out if empty.
    pub except: NewSelector,
    /// `None` for the value of `[limits]`.
    pub max_instances: Option<u32>,
    pub dry_run: bool,
}

/// The actions and times of a [`NewRule`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewTimes {
    /// `action` and `cron`.
    Cron(Action, String),
    /// `off` and `off_days`. At least one of the lists has an entry.
    Window { off: Vec<String>, off_days: Vec<String> },
}

/// `select` or `except` of a [`NewRule`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSelector {
    /// Keys, and globs for their values.
    pub tags: Vec<(String, String)>,
    pub names: Vec<String>,
    pub instances: Vec<String>,
}

impl NewRule {
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec!["[[rules]]".to_owned(), format!("name = {}", quoted(&self.name))];
        match &self.when {
            NewTimes::Cron(action, cron) => {
                lines.push(format!("action = {}", quoted(action.as_str())));
                lines.push(format!("cron = {}", quoted(cron)));
            }
            NewTimes::Window { off, off_days } => {
                lines.extend(one_or_many("off", off));
                lines.extend(one_or_many("off_days", off_days));
            }
        }
        lines.extend(list("skip_on", &self.skip_on));
        lines.extend(list("only_on", &self.only_on));
        lines.extend(self.on.as_deref().map(|on| format!("on = {}", quoted(on))));
        lines.extend(self.timezone.as_deref().map(|zone| format!("timezone = {}", quoted(zone))));
        lines.extend(self.account.as_deref().map(|name| format!("account = {}", quoted(name))));
        lines.push(format!("select = {}", self.select.inline()));
        if self.except != NewSelector::default() {
            lines.push(format!("except = {}", self.except.inline()));
        }
        lines.extend(self.max_instances.map(|most| format!("max_instances = {most}")));
        lines.extend(self.dry_run.then(|| "dry_run = true".to_owned()));
        lines
    }
}

impl NewSelector {
    fn inline(&self) -> String {
        let tags = (!self.tags.is_empty()).then(|| {
            let tag =
                |(key, value): &(String, String)| format!("{} = {}", bare(key), quoted(value));
            format!("tags = {{ {} }}", self.tags.iter().map(tag).collect::<Vec<_>>().join(", "))
        });
        let names = list("names", &self.names);
        let instances = list("instances", &self.instances);
        let keys: Vec<_> = tags.into_iter().chain(names).chain(instances).collect();
        format!("{{ {} }}", keys.join(", "))
    }
}

pub(super) fn one_or_many(key: &str, texts: &[String]) -> Option<String> {
    match texts {
        [only] => Some(format!("{key} = {}", quoted(only))),
        texts => list(key, texts),
    }
}

pub(super) fn list(key: &str, texts: &[String]) -> Option<String> {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    (!texts.is_empty()).then(|| format!("{key} = [{}]", texts.join(", ")))
}

/// A text in double quotes, always on one line.
pub(in crate::schedule) fn quoted(text: &str) -> String {
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}

/// A key, with quotes only if it needs them.
pub(in crate::schedule) fn bare(key: &str) -> String {
    TomlKeyBuilder::new(key).as_default().to_toml_key()
}
