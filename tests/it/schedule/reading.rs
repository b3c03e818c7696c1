//! A whole file: what it comes to, and what cannot be read at all.

mod clashes;
mod problems;

use std::path::{Path, PathBuf};
use std::time::Duration;

use lightsout::model::instance::{AccountName, Action, InstanceNo, RegionCode};
use lightsout::model::language::Language;
use lightsout::model::platform::Platform;
use lightsout::schedule::glob::Glob;
use lightsout::schedule::notify::{Channel, Event, Format, Notify, SecretUrl, UrlSource};
use lightsout::schedule::observe::OnManualStart;
use lightsout::schedule::report_times::ReportTimes;
use lightsout::schedule::selector::{Clause, Selector, TagQuestion};
use lightsout::schedule::{
    Account, AuditFile, CredentialSource, Gateway, HoldTerms, Problem, Schedules,
};
use lightsout::text::secret_file::SecretFile;
use lightsout::time::zone::Zone;

const DAY: Duration = Duration::from_secs(86_400);
const MINUTE: Duration = Duration::from_secs(60);

const FULL: &str = r#"
timezone = "Asia/Seoul"
heartbeat_url = "env:HEARTBEAT_URL"

[audit]
path = "log/lightsout.db"
mode = "0640"
keep = "400d"

[accounts.main]
platform = "vpc"
gateway = "https://Gateway.Example.com:8443/"
resource_manager = "http://[::1]:9000"
proxy = "http://proxy.example.com:3128/"
regions = ["KR", "SGN"]
credentials = "file:keys/main"

[accounts.old]
platform = "classic"
gateway = "fin"
credentials = "env:OLD"

[observe]
every = "5m"

[limits]
max_instances = 20
max_hold = "48h"

[holds]
tag = "lightsout-hold"
socket = "/run/lightsout/holds"

[protect]
names = ["*prod*"]
tags = { env = "{prod,live}" }
instances = ["1", 2]

[[rules]]
name = "all"
action = "start"
cron = "0 0 7 * * *"
timezone = "Europe/Berlin"
account = "old"
select = { names = ["a", "b*"], tags = { "팀" = "*" }, instances = [1021003] }
except = { names = ["b2"] }
patience = "5m"
late = "1h30m"
max_instances = 3
enabled = false
dry_run = true

[[rules]]
name = "few"
action = "stop"
cron = "@daily"
account = "main"
select = { names = ["*"] }
on_manual_start = "stop_after 1h30m"

[[rules]]
name = "few-again"
action = "start"
cron = "0 7 * * *"
account = "main"
select = { names = ["*"] }

[[notify]]
name = "team"
url = "https://hooks.example.com/services/secret"
format = "teams"
on = ["summary", "log", "summary"]

[[notify]]
command = ["./tell", "--at", "home"]

[[notify]]
url = "env:NOTIFY_URL"

[[notify]]
name = "boss"
url = "env:MONTHLY_URL"
language = "ko"
on = ["report"]
cron = "0 9 1 * *"
timezone = "Europe/Berlin"
"#;

fn read(text: &str) -> (Schedules, Vec<Problem>) {
    Schedules::parse(Path::new("/etc/lightsout/schedules.toml"), text).unwrap()
}

fn account(name: &str) -> AccountName {
    AccountName::new(name).unwrap()
}

fn names(texts: &[&str]) -> impl Iterator<Item = Clause> {
    texts.iter().map(|text| Clause::Name(Glob::new(text).unwrap()))
}

fn tag(key: &str, value: &str) -> Clause {
    Clause::Tag(TagQuestion { key: key.to_owned(), value: Glob::new(value).unwrap() })
}

fn numbers(texts: &[&str]) -> impl Iterator<Item = Clause> {
    texts.iter().map(|text| Clause::Number(InstanceNo::new(*text).unwrap()))
}

#[test]
fn everything_outside_the_rules_is_read() {
    let (schedules, warnings) = read(FULL);
    assert_eq!(warnings, []);
    assert_eq!(schedules.text, FULL);
    assert_eq!(schedules.timezone.name(), "Asia/Seoul");
    let path = PathBuf::from("/etc/lightsout/log/lightsout.db");
    assert_eq!(
        schedules.audit,
        AuditFile { path, mode: 0o640, keep: Some(400 * DAY), shared: None }
    );
    assert_eq!(schedules.observe, Some(Duration::from_secs(300)));
    let main = Account {
        name: account("main"),
        platform: Platform::Vpc,
        gateway: Some(Gateway::Url("https://gateway.example.com:8443".to_owned())),
        resource_manager: Some("http://[::1]:9000".to_owned()),
        regions: ["KR", "SGN"].map(|code| RegionCode::new(code).unwrap()).to_vec(),
        credentials: CredentialSource::File(SecretFile::new(
            "keys/main",
            "/etc/lightsout/keys/main".into(),
        )),
        proxy: Some("http://proxy.example.com:3128".to_owned()),
    };
    let old = Account {
        name: account("old"),
        platform: Platform::Classic,
        gateway: Some(Gateway::Fin),
        resource_manager: None,
        regions: Vec::new(),
        credentials: CredentialSource::EnvPrefix("OLD".to_owned()),
        proxy: None,
    };
    assert_eq!(schedules.accounts.into_values().collect::<Vec<_>>(), [main, old]);
    let (key, socket) = ("lightsout-hold".to_owned(), "/run/lightsout/holds".into());
    let holds = HoldTerms { tag: Some(key), socket: Some(socket), longest: 2 * DAY };
    assert_eq!(schedules.holds, holds);
    let tags = [tag("env", "{prod,live}")];
    let protect = Selector::of(names(&["*prod*"]).chain(tags).chain(numbers(&["1", "2"])));
    assert_eq!(schedules.protect, protect);
}

#[test]
fn every_key_of_a_rule_is_read() {
    let (schedules, _) = read(FULL);
    let rule = schedules.rule("all", Action::Start).unwrap();
    assert_eq!(rule.action, Action::Start);
    assert_eq!(rule.times.to_string(), "0 0 7 * * *");
    assert_eq!(rule.timezone.name(), "Europe/Berlin");
    assert_eq!(rule.account, account("old"));
    let tags = [tag("팀", "*")];
    let select = Selector::of(names(&["a", "b*"]).chain(tags).chain(numbers(&["1021003"])));
    assert_eq!(rule.select, select);
    assert_eq!(rule.except, Selector::of(names(&["b2"])));
    assert_eq!(rule.patience, Duration::from_secs(300));
    assert_eq!(rule.late, Duration::from_secs(5_400));
    assert_eq!((rule.max_instances, rule.enabled, rule.dry_run), (3, false, true));
}

#[test]
fn every_target_of_notices_is_read_and_no_url_is_shown() {
    let (schedules, _) = read(FULL);
    let variable = |name: &str| UrlSource::Variable(name.to_owned());
    let url = SecretUrl::parse("https://hooks.example.com/services/secret").unwrap();
    let team = Notify {
        name: "team".to_owned(),
        channel: Channel::Post { url: UrlSource::Written(url), format: Format::Teams },
        on: [Event::Log, Event::Summary].into(),
        language: Language::English,
        ahead: None,
        report: None,
    };
    let tell = Notify {
        name: "tell".to_owned(),
        channel: Channel::Command {
            program: "/etc/lightsout/./tell".into(),
            arguments: vec!["--at".to_owned(), "home".to_owned()],
        },
        on: Event::DEFAULT.into(),
        language: Language::English,
        ahead: None,
        report: None,
    };
    let hidden = Notify {
        name: "NOTIFY_URL".to_owned(),
        channel: Channel::Post { url: variable("NOTIFY_URL"), format: Format::Json },
        on: Event::DEFAULT.into(),
        language: Language::English,
        ahead: None,
        report: None,
    };
    let boss = Notify {
        name: "boss".to_owned(),
        channel: Channel::Post { url: variable("MONTHLY_URL"), format: Format::Json },
        on: [Event::Report].into(),
        language: Language::Korean,
        ahead: None,
        report: Some(ReportTimes {
            cron: "0 9 1 * *".parse().unwrap(),
            zone: "Europe/Berlin".parse().unwrap(),
        }),
    };
    let debug = format!("{schedules:?}");
    assert!(debug.contains("hooks.example.com") && !debug.contains("secret"), "{debug}");
    assert_eq!(schedules.notify, [team, tell, hidden, boss]);
    assert_eq!(schedules.heartbeat_url, Some(variable("HEARTBEAT_URL")));
}

#[test]
fn what_a_rule_leaves_out_has_the_defaults_of_the_contract() {
    let (schedules, _) = read(FULL);
    let (stop, start) = (
        schedules.rule("few", Action::Stop).unwrap(),
        schedules.rule("few-again", Action::Start).unwrap(),
    );
    assert_eq!(stop.timezone.name(), "Asia/Seoul");
    assert_eq!(stop.except, Selector::default());
    assert_eq!(stop.patience, Duration::from_secs(600));
    assert_eq!((stop.late, start.late), (Duration::from_secs(3_600), Duration::ZERO));
    assert_eq!((stop.max_instances, stop.enabled, stop.dry_run), (20, true, false));

    let least = "
        accounts.main.platform = 'vpc'
        [[rules]]
        name = 'r'
        action = 'stop'
        cron = '@daily'
        timezone = 'Asia/Tokyo'
        select.names = ['*']
    ";
    let (schedules, warnings) = read(least);
    assert_eq!(warnings, []);
    assert_eq!(schedules.timezone.name(), "Asia/Tokyo", "the zone that all rules share");
    let path = PathBuf::from("/etc/lightsout/lightsout.db");
    assert_eq!(schedules.audit, AuditFile { path, mode: 0o600, keep: None, shared: None });
    let main = &schedules.accounts[&account("main")];
    assert_eq!((&main.gateway, &main.credentials), (&None, &CredentialSource::Env));
    assert_eq!(schedules.holds, HoldTerms { tag: None, socket: None, longest: 3 * DAY });
    assert_eq!(schedules.rules[0].account, account("main"));
    assert_eq!(schedules.rules[0].max_instances, 50);
}

#[test]
fn what_others_do_is_looked_for_and_left_unless_the_file_says_otherwise() {
    let rule = |more: &str| {
        format!(
            "timezone = 'UTC'\naccounts.main.platform = 'vpc'\n[[rules]]\nname = 'r'\n\
             action = 'stop'\ncron = '@daily'\nselect.names = ['*']\n{more}"
        )
    };
    for (written, expected) in [
        ("", OnManualStart::Leave),
        ("on_manual_start = 'leave'", OnManualStart::Leave),
        ("on_manual_start = 'notify'", OnManualStart::Notify),
        ("on_manual_start = 'stop_after 90m'", OnManualStart::StopAfter(90 * MINUTE)),
    ] {
        assert_eq!(read(&rule(written)).0.rules[0].on_manual_start, expected, "{written}");
    }
    for (written, expected) in [
        ("", Some(15 * MINUTE)),
        ("observe = {}", Some(15 * MINUTE)),
        ("observe.every = '1m'", Some(MINUTE)),
        ("observe.every = 'off'", None),
    ] {
        let text = format!("{written}\n{}", rule(""));
        assert_eq!(read(&text).0.observe, expected, "{written}");
    }
}

#[test]
fn a_file_without_rules_has_no_zone_but_utc() {
    let (schedules, warnings) = read("");
    assert_eq!(schedules.timezone, Zone::UTC);
    let said: Vec<_> = warnings.iter().map(Problem::to_string).collect();
    assert_eq!(
        said,
        ["/etc/lightsout/schedules.toml:1:1: there are no rules, so nothing will happen"]
    );
}

#[test]
fn a_file_in_use_takes_no_more_room_than_it_needs() {
    let rule = |number| {
        format!(
            "[[rules]]\nname = \"rule-{number}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
             select.names = [\"*\"]\n"
        )
    };
    let head = "timezone = \"UTC\"\n[accounts.main]\nplatform = \"vpc\"\n".to_owned();
    let text = (0..100).fold(head, |text, number| text + &rule(number));
    let (schedules, _) = Schedules::parse(Path::new("schedules.toml"), &text).unwrap();
    assert_eq!((schedules.rules.len(), schedules.rules.capacity()), (100, 100));
}
