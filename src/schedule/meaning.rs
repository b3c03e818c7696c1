//! A hash of what a schedules.toml says, by which machines that share a log see whether they work
//! under the same one.
//!
//! Comments, order of keys, `[audit]` and `[web]` do not count; the days of calendars do.

use std::collections::BTreeMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use super::rule::Schedules;
use super::toml_text;

/// The tables that each machine has for itself.
const OWN: [&str; 2] = ["audit", "web"];

impl Schedules {
    /// SHA-256 of the meaning, in hexadecimal.
    pub fn meaning_sha256(&self) -> String {
        let mut said = String::new();
        if let Ok(read) = toml_text::parse(&self.text) {
            table(&mut said, read.table.get_ref(), &OWN);
        }
        for calendar in self.calendars.iter() {
            let days = (&calendar.holidays, &calendar.workdays);
            writeln!(said, "{}={days:?}", calendar.name).expect("a string takes everything");
        }
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(&said) {
            write!(hex, "{byte:02x}").expect("a string takes everything");
        }
        hex
    }
}

fn table(said: &mut String, of: &DeTable<'_>, without: &[&str]) {
    let sorted: BTreeMap<&str, &DeValue<'_>> =
        of.iter().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref())).collect();
    said.push('{');
    for (key, of) in sorted {
        if !without.contains(&key) {
            write!(said, "{key:?}=").expect("a string takes everything");
            value(said, of);
            said.push('\n');
        }
    }
    said.push('}');
}

fn value(said: &mut String, of: &DeValue<'_>) {
    let written = match of {
        DeValue::String(text) => write!(said, "{text:?}"),
        DeValue::Integer(number) => write!(said, "{number}"),
        DeValue::Float(number) => write!(said, "{number}"),
        DeValue::Boolean(is) => write!(said, "{is}"),
        DeValue::Datetime(at) => write!(said, "{at}"),
        DeValue::Array(all) => {
            said.push('[');
            for one in all {
                value(said, one.get_ref());
                said.push(',');
            }
            said.push(']');
            Ok(())
        }
        DeValue::Table(inner) => {
            table(said, inner, &[]);
            Ok(())
        }
    };
    written.expect("a string takes everything");
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn meaning(text: &str) -> String {
        let path = Path::new("schedules.toml");
        Schedules::parse(path, text).map(|(file, _)| file.meaning_sha256()).unwrap()
    }

    #[test]
    fn a_machine_has_its_own_log_and_page_and_everything_else_in_common() {
        let base = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
            [calendars.office]\ndates = [\"2026-12-24\"]\n\
            [[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
            select = { names = [\"dev-*\"] }\nskip_on = [\"office\"]\n";
        let here = meaning(base);
        let node = "[audit]\npath = \"other.db\"\n[web]\nlisten = \"127.0.0.1:8787\"\n";
        let moved = base.replace(
            "action = \"stop\"\ncron = \"0 20 * * *\"",
            "cron = '0 20 * * *' # at eight\naction = \"stop\"",
        );
        assert_eq!(
            [meaning(&format!("{base}{node}")), meaning(&moved)],
            [here.clone(), here.clone()]
        );
        for (from, to) in [("20 * * *", "21 * * *"), ("12-24", "12-25"), ("dev-*", "dev-?")] {
            assert_ne!(meaning(&base.replace(from, to)), here, "{to}");
        }
    }
}
