//! Tests of the words about edits that people make.

use std::path::Path;

use chrono::TimeDelta;

use super::*;

const FILE: &str = r#"timezone = "Asia/Seoul"
[accounts.main]
platform = "vpc"
[protect]
names = ["*prod*"]
[[rules]]
name = "night"
action = "stop"
cron = "0 20 * * MON-FRI"
select = { names = ["dev-*", "qa-*"], tags = { env = "dev" } }
except = { names = ["dev-db-*"] }
"#;

fn file(text: &str) -> Schedules {
    Schedules::parse(Path::new("schedules.toml"), text).unwrap().0
}

/// The differences in the week from Monday, 2026-11-23 00:00 in Seoul: the words, then the firings
/// in local time.
fn told(old: &str, new: &str) -> Vec<String> {
    let (old, new) = (file(old), file(new));
    let from = "2026-11-22T15:00:00Z".parse().unwrap();
    let difference = diff(&old, &new, from, from + TimeDelta::days(7));
    let mut told = difference.file;
    for rule in difference.rules {
        let zone = rule.change.entry()[0].timezone;
        let shown = |at| zone.show(at).format("%a %H:%M").to_string();
        told.extend(rule.words);
        told.extend(rule.firings.into_iter().map(|(_, firing)| match firing {
            FiringChange::Added(at) => format!("+ {}", shown(at)),
            FiringChange::Removed(at) => format!("- {}", shown(at)),
            FiringChange::Moved { from, to } => format!("{} > {}", shown(from), shown(to)),
        }));
    }
    told
}

#[test]
fn each_edit_is_told_in_words() {
    for (was, is, expected) in [
        (
            "names = [\"dev-*\", \"qa-*\"]",
            "names = [\"dev-*\", \"qa-*\", \"x\"]",
            "`select` gains names `x`: more servers match",
        ),
        (
            "names = [\"dev-*\", \"qa-*\"]",
            "names = [\"dev-*\"]",
            "`select` loses names `qa-*`: fewer servers match",
        ),
        (", tags = { env = \"dev\" }", "", "`select` loses tags `env=dev`: more servers match"),
        (
            "env = \"dev\"",
            "env = \"dev\", team = \"a\"",
            "`select` gains tags `team=a`: fewer servers match",
        ),
        (
            "env = \"dev\"",
            "env = \"qa\"",
            "`select` gains tags `env=qa` and loses tags `env=dev`: other servers match",
        ),
        (
            "except = { names = [\"dev-db-*\"] }",
            "",
            "`except` loses names `dev-db-*`: fewer servers are left alone",
        ),
        (
            "names = [\"*prod*\"]",
            "names = [\"*prod*\"]\ntags = { env = \"prod\" }",
            "`[protect]` gains tags `env=prod`: more servers are protected",
        ),
        (
            "names = [\"*prod*\"]",
            "instances = [\"1\"]",
            "`[protect]` gains instances `1` and loses names `*prod*`: other servers are \
             protected",
        ),
        (
            "0 20 * * MON-FRI",
            "0 20 * * 1-5",
            "writes `0 20 * * 1-5` for `0 20 * * MON-FRI`, both: At 20:00, on Monday, Tuesday, \
             Wednesday, Thursday, and Friday",
        ),
        ("except", "late = \"2h\"\nexcept", "`late` is 2h, was 1h"),
        ("except", "max_instances = 3\nexcept", "`max_instances` is 3, was 50"),
        ("except", "drift = \"allow\"\nexcept", "`drift` is `allow`, was `refuse`"),
        (
            "except",
            "on_manual_start = \"stop_after 2h\"\nexcept",
            "`on_manual_start` is `stop_after 2h`, was `leave`",
        ),
        ("[protect]", "[observe]\nevery = \"off\"\n[protect]", "`[observe] every` is off, was 15m"),
        (
            "[protect]",
            "[budget]\nin_12_months = 120\n[protect]",
            "`[budget] in_12_months` is 120, was 180",
        ),
        (
            "[protect]",
            "[budget]\nat_limit = \"start\"\n[protect]",
            "`[budget] at_limit` is \"start\", was \"warn\"",
        ),
        ("except", "dry_run = true\nexcept", "is a dry run: it sends nothing any more"),
        ("[protect]", "[limits]\nmax_hold = \"12h\"\n[protect]", "`max_hold` is 12h, was 3d"),
        ("[protect]", "[holds]\ntag = \"keep\"\n[protect]", "tag `keep` holds servers"),
        ("\"vpc\"", "\"vpc\"\nregions = [\"KR\"]", "account `main` differs in `regions`"),
        ("[protect]", "[accounts.two]\nplatform = \"vpc\"\n[protect]", "account `two` is new"),
        (
            "name = \"night\"",
            "name = \"evening\"",
            "was called `night`, which its past in the log still is",
        ),
    ] {
        let new = FILE.replacen(was, is, 1);
        let new = new.replace("name = \"night\"", "name = \"night\"\naccount = \"main\"");
        assert_eq!(told(FILE, &new), [expected], "{new}");
    }
}

#[test]
fn what_is_only_written_in_another_way_is_no_difference() {
    for (was, is) in [
        ("\"dev-*\", \"qa-*\"", "\"qa-*\", \"dev-*\""),
        ("except", "late = \"60m\"\n# a comment\nexcept"),
        ("\"Asia/Seoul\"", "\"Asia/Seoul\"\n# later"),
    ] {
        assert_eq!(told(FILE, &FILE.replacen(was, is, 1)), Vec::<String>::new(), "{is}");
    }
}

#[test]
fn firings_are_moved_removed_and_added() {
    let cron = |cron: &str| FILE.replace("0 20 * * MON-FRI", cron);
    let was =
        "was `0 20 * * MON-FRI` (At 20:00, on Monday, Tuesday, Wednesday, Thursday, and Friday)";
    let moved = told(FILE, &cron("30 21 * * MON-FRI"));
    assert!(moved[0].ends_with(was), "{moved:?}");
    assert_eq!(
        moved[1..],
        [
            "Mon 20:00 > Mon 21:30",
            "Tue 20:00 > Tue 21:30",
            "Wed 20:00 > Wed 21:30",
            "Thu 20:00 > Thu 21:30",
            "Fri 20:00 > Fri 21:30"
        ]
    );
    assert_eq!(told(FILE, &cron("0 20 * * SUN-THU"))[1..], ["- Fri 20:00", "+ Sun 20:00"]);
    let disabled = FILE.replace("except", "enabled = false\nexcept");
    assert_eq!(told(FILE, &disabled).len(), 6);
    assert_eq!(
        told(FILE, &disabled)[..2],
        ["is disabled: it does not fire any more", "- Mon 20:00"]
    );
    let berlin = FILE.replace("except", "timezone = \"Europe/Berlin\"\nexcept");
    assert_eq!(
        told(FILE, &berlin)[..2],
        ["`timezone` is Europe/Berlin, was Asia/Seoul", "Mon 12:00 > Mon 20:00"]
    );
    let start = told(
        FILE,
        &FILE.replace("\"stop\"", "\"start\"").replace("except", "late = \"1h\"\nexcept"),
    );
    assert_eq!(start[..3], ["starts what it used to stop", "- Mon 20:00", "+ Mon 20:00"]);
}

/// The rule of `FILE` as a window.
fn window(lines: &str) -> String {
    FILE.replace("action = \"stop\"\ncron = \"0 20 * * MON-FRI\"", lines)
}

#[test]
fn a_window_that_was_changed_is_told_once_with_its_stops_and_its_starts() {
    let nights = window("off = \"20:00-08:00\"\noff_days = \"weekends\"");
    assert_eq!(
        told(&nights, &window("off = \"20:00-07:00\"\noff_days = [\"weekends\", \"WED\"]")),
        [
            "is off 20:00-07:00 and on WED, weekends, was off 20:00-08:00 and on weekends",
            "Mon 08:00 > Mon 07:00",
            "Tue 08:00 > Tue 07:00",
            "- Wed 08:00",
            "- Wed 20:00",
            "Thu 08:00 > Thu 07:00",
            "Fri 08:00 > Fri 07:00",
        ]
    );
    for (lines, expected) in [
        ("late = \"2h\"", "`late` is 2h, was 1h to stop, 0s to start"),
        ("start = \"all\"", "`start` is `all`, was `ours`"),
        ("dry_run = true", "is a dry run: it sends nothing any more"),
        ("max_instances = 3", "`max_instances` is 3, was 50"),
    ] {
        let new = nights.replace("except", &format!("{lines}\nexcept"));
        assert_eq!(told(&nights, &new), [expected]);
    }
    let real = told(&nights.replace("except", "dry_run = true\nexcept"), &nights);
    assert_eq!(real, ["is no dry run any more: it stops and starts for real"]);
    let renamed = nights.replace("\"night\"", "\"hours\"");
    let words = "was called `night`, which its past in the log still is";
    assert_eq!(told(&nights, &renamed), [words]);
}

#[test]
fn what_becomes_a_window_or_a_cron_rule_is_told_with_both() {
    let cron = "`0 20 * * MON-FRI` (At 20:00, on Monday, Tuesday, Wednesday, Thursday, and Friday)";
    let nights = window("off = \"20:00-08:00\"\noff_days = [\"SAT\", \"SUN\"]");
    assert_eq!(
        told(FILE, &nights)[..3],
        [
            "stops and starts what it used to stop".to_owned(),
            format!("is off 20:00-08:00 and on weekends, fired at {cron}"),
            "+ Mon 08:00".to_owned(),
        ]
    );
    assert_eq!(
        told(&nights, FILE)[..3],
        [
            "stops what it used to stop and start".to_owned(),
            format!("fires at {cron}, was off 20:00-08:00 and on weekends"),
            "- Mon 08:00".to_owned(),
        ]
    );
    let head = FILE.split("[[rules]]").next().unwrap();
    let words = "names `dev-*`, `qa-*`, tags `env=dev`";
    let (off, except) =
        (", off 20:00-08:00 and on weekends, Asia/Seoul", " except names `dev-db-*`");
    assert_eq!(told(head, &nights)[0], format!("stops and starts {words}{except}{off}"));
    assert_eq!(told(&nights, head)[0], format!("is gone; it stopped and started {words}{off}"));
}

#[test]
fn rules_come_and_go() {
    let second = "[[rules]]\nname = \"weekend\"\naction = \"start\"\ncron = \"@weekly\"\n\
        enabled = false\nselect = { instances = [1] }\n";
    let more = format!("{FILE}{second}");
    let words = "instances `1` at `@weekly` (At 00:00, on Sunday), Asia/Seoul";
    assert_eq!(told(FILE, &more), [format!("starts {words}; disabled")]);
    assert_eq!(told(&more, FILE), [format!("is gone; it started {words}")]);
}

#[test]
fn a_rule_that_fires_without_end_is_compared_as_far_as_is_told() {
    let often = FILE.replace("0 20 * * MON-FRI", "* * * * * *");
    let (old, new) = (file(FILE), file(&often));
    let from = "2026-11-22T15:00:00Z".parse().unwrap();
    let difference = diff(&old, &new, from, from + TimeDelta::days(7));
    let end = from + TimeDelta::seconds(10_080);
    let rule = &difference.rules[0];
    assert_eq!((rule.firings.len(), rule.compared_until), (10_080, Some(end)));
}
