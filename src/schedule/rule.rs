//! Owns the meaning of a checked schedules.toml: types that cannot be wrong.
//!
//! `check` makes them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::audit_file::AuditFile;
use super::budget::Budget;
use super::calendar::Calendars;
use super::cron::Occurrence;
use super::expect::Expectation;
use super::notify::{Notify, UrlSource};
use super::observe::OnManualStart;
use super::overrides::{Override, OverrideEntry};
use super::pace::Pace;
use super::prices::Prices;
use super::problem::Problem;
use super::selector::Selector;
use super::tag_questions::TagQuestions;
use super::times::{Skipped, Times};
use super::web::WebTable;
use crate::model::instance::{AccountName, Action, RegionCode, RuleName};
use crate::model::language::Language;
use crate::model::platform::Platform;
use crate::text::sanitize::harmless;
use crate::text::secret_file::SecretFile;
use crate::time::zone::Zone;

#[derive(Clone)]
pub struct Schedules {
    /// The text of the file. The audit log keeps it, to show the text under which a firing ran.
    pub text: String,
    pub path: PathBuf,
    /// The zone of rules without one, and of times on the command line. If the file names none: the
    /// zone that all rules share, or UTC.
    pub timezone: Zone,
    pub audit: AuditFile,
    pub accounts: BTreeMap<AccountName, Account>,
    pub budget: Budget,
    /// `[limits] max_instances`: the most servers of a firing, if its rule gives no number.
    pub max_instances: u32,
    /// `[holds]`, and `[limits] max_hold`.
    pub holds: HoldTerms,
    /// `[calendars.NAME]`, and the built-in calendars that rules name.
    pub calendars: Calendars,
    /// `[protect]`: judged by [`Selector::any_of`].
    pub protect: Selector,
    /// `[[rules]]`, in the order of the file. A window is two rules of the same name: the stop, and
    /// next to it the start.
    pub rules: Vec<Arc<Rule>>,
    /// `[[overrides]]`, in the order of the file. Each rule has its own too.
    pub overrides: Vec<OverrideEntry>,
    pub notify: Vec<Notify>,
    pub prices: Option<Prices>,
    /// `heartbeat_url`: fetched after each good day.
    pub heartbeat_url: Option<UrlSource>,
    /// `[[expect]]`, in the order of the file.
    pub expect: Vec<Expectation>,
    /// The expectations that do not hold, once they have been tested.
    pub(crate) unmet: Arc<OnceLock<Vec<Problem>>>,
    /// `[observe] every`: the interval of a daemon's observations; `None` for never.
    pub observe: Option<Duration>,
    pub web: WebTable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldTerms {
    /// The key of the tag that holds a server; `None` if no tag does.
    pub tag: Option<String>,
    /// The path of the socket on which the daemon holds and releases for its group; `None` for no
    /// socket.
    pub socket: Option<PathBuf>,
    /// The longest hold.
    pub longest: Duration,
}

/// `[accounts.NAME]`: one set of keys and its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: AccountName,
    pub platform: Platform,
    /// `None`: `$NCLOUD_API_GW`, else the profile's `ncloud_api_url`, else the public site.
    pub gateway: Option<Gateway>,
    /// The base URL of the Resource Manager; `None` for that of the site, or for the gateway itself
    /// if its base URL belongs to no known site.
    pub resource_manager: Option<String>,
    /// Empty for every region of `getRegionList`.
    pub regions: Vec<RegionCode>,
    pub credentials: CredentialSource,
    /// The URL of the proxy for calls by `https`.
    pub proxy: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gateway {
    Public,
    /// `gov`: the government site.
    Gov,
    /// `fin`: the financial site.
    Fin,
    /// A base URL: `https`, or plain `http` to a loopback address.
    Url(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// `env`: NAVER's own variable names.
    Env,
    /// `env:PREFIX`: `PREFIX_ACCESS_KEY` and `PREFIX_SECRET_KEY`.
    EnvPrefix(String),
    /// `profile`: `~/.ncloud/configure`.
    Profile,
    /// `file:PATH`, in the profile's format. The path is relative to the folder of schedules.toml
    /// already.
    File(SecretFile),
}

/// `drift`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Drift {
    #[default]
    /// Nothing is sent.
    Refuse,
    /// It goes ahead, and is the new measure.
    Allow,
}

/// `start`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    #[default]
    /// Whatever it selects.
    All,
    /// Only what lightsout itself stopped last.
    Ours,
}

/// The day and the reason of a disabled rule, as far as the file gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disabled {
    pub since: Option<NaiveDate>,
    pub because: Option<String>,
}

impl Disabled {
    /// `disabled since 2026-11-23 (release week)`, as far as known.
    pub fn in_language(&self, language: Language) -> String {
        let word = language.either(["disabled", "비활성"]);
        let said = match self.since {
            Some(since) => {
                language.either([format!("{word} since {since}"), format!("{since}부터 {word}")])
            }
            None => word.to_owned(),
        };
        match &self.because {
            Some(because) => {
                language.either([format!("{said} ({because})"), format!("{said}({because})")])
            }
            None => said,
        }
    }
}

impl fmt::Display for Disabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

/// The rules of one entry of `[[rules]]`: one rule, or the two of a window, which differ only in
/// action, times, `late` and `start`. Never empty.
pub type RuleEntry = [Arc<Rule>];

/// One entry of `[[rules]]`, or half of a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Unique in the file, except for the two rules of a window.
    pub name: RuleName,
    /// The purpose, in the author's words.
    pub about: Option<Arc<str>>,
    pub action: Action,
    pub times: Times,
    pub timezone: Zone,
    pub account: AccountName,
    /// The servers of the rule; never empty.
    pub select: Selector,
    /// The servers of `select` that the rule leaves alone.
    pub except: Selector,
    /// The longest time to wait for a busy server, to retry, and to follow.
    pub patience: Duration,
    /// The longest delay of a missed firing that still runs.
    pub late: Duration,
    /// The most servers of one firing, after `except` and `[protect]`.
    pub max_instances: u32,
    pub enabled: bool,
    /// Empty while the rule is enabled.
    pub disabled: Disabled,
    /// Whether its firings only record the requests, and send none.
    pub dry_run: bool,
    /// The reaction to far more matching servers than before.
    pub drift: Drift,
    /// The reaction to a start, by somebody else, of a server that this rule stopped.
    pub on_manual_start: OnManualStart,
    /// The selected servers that a starting rule starts.
    pub start: Start,
    pub pace: Pace,
}

/// The most characters of a purpose beside a name.
const MOST_OF_ABOUT: usize = 60;

/// The name of a rule with its purpose, on one line: `dev-hours (search team)`.
pub fn beside(name: &str, about: Option<&str>) -> String {
    let Some(about) = about.filter(|about| !about.trim().is_empty()) else {
        return name.to_owned();
    };
    let shown: String = harmless(about).chars().take(MOST_OF_ABOUT).collect();
    let more = if about.chars().count() > MOST_OF_ABOUT { "…" } else { "" };
    format!("{name} ({shown}{more})")
}

impl Rule {
    /// Whether the rule still does a deferred action: after a hold or a grace, or after a start by
    /// somebody else.
    pub fn does_deferred(&self, was_held: bool) -> bool {
        self.enabled && (was_held || matches!(self.on_manual_start, OnManualStart::StopAfter(_)))
    }

    /// Whether the other rule has the same action at the same times. Its selectors and limits may
    /// differ.
    pub fn fires_like(&self, other: &Self) -> bool {
        let what = |rule: &Self| {
            (rule.name.clone(), rule.account.clone(), rule.action, rule.timezone, rule.enabled)
        };
        what(self) == what(other) && self.times == other.times
    }

    /// Its first occurrence after `after`, enabled or not; `None` if there is none.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<Occurrence> {
        self.times.next_after(self.timezone, after)
    }

    /// The next time after `after` at which its window undoes its action; `None` if it belongs to
    /// no window.
    pub fn undone_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.times.undone_after(self.timezone, after)
    }

    /// The override that makes an occurrence what it is.
    pub fn override_of(&self, occurrence: &Occurrence) -> Option<&Override> {
        self.times.override_of(self.timezone, occurrence)
    }

    /// The occurrences after `after` that only holidays or overrides prevent: the first of each
    /// day, in order.
    pub fn skipped(&self, after: DateTime<Utc>) -> impl Iterator<Item = Skipped<'_>> {
        self.times.skipped(self.timezone, after)
    }

    /// All its occurrences after `after`, in order, enabled or not.
    pub fn occurrences(&self, after: DateTime<Utc>) -> impl Iterator<Item = Occurrence> + '_ {
        self.times.occurrences(self.timezone, after)
    }
}

/// Without the text, which may hold the URL of a webhook.
impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedules")
            .field("path", &self.path)
            .field("timezone", &self.timezone)
            .field("audit", &self.audit)
            .field("accounts", &self.accounts)
            .field("budget", &self.budget)
            .field("max_instances", &self.max_instances)
            .field("holds", &self.holds)
            .field("calendars", &self.calendars)
            .field("protect", &self.protect)
            .field("rules", &self.rules)
            .field("overrides", &self.overrides)
            .field("notify", &self.notify)
            .field("prices", &self.prices)
            .field("heartbeat_url", &self.heartbeat_url)
            .field("expect", &self.expect)
            .field("observe", &self.observe)
            .field("web", &self.web)
            .finish_non_exhaustive()
    }
}

impl Schedules {
    /// Each entry of `[[rules]]`, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = &RuleEntry> {
        self.rules.chunk_by(|one, next| one.name == next.name)
    }

    pub fn entry(&self, name: &str) -> Option<&RuleEntry> {
        self.entries().find(|entry| entry[0].name.as_str() == name)
    }

    /// The rule of this name with this action.
    pub fn rule(&self, name: &str, action: Action) -> Option<&Arc<Rule>> {
        self.entry(name)?.iter().find(|rule| rule.action == action)
    }

    /// The platform of an account; `None` if the file does not have the account.
    pub fn platform(&self, account: &AccountName) -> Option<Platform> {
        self.accounts.get(account).map(|account| account.platform)
    }

    /// All questions about tags that must be answered to judge these rules, `[protect]` and
    /// `[holds]`.
    pub fn tag_questions<'a>(&'a self, rules: impl IntoIterator<Item = &'a Rule>) -> TagQuestions {
        let asked = |rule: &'a Rule| (rule.action, &rule.select, &rule.except);
        let protect = Arc::new(self.protect.clone());
        TagQuestions::of(rules.into_iter().map(asked), &protect, self.holds.tag.clone())
    }
}
