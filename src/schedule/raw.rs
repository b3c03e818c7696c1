//! Owns the written form of schedules.toml: names, types and defaults, before any check.
//!
//! Editors use the JSON Schema that is made from these types. `syntax` checks a file against the
//! same schema, so the two always agree. The docs of the types are the texts that an editor shows.

mod budget;
mod notify;
mod prices;
mod text;
mod texts;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use serde_json::{Value, json};
use text::NAME;
use toml::Spanned;

use super::expect::ExpectedState;
use super::rule::{Drift, Start};
use crate::model::instance::Action;
use crate::model::platform::Platform;

pub(super) use budget::Budget;
pub(super) use notify::Notify;
pub(super) use prices::{Price, Prices};
pub(super) use text::Text;
pub(super) use texts::Texts;

const DURATION: &str = r"^([0-9]+[dhms])+$";
const EVERY: &str = r"^(off|([0-9]+[dhms])+)$";
const ON_MANUAL_START: &str = r"^\s*(leave|notify|stop_after\s+([0-9]+[dhms])+)\s*$";
const DAY: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$";
/// A day, or two with what stands between the ends of a range.
const DAYS: &str = concat!(
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    r"(\.\.[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$",
);
const OFF: &str = concat!(
    r"^\s*([01]?[0-9]|2[0-3]):[0-5][0-9]\s*-",
    r"\s*(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)\s*$",
);
/// Days of the week may be written with spaces, in any case; calendars as they are.
const OFF_DAYS: &str = r"^(\s*[A-Za-z]{3}\s*(-\s*[A-Za-z]{3}\s*)?|(builtin:)?[A-Za-z0-9_-]+)$";
const ON: &str = r"^workdays(:(builtin:)?[A-Za-z0-9_-]+)?$";
const REGIONS: [&str; 1] = ["KR"];
const NAMES: [&str; 1] = ["dev-*"];
const CALENDARS: [&str; 1] = ["kr"];
const INSTANCES: [&str; 1] = ["1021003"];
const DATES: [&str; 2] = ["2026-12-25", "2027-01-01..2027-01-03"];
const WITHOUT: [&str; 1] = ["Observance"];
const WORKDAYS: [&str; 1] = ["2026-12-26"];
/// The keys with which a rule says what it does when: any of these.
const WHEN: [&[&str]; 3] = [&["action", "cron"], &["off"], &["off_days"]];

/// Turns dev servers off and on by the calendar.
#[derive(Deserialize, JsonSchema)]
#[schemars(title = "schedules.toml")]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The IANA time zone of every rule that names none, and of times on the command line.
    #[schemars(with = "Option<String>", example = &"Asia/Seoul")]
    pub(super) timezone: Option<Text>,
    /// Fetched after each day in which no firing failed, as a dead-man's switch expects it: the
    /// URL, or `env:NAME` for a variable that holds it.
    #[schemars(with = "Option<String>", example = &"env:HEARTBEAT_URL")]
    pub(super) heartbeat_url: Option<Text>,
    /// The log of everything that was asked of the cloud and what became of it.
    #[schemars(with = "Option<Audit>")]
    pub(super) audit: Option<Audit>,
    /// One table for each set of keys, `[accounts.NAME]`; the names are yours.
    #[schemars(with = "Option<BTreeMap<String, Account>>")]
    #[schemars(extend("propertyNames" = { "pattern": NAME }))]
    pub(super) accounts: Option<Spanned<BTreeMap<Text, Spanned<Account>>>>,
    /// Days that rules skip, or fire on alone, `[calendars.NAME]`; the names are yours.
    #[schemars(with = "Option<BTreeMap<String, Calendar>>")]
    #[schemars(extend("propertyNames" = { "pattern": NAME }))]
    pub(super) calendars: Option<Spanned<BTreeMap<Text, Spanned<Calendar>>>>,
    /// What a daemon looks for between firings.
    #[schemars(with = "Option<Observe>")]
    pub(super) observe: Option<Observe>,
    /// For how long the provider lets a server be stopped, and what is done about it.
    #[schemars(with = "Option<Budget>")]
    pub(super) budget: Option<Budget>,
    /// Guards for every rule.
    #[schemars(with = "Option<Limits>")]
    pub(super) limits: Option<Limits>,
    /// How people hold servers who have the console and not this machine.
    #[schemars(with = "Option<Holds>")]
    pub(super) holds: Option<Holds>,
    /// Servers that are never touched, by any rule or command. Any key that matches protects.
    #[schemars(with = "Option<Selector>")]
    pub(super) protect: Option<Selector>,
    /// What is done to which servers, and when.
    #[schemars(with = "Option<Vec<Rule>>")]
    pub(super) rules: Option<Spanned<Vec<Spanned<Rule>>>>,
    /// Who is told of what.
    #[schemars(with = "Option<Vec<Notify>>")]
    pub(super) notify: Option<Spanned<Vec<Spanned<Notify>>>>,
    /// What servers cost, so that a report can say what was saved.
    #[schemars(with = "Option<Prices>")]
    pub(super) prices: Option<Prices>,
    /// What servers shall be at certain times: `lightsout test` says where the rules do not
    /// lead there.
    #[schemars(with = "Option<Vec<Expect>>")]
    pub(super) expect: Option<Spanned<Vec<Spanned<Expect>>>>,
}

/// What a server shall be at a time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    /// When: local time in the file's zone, or with an offset. A firing counts from its instant
    /// on.
    #[schemars(with = "String", example = &"2026-12-24 22:05")]
    pub(super) at: Option<Text>,
    /// Which server, as the cloud would show it.
    #[schemars(with = "ExpectedInstance", example = example_instance())]
    pub(super) instance: Option<Spanned<ExpectedInstance>>,
    /// What it shall be.
    #[schemars(with = "ExpectedState", example = &"stopped")]
    pub(super) state: Option<ExpectedState>,
    /// What it is for, in your words; said when it does not hold.
    #[schemars(with = "Option<String>", example = &"nobody works on Christmas Eve")]
    pub(super) because: Option<String>,
}

/// One server, as the cloud would show it. Nothing in it is a glob.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedInstance {
    /// Its name.
    #[schemars(with = "String", example = &"dev-api-1")]
    pub(super) name: Option<Text>,
    /// All its tags. Default: it has none.
    #[schemars(with = "Option<BTreeMap<String, String>>", example = example_tags())]
    pub(super) tags: Option<BTreeMap<String, Text>>,
    /// Its number. Default: none that any rule means.
    #[schemars(with = "Option<Number>", example = &"1021003")]
    pub(super) no: Option<Spanned<Number>>,
    /// Its account, where there is more than one.
    #[schemars(with = "Option<String>", regex(pattern = NAME), example = &"main")]
    pub(super) account: Option<Text>,
}

/// The log of everything that was asked of the cloud and what became of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Audit {
    /// Where the log is, relative to this file.
    #[schemars(with = "Option<String>", example = &"lightsout.db")]
    #[schemars(extend("default" = "lightsout.db"))]
    pub(super) path: Option<Text>,
    /// The mode the log is created with, in octal digits.
    #[schemars(with = "Option<String>", regex(pattern = "^0?[0-7]{3}$"), example = &"0640")]
    #[schemars(extend("default" = "0600"))]
    pub(super) mode: Option<Text>,
    /// For how long everything is kept. What is older is removed once a day, but for what is
    /// still needed. Default: for ever.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"400d")]
    pub(super) keep: Option<Text>,
}

/// One set of keys, and the servers they reach.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    /// Which of the two server APIs the account's servers live in.
    #[schemars(with = "Platform", example = &"vpc")]
    pub(super) platform: Option<Platform>,
    /// `public`, `gov`, `fin`, or the base URL of a gateway. Default: `$NCLOUD_API_GW`, else the
    /// profile's `ncloud_api_url`, else `public`.
    #[schemars(with = "Option<String>", example = &"public")]
    pub(super) gateway: Option<Text>,
    /// The base URL that answers questions about tags; with the path of its version where that
    /// is not `/api/v1`. Default: the site's own; any other gateway serves it itself.
    #[schemars(with = "Option<String>", example = &"https://resourcemanager.apigw.ntruss.com")]
    pub(super) resource_manager: Option<Text>,
    /// The codes of the regions to look in. Default: every region there is.
    #[schemars(with = "Option<Vec<String>>", example = REGIONS)]
    pub(super) regions: Option<Vec<Text>>,
    /// Where the keys are: `env`, `env:PREFIX` for `PREFIX_ACCESS_KEY` and `PREFIX_SECRET_KEY`,
    /// `profile` for `~/.ncloud/configure`, or `file:PATH` in the same format.
    #[schemars(with = "Option<String>", regex(pattern = "^(env|env:.+|profile|file:.+)$"))]
    #[schemars(example = &"env", extend("default" = "env"))]
    pub(super) credentials: Option<Text>,
}

/// Holidays, and days that are worked instead. Days are local days in the zone of each rule.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Calendar {
    /// An iCalendar file, relative to this file, or `builtin:kr` for the public holidays of Korea.
    #[schemars(with = "Option<String>", example = &"holidays.ics")]
    pub(super) ics: Option<Text>,
    /// Events of `ics` that are no holidays: those whose summary, description or category
    /// contains any of these texts, in any case. `[]` says that all are.
    #[schemars(with = "Option<Vec<String>>", inner(length(min = 1)), example = WITHOUT)]
    pub(super) without: Option<Vec<Text>>,
    /// Whether only events of `ics` count that last whole days.
    #[schemars(with = "Option<bool>")]
    #[schemars(extend("default" = false))]
    pub(super) all_day_only: Option<Spanned<bool>>,
    /// Days, and ranges of days with both ends included.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = DAYS)), example = DATES)]
    pub(super) dates: Option<Vec<Text>>,
    /// Days that are worked although they are weekends or holidays: make-up days.
    #[schemars(with = "Option<Vec<String>>", inner(regex(pattern = DAYS)), example = WORKDAYS)]
    pub(super) workdays: Option<Vec<Text>>,
}

/// What a daemon looks for between firings: what others started and stopped.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Observe {
    /// How often each account is read that an enabled rule acts on, and every one with `[budget]
    /// at_limit = "start"`; at least `1m`, or `off`.
    #[schemars(with = "Option<String>", regex(pattern = EVERY), example = &"15m")]
    #[schemars(extend("default" = "15m"))]
    pub(super) every: Option<Text>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    /// How many servers one firing may be about, after `except` and `[protect]`. A firing
    /// over it sends nothing.
    #[schemars(with = "Option<u32>", range(min = 1, max = 1_000_000), example = 50)]
    #[schemars(extend("default" = 50))]
    pub(super) max_instances: Option<u32>,
    /// For how long a rule or a server may be held at most.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"72h")]
    #[schemars(extend("default" = "72h"))]
    pub(super) max_hold: Option<Text>,
}

/// How people hold servers who have the console and not this machine.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Holds {
    /// The key of the tag that holds a server. Its value is the time until which it does,
    /// such as `2026-11-24 02:00`; a value that is no time holds for as long as `max_hold`.
    #[schemars(with = "Option<String>", length(min = 1), example = &"lightsout-hold")]
    pub(super) tag: Option<Text>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Selector {
    /// Globs; any of them may match the name.
    #[schemars(with = "Option<Vec<String>>", example = NAMES)]
    pub(super) names: Option<Spanned<Vec<Text>>>,
    /// Keys and globs for their values; all must hold. `"*"` means that the tag is there.
    #[schemars(with = "Option<BTreeMap<String, String>>", example = example_tags())]
    pub(super) tags: Option<Spanned<BTreeMap<Text, Text>>>,
    /// Server numbers; any of them may be the server's.
    #[schemars(with = "Option<Vec<Number>>", example = INSTANCES)]
    pub(super) instances: Option<Spanned<Vec<Spanned<Number>>>>,
}

/// What is done to which servers, and when: `action` and `cron`, or a window.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("anyOf" = WHEN.map(|keys| json!({ "required": keys }))))]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// Unique; letters, digits, `-` and `_`.
    #[schemars(with = "String", regex(pattern = NAME), example = &"dev-nightly")]
    pub(super) name: Option<Text>,
    /// What it is for, in your words: shown beside the name. Where a rule says so, `check` takes
    /// its times for what you want, however unusual they are.
    #[schemars(with = "Option<String>", example = &"search team, every night")]
    pub(super) about: Option<String>,
    /// What the rule does; goes with `cron`.
    #[schemars(with = "Option<Action>", example = &"stop")]
    pub(super) action: Option<Spanned<Action>>,
    /// When: minute, hour, day of month, month, day of week, in local time; six fields begin
    /// with the second. Or `@daily` and the like.
    #[schemars(with = "Option<String>", example = &"0 20 * * MON-FRI")]
    pub(super) cron: Option<Text>,
    /// A window, in the place of `action` and `cron`: from when until when servers are off,
    /// every day, in local time. The rule stops them when it begins and starts them when it ends.
    #[schemars(with = "Option<Texts>", regex(pattern = OFF), inner(regex(pattern = OFF)))]
    #[schemars(example = &"20:00-08:00")]
    pub(super) off: Option<Spanned<Texts>>,
    /// The days that are off as a whole: `weekends`, `SAT`, `FRI-SUN`, or calendars, whose
    /// make-up days are not. Beside `off`, or alone.
    #[schemars(with = "Option<Texts>", regex(pattern = OFF_DAYS))]
    #[schemars(inner(regex(pattern = OFF_DAYS)), example = &"weekends")]
    pub(super) off_days: Option<Spanned<Texts>>,
    /// Calendars on whose days the rule does not fire.
    #[schemars(with = "Option<Vec<String>>", example = CALENDARS, extend("minItems" = 1))]
    pub(super) skip_on: Option<Spanned<Vec<Text>>>,
    /// Calendars on whose days alone the rule fires.
    #[schemars(with = "Option<Vec<String>>", example = CALENDARS, extend("minItems" = 1))]
    pub(super) only_on: Option<Spanned<Vec<Text>>>,
    /// `workdays`: fires only from Monday to Friday, not on holidays of the file's calendar, and
    /// on its make-up days. `workdays:NAME` where there are several calendars.
    #[schemars(with = "Option<String>", regex(pattern = ON), example = &"workdays")]
    pub(super) on: Option<Text>,
    /// The IANA time zone, where it is not the file's.
    #[schemars(with = "Option<String>", example = &"Asia/Seoul")]
    pub(super) timezone: Option<Text>,
    /// The account, where there is more than one.
    #[schemars(with = "Option<String>", regex(pattern = NAME), example = &"main")]
    pub(super) account: Option<Text>,
    /// Which servers. Keys that are given must all hold; at least one must be.
    #[schemars(with = "Selector", example = example_select(), extend("minProperties" = 1))]
    pub(super) select: Option<Spanned<Selector>>,
    /// Which of those are left alone.
    #[schemars(with = "Option<Selector>")]
    pub(super) except: Option<Selector>,
    /// How long to wait for a busy server, to retry, and to follow.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"10m")]
    #[schemars(extend("default" = "10m"))]
    pub(super) patience: Option<Text>,
    /// How late a firing that was missed while the daemon was away may still run. Default:
    /// `1h` for a stop, `0s` for a start.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"1h")]
    pub(super) late: Option<Text>,
    /// How many servers one firing may be about; outranks `[limits]`.
    #[schemars(with = "Option<u32>", range(min = 1, max = 1_000_000), example = 10)]
    pub(super) max_instances: Option<u32>,
    /// Whether the rule fires at all.
    #[schemars(with = "Option<bool>", example = true, extend("default" = true))]
    pub(super) enabled: Option<bool>,
    /// Why the rule is disabled; only beside `enabled = false`.
    #[schemars(with = "Option<String>", example = &"release week")]
    pub(super) disabled_because: Option<Text>,
    /// The day since which the rule is disabled; only beside `enabled = false`.
    #[schemars(with = "Option<String>", regex(pattern = DAY), example = &"2026-11-23")]
    pub(super) disabled_since: Option<Text>,
    /// `true`: fire, select and record, but send nothing.
    #[schemars(with = "Option<bool>", example = true, extend("default" = false))]
    pub(super) dry_run: Option<bool>,
    /// What happens when far more servers match than in the rule's last firings: `refuse`
    /// sends nothing, `allow` takes it for the new measure.
    #[schemars(with = "Option<Drift>", example = &"allow", extend("default" = "refuse"))]
    pub(super) drift: Option<Drift>,
    /// What becomes of a server that somebody starts after the rule stopped it: `leave` it
    /// until the rule fires next, `notify` those who asked for it, or `stop_after 2h`.
    #[schemars(with = "Option<String>", regex(pattern = ON_MANUAL_START), example = &"notify")]
    #[schemars(extend("default" = "leave"))]
    pub(super) on_manual_start: Option<Text>,
    /// What a rule that starts does start: `all` it selects, or only `ours`, those that lightsout
    /// itself stopped last, so that what a person stopped stays stopped. Default: `ours` for a
    /// window, else `all`.
    #[schemars(with = "Option<Start>", example = &"ours")]
    pub(super) start: Option<Spanned<Start>>,
}

fn example_tags() -> Value {
    json!({ "env": "dev" })
}

fn example_select() -> Value {
    json!({ "tags": example_tags() })
}

fn example_instance() -> Value {
    json!({ "name": "dev-api-1", "tags": example_tags() })
}

/// A server number, as digits with or without quotes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Number(pub(super) String);

impl JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "integer"], "pattern": "^[0-9]+$" })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a server number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                Ok(Number(text.to_owned()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number.to_string()))
            }
        }
        from.deserialize_any(Digits)
    }
}

/// The schema of [`File`], without references.
pub(super) fn schema() -> Value {
    SchemaSettings::draft07()
        .with(|settings| settings.inline_subschemas = true)
        .with_transform(RecursiveTransform(without_null as fn(&mut schemars::Schema)))
        .into_generator()
        .into_root_schema_for::<File>()
        .into()
}

/// The JSON Schema of schedules.toml, for editors.
pub fn schema_json() -> String {
    format!("{:#}\n", schema())
}

/// TOML has no null: a key that may be left out is simply not required.
fn without_null(schema: &mut schemars::Schema) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(choices)) = schema.get_mut("anyOf") else { return };
    choices.retain(|choice| choice.get("type") != Some(&Value::from("null")));
    if let [Value::Object(only)] = choices.as_slice() {
        let only = only.clone();
        schema.remove("anyOf");
        for (key, value) in only {
            if schema.get(&key).is_none() {
                schema.insert(key, value);
            }
        }
    }
}
