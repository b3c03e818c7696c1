//! Every fault alone, and every pair of them: whatever goes wrong, the log tells the truth and
//! the cloud is asked no more than it must be.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use chrono::TimeDelta;
use lightsout::audit::HistoryLine;
use lightsout::cloud::rehearsal::Record;
use lightsout::instance::InstanceNo;
use tokio::runtime::Builder;

use super::world::World;

const LIST: &str = "getServerInstanceList";
const STOP: &str = "stopServerInstances";
const SPEED: u32 = 100;
/// Worlds at a time.
const AT_ONCE: usize = 16;

/// Two regions, lists of several pages, names outside ASCII. 1, 2 and 6 are meant by both rules,
/// 5 by the one by name, 7 by the one by tag; 3 and 4 are protected.
const FLEET: &str = r#"
regions = ["KR", "SGN"]
page_size_left_out = 2

[[servers]]
name = "dev-개발"
no = "1"
count = 2
stop_takes = "5s"
tags = { env = "dev" }

[[servers]]
name = "prod-web"
no = "3"
tags = { env = "dev" }

[[servers]]
name = "dev-keep"
no = "4"
tags = { env = "dev", keep = "yes" }

[[servers]]
name = "dev-old"
no = "5"
status = "NSTOP"

[[servers]]
name = "dev-b"
no = "6"
region = "SGN"
stop_takes = "5s"
tags = { env = "dev" }

[[servers]]
name = "qa-b"
no = "7"
region = "SGN"
stop_takes = "5s"
tags = { env = "dev" }
"#;

const RULES: &str = r#"
[protect]
names = ["prod-*"]
tags = { keep = "*" }

[[rules]]
name = "by-name"
action = "stop"
cron = "0 20 * * *"
select = { names = ["dev-*"] }
patience = "90s"

[[rules]]
name = "by-tag"
action = "stop"
cron = "0 20 * * *"
select = { tags = { env = "dev" } }
patience = "90s"
"#;

const MEANT: [(&str, &[&str]); 2] =
    [("by-name", &["1", "2", "4", "5", "6"]), ("by-tag", &["1", "2", "3", "4", "6", "7"])];
const PROTECTED: [&str; 2] = ["3", "4"];

/// A fault, as entries of the fleet file.
#[derive(Clone, Debug)]
struct Trouble {
    name: &'static str,
    entries: String,
}

/// Kinds that strike an answer, whatever it answers: some lists, some stops, and one reading of
/// tags.
const OF_ANSWERS: [(&str, &str); 14] = [
    ("throttle", "kind = \"throttle\""),
    ("throttle with Retry-After", "kind = \"throttle\"\nretry_after = \"7s\""),
    ("5xx before", "kind = \"error_before\""),
    ("5xx after", "kind = \"error_after\"\nstatus = 504"),
    ("reset before", "kind = \"reset_before\""),
    ("reset after", "kind = \"reset_after\""),
    ("torn", "kind = \"torn\""),
    ("empty", "kind = \"empty\""),
    ("html", "kind = \"html\""),
    ("huge", "kind = \"huge\""),
    ("slow", "kind = \"slow\"\ndelay = \"12s\""),
    ("wrong content type", "kind = \"wrong_content_type\""),
    ("wrong encoding", "kind = \"wrong_encoding\""),
    ("try again later", "kind = \"refuse\"\ncode = \"1300\"\nstatus = 200"),
];

/// Kinds that have a place of their own.
const OF_PLACES: [(&str, &str); 11] = [
    ("a page repeats", "on = \"getServerInstanceList\"\nkind = \"repeat_page\"\ntimes = 3"),
    ("a server goes", "on = \"getServerInstanceList\"\nkind = \"list_changes\"\ntimes = 4"),
    (
        "a server comes",
        "on = \"getServerInstanceList\"\nkind = \"list_changes\"\nchange = \"appears\"\ntimes = 4",
    ),
    ("a region is down for a while", "kind = \"region_down\"\nregion = \"SGN\"\ntimes = 9"),
    ("a region is down", "kind = \"region_down\"\nregion = \"SGN\""),
    ("tags cannot be read for a while", "on = \"resources\"\nkind = \"error_before\"\ntimes = 9"),
    ("tags cannot be read", "on = \"resources\"\nkind = \"error_before\""),
    ("keys revoked", "on = \"stopServerInstances\"\nkind = \"denied\"\nafter = 1"),
    ("keys revoked at a look", "on = \"getServerInstanceList\"\nkind = \"denied\"\nafter = 8"),
    ("a right is missing", "on = \"stopServerInstances\"\nkind = \"forbidden\"\ntimes = 1"),
    ("in the way", "on = \"stopServerInstances\"\nkind = \"refuse\"\ncode = \"25041\"\ntimes = 2"),
];

fn troubles() -> Vec<Trouble> {
    let entry = |text: &str| format!("[[faults]]\n{text}\n");
    let of_answers = OF_ANSWERS.iter().map(|(name, kind)| {
        let on = |action: &str, times: u8, after: u8| {
            entry(&format!("on = \"{action}\"\ntimes = {times}\nafter = {after}\n{kind}"))
        };
        let entries =
            [on(LIST, 1, 1), on(LIST, 1, 6), on(STOP, 2, 0), on("resources", 1, 0)].concat();
        Trouble { name, entries }
    });
    let of_places = OF_PLACES.iter().map(|(name, text)| Trouble { name, entries: entry(text) });
    let vanishing = Trouble {
        name: "a server vanishes",
        // The entry of the fleet this is put behind is the one of servers 1 and 2.
        entries: String::new(),
    };
    of_answers.chain(of_places).chain([vanishing]).collect()
}

fn fleet(troubles: &[Trouble]) -> String {
    let vanishes = troubles.iter().any(|trouble| trouble.name == "a server vanishes");
    let life = if vanishes { "vanishes_after = \"4s\"\n" } else { "" };
    let fleet = FLEET.replacen("count = 2\n", &format!("count = 2\n{life}"), 1);
    troubles.iter().fold(fleet, |fleet, trouble| fleet + &trouble.entries)
}

async fn survive(troubles: &[Trouble]) {
    let names: Vec<_> = troubles.iter().map(|trouble| trouble.name).collect();
    let label = names.join(" and ");
    let world = World::at(SPEED, "vpc", &fleet(troubles), RULES).await;
    world.fire().await;
    let judge = Judge {
        lines: world.history().await,
        requests: world.cloud.requests(),
        world: &world,
        label: &label,
    };
    judge.every_instance_meant_has_one_outcome();
    judge.every_outcome_is_true();
    judge.nothing_is_asked_that_need_not_be();
    judge.the_rate_holds();
    judge.refused_keys_are_not_used_again();
}

/// What came of it all.
struct Judge<'a> {
    label: &'a str,
    world: &'a World,
    lines: Vec<HistoryLine>,
    requests: Vec<Record>,
}

impl Judge<'_> {
    fn every_instance_meant_has_one_outcome(&self) {
        for (rule, meant) in MEANT {
            let lines: Vec<_> = self.lines.iter().filter(|line| line.rule == rule).collect();
            let failed = |region: Option<&str>| {
                lines.iter().any(|line| {
                    line.outcome.as_deref() == Some("cloud_failed")
                        && line.region.as_deref() == region
                })
            };
            let mut named: Vec<&str> =
                lines.iter().filter_map(|line| line.instance_no.as_deref()).collect();
            named.sort_unstable();
            for no in meant {
                let region = if ["6", "7"].contains(no) { "SGN" } else { "KR" };
                let excused = failed(None) || failed(Some(region)) || self.status(no).is_none();
                assert!(named.contains(no) || excused, "{}", self.tell(no, "left out"));
            }
            let distinct: BTreeSet<&str> = named.iter().copied().collect();
            assert_eq!(distinct.len(), named.len(), "{}: {named:?}", self.label);
            let meant: BTreeSet<&str> = meant.iter().copied().collect();
            assert!(distinct.is_subset(&meant), "{}: {named:?}", self.label);
        }
    }

    fn every_outcome_is_true(&self) {
        let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in &self.lines {
            let (Some(no), outcome) = (line.instance_no.as_deref(), line.outcome.as_deref()) else {
                continue;
            };
            told.entry(no).or_default().push(outcome.unwrap_or("open"));
        }
        for line in &self.lines {
            let Some(no) = line.instance_no.as_deref() else { continue };
            let (_, stops) = self.world.stops_of(no);
            let is_down = self.status(no).is_none_or(|status| status == "NSTOP");
            let was_asked = line.requested_at.is_some();
            let by_the_other = told[no].iter().any(|it| ["stopped", "timed_out"].contains(it));
            let is_true = match line.outcome.as_deref().unwrap_or("open") {
                "stopped" => was_asked && stops == 1 && is_down,
                "already" => is_down,
                "skipped" => !was_asked,
                "refused" => was_asked && (stops == 0 || by_the_other),
                "timed_out" => was_asked && stops == 1,
                "unknown" => {
                    was_asked || self.first_denial().is_some() || self.status(no).is_none()
                }
                _ => false,
            };
            assert!(is_true, "{}", self.tell(no, "not true"));
            let admits = ["stopped", "timed_out", "unknown"];
            let admitted = told[no].iter().any(|it| admits.contains(it));
            assert!(stops == 0 || admitted, "{}", self.tell(no, "a stop that nobody admits to"));
        }
    }

    fn nothing_is_asked_that_need_not_be(&self) {
        for no in PROTECTED {
            assert_eq!(self.world.stops_of(no), (0, 0), "{}", self.tell(no, "protected"));
        }
        let total = self.world.cloud.counts().total();
        assert_eq!(total.needless_stops, 0, "{}", self.tell("", "asked again"));
        for no in ["1", "2", "6", "7"] {
            let naming = self.requests.iter().filter(|request| is_stop_of(request, no));
            let effects: Vec<bool> = naming.map(|request| !request.effects.is_empty()).collect();
            let first = effects.iter().position(|effect| *effect);
            assert!(
                first.is_none_or(|first| first + 1 == effects.len()),
                "{}",
                self.tell(no, "asked again after its stop")
            );
            assert!(effects.len() <= 12, "{}", self.tell(no, "asked too often"));
        }
    }

    /// Twenty at once, and ten a second. What arrives has left before, by what a second of the
    /// rehearsal allows for.
    fn the_rate_holds(&self) {
        for (at, request) in self.requests.iter().enumerate() {
            let passed = request.at - self.requests[0].at + TimeDelta::seconds(1);
            let allowed = 20 + passed.num_milliseconds() / 100;
            assert!(i64::try_from(at).unwrap() <= allowed, "{}: {at} calls", self.label);
        }
    }

    /// Both firings, and all regions of each, may have had calls under way.
    fn refused_keys_are_not_used_again(&self) {
        let denied = self.requests.iter().filter(|request| request.http_status == Some(401));
        let denied = denied.count();
        assert!(denied <= 5, "{}: {denied} calls were answered by 401", self.label);
        let failed = self.lines.iter().any(|line| line.outcome.as_deref() == Some("cloud_failed"));
        assert!(failed || denied == 0, "{}", self.label);
    }

    fn first_denial(&self) -> Option<usize> {
        self.requests.iter().position(|request| request.http_status == Some(401))
    }

    fn status(&self, no: &str) -> Option<String> {
        let server = self.world.cloud.server(&InstanceNo::new(no).unwrap());
        server.map(|server| server.status.to_string())
    }

    fn tell(&self, no: &str, what: &str) -> String {
        let show = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let lines = self.lines.iter().map(|line| {
            let what = [&line.region, &line.instance_no, &line.outcome, &line.reason].map(show);
            format!("{} {}", line.rule, what.join(" "))
        });
        let calls = self.requests.iter().map(|call| {
            let (named, done) = (show_all(&call.instances), show_all(&call.effects));
            let (at, answer) = (call.at.time(), call.http_status.unwrap_or_default());
            let fault = call.fault.map(|kind| format!("{kind:?}")).unwrap_or_default();
            let region = show(&call.region);
            format!("{at} {} {region} [{named}] did [{done}] {answer} {fault}", call.action)
        });
        let all: Vec<String> = lines.chain(calls).collect();
        format!("{}: {no}: {what}\n{}", self.label, all.join("\n"))
    }
}

fn show_all(instances: &[InstanceNo]) -> String {
    instances.iter().map(InstanceNo::as_str).collect::<Vec<_>>().join(" ")
}

fn is_stop_of(request: &Record, no: &str) -> bool {
    request.action == STOP && request.instances.iter().any(|named| named.as_str() == no)
}

/// Runs worlds side by side, each thread one after the other: they mostly wait. A panic in one
/// is a panic of the test.
fn survive_all(cases: Vec<Vec<Trouble>>) {
    let cases = Mutex::new(cases);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let runtime = Builder::new_current_thread().enable_all().build().unwrap();
                while let Some(troubles) = { cases.lock().unwrap().pop() } {
                    runtime.block_on(survive(&troubles));
                }
            });
        }
    });
}

#[test]
fn no_fault_alone_makes_the_log_lie_or_the_cloud_be_asked_twice() {
    survive_all(troubles().into_iter().map(|trouble| vec![trouble]).collect());
}

#[test]
fn no_two_faults_together_make_the_log_lie_or_the_cloud_be_asked_twice() {
    let all = troubles();
    let pairs = all.iter().enumerate().flat_map(|(at, first)| {
        all[at + 1..].iter().map(move |second| vec![first.clone(), second.clone()])
    });
    survive_all(pairs.collect());
}
