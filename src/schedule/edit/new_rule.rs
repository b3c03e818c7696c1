//! How a new rule is written.

use toml_writer::{ToTomlKey, ToTomlValue, TomlKeyBuilder, TomlStringBuilder};

use crate::instance::Action;

/// A rule as it is asked for. Nothing in it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    /// `name`.
    pub name: String,
    /// `action`.
    pub action: Action,
    /// `cron`.
    pub cron: String,
    /// `skip_on`, left out where it is empty.
    pub skip_on: Vec<String>,
    /// `only_on`, left out where it is empty.
    pub only_on: Vec<String>,
    /// `on`.
    pub on: Option<String>,
    /// `timezone`; `None`: the file's.
    pub timezone: Option<String>,
    /// `account`; `None`: the only one.
    pub account: Option<String>,
    /// `select`.
    pub select: NewSelector,
    /// `except`, left out where it is empty.
    pub except: NewSelector,
    /// `max_instances`; `None`: that of `[limits]`.
    pub max_instances: Option<u32>,
    /// `dry_run`.
    pub dry_run: bool,
}

/// `select` or `except` of a [`NewRule`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewSelector {
    /// Keys, and globs for their values.
    pub tags: Vec<(String, String)>,
    /// Globs.
    pub names: Vec<String>,
    /// Instance numbers.
    pub instances: Vec<String>,
}

impl NewRule {
    /// The entry, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            "[[rules]]".to_owned(),
            format!("name = {}", quoted(&self.name)),
            format!("action = {}", quoted(self.action.as_str())),
            format!("cron = {}", quoted(&self.cron)),
        ];
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
    /// As an inline table.
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

fn list(key: &str, texts: &[String]) -> Option<String> {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
    (!texts.is_empty()).then(|| format!("{key} = [{}]", texts.join(", ")))
}

/// A text in double quotes, on one line whatever it holds.
pub(super) fn quoted(text: &str) -> String {
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}

/// A key, quoted only where it must be.
fn bare(key: &str) -> String {
    TomlKeyBuilder::new(key).as_default().to_toml_key()
}
