//! `[[rules]]` as it is written.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use toml::Spanned;

use super::selector::{Selector, example_select};
use super::text::{DURATION, NAME, Text};
use super::texts::Texts;
use crate::model::instance::Action;
use crate::schedule::pace::AskSilence;
use crate::schedule::rule::{Drift, Start};

const ON_MANUAL_START: &str = r"^\s*(leave|notify|stop_after\s+([0-9]+[dhms])+)\s*$";
pub(super) const DAY: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
pub(super) const OFF: &str = concat!(
    r"^\s*([01]?[0-9]|2[0-3]):[0-5][0-9]\s*-",
    r"\s*(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)\s*$",
);
/// Days of the week may be written with spaces, in any case; calendars as they are.
const OFF_DAYS: &str = r"^(\s*[A-Za-z]{3}\s*(-\s*[A-Za-z]{3}\s*)?|(builtin:)?[A-Za-z0-9_-]+)$";
const ON: &str = r"^workdays(:(builtin:)?[A-Za-z0-9_-]+)?$";
const CALENDARS: [&str; 1] = ["kr"];
const ASK: [&str; 1] = ["./is-it-busy"];
/// The keys with which a rule says what it does when: any of these.
const WHEN: [&[&str]; 3] = [&["action", "cron"], &["off"], &["off_days"]];

/// What is done to which servers, and when: `action` and `cron`, or a window.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("anyOf" = WHEN.map(|keys| json!({ "required": keys }))))]
#[serde(deny_unknown_fields)]
pub(in crate::schedule) struct Rule {
    /// Unique; letters, digits, `-` and `_`.
    #[schemars(with = "String", regex(pattern = NAME), example = &"dev-nightly")]
    pub(in crate::schedule) name: Option<Text>,
    /// What it is for, in your words: shown beside the name. Where a rule says so, `check` takes
    /// its times for what you want, however unusual they are.
    #[schemars(with = "Option<String>", example = &"search team, every night")]
    pub(in crate::schedule) about: Option<String>,
    /// What the rule does; goes with `cron`.
    #[schemars(with = "Option<Action>", example = &"stop")]
    pub(in crate::schedule) action: Option<Spanned<Action>>,
    /// When: minute, hour, day of month, month, day of week, in local time; six fields begin
    /// with the second. Or `@daily` and the like.
    #[schemars(with = "Option<String>", example = &"0 20 * * MON-FRI")]
    pub(in crate::schedule) cron: Option<Text>,
    /// A window, in the place of `action` and `cron`: from when until when servers are off,
    /// every day, in local time. The rule stops them when it begins and starts them when it ends.
    #[schemars(with = "Option<Texts>", regex(pattern = OFF), inner(regex(pattern = OFF)))]
    #[schemars(example = &"20:00-08:00")]
    pub(in crate::schedule) off: Option<Spanned<Texts>>,
    /// The days that are off as a whole: `weekends`, `SAT`, `FRI-SUN`, or calendars, whose
    /// make-up days are not. Beside `off`, or alone.
    #[schemars(with = "Option<Texts>", regex(pattern = OFF_DAYS))]
    #[schemars(inner(regex(pattern = OFF_DAYS)), example = &"weekends")]
    pub(in crate::schedule) off_days: Option<Spanned<Texts>>,
    /// Calendars on whose days the rule does not fire.
    #[schemars(with = "Option<Vec<String>>", example = CALENDARS, extend("minItems" = 1))]
    pub(in crate::schedule) skip_on: Option<Spanned<Vec<Text>>>,
    /// Calendars on whose days alone the rule fires.
    #[schemars(with = "Option<Vec<String>>", example = CALENDARS, extend("minItems" = 1))]
    pub(in crate::schedule) only_on: Option<Spanned<Vec<Text>>>,
    /// `workdays`: fires only from Monday to Friday, not on holidays of the file's calendar, and
    /// on its make-up days. `workdays:NAME` where there are several calendars.
    #[schemars(with = "Option<String>", regex(pattern = ON), example = &"workdays")]
    pub(in crate::schedule) on: Option<Text>,
    /// The IANA time zone, where it is not the file's.
    #[schemars(with = "Option<String>", example = &"Asia/Seoul")]
    pub(in crate::schedule) timezone: Option<Text>,
    /// The account, where there is more than one.
    #[schemars(with = "Option<String>", regex(pattern = NAME), example = &"main")]
    pub(in crate::schedule) account: Option<Text>,
    /// Which servers. Keys that are given must all hold; at least one must be.
    #[schemars(with = "Selector", example = example_select(), extend("minProperties" = 1))]
    pub(in crate::schedule) select: Option<Spanned<Selector>>,
    /// Which of those are left alone.
    #[schemars(with = "Option<Selector>")]
    pub(in crate::schedule) except: Option<Selector>,
    /// How long to wait for a busy server, to retry, and to follow.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"10m")]
    #[schemars(extend("default" = "10m"))]
    pub(in crate::schedule) patience: Option<Text>,
    /// How late a firing that was missed while the daemon was away may still run. Default:
    /// `1h` for a stop, `0s` for a start.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"1h")]
    pub(in crate::schedule) late: Option<Text>,
    /// How many servers one firing may be about; outranks `[limits]`.
    #[schemars(with = "Option<u32>", range(min = 1, max = 1_000_000), example = 10)]
    pub(in crate::schedule) max_instances: Option<u32>,
    /// Whether the rule fires at all.
    #[schemars(with = "Option<bool>", example = true, extend("default" = true))]
    pub(in crate::schedule) enabled: Option<bool>,
    /// Why the rule is disabled; only beside `enabled = false`.
    #[schemars(with = "Option<String>", example = &"release week")]
    pub(in crate::schedule) disabled_because: Option<Text>,
    /// The day since which the rule is disabled; only beside `enabled = false`.
    #[schemars(with = "Option<String>", regex(pattern = DAY), example = &"2026-11-23")]
    pub(in crate::schedule) disabled_since: Option<Text>,
    /// `true`: fire, select and record, but send nothing.
    #[schemars(with = "Option<bool>", example = true, extend("default" = false))]
    pub(in crate::schedule) dry_run: Option<bool>,
    /// What happens when far more servers match than in the rule's last firings: `refuse`
    /// sends nothing, `allow` takes it for the new measure.
    #[schemars(with = "Option<Drift>", example = &"allow", extend("default" = "refuse"))]
    pub(in crate::schedule) drift: Option<Drift>,
    /// What becomes of a server that somebody starts after the rule stopped it: `leave` it
    /// until the rule fires next, `notify` those who asked for it, or `stop_after 2h`.
    #[schemars(with = "Option<String>", regex(pattern = ON_MANUAL_START), example = &"notify")]
    #[schemars(extend("default" = "leave"))]
    pub(in crate::schedule) on_manual_start: Option<Text>,
    /// What a rule that starts does start: `all` it selects, or only `ours`, those that lightsout
    /// itself stopped last, so that what a person stopped stays stopped. Default: `ours` for a
    /// window, else `all`.
    #[schemars(with = "Option<Start>", example = &"ours")]
    pub(in crate::schedule) start: Option<Spanned<Start>>,
    /// Of a start: the rule whose servers must be seen running first. The firing waits for them, as
    /// long as `patience`.
    #[schemars(with = "Option<String>", regex(pattern = NAME), example = &"db-start")]
    pub(in crate::schedule) after: Option<Text>,
    /// Of a stop: the program that is asked before each request, with its arguments. It reads the
    /// servers as JSON on its standard input, and may answer `busy, because …`.
    #[schemars(with = "Option<Vec<String>>", example = ASK, extend("minItems" = 1))]
    pub(in crate::schedule) ask: Option<Spanned<Vec<Text>>>,
    /// How long the program of `ask` may take.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"30s")]
    #[schemars(extend("default" = "30s"))]
    pub(in crate::schedule) ask_timeout: Option<Text>,
    /// What follows when the program of `ask` gives no answer: `go` on and stop, or `skip` the
    /// servers.
    #[schemars(with = "Option<AskSilence>", example = &"skip", extend("default" = "go"))]
    pub(in crate::schedule) ask_silence: Option<Spanned<AskSilence>>,
    /// The shortest time between two requests of a firing, which name up to 20 servers each.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"30s")]
    #[schemars(extend("default" = "0s"))]
    pub(in crate::schedule) stagger: Option<Text>,
    /// The longest delay by which a firing begins after its time. Each firing has a delay of its
    /// own, which `next` shows.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"5m")]
    #[schemars(extend("default" = "0s"))]
    pub(in crate::schedule) jitter: Option<Text>,
}
