//! `lightsout doctor` sees the world that lightsout was built for, tells other worlds from it, and
//! changes none of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lightsout::cloud::{assumptions, rehearsal::Record};

use super::shell::{ALL, Done, Shell};

/// Servers with tags in each of two zones.
const FLEET: &str = "[[servers]]\nname = \"dev-secret\"\nno = \"7001\"\ncount = 3\n\
    tags = { env = \"dev-tag\" }\n[[servers]]\nname = \"qa-secret\"\nno = \"7101\"\n\
    status = \"NSTOP\"\n[[servers]]\nname = \"old-secret\"\nno = \"7201\"\nplatform = \"classic\"\n\
    tags = { env = \"dev-tag\" }\n[[servers]]\nname = \"far-secret\"\nno = \"7301\"\n\
    platform = \"classic\"\nzone = \"KR-2\"\n";

const VPC: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n";
const CLASSIC: &str = "timezone = \"Asia/Seoul\"\n[accounts.old]\nplatform = \"classic\"\n";

/// The codes of a judgement, and what was seen of each.
fn of_judgement(done: &Done, judgement: &str) -> Vec<(String, String)> {
    let lines = done.lines().into_iter().filter(|line| line["judgement"] == judgement);
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    lines.map(|line| (word(&line["code"]), word(&line["seen"]))).collect()
}

fn different(done: &Done) -> Vec<(String, String)> {
    of_judgement(done, "different")
}

fn codes(found: &[(String, String)]) -> Vec<&str> {
    found.iter().map(|(code, _)| code.as_str()).collect()
}

async fn doctor(shell: &Shell) -> Done {
    shell.run("doctor -o json").await
}

/// Every request but those that only read.
fn changes(shell: &Shell) -> Vec<Record> {
    let reads = ["getRegionList", "getZoneList", "getServerInstanceList", "resources", "unknown"];
    let mut requests = shell.cloud.requests();
    assert!(!requests.is_empty());
    requests.retain(|it| !reads.contains(&it.action) || !it.effects.is_empty());
    requests
}

#[tokio::test]
async fn the_assumed_world_has_nothing_different_and_is_left_as_it_is() {
    for (schedules, not_seen) in [
        (VPC, &["return_codes", "page_size"][..]),
        (CLASSIC, &["return_codes", "page_size"]),
        (ALL, &["return_codes", "page_size"]),
    ] {
        let shell = Shell::of(FLEET, schedules).await;
        let before = shell.cloud.servers();
        let done = doctor(&shell).await;
        assert_eq!((done.code, different(&done)), (Some(0), vec![]), "{done:?}");
        let unseen = of_judgement(&done, "not_seen");
        if schedules == CLASSIC {
            // One server a zone: there are no two pages.
            assert_eq!(codes(&unseen), [not_seen, &["page_numbers"]].concat(), "{done:?}");
        } else {
            assert_eq!(codes(&unseen), not_seen, "{done:?}");
        }
        assert_eq!(changes(&shell).len(), 0, "{:?}", changes(&shell));
        assert_eq!(format!("{:?}", shell.cloud.servers()), format!("{before:?}"));
        let left: BTreeSet<_> =
            fs::read_dir(shell.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert_eq!(left.len(), 1, "no log is made: {left:?}");
    }
}

/// A world that differs, and the codes that say so with the facts.
type World<'a> = (&'a str, &'a str, i32, &'a [(&'a str, &'a str)]);

const WORLDS: &[World<'_>] = &[
    (
        "resource_type = \"VPCServerInstance\"\n",
        VPC,
        1,
        &[("resource_type", "VPCServer/VPCServerInstance 4")],
    ),
    (
        "tags_in_lists = \"all\"\n",
        VPC,
        1,
        &[
            ("tags_in_list", "3 of 4 servers show tags"),
            ("tags_by_nrn", "3 of 4 rows show tags in a list"),
        ],
    ),
    ("tag_filter = \"beginning\"\n", VPC, 1, &[("tag_filter", "a part of a value finds it too")]),
    ("clock_behind = \"3m\"\n", VPC, 1, &[("clock", "180 s ahead of the cloud's")]),
    ("clock_behind = \"10m\"\n", VPC, 3, &[("clock", "600 s ahead of the cloud's")]),
    ("max_page_size = 2\n", VPC, 1, &[("page_size", "500 asked for, 2 of 4 shown")]),
    ("page_size_left_out = 2\n", VPC, 1, &[("whole_list", "2 of 4 shown")]),
    ("zone_left_out = \"all\"\n", CLASSIC, 1, &[("zone_left_out", "all zones: 2 of 2 servers")]),
];

#[tokio::test]
async fn each_world_that_differs_is_told_from_the_others() {
    for (keys, schedules, code, expected) in WORLDS {
        let shell = Shell::of(&format!("{keys}{FLEET}"), schedules).await;
        let done = doctor(&shell).await;
        let mut found = different(&done);
        // A clock is read to the second, and time passes.
        for (_, seen) in found.iter_mut().filter(|(code, _)| code == "clock") {
            let seconds: u64 = seen.split(' ').next().unwrap().parse().unwrap();
            *seen = seen.replace(&seconds.to_string(), &(seconds / 30 * 30).to_string());
        }
        let expected: Vec<(String, String)> =
            expected.iter().map(|(code, seen)| ((*code).to_owned(), (*seen).to_owned())).collect();
        assert_eq!((done.code, found), (Some(*code), expected), "{keys}: {done:?}");
        assert_eq!(changes(&shell).len(), 0, "{keys}");
    }
}

/// A server, or a fault, that differs.
const PARTS: &[World<'_>] = &[
    (
        "[[servers]]\nname = \"new\"\nstatus = \"NEWST\"\noperation = \"NEWOP\"\n",
        VPC,
        1,
        &[("codes_known", "unknown status NEWST 1; unknown operation NEWOP 1")],
    ),
    (
        "[[servers]]\nname = \"odd\"\nodd = true\n",
        VPC,
        1,
        &[("list_rows", "1 of 5 rows cannot be read")],
    ),
    (
        "[[servers]]\nname = \"gone\"\nstranger = true\n",
        VPC,
        1,
        &[("resource_id", "1 of 5 resources with a number that the list does not have")],
    ),
    (
        "[[faults]]\nkind = \"forbidden\"\non = \"resources\"\n",
        VPC,
        1,
        &[("rights", "resources: no right, HTTP 401, code 210")],
    ),
    (
        "[[faults]]\nkind = \"forbidden\"\non = \"getRegionList\"\nstatus = 403\n",
        CLASSIC,
        3,
        &[("rights", "getRegionList: no right, HTTP 403, code 230")],
    ),
    (
        "[[faults]]\nkind = \"repeat_page\"\non = \"getServerInstanceList\"\n",
        VPC,
        1,
        &[("page_numbers", "two pages of 1 server show the same one")],
    ),
    (
        "[[faults]]\nkind = \"repeat_page\"\non = \"resources\"\n",
        VPC,
        1,
        &[("resource_pages", "two pages of 1 show the same server")],
    ),
    ("[[faults]]\nkind = \"denied\"\n", VPC, 3, &[]),
];

#[tokio::test]
async fn each_server_and_each_answer_that_differs_is_told_from_the_others() {
    for (part, schedules, code, expected) in PARTS {
        let shell = Shell::of(&format!("{FLEET}{part}"), schedules).await;
        let done = doctor(&shell).await;
        let expected: Vec<(String, String)> =
            expected.iter().map(|(code, seen)| ((*code).to_owned(), (*seen).to_owned())).collect();
        assert_eq!((done.code, different(&done)), (Some(*code), expected), "{part}: {done:?}");
        assert_eq!(changes(&shell).len(), 0, "{part}");
    }
}

#[tokio::test]
async fn a_region_that_cannot_be_listed_spoils_no_other() {
    let fleet = format!(
        "regions = [\"KR\", \"COM\"]\n{FLEET}[[faults]]\nkind = \"refuse\"\ncode = \"1234567\"\n\
         on = \"getServerInstanceList\"\nregion = \"COM\"\n"
    );
    let shell = Shell::of(&fleet, VPC).await;
    let done = doctor(&shell).await;
    let said = "COM cannot be listed: refused, HTTP 400, code 1234567".to_owned();
    let expected = vec![("region_list".to_owned(), said)];
    assert_eq!((done.code, different(&done)), (Some(1), expected), "{done:?}");
    let codes = of_judgement(&done, "seen");
    assert!(codes.contains(&("return_codes".to_owned(), "1234567".to_owned())), "{codes:?}");
    let named = VPC.to_owned() + "regions = [\"KR\", \"JPN\"]\n";
    let shell = Shell::of(FLEET, &named).await;
    let done = doctor(&shell).await;
    let said = "the file names JPN, the cloud KR".to_owned();
    assert_eq!(different(&done), [("region_list".to_owned(), said)], "{done:?}");
}

#[tokio::test]
async fn a_resource_manager_that_is_elsewhere_is_different() {
    let shell = Shell::of(FLEET, VPC).await;
    let elsewhere = format!("{VPC}resource_manager = \"{}/nowhere\"\n", shell.cloud.base_url());
    fs::write(shell.path().join("schedules.toml"), elsewhere).unwrap();
    let done = doctor(&shell).await;
    let said = "refused, HTTP 404, code 300".to_owned();
    let expected = vec![("resource_manager".to_owned(), said)];
    assert_eq!((done.code, different(&done)), (Some(1), expected), "{done:?}");
}

#[tokio::test]
async fn the_report_has_no_secrets_and_names_servers_only_when_it_is_asked_to() {
    let fleet =
        format!("{FLEET}[[servers]]\nname = \"new-secret\"\nno = \"7401\"\nstatus = \"X\"\n");
    let two = format!("{VPC}[accounts.old]\nplatform = \"classic\"\n");
    let shell = Shell::of(&fleet, &two).await;
    let keys = [shell.cloud.access_key(), shell.cloud.secret_key(), "2500000", "dev-tag"];
    for format in ["table", "json", "csv"] {
        let plain = shell.run(&format!("doctor -v -o {format}")).await;
        let named = shell.run(&format!("doctor --names -o {format}")).await;
        for done in [&plain, &named] {
            assert_eq!(done.code, Some(1), "{done:?}");
            for secret in keys {
                assert!(!done.stdout.contains(secret), "{secret}: {done:?}");
            }
        }
        assert!(!plain.stdout.contains("secret") && !plain.stdout.contains("74"), "{plain:?}");
        assert!(named.stdout.contains("new-secret (7401)"), "{named:?}");
    }
    let table = shell.run("doctor").await;
    let head = format!("report of lightsout {} doctor, ", env!("CARGO_PKG_VERSION"));
    assert!(table.stdout.starts_with(&head), "{table:?}");
    assert!(table.stdout.contains("+09:00\nIt holds no keys, "), "{table:?}");
    assert!(table.stdout.contains("unknown status X 1 (assumed: statuses and "), "{table:?}");
    assert!(table.stdout.ends_with(", 1 different\n"), "{table:?}");
}

#[tokio::test]
async fn an_account_that_cannot_be_read_is_exit_3_and_spoils_no_other() {
    let two = format!("{VPC}[accounts.other]\nplatform = \"vpc\"\ncredentials = \"env:OTHER\"\n");
    let shell = Shell::of(FLEET, &two).await;
    let done = doctor(&shell).await;
    assert_eq!(done.code, Some(3), "{done:?}");
    assert!(done.stderr.contains("error: account `other` could not be read: "), "{done:?}");
    assert!(done.lines().iter().all(|line| line["account"] == "main"), "{done:?}");
    assert!(of_judgement(&done, "seen").len() > 15, "{done:?}");
    let nobody = Shell::of(FLEET, "timezone = \"Asia/Seoul\"\n").await;
    let done = doctor(&nobody).await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    assert!(done.stderr.contains("[accounts.main]"), "{done:?}");
}

/// The rows of the tables of a page: their cells.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn the_page_and_the_table_of_assumptions_have_the_same_codes() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/unconfirmed.md");
    let page = fs::read_to_string(page).unwrap();
    let mut named = Vec::new();
    for row in rows(&page).into_iter().filter(|row| row[0] != "about") {
        let last = row.last().unwrap();
        // A row has codes, or says that reading cannot show it.
        assert!(*last == "–" || last.contains('`'), "{row:?}");
        named.extend(last.split('`').skip(1).step_by(2).map(ToOwned::to_owned));
    }
    named.sort();
    let mut known: Vec<String> = assumptions().map(|(code, _)| code.to_owned()).collect();
    known.sort();
    assert_eq!(named, known, "each code once");
}

/// The files behind the command name nothing that changes a server.
#[test]
fn nothing_that_changes_a_server_can_be_reached_from_the_command() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folder = fs::read_dir(src.join("cloud/ncloud/examination")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.extend([src.join("cli/doctor.rs"), src.join("cloud/ncloud/calls.rs")]);
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let changing =
            ["stopServer", "startServer", "server_api", "dyn Cloud", "Action", "change("];
        for word in changing {
            assert!(!code.contains(word), "{}: {word}", file.display());
        }
    }
}
