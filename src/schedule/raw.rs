//! Owns the written form of schedules.toml: names, types and defaults, before any check.
//!
//! Editors use the JSON Schema that is made from these types. `syntax` checks a file against the
//! same schema, so the two always agree. The docs of the types are the texts that an editor shows.

mod budget;
mod calendar;
mod expect;
mod notify;
mod overrides;
mod prices;
mod rule;
mod schema;
mod selector;
mod text;
mod texts;
mod web;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use text::{DURATION, NAME};
use toml::Spanned;

use crate::model::platform::Platform;

pub(super) use budget::Budget;
pub(super) use calendar::Calendar;
pub(super) use expect::Expect;
pub(super) use notify::Notify;
pub(super) use overrides::Override;
pub(super) use prices::{Price, Prices};
pub(super) use rule::Rule;
pub(super) use schema::schema;
pub use schema::schema_json;
pub(super) use selector::{Number, Selector};
pub(super) use text::Text;
pub(super) use texts::Texts;
pub(super) use web::Web;

const EVERY: &str = r"^(off|([0-9]+[dhms])+)$";
const REGIONS: [&str; 1] = ["KR"];

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
    /// The page in a browser, and who may use it.
    #[schemars(with = "Option<Web>")]
    pub(super) web: Option<Spanned<Web>>,
    /// What a daemon looks for between firings.
    #[schemars(with = "Option<Observe>")]
    pub(super) observe: Option<Observe>,
    /// For how long the provider lets a server be stopped, and what is done about it.
    #[schemars(with = "Option<Budget>")]
    pub(super) budget: Option<Budget>,
    /// Guards for every rule.
    #[schemars(with = "Option<Limits>")]
    pub(super) limits: Option<Limits>,
    /// How people hold servers who may not write the log, or have the console and not this machine.
    #[schemars(with = "Option<Holds>")]
    pub(super) holds: Option<Holds>,
    /// Servers that are never touched, by any rule or command. Any key that matches protects.
    #[schemars(with = "Option<Selector>")]
    pub(super) protect: Option<Selector>,
    /// What is done to which servers, and when.
    #[schemars(with = "Option<Vec<Rule>>")]
    pub(super) rules: Option<Spanned<Vec<Spanned<Rule>>>>,
    /// Days on which rules have other times, or none: a release week, a night of maintenance.
    #[schemars(with = "Option<Vec<Override>>")]
    pub(super) overrides: Option<Spanned<Vec<Spanned<Override>>>>,
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

/// The log of everything that was asked of the cloud and what became of it.
#[derive(Default, Deserialize, JsonSchema)]
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
    /// The PostgreSQL database in which several machines keep one log, without a password, or
    /// `env:NAME` for a variable with its URL.
    #[schemars(with = "Option<String>", example = &"postgres://lightsout@db.internal/lightsout")]
    pub(super) shared: Option<Text>,
    /// The name of this machine among those that share the log. Default: the machine's own.
    #[schemars(with = "Option<String>", regex(pattern = r"^[A-Za-z0-9._-]{1,63}$"), example = &"seoul-1")]
    pub(super) node: Option<Text>,
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
    /// `profile` for `~/.ncloud/configure`, or `file:PATH` in the same format. A file without a
    /// folder may be a credential of the service.
    #[schemars(with = "Option<String>", regex(pattern = "^(env|env:.+|profile|file:.+)$"))]
    #[schemars(example = &"env", extend("default" = "env"))]
    pub(super) credentials: Option<Text>,
    /// The proxy through which the account's calls leave, without user and password. Default:
    /// none, whatever the environment says.
    #[schemars(with = "Option<String>", example = &"http://proxy.example:3128")]
    pub(super) proxy: Option<Text>,
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

#[derive(Default, Deserialize, JsonSchema)]
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
    /// Stops leave servers alone that were made less than this ago.
    #[schemars(with = "Option<String>", regex(pattern = DURATION), example = &"1h")]
    #[schemars(extend("default" = "0s"))]
    pub(super) grace: Option<Text>,
}

/// How people hold servers who may not write the log, or have the console and not this machine.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Holds {
    /// The key of the tag that holds a server. Its value is the time until which it does,
    /// such as `2026-11-24 02:00`; a value that is no time holds for as long as `max_hold`.
    #[schemars(with = "Option<String>", length(min = 1), example = &"lightsout-hold")]
    pub(super) tag: Option<Text>,
    /// Where the daemon's group may hold and release without writing the log, relative to this
    /// file. Default: nowhere.
    #[schemars(with = "Option<String>", example = &"/run/lightsout/holds")]
    pub(super) socket: Option<Text>,
}
