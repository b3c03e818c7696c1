//! What a schedules.toml means once it has been checked: types that cannot be wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};

use super::budget::Budget;
use super::calendar::Calendars;
use super::cron::Occurrence;
use super::expect::Expectation;
use super::notify::{Notify, UrlSource};
use super::observe::OnManualStart;
use super::prices::Prices;
use super::problem::Problem;
use super::selector::{Selector, TagQuestions};
use super::times::{Skipped, Times};
use crate::model::instance::{AccountName, Action, RegionCode, RuleName};
use crate::model::platform::Platform;
use crate::text::sanitize::harmless;
use crate::time::zone::Zone;

#[derive(Clone)]
pub struct Schedules {
    /// The file as it was read: what the audit log keeps, so that it can be said under which
    /// text a firing ran.
    pub text: String,
    pub path: PathBuf,
    /// The zone of every rule that names none, and of times on the command line. Where the
    /// file names none: the one that all rules share, else UTC.
    pub timezone: Zone,
    /// `[audit]`.
    pub audit: AuditFile,
    /// `[accounts.NAME]`.
    pub accounts: BTreeMap<AccountName, Account>,
    /// `[budget]`.
    pub budget: Budget,
    /// `[limits] max_instances`: how many servers a firing may be about whose rule does not say.
    pub max_instances: u32,
    /// `[holds]`, and `[limits] max_hold`.
    pub holds: HoldTerms,
    /// `[calendars.NAME]`, and those built in that rules name.
    pub calendars: Calendars,
    /// `[protect]`: judged with [`Selector::any_of`].
    pub protect: Selector,
    /// `[[rules]]`, in the order of the file. A window is two: one that stops, and next to it one
    /// of the same name that starts.
    pub rules: Vec<Arc<Rule>>,
    /// `[[notify]]`.
    pub notify: Vec<Notify>,
    /// `[prices]`.
    pub prices: Option<Prices>,
    /// `heartbeat_url`: fetched after each good day.
    pub heartbeat_url: Option<UrlSource>,
    /// `[[expect]]`, in the order of the file.
    pub expect: Vec<Expectation>,
    /// Those that do not hold, once that has been looked at.
    pub(crate) unmet: Arc<OnceLock<Vec<Problem>>>,
    /// `[observe] every`: how often a daemon looks at its accounts between firings; `None`: never.
    pub observe: Option<Duration>,
}

/// `[audit]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditFile {
    /// Where the log is; already relative to the folder of schedules.toml.
    pub path: PathBuf,
    /// The mode the log is created with.
    pub mode: u32,
    /// For how long everything is kept; `None`: for ever.
    pub keep: Option<Duration>,
}

/// How rules and servers may be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldTerms {
    /// The key of the tag that holds a server; `None`: no tag does.
    pub tag: Option<String>,
    /// For how long a hold may last.
    pub longest: Duration,
}

/// `[accounts.NAME]`: one set of keys and what they are used on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: AccountName,
    /// Which of the two server APIs the account's servers live in.
    pub platform: Platform,
    /// `None`: `$NCLOUD_API_GW`, else the profile's `ncloud_api_url`, else the public site.
    pub gateway: Option<Gateway>,
    /// The Resource Manager's base URL; `None`: the site's own, or the gateway itself when that
    /// is a base URL of no known site.
    pub resource_manager: Option<String>,
    /// Empty: every region `getRegionList` names.
    pub regions: Vec<RegionCode>,
    pub credentials: CredentialSource,
}

/// `gateway`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// `public`.
    Public,
    /// `gov`: the government site.
    Gov,
    /// `fin`: the financial site.
    Fin,
    /// A base URL: `https`, or plain `http` to a loopback address.
    Url(String),
}

/// `credentials`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// `env`: NAVER's own variable names.
    Env,
    /// `env:PREFIX`: `PREFIX_ACCESS_KEY` and `PREFIX_SECRET_KEY`.
    EnvPrefix(String),
    /// `profile`: `~/.ncloud/configure`.
    Profile,
    /// `file:PATH`, in the profile's format; already relative to the folder of schedules.toml.
    File(PathBuf),
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
    All,
    /// Only what lightsout itself stopped last.
    Ours,
}

/// Since when and why a rule does not fire, as far as the file says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disabled {
    /// `disabled_since`.
    pub since: Option<NaiveDate>,
    /// `disabled_because`.
    pub because: Option<String>,
}

/// `disabled since 2026-11-23 (release week)`, as far as it is known.
impl fmt::Display for Disabled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("disabled")?;
        if let Some(since) = self.since {
            write!(f, " since {since}")?;
        }
        match &self.because {
            Some(because) => write!(f, " ({because})"),
            None => Ok(()),
        }
    }
}

/// What an entry of `[[rules]]` comes to: a rule, or the two of a window, which differ in their
/// action, times, `late` and `start` alone. Never empty.
pub type Entry = [Arc<Rule>];

/// One entry of `[[rules]]`, or half of one that is a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Unique in the file, but for the two of a window.
    pub name: RuleName,
    /// What it is for, in the words of whoever wrote it.
    pub about: Option<Arc<str>>,
    pub action: Action,
    /// When it fires, in local time.
    pub times: Times,
    /// In which zone.
    pub timezone: Zone,
    pub account: AccountName,
    /// Which servers it means; never empty.
    pub select: Selector,
    /// Which of those it leaves alone.
    pub except: Selector,
    /// How long to wait for a busy server, to retry, and to follow.
    pub patience: Duration,
    /// How late a firing that was missed may still run.
    pub late: Duration,
    /// How many servers one firing may be about, after `except` and `[protect]`.
    pub max_instances: u32,
    pub enabled: bool,
    /// Since when and why it does not; says nothing while it is enabled.
    pub disabled: Disabled,
    /// Whether its firings only record what they would ask.
    pub dry_run: bool,
    /// What happens when it matches far more than it used to.
    pub drift: Drift,
    /// What becomes of what somebody starts after it was stopped by this rule.
    pub on_manual_start: OnManualStart,
    /// Which of the servers that it selects it starts, if that is what it does.
    pub start: Start,
}

/// How much of what a rule is for stands beside its name.
const MOST_OF_ABOUT: usize = 60;

/// The name of a rule with what it is for beside it, on one line: `dev-hours (search team)`.
pub fn beside(name: &str, about: Option<&str>) -> String {
    let Some(about) = about.filter(|about| !about.trim().is_empty()) else {
        return name.to_owned();
    };
    let shown: String = harmless(about).chars().take(MOST_OF_ABOUT).collect();
    let more = if about.chars().count() > MOST_OF_ABOUT { "…" } else { "" };
    format!("{name} ({shown}{more})")
}

impl Rule {
    /// Whether the rule still does what was deferred: for a hold that is over, or since somebody
    /// started a server.
    pub fn does_deferred(&self, was_held: bool) -> bool {
        self.enabled && (was_held || matches!(self.on_manual_start, OnManualStart::StopAfter(_)))
    }

    /// Whether the other one does the same at the same times: what it selects, and what it lets
    /// be asked, may differ.
    pub fn fires_like(&self, other: &Self) -> bool {
        let what = |rule: &Self| {
            (rule.name.clone(), rule.account.clone(), rule.action, rule.timezone, rule.enabled)
        };
        what(self) == what(other) && self.times == other.times
    }

    /// Its first occurrence after `after`, enabled or not; `None` when there is none.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<Occurrence> {
        self.times.next_after(self.timezone, after)
    }

    /// When the window that it is half of next undoes, after `after`, what it does; `None` where
    /// it is of no window.
    pub fn undone_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let window = self.times.window()?;
        Some(window.next_after(self.action.opposite(), self.timezone, after)?.at)
    }

    /// What holidays alone prevent after `after`: the first occurrence of each day, in order.
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
            .field("notify", &self.notify)
            .field("prices", &self.prices)
            .field("heartbeat_url", &self.heartbeat_url)
            .field("expect", &self.expect)
            .field("observe", &self.observe)
            .finish_non_exhaustive()
    }
}

impl Schedules {
    /// Each entry of `[[rules]]`, in the order of the file.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.rules.chunk_by(|one, next| one.name == next.name)
    }

    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries().find(|entry| entry[0].name.as_str() == name)
    }

    /// The rule of that name that does this.
    pub fn rule(&self, name: &str, action: Action) -> Option<&Arc<Rule>> {
        self.entry(name)?.iter().find(|rule| rule.action == action)
    }

    /// What an account is on; `None` where the file does not know it.
    pub fn platform(&self, account: &AccountName) -> Option<Platform> {
        self.accounts.get(account).map(|account| account.platform)
    }

    /// Everything that must be known of tags to judge the given rules, `[protect]` and `[holds]`.
    pub fn tag_questions<'a>(&'a self, rules: impl IntoIterator<Item = &'a Rule>) -> TagQuestions {
        let asked = |rule: &'a Rule| (rule.action, &rule.select, &rule.except);
        let protect = Arc::new(self.protect.clone());
        TagQuestions::of(rules.into_iter().map(asked), &protect, self.holds.tag.clone())
    }
}
