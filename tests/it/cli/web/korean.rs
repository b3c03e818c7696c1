//! Every page in Korean, after a night with trouble.

use lightsout::clock::{Clock, SystemClock};

use super::{Page, Reply};
use crate::cli::changes::ran_an_hour_ago;
use crate::cli::shell::{ALL, Shell};
use crate::english::{english, said};

/// Names of this world and of its zone, the cloud's messages, keys of the file, commands that a page
/// names, and the other language's name for itself.
const NAMES: [&str; 23] = [
    "night",
    "later",
    "hours",
    "main",
    "rest",
    "uid",
    "Asia",
    "Seoul",
    "Nobody",
    "may",
    "stop",
    "this",
    "success",
    "except",
    "cron",
    "budget",
    "lightsout",
    "next",
    "run",
    "report",
    "holds",
    "fire",
    "English",
];

const FLEET: &str = "[[servers]]\nname = \"dev-moved\"\nno = \"1\"\nstatus = \"NSTOP\"\n\
    [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
    refuse = { code = \"77777\", message = \"Nobody may stop <this>.\" }\n\
    [[servers]]\nname = \"dev-a\"\nno = \"3\"\nstop_takes = \"300ms\"\n";

/// A log with firings, one that failed, a change by somebody else and two holds; rules with a
/// calendar, an override, and one that is disabled.
async fn lived() -> (Shell, String) {
    let today = SystemClock::new().now().date_naive();
    let day = |later| today + chrono::TimeDelta::days(later);
    let more = format!(
        "skip_on = [\"rest\", \"builtin:kr\"]\n\
         [[rules]]\nname = \"hours\"\noff = \"21:00-07:00\"\noff_days = [\"weekends\"]\n\
         select = {{ names = [\"dev-*\"] }}\nexcept = {{ tags = {{ a = \"b\" }} }}\n\
         [[rules]]\nname = \"later\"\naction = \"start\"\ncron = \"0 7 * * *\"\n\
         enabled = false\ndisabled_since = \"2026-11-01\"\nselect = {{ names = [\"dev-*\"] }}\n\
         [[overrides]]\nrules = [\"hours\"]\nfrom = \"{}\"\nuntil = \"{}\"\nskip = true\n\
         [prices.products.\"*\"]\nhour = 123.0\nstopped = 4.5\n",
        day(1),
        day(2)
    );
    let calendar = format!("[calendars.rest]\ndates = [\"{}\"]\n[[rules]]", day(1));
    let rules = ALL.replace("30s", "3s").replacen("[[rules]]", &calendar, 1) + &more;
    let shell = Shell::of(FLEET, &rules).await;
    ran_an_hour_ago(&shell).await;
    let fired = shell.run("fire night --yes").await;
    assert_eq!(fired.code, Some(1), "{}", fired.stderr);
    let firing = shell.json("history").await[0]["firing"].to_string();
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    for hold in ["dev-a --until 3h --why \"배포\"", "night --until 2h --skip"] {
        assert_eq!(shell.run(&format!("hold {hold}")).await.code, Some(0));
    }
    (shell, firing)
}

#[tokio::test]
async fn no_page_has_an_english_word_for_readers_of_korean() {
    let (shell, firing) = lived().await;
    let page = Page::of(&shell, "");
    let firing = format!("/firings/{firing}");
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let names: Vec<&str> = NAMES.into_iter().chain([host.trim()]).collect();
    let mut wrong = Vec::new();
    for path in [
        "/",
        "/history",
        "/history?since=x",
        "/history?outcome=trouble",
        "/rules",
        "/rules/night",
        "/rules/hours",
        "/week",
        "/week?rule=night",
        "/changes",
        "/report",
        "/report?since=2026-11-20&until=2026-11-19",
        &firing,
        "/servers",
        "/servers?q=nobody",
        "/servers?state=trouble",
        "/servers?state=unknown",
        "/servers/1",
        "/servers/2",
        "/servers/3",
        "/servers/2?at=x",
        "/hold?server=3",
        "/hold?rule=night",
        "/nowhere",
    ] {
        let Reply { body, .. } = page.get_with(path, "Cookie: lang=ko\r\n");
        assert!(body.contains("<html lang=\"ko\""), "{path}: {body}");
        let left = english(&said(&body), &names);
        if !left.is_empty() {
            wrong.push(format!("{path}: {left:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
