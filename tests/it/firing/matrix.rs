//! Every fault alone, and every pair of them, with a third: whatever goes wrong, the log tells the truth and
//! the cloud is asked no more than it must be.

use std::collections::BTreeSet;
use std::sync::Mutex;

use tokio::runtime::Builder;

use super::truth::Judge;
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

/// Something that goes wrong.
#[derive(Clone, Debug)]
struct Trouble {
    name: &'static str,
    /// Entries of the fleet file.
    faults: String,
    /// What is put behind a line of it.
    habit: Option<(&'static str, &'static str)>,
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

/// Those of the world itself.
const OF_HABITS: [(&str, (&str, &str)); 2] = [
    ("servers vanish", ("count = 2\n", "vanishes_after = \"4s\"")),
    ("lists lag behind", ("page_size_left_out = 2\n", "list_lag = \"4s\"")),
];

fn troubles() -> Vec<Trouble> {
    let entry = |text: &str| format!("[[faults]]\n{text}\n");
    let of_answers = OF_ANSWERS.iter().map(|(name, kind)| {
        let on = |action: &str, times: u8, after: u8| {
            entry(&format!("on = \"{action}\"\ntimes = {times}\nafter = {after}\n{kind}"))
        };
        // A list that is too long is read up to its bound of 64 MiB: once is enough.
        let later_list = if *name == "huge" { String::new() } else { on(LIST, 1, 6) };
        let faults = [on(LIST, 1, 1), later_list, on(STOP, 2, 0), on("resources", 1, 0)].concat();
        Trouble { name, faults, habit: None }
    });
    let of_places = OF_PLACES.iter().map(|(name, text)| (name, entry(text)));
    let of_places = of_places.map(|(name, faults)| Trouble { name, faults, habit: None });
    let of_habits = OF_HABITS.iter().map(|(name, habit)| Trouble {
        name,
        faults: String::new(),
        habit: Some(*habit),
    });
    of_answers.chain(of_places).chain(of_habits).collect()
}

fn fleet(troubles: &[Trouble]) -> String {
    troubles.iter().fold(FLEET.to_owned(), |fleet, trouble| {
        let fleet = fleet + &trouble.faults;
        match trouble.habit {
            Some((line, more)) => fleet.replacen(line, &format!("{line}{more}\n"), 1),
            None => fleet,
        }
    })
}

async fn survive(troubles: &[Trouble]) {
    let names: Vec<_> = troubles.iter().map(|trouble| trouble.name).collect();
    let label = names.join(" and ");
    let world = World::at(SPEED, "vpc", &fleet(troubles), RULES).await;
    world.fire().await;
    Judge::of(&world, &label).await.judge();
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

/// The one that goes with these two, such that each two of 81 are in exactly one three: the three
/// points of a line, where a coordinate has three values.
fn third(one: usize, other: usize) -> usize {
    let places = (0..4).map(|place| 3_usize.pow(place));
    places.map(|place| place * ((6 - one / place % 3 - other / place % 3) % 3)).sum()
}

#[test]
fn no_two_faults_together_and_a_third_make_the_log_lie_or_the_cloud_be_asked_twice() {
    let all = troubles();
    let mut cases = Vec::new();
    let mut pairs = BTreeSet::new();
    for (first, second) in (0..all.len()).flat_map(|at| (0..at).map(move |before| (before, at))) {
        let third = third(first, second);
        if third > second {
            let case = [first, second, third].into_iter().filter(|at| *at < all.len());
            let case: Vec<usize> = case.collect();
            pairs.extend(case.iter().flat_map(|at| case.iter().map(move |other| (*at, *other))));
            cases.push(case.iter().map(|at| all[*at].clone()).collect());
        }
    }
    assert_eq!(pairs.len(), all.len() * all.len(), "each with each");
    survive_all(cases);
}
