//! Tests of servers that change through time.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;

use super::*;
use crate::clock::{Clock, RehearsalClock};

const STOP: Action = Action::Stop;
const START: Action = Action::Start;

struct Rig {
    world: World,
    clock: Arc<RehearsalClock>,
}

impl Rig {
    fn new(fleet: &str) -> Self {
        let clock = RehearsalClock::new(DateTime::from_timestamp(1_795_420_800, 0).unwrap(), 0);
        let world = World::new(&Fleet::parse(fleet).unwrap(), Now::behind(&*clock, Duration::ZERO));
        Self { world, clock }
    }

    fn now(&self) -> Now {
        Now::behind(&*self.clock, Duration::ZERO)
    }

    fn pass(&self, seconds: u64) {
        self.clock.skip(Duration::from_secs(seconds));
    }

    /// Status and operation in a list; `-` for a server that is not in the list.
    fn shown(&self, no: &str) -> String {
        let server = self.world.server(&number_of(no), self.now());
        server.map_or("-".to_owned(), |server| {
            let state = server.shown(self.now());
            format!("{}/{}", state.status, state.operation)
        })
    }

    /// The return code; `0` if nothing was refused.
    fn ask(&mut self, action: Action, numbers: &[&str]) -> String {
        let numbers: Vec<_> = numbers.iter().map(|no| number_of(no)).collect();
        let kr = RegionCode::new("KR").unwrap();
        let now = self.now();
        let changed = self.world.change(action, (Generation::Vpc, Some(&kr)), &numbers, now);
        changed.refused.map_or("0".to_owned(), |refused| refused.code)
    }
}

fn number_of(no: &str) -> InstanceNo {
    InstanceNo::new(no).unwrap()
}

#[test]
fn a_stop_is_accepted_long_before_it_is_done() {
    let mut rig = Rig::new("[[servers]]\nname = \"a\"\nno = \"1\"\nstop_takes = \"20s\"\n");
    let mut seen = vec![rig.shown("1")];
    assert_eq!(rig.ask(STOP, &["1"]), "0");
    for seconds in [0, 19, 1] {
        rig.pass(seconds);
        seen.push(rig.shown("1"));
    }
    assert_eq!(seen, ["RUN/NULL", "RUN/SHTDN", "RUN/SHTDN", "NSTOP/NULL"]);
}

#[test]
fn a_start_boots_and_gives_a_new_uptime() {
    let mut rig = Rig::new(
        "[[servers]]\nname = \"a\"\nno = \"1\"\nstatus = \"NSTOP\"\nstart_takes = \"30s\"\n",
    );
    assert_eq!(rig.ask(START, &["1"]), "0");
    assert_eq!(rig.shown("1"), "NSTOP/START");
    rig.pass(30);
    assert_eq!(rig.shown("1"), "RUN/NULL");
    let booted_at =
        rig.world.server(&number_of("1"), rig.now()).unwrap().state(rig.now()).booted_at;
    assert_eq!(booted_at, rig.clock.now());
}

#[test]
fn what_cannot_be_is_refused_with_navers_code() {
    for (server, action, expected) in [
        ("", STOP, "0"),
        ("status = \"NSTOP\"", START, "0"),
        ("status = \"NSTOP\"", STOP, "28005"),
        ("", START, "28004"),
        ("operation = \"SHTDN\"", STOP, "25041"),
        ("operation = \"CHNG\"", START, "25041"),
        ("status = \"NSTOP\"\noperation = \"START\"", STOP, "25041"),
        ("status = \"FSTOP\"", STOP, "25041"),
        ("status = \"SD_FL\"", STOP, "25041"),
        ("status = \"NEW_ONE\"", STOP, "25041"),
        ("protected = true", STOP, "0"),
        ("refuse = { code = \"25014\" }", STOP, "25014"),
        ("platform = \"classic\"", STOP, "24120"),
        ("region = \"SGN\"", STOP, "24120"),
        ("stranger = true", STOP, "24120"),
        ("vanishes_after = \"0s\"", STOP, "24120"),
    ] {
        let fleet = format!(
            "regions = [\"KR\", \"SGN\"]\n[[servers]]\nname = \"a\"\nno = \"1\"\n{server}\n"
        );
        assert_eq!(Rig::new(&fleet).ask(action, &["1"]), expected, "{action} with {server:?}");
    }
    assert_eq!(Rig::new("").ask(STOP, &["1"]), "24120", "a number nobody has");
}

const GOOD_BAD_GOOD: &str = r#"
    [[servers]]
    name = "dev"
    no = "1"
    count = 2
    [[servers]]
    name = "down"
    no = "3"
    status = "NSTOP"
"#;

#[test]
fn one_bad_server_spoils_the_batch_unless_the_fleet_says_partial() {
    for (batch, code, good) in
        [("all_or_nothing", "28005", "RUN/NULL"), ("partial", "22001", "RUN/SHTDN")]
    {
        let mut rig = Rig::new(&format!("batch = \"{batch}\"\n{GOOD_BAD_GOOD}"));
        assert_eq!(rig.ask(STOP, &["1", "3", "2"]), code, "{batch}");
        assert_eq!([rig.shown("1"), rig.shown("2")], [good, good], "{batch}");
        assert_eq!(rig.ask(STOP, &["3"]), "28005", "{batch}: alone, it gets its own code");
    }
}

#[test]
fn a_refusal_with_times_gives_way() {
    let mut rig = Rig::new(
        "[[servers]]\nname = \"a\"\nno = \"1\"\nrefuse = { code = \"25041\", times = 2 }\n",
    );
    assert_eq!([(); 3].map(|()| rig.ask(STOP, &["1"])), ["25041", "25041", "0"]);
}

#[test]
fn servers_have_habits() {
    for (habit, after_a_minute) in [
        ("never_stops = true", "RUN/SHTDN"),
        ("stop_ends_in = \"SD_FL\"", "SD_FL/NULL"),
        ("vanishes_after = \"40s\"", "-"),
        ("stop_takes = \"2m\"", "RUN/SHTDN"),
    ] {
        let mut rig = Rig::new(&format!("[[servers]]\nname = \"a\"\nno = \"1\"\n{habit}\n"));
        assert_eq!(rig.ask(STOP, &["1"]), "0", "{habit}");
        rig.pass(60);
        assert_eq!(rig.shown("1"), after_a_minute, "{habit}");
    }
}

#[test]
fn an_operation_ends_where_it_leads_or_never() {
    for (begins, before, after) in [
        ("operation = \"CHNG\"\nbusy_for = \"2m\"", "RUN/CHNG", "RUN/NULL"),
        ("operation = \"SHTDN\"\nbusy_for = \"2m\"", "RUN/SHTDN", "NSTOP/NULL"),
        ("status = \"NSTOP\"\noperation = \"START\"\nbusy_for = \"2m\"", "NSTOP/START", "RUN/NULL"),
        ("operation = \"TERMT\"\nbusy_for = \"2m\"", "RUN/TERMT", "TERMT/NULL"),
        ("operation = \"COPY\"", "RUN/COPY", "RUN/COPY"),
    ] {
        let rig = Rig::new(&format!("[[servers]]\nname = \"a\"\nno = \"1\"\n{begins}\n"));
        rig.pass(119);
        assert_eq!(rig.shown("1"), before, "{begins}");
        rig.pass(1);
        assert_eq!(rig.shown("1"), after, "{begins}");
    }
}

#[test]
fn a_lagging_list_still_shows_what_was_while_the_truth_refuses() {
    let mut rig = Rig::new("list_lag = \"3s\"\n[[servers]]\nname = \"a\"\nno = \"1\"\n");
    assert_eq!(rig.ask(STOP, &["1"]), "0");
    assert_eq!(rig.shown("1"), "RUN/NULL");
    assert!(rig.world.is_needless(STOP, &number_of("1"), rig.now()));
    assert_eq!(rig.ask(STOP, &["1"]), "25041");
    rig.pass(3);
    assert_eq!(rig.shown("1"), "RUN/SHTDN");
}

#[test]
fn copies_are_numbered_around_those_that_have_a_number() {
    let rig = Rig::new(
        "[[servers]]\nname = \"a\"\ncount = 3\n[[servers]]\nname = \"b\"\nno = \"1021004\"\n",
    );
    let named: Vec<_> =
        rig.world.servers(rig.now()).map(|s| format!("{} {}", s.no, s.name)).collect();
    assert_eq!(named, ["1021003 a-1", "1021004 b", "1021005 a-2", "1021006 a-3"]);
}

fn page_of(rig: &Rig, no: usize, shift: isize) -> (usize, Vec<String>) {
    let query = Query {
        platform: Generation::Vpc,
        region: RegionCode::new("KR").unwrap(),
        zone: None,
        numbers: Vec::new(),
        name: None,
        tags: Vec::new(),
        status: None,
        page: Some(Page { no, size: 2, shift }),
    };
    let found = rig.world.find(&query, rig.now());
    (found.total, found.servers.iter().map(|server| server.no.to_string()).collect())
}

#[test]
fn pages_cut_the_list_and_count_the_whole_of_it() {
    let rig = Rig::new("[[servers]]\nname = \"a\"\nno = \"1\"\ncount = 5\n");
    let numbers = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    for (no, shift, total, expected) in [
        (1, 0, 5, &["1", "2"][..]),
        (2, 0, 5, &["3", "4"]),
        (3, 0, 5, &["5"]),
        (4, 0, 5, &[]),
        (2, -1, 4, &["4", "5"]),
        (2, 1, 6, &["2", "3"]),
    ] {
        assert_eq!(
            page_of(&rig, no, shift),
            (total, numbers(expected)),
            "page {no}, shift {shift}"
        );
    }
}
