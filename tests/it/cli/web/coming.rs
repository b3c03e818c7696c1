//! What comes next, on the first page and in `status`.

use super::pages::text;
use super::{Page, fired_in};
use crate::cli::budget::{NIGHTS, seen};
use crate::cli::shell::{Shell, where_it_is};

/// Off for ten days, though the cloud has seen a boot three days ago.
const OFF: [(i64, &str); 3] = [(24 * 20, "RUN"), (24 * 10, "NSTOP"), (0, "NSTOP")];

/// The text of what comes next, and its markup.
fn coming(page: &Page, language: &str) -> (String, String) {
    let body = page.get_with("/", &format!("Accept-Language: {language}\r\n")).body;
    let section = body.split("<section id=\"coming\">").nth(1).unwrap();
    let section = section.split("</section>").next().unwrap().to_owned();
    (text(&format!("<s>{section}")), section)
}

#[tokio::test]
async fn a_day_is_told_with_how_long_until_then_and_how_many_servers_last_time() {
    let (shell, _) = fired_in(&where_it_is(18)).await;
    for hold in ["hold dev-a --until 5h", "hold night --until 26h"] {
        assert_eq!(shell.run(hold).await.code, Some(0), "{hold}");
    }
    let page = Page::of(&shell, "");
    let (english, markup) = coming(&page, "en");
    let (korean, _) = coming(&page, "ko");
    let blocked = "Nothing of this runs until the trouble above is fixed.";
    for said in
        [blocked, "20:00 in ", "night stop 2 servers, 1 did not stop held until tomorrow 2", "Hold"]
    {
        assert!(english.contains(said), "{said}: {english}");
    }
    let (before, _) = english.split_once(" the hold on dev-a ends").unwrap();
    assert!(before.ends_with("min") && before.contains(" in 4 h "), "{english}");
    assert!(!english.contains("the hold on night ends"), "it comes later: {english}");
    for said in ["뒤 night 정지 2대, 1대는 정지되지 않음", "분 뒤 dev-a 보류 종료"]
    {
        assert!(korean.contains(said), "{said}: {korean}");
    }
    for link in ["/rules/night", "/servers/dev%2Da", "/hold?rule=night"] {
        assert!(markup.contains(&format!("href=\"{link}\"")), "{link}: {markup}");
    }
    assert_eq!(page.get("/servers/dev%2Da").status, 200);

    let status = shell.run("status").await.stdout;
    let next = status.split("\nnext ").nth(1).unwrap();
    for said in [
        "stop night, 2 servers last time, 1 did not stop, held until",
        "the hold on dev-a ends, in ",
    ] {
        let next = next.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(next.contains(said), "{said}: {status}");
    }
    let lines = &shell.json("status").await[0]["coming"];
    let told = |place: usize| ["kind", "rule", "servers_last_time"].map(|key| &lines[place][key]);
    assert_eq!(told(0), [&"firing".into(), &"night".into(), &serde_json::json!(2)]);
    assert_eq!(told(1)[0], "hold_end");
}

#[tokio::test]
async fn rules_that_fire_later_stand_apart_and_one_that_fires_often_has_one_line() {
    let rules = format!(
        "timezone = \"{}\"\n[accounts.main]\nplatform = \"vpc\"\n\
        [[rules]]\nname = \"often\"\naction = \"stop\"\ncron = \"*/30 * * * *\"\nselect.names = [\"*\"]\n\
        [[rules]]\nname = \"yearly\"\naction = \"stop\"\ncron = \"0 20 29 2 *\"\nselect.names = [\"*\"]\n",
        where_it_is(18)
    );
    let shell = Shell::of(crate::cli::shell::ONE, &rules).await;
    let (said, _) = coming(&Page::of(&shell, ""), "en");
    assert_eq!(said.matches("often stop not tried yet").count(), 1, "{said}");
    assert!(said.contains("then at least 25 more within a day"), "{said}");
    let (within, later) = said.split_once(" Later ").unwrap();
    assert!(!within.contains("yearly") && later.contains("yearly stop"), "{said}");
    let status = shell.run("status").await.stdout;
    assert!(!status.contains("yearly"), "{status}");
}

#[tokio::test]
async fn a_start_before_a_limit_of_the_stop_budget_comes_too() {
    // A server is started after three days of four.
    let rules = format!("{NIGHTS}[budget]\nat_limit = \"start\"\nin_a_row = 4\n");
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstatus = \"NSTOP\"\n";
    let shell = Shell::of(fleet, &rules).await;
    seen(&shell, &[("dev-a", "1", &OFF)]).await;
    assert_eq!(shell.run("fire nights --action stop --yes").await.code, Some(0));
    let (said, markup) = coming(&Page::of(&shell, ""), "en");
    let (before, after) =
        said.split_once("starts dev-a before its days off in a row are over").unwrap();
    assert!(before.trim_end().ends_with("now"), "{said}");
    assert!(after.trim_start().starts_with("Hold"), "{said}");
    assert!(
        markup.contains("href=\"/servers/1\"") && markup.contains("/hold?server=1"),
        "{markup}"
    );
    let lines = shell.json("status").await[0]["coming"].clone();
    let start = lines.as_array().unwrap().iter().find(|it| it["kind"] == "budget_start").unwrap();
    assert_eq!(start["servers"][0]["instance_no"], "1", "{start}");
    let csv = shell.run("status --format csv").await.stdout;
    assert!(csv.lines().any(|line| line.starts_with("budget_start,")), "{csv}");
}

#[tokio::test]
async fn a_start_that_has_never_fired_is_told_by_the_stops_of_its_window() {
    let rules = format!(
        "timezone = \"{}\"\n[accounts.main]\nplatform = \"vpc\"\n[[rules]]\nname = \"night\"\n\
         off = \"20:00-08:00\"\nselect.names = [\"dev-*\"]\n[[rules]]\nname = \"none\"\n\
         off = \"20:00-08:00\"\nselect.names = [\"qa\"]\n",
        where_it_is(12)
    );
    let fleet = "[[servers]]\nname = \"dev-a\"\nstop_takes = \"300ms\"\n[[servers]]\n\
        name = \"dev-b\"\nstop_takes = \"300ms\"\n[[servers]]\nname = \"dev-off\"\n\
        status = \"NSTOP\"\n";
    let shell = Shell::of(fleet, &rules).await;
    let page = Page::of(&shell, "");
    let (before, _) = coming(&page, "en");
    for said in ["night stop not tried yet", "night start not tried yet"] {
        assert!(before.contains(said), "{said}: {before}");
    }
    shell.run("fire none --action stop --yes").await;
    assert_eq!(shell.run("fire night --action stop --yes").await.code, Some(0));
    let (english, _) = coming(&page, "en");
    for said in [
        "night stop 3 servers",
        "night start first time, 2 servers",
        "none stop no server so far",
        "none start not tried yet",
    ] {
        assert!(english.contains(said), "{said}: {english}");
    }
    let (korean, _) = coming(&page, "ko");
    assert!(korean.contains("night 시작 첫 실행, 2대"), "{korean}");
    let status = shell.run("status -v").await.stdout;
    assert!(status.contains("08:00  start night, first time, 2 servers, in "), "{status}");
    let short = shell.run("status").await.stdout;
    assert!(short.contains("08:00  start night, none, in "), "{short}");
}
