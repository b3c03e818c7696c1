//! Reads the place of the log and the time zone from a schedules.toml, even from one with errors.
//! Readers of the log need no more.
//!
//! `file` reads everything.

use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::checker::LOG;
use super::read_error::ReadError;
use super::read_text::read_text;
use super::rule::Schedules;
use super::toml_text;
use super::web::WebTable;
use crate::text::normal_form::on_disk;
use crate::time::zone::Zone;

/// The part of a schedules.toml that readers of the log need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    pub text: String,
    /// The path of the log, relative to the folder of schedules.toml already.
    pub log: PathBuf,
    /// The zone of times on the command line.
    pub timezone: Zone,
    /// Whether the file says, or may say, who may use the page.
    pub has_web: bool,
}

impl Glimpse {
    /// Reads the file as far as possible. A part with errors counts as missing.
    ///
    /// # Errors
    /// The file cannot be read as text.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        Ok(Self::of(path, read_text(path)?))
    }

    /// The rules with their purpose, as far as they can be read.
    pub fn rule_names(&self) -> Vec<(String, Option<String>)> {
        let Ok(read) = toml_text::parse(&self.text) else { return Vec::new() };
        let table = read.table.into_inner();
        let rules = table.get("rules").and_then(|rules| rules.get_ref().as_array());
        let text = |rule: &DeValue<'_>, key| Some(rule.get(key)?.get_ref().as_str()?.to_owned());
        let named = |rule: &Spanned<DeValue<'_>>| {
            let rule = rule.get_ref();
            Some((text(rule, "name")?, text(rule, "about")))
        };
        rules.into_iter().flatten().filter_map(named).collect()
    }

    fn of(path: &Path, text: String) -> Self {
        let read = toml_text::parse(&text);
        let is_torn = read.as_ref().map_or(true, |read| !read.errors.is_empty());
        let read = read.map(|read| read.table.into_inner());
        let table = &read.unwrap_or_default();
        let words = |table: &DeTable<'_>, key: &str| {
            table.get(key).and_then(|value| value.get_ref().as_str().map(ToOwned::to_owned))
        };
        let audit = table.get("audit").and_then(|audit| match audit.get_ref() {
            DeValue::Table(audit) => words(audit, "path"),
            _ => None,
        });
        let log = audit.filter(|path| !path.is_empty()).unwrap_or_else(|| LOG.to_owned());
        let timezone = words(table, "timezone").and_then(|name| name.parse().ok());
        Self {
            log: on_disk(&path.parent().unwrap_or(Path::new("")).join(log)),
            timezone: timezone.unwrap_or(Zone::UTC),
            has_web: table.contains_key("web") || (is_torn && text.contains("web")),
            text,
        }
    }
}

impl From<&Schedules> for Glimpse {
    fn from(schedules: &Schedules) -> Self {
        Self {
            text: schedules.text.clone(),
            log: schedules.audit.path.clone(),
            timezone: schedules.timezone,
            has_web: schedules.web != WebTable::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_log_is_can_be_told_of_a_file_with_errors() {
        let all = "timezone = \"Asia/Seoul\"\n[audit]\npath = \"x.db\"\n";
        for (text, log, zone) in [
            (format!("{all}[web]\n[[rules]]\ncron = 5"), "/etc/x.db", "Asia/Seoul"),
            (format!("{all}[[rules]]\ncron = \"\n[web]"), "/etc/x.db", "Asia/Seoul"),
            (all.to_owned(), "/etc/x.db", "Asia/Seoul"),
            (format!("{all}[[rules]]\ncron = \"0 25"), "/etc/x.db", "Asia/Seoul"),
            (format!("{all}[[rules\n"), "/etc/x.db", "Asia/Seoul"),
            ("timezone = \"Asia/Soul\"\naudit = 1\n".to_owned(), "/etc/lightsout.db", "UTC"),
            ("[audit]\npath = \"\"\n".to_owned(), "/etc/lightsout.db", "UTC"),
            ("= = =".to_owned(), "/etc/lightsout.db", "UTC"),
        ] {
            let seen = Glimpse::of(Path::new("/etc/schedules.toml"), text.clone());
            let (has_web, log) = (text.contains("[web]"), PathBuf::from(log));
            let expected = Glimpse { text, log, timezone: zone.parse().unwrap(), has_web };
            assert_eq!(seen, expected);
        }
    }
}
