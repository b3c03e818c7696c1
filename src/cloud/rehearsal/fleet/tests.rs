//! Tests of fleet files, right and wrong.

use std::time::Duration;

use super::*;
use crate::cloud::codes;
use crate::cloud::rehearsal::fault::FaultKind;

#[test]
fn a_server_needs_no_more_than_its_name() {
    let fleet = Fleet::parse("[[servers]]\nname = \"dev-1\"\ntags = { env = \"dev\" }\n").unwrap();
    let [server] = &fleet.servers[..] else { panic!("one server: {fleet:?}") };
    assert_eq!(
        (server.name.as_str(), &server.status, server.stop_takes, server.tags["env"].as_str()),
        ("dev-1", &codes::status("RUN"), Duration::from_secs(20), "dev")
    );
    assert_eq!(fleet.regions, [RegionCode::new("KR").unwrap()]);
}

#[test]
fn every_key_is_read() {
    let fleet = Fleet::parse(include_str!("../../../../tests/rehearsal/everything.toml")).unwrap();
    assert_eq!(fleet.batch, Batch::Partial);
    assert_eq!(fleet.list_lag, Duration::from_secs(3));
    assert_eq!(fleet.servers[1].refuse.as_ref().unwrap().code, "25041");
    assert_eq!(fleet.faults[1].kind, FaultKind::Throttle);
}

#[test]
fn the_built_in_fleet_has_both_platforms_and_two_regions() {
    let fleet = Fleet::default();
    let platforms: Vec<_> = fleet.servers.iter().map(|server| server.platform).collect();
    assert!(platforms.contains(&crate::cloud::ncloud::Generation::Classic));
    assert!(platforms.contains(&crate::cloud::ncloud::Generation::Vpc));
    assert_eq!(fleet.regions.len(), 2);
}

#[test]
fn a_mistake_is_named_with_its_line() {
    for (text, line, words) in [
        ("seed = 1\nsed = 2\n", 2, "unknown field `sed`"),
        (
            "[[servers]]\nname = \"a\"\n\n[[servers]]\nname = \"b\"\nstop_take = \"2s\"\n",
            6,
            "stop_take",
        ),
        ("[[servers]]\nname = \"a\"\nstop_takes = \"2\"\n", 3, "`2` is no duration"),
        ("[[servers]]\nname = \"a\"\nno = \"x1\"\n", 3, "digits only"),
        ("\n[[servers]]\nname = \"a\"\nregion = \"JPN\"\n", 2, "`JPN` is not among"),
        ("[[servers]]\ncount = 2\n", 1, "needs a `name`"),
        ("[[servers]]\nname = \"a\"\nzone = \"KR-3\"\n", 1, "`KR-1` and `KR-2`"),
        ("[[servers]]\nname = \"a\"\nbusy_for = \"2m\"\n", 1, "needs an `operation`"),
        ("[[servers]]\nname = \"a\"\nno = \"007\"\n", 1, "does not begin with 0"),
        (
            "[[servers]]\nname = \"a\"\nno = \"7\"\ncount = 3\n[[servers]]\nname = \"b\"\nno = \"9\"\n",
            5,
            "`no` 9 is used twice",
        ),
        ("regions = []\n", 1, "at least one"),
        ("[[faults]]\nkind = \"slow\"\n", 1, "needs a `delay`"),
        ("[[faults]]\nkind = \"sloth\"\n", 2, "unknown variant `sloth`"),
        ("[[faults]]\nkind = \"torn\"\non = \"stop\"\n", 1, "is none of"),
        ("[[faults]]\nkind = \"torn\"\nchance = 5.0\n", 1, "from 0 to 1"),
        ("[[faults]]\nkind = \"error_after\"\nstatus = 200\n", 1, "from 500"),
    ] {
        let mistake = Fleet::parse(text).unwrap_err();
        assert_eq!(mistake.line, line, "{text:?} gave: {mistake}");
        assert!(mistake.problem.contains(words), "{text:?} gave: {mistake}");
    }
}
