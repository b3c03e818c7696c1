//! Worlds made at random: a fleet, its rules, and everything that happens before the plan.

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::clock::{Clock, SystemClock};
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::json;

/// `개발-1` and `운영` as macOS writes them.
const DEVELOPED: &str = "\u{1100}\u{1162}\u{1107}\u{1161}\u{11af}-1";
const OPERATED: &str = "\u{110b}\u{116e}\u{11ab}\u{110b}\u{1167}\u{11bc}";

const NAMES: &[&str] = &[
    "dev-1",
    "dev-2",
    "dev-db",
    "qa-1",
    "qa-[1]",
    "개발-1",
    DEVELOPED,
    "운영",
    OPERATED,
    "a*b",
    "a?b",
    "{dev,qa}",
    r"back\slash",
    "-1",
    "two words",
    "Dev-1",
];

const GLOBS: &[&str] = &[
    "*",
    "*",
    "dev-*",
    "{dev,qa}-*",
    "[!d]*",
    "개발-?",
    DEVELOPED,
    OPERATED,
    "?영",
    r"a\*b",
    "a?b",
    r"qa-\[1\]",
    r"\{*",
    r"*\\*",
    "[a-q]*",
    "-*",
    "two words",
    "*1*",
    "none",
];

const VALUES: &[&str] = &["", "dev", "prod", "de*", "운영", OPERATED];

const STATUSES: &[&str] =
    &["RUN", "RUN", "RUN", "NSTOP", "NSTOP", "INIT", "CREAT", "FSTOP", "SD_FL", "TERMT", "NEW"];

const OPERATIONS: &[&str] = &["NULL", "NULL", "NULL", "NULL", "SHTDN", "CHNG", "", "NEW"];

/// A fleet, its rules, and everything that happens before the plan.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) fleet: String,
    pub(super) schedules: String,
    /// The arguments of `fire` for each rule.
    pub(super) firings: Vec<String>,
    /// The subjects of holds, which may be unknown.
    pub(super) holds: Vec<&'static str>,
    /// The servers that the first rule gains after it was fired in earnest; `None`: it was not.
    pub(super) gained: Option<Vec<String>>,
}

/// A text as TOML. Every text in JSON is one.
fn quoted(text: &str) -> String {
    json!(text).to_string()
}

fn numbers() -> impl Strategy<Value = Vec<String>> {
    btree_set(1..27_u32, 1..5).prop_map(|all| all.iter().map(ToString::to_string).collect())
}

/// What a selector may say, without its brackets.
fn selector() -> impl Strategy<Value = String> {
    let names =
        btree_set(select(GLOBS), 1..4).prop_map(|globs| format!("names = {}", json!(globs)));
    // On VPC, a glob takes a call for each server, ten a second.
    let value = prop_oneof![8 => select(&["dev", "prod", OPERATED][..]), 1 => select(VALUES)];
    let tags = btree_map(select(&["env", "팀"][..]), value, 1..3);
    let tags = tags.prop_map(|tags| {
        let tags: Vec<_> = tags.iter().map(|(k, v)| format!("'{k}' = {}", quoted(v))).collect();
        format!("tags = {{ {} }}", tags.join(", "))
    });
    let instances = numbers().prop_map(|numbers| format!("instances = {}", json!(numbers)));
    prop_oneof![
        4 => names.clone(),
        2 => tags.clone(),
        1 => instances,
        1 => (names, tags).prop_map(|(names, tags)| format!("{names}, {tags}")),
    ]
}

/// A value of the hold tag, with a day or so to go.
fn hold_tag(now: DateTime<Utc>) -> impl Strategy<Value = String> {
    // Not the next hours: none may end between the plan and the firing.
    let hours = prop_oneof![-30..0_i64, 2..60_i64];
    (hours, select(&["%FT%H:%M:00Z", "%F %H:%M UTC", "%Y년 %m월 %d일 %H시 UTC"][..]))
        .prop_map(move |(hours, form)| (now + TimeDelta::hours(hours)).format(form).to_string())
}

/// One entry of the fleet, without its number and platform.
fn server(now: DateTime<Utc>) -> impl Strategy<Value = String> {
    (
        (select(NAMES), select(&["KR", "JPN"][..])),
        (select(STATUSES), select(OPERATIONS)),
        (weighted(0.6, select(VALUES)), weighted(0.2, select(VALUES))),
        weighted(0.2, hold_tag(now)),
        prop::bool::weighted(0.005),
    )
        .prop_map(|((name, region), (status, operation), (env, team), keep, is_odd)| {
            let tags = [("env", env), ("팀", team), ("keep", keep.as_deref())];
            let tags = tags.iter().filter_map(|(key, value)| Some((key, (*value)?)));
            let tags: Vec<_> = tags.map(|(k, v)| format!("'{k}' = {}", quoted(v))).collect();
            format!(
                "name = {}\nregion = '{region}'\nstatus = '{status}'\noperation = '{operation}'\n\
                 stop_takes = '0s'\nodd = {is_odd}\ntags = {{ {} }}\n",
                quoted(name),
                tags.join(", ")
            )
        })
}

/// The kinds of rules, each with the arguments that `fire` needs besides the name.
const KINDS: &[(&str, &[&str])] = &[
    ("action = 'stop'\ncron = '0 20 * * *'", &[""]),
    ("action = 'stop'\ncron = '0 20 * * *'", &[""]),
    ("action = 'start'\ncron = '0 7 * * *'", &[""]),
    ("action = 'start'\ncron = '0 7 * * *'\nstart = 'ours'", &[""]),
    ("off = '20:00-07:00'", &[" --action stop", " --action start"]),
];

/// A rule without its name, and the arguments that `fire` needs besides the name.
fn rule() -> impl Strategy<Value = (String, &'static [&'static str])> {
    (
        select(KINDS),
        (selector(), weighted(0.4, selector())),
        weighted(0.5, 1..12_u32),
        weighted(0.3, Just("timezone = 'America/New_York'\n")),
    )
        .prop_map(|((kind, arguments), (select, except), most, zone)| {
            let except = except.map(|except| format!("except = {{ {except} }}\n"));
            let most = most.map(|most| format!("max_instances = {most}\n"));
            let rule = format!(
                "{kind}\nselect = {{ {select} }}\npatience = '8s'\n{}{}{}",
                except.unwrap_or_default(),
                most.unwrap_or_default(),
                zone.unwrap_or_default()
            );
            (rule, arguments)
        })
}

pub(super) fn worlds() -> impl Strategy<Value = World> {
    let now = SystemClock::new().now();
    let hold = prop_oneof![
        2 => select(&["1", "2", "3", "4", "5"][..]),
        2 => select(NAMES),
        1 => Just("r0"),
    ];
    (
        select(&["vpc", "classic"][..]),
        vec(server(now), 5..26),
        vec(rule(), 1..5),
        (weighted(0.5, selector()), weighted(0.4, Just("[holds]\ntag = 'keep'\n"))),
        vec(hold, 0..3),
        weighted(0.2, subsequence((1..26_u32).collect::<Vec<_>>(), 0..25)),
    )
        .prop_map(|(platform, servers, rules, (protect, tag), holds, gained)| {
            let numbered = servers.iter().zip(1..);
            let fleet: Vec<_> = numbered
                .map(|(it, no)| format!("[[servers]]\nno = '{no}'\nplatform = '{platform}'\n{it}"))
                .collect();
            let mut schedules =
                format!("timezone = 'Asia/Seoul'\n[accounts.main]\nplatform = '{platform}'\n");
            schedules.extend(protect.map(|protect| {
                format!("[protect]\n{}\n", protect.replace("}, ", "}\n").replace("], ", "]\n"))
            }));
            schedules.extend(tag);
            let mut firings = Vec::new();
            if gained.is_some() {
                firings.push("grows".to_owned());
                schedules.push_str(GROWS);
            }
            for (index, (rule, arguments)) in rules.iter().enumerate() {
                schedules.extend(["[[rules]]\nname = 'r", &index.to_string(), "'\n", rule]);
                firings.extend(arguments.iter().map(|more| format!("r{index}{more}")));
            }
            let text = |no: u32| no.to_string();
            World {
                fleet: format!("regions = ['KR', 'JPN']\n{}", fleet.concat()),
                schedules,
                firings,
                holds,
                gained: gained.map(|gained| gained.into_iter().map(text).collect()),
            }
        })
}

/// A rule that stops servers before the plan, so that others start what it stopped.
const GROWS: &str = "[[rules]]\nname = 'grows'\naction = 'stop'\ncron = '0 20 * * *'\n\
    select.names = ['dev-*']\npatience = '8s'\n";
