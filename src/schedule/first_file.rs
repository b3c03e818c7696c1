//! Writes the first schedules.toml for the accounts that were found: commented, with a rule that
//! sends nothing yet.
//!
//! `check` judges the text like any other; the caller asks the cloud.

use super::edit::{bare, quoted};
use crate::model::platform::Platform;
use crate::model::tags_in_use::TagsInUse;
use crate::text::sanitize::harmless;

/// A firing may be about this many servers unless the file says otherwise.
const USUAL_MOST: usize = 50;

/// The most keys of tags that the file tells of.
const MOST_KEYS: usize = 20;

/// The column of comments.
const COMMENTS: usize = 38;

/// Keys of tags that say what a server is for.
const PURPOSES: [&str; 8] =
    ["env", "environment", "stage", "phase", "tier", "purpose", "환경", "용도"];

/// Values of such a key for servers that may be off at night, the most likely first.
const MAY_BE_OFF: [&str; 12] = [
    "dev",
    "develop",
    "development",
    "개발",
    "test",
    "테스트",
    "qa",
    "sandbox",
    "stg",
    "stage",
    "staging",
    "demo",
];

/// Values of such a key for servers that nobody may touch.
const NEVER_OFF: [&str; 6] = ["prod", "production", "prd", "live", "운영", "real"];

/// An account, with what is known of it.
#[derive(Clone, Debug)]
pub struct FirstAccount {
    pub name: &'static str,
    pub platform: Platform,
    /// The value of `credentials`.
    pub credentials: &'static str,
    /// The regions with their numbers of servers, or the reason why nothing is known.
    pub regions: Result<Vec<(String, usize)>, String>,
    /// The names of its servers.
    pub names: Vec<String>,
    pub tags: TagsInUse,
    /// The reason why tags could not be read.
    pub untagged: Option<String>,
}

impl FirstAccount {
    pub fn servers(&self) -> usize {
        self.regions.iter().flatten().map(|(_, servers)| servers).sum()
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("[accounts.{}]", self.name)];
        let platform = quoted(self.platform.as_str());
        let other = match self.platform {
            Platform::Vpc => "or \"classic\"",
            Platform::Classic => "or \"vpc\"",
        };
        lines.push(beside(&format!("platform = {platform}"), other));
        let keys = match self.credentials {
            "profile" => "~/.ncloud/configure; or \"env\", or \"file:PATH\"",
            _ => "NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY; or \"profile\", or \"file:PATH\"",
        };
        lines.push(beside(&format!("credentials = {}", quoted(self.credentials)), keys));
        match &self.regions {
            Err(reason) => {
                lines.push(format!("# It could not be read: {}", harmless(reason)));
                lines.push("# `lightsout accounts` tries it again.".to_owned());
            }
            Ok(regions) => {
                let with_servers = regions.iter().filter(|(_, servers)| *servers > 0);
                let counts: Vec<String> = with_servers
                    .map(|(region, servers)| format!("{servers} in {region}"))
                    .collect();
                lines.push(match &*counts {
                    [] => "# It has no servers yet. All of its regions are looked at.".to_owned(),
                    counts => format!(
                        "# Servers: {}. All of its regions are looked at.",
                        counts.join(", ")
                    ),
                });
                lines.extend(self.about_tags());
            }
        }
        lines.push(String::new());
        lines
    }

    fn about_tags(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(reason) = &self.untagged {
            lines.push(format!("# Its tags could not be read: {}", harmless(reason)));
        }
        let looked_at = self.tags.servers;
        if looked_at == 0 {
            return lines;
        }
        let whose = if looked_at < self.servers() {
            format!("of the {looked_at} servers that were looked at")
        } else {
            "of its servers".to_owned()
        };
        if self.tags.keys.is_empty() {
            lines.push(format!("# None {whose} has a tag."));
            return lines;
        }
        lines.push(format!("# The tags {whose}, with how many have each value:"));
        for key in self.tags.keys.keys().take(MOST_KEYS) {
            let values = self.tags.values(key).unwrap_or_default();
            lines.push(format!("#   {}  {}", harmless(key), harmless(&values)));
        }
        if let left @ 1.. = self.tags.keys.len().saturating_sub(MOST_KEYS) {
            lines.push(format!("#   and {left} more keys"));
        }
        lines
    }

    /// A key with one of its values, as far as any is on one of these lists.
    fn tagged(&self, wanted: &[&str]) -> Option<(&str, &str)> {
        let is = |one: &str, other: &str| one.to_lowercase() == other;
        PURPOSES.iter().find_map(|purpose| {
            let (key, values) = self.tags.keys.iter().find(|(key, _)| is(key, purpose))?;
            let value = wanted.iter().find_map(|it| values.keys().find(|value| is(value, it)))?;
            Some((key.as_str(), value.as_str()))
        })
    }
}

/// The text of the file. The first account has the rule.
pub fn first_file(accounts: &[FirstAccount]) -> String {
    let mut lines: Vec<String> = HEAD.lines().map(ToOwned::to_owned).collect();
    lines.push(String::new());
    lines.extend(accounts.iter().flat_map(FirstAccount::lines));
    lines.extend(protection(accounts));
    lines.extend(limits(accounts));
    lines.extend(BUDGET.lines().map(ToOwned::to_owned));
    lines.push(String::new());
    lines.extend(rule(accounts));
    lines.join("\n") + "\n"
}

const HEAD: &str = "\
# What goes off at night and on in the morning. `lightsout check` reads this file without doing
# anything, and `lightsout plan` says what each rule would do now. docs/file.md has every key.

timezone = \"Asia/Seoul\"               # for every rule that names no other";

const BUDGET: &str = "\
# NAVER Cloud is believed to return a server that was stopped for more than 180 days in 12 months:
# what has come that far is left running instead. docs/budget.md says more.
[budget]
at_limit = \"keep_running\"             # default: \"warn\"";

fn protection(accounts: &[FirstAccount]) -> Vec<String> {
    let mut lines = vec![
        "# Nothing here is ever touched, whatever a rule says: one match is enough.".to_owned(),
        "[protect]".to_owned(),
        "names = [\"*prod*\"]".to_owned(),
    ];
    if let Some((key, value)) = accounts.iter().find_map(|it| it.tagged(&NEVER_OFF)) {
        lines.push(format!("tags = {{ {} = {} }}", bare(key), quoted(value)));
    }
    lines.push(String::new());
    lines
}

fn limits(accounts: &[FirstAccount]) -> Vec<String> {
    let servers = accounts.iter().map(FirstAccount::servers).max().unwrap_or_default();
    let (most, why) = if servers > USUAL_MOST {
        (servers.next_multiple_of(10), format!("default 50, and {servers} servers were found"))
    } else {
        (USUAL_MOST, "default".to_owned())
    };
    vec![
        "# A rule that is about more servers than this sends nothing at all.".to_owned(),
        "[limits]".to_owned(),
        beside(&format!("max_instances = {most}"), &why),
        String::new(),
    ]
}

fn rule(accounts: &[FirstAccount]) -> Vec<String> {
    let tagged = accounts.first().and_then(|account| account.tagged(&MAY_BE_OFF));
    let select = match tagged {
        Some((key, value)) => {
            format!("select = {{ tags = {{ {} = {} }} }}", bare(key), quoted(value))
        }
        None => "select = { names = [\"dev-*\"] }".to_owned(),
    };
    let has_names =
        || accounts.iter().flat_map(|account| &account.names).any(|name| name.starts_with("dev-"));
    let whom = match tagged {
        Some(_) => "the servers with this tag".to_owned(),
        None if has_names() => "the servers with such a name".to_owned(),
        None => "CHANGE THIS: the names, or tags as in { tags = { env = \"dev\" } }".to_owned(),
    };
    let mut lines: Vec<String> = vec![
        "# Off in the evening, on in the morning; `off_days = [\"weekends\", \"builtin:kr\"]` also keeps",
        "# weekends and public holidays off. In the morning it starts what it stopped, and nothing else.",
        "[[rules]]",
        "name = \"dev-nights\"",
    ]
    .into_iter()
    .map(ToOwned::to_owned)
    .collect();
    if let [first, _, ..] = accounts {
        lines.push(format!("account = {}", quoted(first.name)));
    }
    lines.push("off = \"21:00-08:00\"".to_owned());
    lines.push(beside(&select, &whom));
    lines.push(beside(
        "dry_run = true",
        "records what it would do, and sends nothing; in earnest: false",
    ));
    lines
}

/// A line with a comment in the column of comments.
fn beside(line: &str, comment: &str) -> String {
    format!("{line:<COMMENTS$}# {comment}")
}
