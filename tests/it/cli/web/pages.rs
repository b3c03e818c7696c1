//! What is on the pages, for people of both languages.

mod report;

use std::str::FromStr;

use chrono::TimeDelta;
use lightsout::clock::{Clock, SystemClock};
use lightsout::time::zone::Zone;

use super::{Page, fired};
use crate::cli::changes::ran_an_hour_ago;
use crate::cli::shell::{ALL, ONE, Shell, finish};
use crate::wait;

/// The text of a page, as somebody reads it.
pub(in super::super) fn text(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where the links of a page lead.
fn links(html: &str) -> Vec<String> {
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(|link| link.replace("&amp;", "&")).collect()
}

#[tokio::test]
async fn the_first_page_says_what_comes_and_how_the_nights_went() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let reply = page.get("/");
    let text = text(&reply.body);
    for said in [
        "No daemon is alive: nothing will stop or start. Start the daemon: lightsout run",
        "20:00 in ",
        "night stop 2 servers",
        "1 stopped",
        "1 refused",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(links(&reply.body).contains(&format!("/firings/{firing}")), "{}", reply.body);
}

#[tokio::test]
async fn the_first_page_opens_with_the_verdict_in_the_language_of_the_reader() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for (language, said) in [
        ("en", ["nothing will stop or start: no daemon is alive", "This month nothing saved yet"]),
        ("ko", ["실행 중인 데몬이 없습니다", "이번 달 아직 절약한 금액 없음"]),
    ] {
        // The month is reckoned beside the page.
        let whole = async || {
            let body = page.get_with("/", &format!("Accept-Language: {language}\r\n")).body;
            text(&body).contains(said[1]).then_some(body)
        };
        let body = wait::until("the month is there", whole).await;
        let at = |what: &str| body.find(what).unwrap_or_else(|| panic!("no {what} in {body}"));
        let lines =
            ["<section id=\"verdict\"", "id=\"last-night\"", "id=\"tonight\"", "id=\"month\""];
        let lines = lines.map(at);
        assert!(lines.is_sorted() && lines[3] < at("<h2>"), "{body}");
        // The answer stands out from what explains it.
        let answers = body[lines[1]..lines[3]].matches("<strong>").count();
        assert_eq!(answers, 2, "{body}");
        let text = text(&body);
        assert!(said.into_iter().all(|said| text.contains(said)), "{text}");
    }
}

#[tokio::test]
async fn the_first_page_says_what_a_rule_is_for() {
    let shell = Shell::of(ONE, &format!("{ALL}about = \"검색팀 <야간> 정지\"\n")).await;
    let page = Page::of(&shell, "");
    let text = text(&page.get("/").body);
    assert!(text.contains("night stop 검색팀 <야간> 정지"), "{text}");
}

#[tokio::test]
async fn the_first_page_says_which_days_a_calendar_takes_out() {
    let today = Zone::from_str("Asia/Seoul").unwrap().local(SystemClock::new().now()).date();
    let (first, last) = (today - TimeDelta::days(1), today + TimeDelta::days(2));
    let rest = format!("[calendars.rest]\ndates = [\"{first}..{last}\"]\n[[rules]]");
    let rules = ALL.replace("[[rules]]", &rest) + "skip_on = [\"rest\"]\n";
    let shell = Shell::of(ONE, &rules).await;
    let page = Page::of(&shell, "");
    let text = text(&page.get("/").body);
    for day in [last - TimeDelta::days(1), last] {
        let said = format!("not on {day} (a day of rest)");
        assert!(text.contains(&said), "{said}: {text}");
    }
    assert!(text.contains("night stop not tried yet not on"), "{text}");
}

#[tokio::test]
async fn what_is_held_is_said_with_until_when_by_whom_and_why() {
    let (shell, _) = fired().await;
    let done = shell.run("hold dev-a --tonight --why release").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let hold = &shell.json("holds").await[0];
    let (until, who) = (hold["until"].as_str().unwrap(), hold["who"].as_str().unwrap());
    let page = Page::of(&shell, "");
    let body = page.get("/").body;
    let (until, text) = (until.replace('T', " "), text(&body));
    assert!(text.contains(&format!("{} {who} release", &until[11..16])), "{text}");
    assert!(body.contains(&format!("title=\"{until}\"")), "{until}: {body}");
}

#[tokio::test]
async fn a_firing_s_page_has_every_request_with_its_answer() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let reply = page.get(&format!("/firings/{firing}"));
    let story = &shell.json(&format!("show {firing}")).await[0];
    let text = text(&reply.body);
    for request in story["requests"].as_array().unwrap() {
        for key in ["request_id", "return_code", "return_message"] {
            let said = request[key].as_str().unwrap();
            assert!(text.contains(said), "{said}: {text}");
        }
    }
    assert!(text.contains("Nobody may stop <this>."), "{text}");
    assert!(text.contains(story["file_sha256"].as_str().unwrap()), "{text}");
}

#[tokio::test]
async fn an_instance_s_page_has_its_state_and_its_lines_and_no_other_s() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let text = text(&page.get("/servers/1").body);
    assert!(text.contains("Last seen Name dev-a"), "{text}");
    assert!(text.contains("RUN → NSTOP stopped"), "{text}");
    assert!(!text.contains("dev-gpu"), "{text}");
}

/// A page with each time as its title has it.
fn with_full_times(body: &str) -> String {
    let mut parts = body.split("<time ");
    let mut full = parts.next().unwrap().to_owned();
    for part in parts {
        let (time, rest) = part.split_once("</time>").unwrap();
        let (_, title) = time.split_once("title=\"").unwrap();
        full += title.split_once('"').unwrap().0;
        full += rest;
    }
    full
}

#[tokio::test]
async fn an_instance_s_page_answers_why_as_the_command_does() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for (server, at) in [("1", "2020-01-01"), ("2", "2020-01-01 20:00")] {
        let mut command = shell.command("why --format json");
        let answer = finish({
            command.args([server, "--at", at]);
            command
        });
        let answer = &answer.await.lines()[0];
        let body = page.get(&format!("/servers/{server}?at={}", at.replace(' ', "+"))).body;
        let text = text(&with_full_times(&body));
        let unknown = answer["unknown"].as_array().unwrap();
        let timeline = answer["timeline"].as_array().unwrap();
        assert!(timeline.len() + unknown.len() > 0, "{answer}");
        let told = timeline.iter().map(|event| &event["told"]);
        for said in told.chain(unknown).chain([&answer["sentence"]]) {
            assert!(text.contains(said.as_str().unwrap()), "{said}: {text}");
        }
    }
    let now = &shell.json("why 1").await[0];
    let body = page.get("/servers/1").body;
    let full = text(&with_full_times(&body));
    assert!(full.contains(now["sentence"].as_str().unwrap()), "{now}: {full}");
    let (_, said) = body.split_once("class=\"sentence\"").unwrap();
    let said = text(said.split_once("</p>").unwrap().0);
    assert!(!said.contains("+09:00") && said.contains("by "), "times are short: {said}");
    for (at, said) in [("x", "That is no time."), ("2999-01-01", "That time is still to come")] {
        let reply = page.get(&format!("/servers/1?at={at}"));
        assert_eq!(reply.status, 400, "{at}");
        assert!(self::text(&reply.body).contains(said), "{at}: {}", reply.body);
    }
}

#[tokio::test]
async fn what_others_changed_is_listed_and_found_by_its_instance() {
    let fleet = "[[servers]]\nname = \"moved\"\nno = \"1\"\nstatus = \"NSTOP\"\n";
    let shell = Shell::of(fleet, ALL).await;
    ran_an_hour_ago(&shell).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let change = &shell.json("history --changes").await[0];
    assert_eq!((&change["instance_no"], &change["status_after"]), (&"1".into(), &"NSTOP".into()));
    let page = Page::of(&shell, "");
    for (query, is_there) in [
        ("", true),
        ("?instance=1&since=1d", true),
        ("?instance=moved&limit=1", true),
        ("?instance=2", false),
        ("?until=2020-01-01", false),
    ] {
        let text = text(&page.get(&format!("/changes{query}")).body);
        assert_eq!(text.contains("moved 1 main KR RUN → NSTOP"), is_there, "{query}: {text}");
        assert_eq!(text.contains("No change by others matches."), !is_there, "{query}: {text}");
    }
    let wrong = page.get("/changes?since=x");
    assert_eq!(wrong.status, 400);
    assert!(text(&wrong.body).contains("That is no time."), "{}", wrong.body);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for path in ["/x", "/firings/1", "/firings/x", "/firings/", "/servers/9", "/servers/x"] {
        assert_eq!(page.get(path).status, 404, "{path}");
    }
    let empty = Shell::of(ONE, ALL).await;
    let page = Page::of(&empty, "");
    for (path, status, said) in [
        ("/", 200, "There is no audit log yet"),
        ("/history", 200, "No line matches"),
        ("/changes", 200, "No change by others matches"),
        ("/report", 200, "There is no audit log yet"),
        ("/firings/4", 404, "Not found"),
    ] {
        let reply = page.get(path);
        assert_eq!(reply.status, status, "{path}");
        assert!(text(&reply.body).contains(said), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn filters_live_in_the_url_and_pages_lead_through_all_lines() {
    let (shell, _) = fired().await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let page = Page::of(&shell, "");
    for (query, lines) in [
        ("", 4),
        ("?rule=night", 4),
        ("?rule=day", 0),
        ("?instance=dev-a&outcome=stopped", 1),
        ("?outcome=dry_run", 1),
        ("?since=2000-01-01&until=1d", 0),
        ("?limit=3", 3),
    ] {
        let body = page.get(&format!("/history{query}")).body;
        assert_eq!(body.matches("href=\"/firings/").count(), lines, "{query}: {body}");
    }
    let (mut next, mut seen) = (Some("/history?limit=1&rule=night".to_owned()), Vec::new());
    while let Some(path) = next {
        let body = page.get(&path).body;
        let row = body.split("<tbody").nth(1).unwrap().split("</tbody").next().unwrap();
        seen.push(text(row));
        next = links(&body).into_iter().find(|link| link.contains("after="));
    }
    seen.dedup();
    assert_eq!(seen.len(), 4, "each line once: {seen:?}");
}

#[tokio::test]
async fn a_filter_that_cannot_be_meant_is_said_where_it_was_typed() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for (query, said) in [
        ("outcome=x", "There is no such outcome."),
        ("since=x", "That is no time."),
        ("until=x", "That is no time."),
        ("limit=0", "That is no number from 1 to 500."),
    ] {
        let reply = page.get(&format!("/history?{query}"));
        assert_eq!(reply.status, 400, "{query}");
        assert!(text(&reply.body).contains(said), "{query}: {}", reply.body);
        assert!(!reply.body.contains("<table"), "{query}: no lines of another filter");
    }
}

#[tokio::test]
async fn a_reader_of_korean_reads_korean() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    for (path, said) in [
        ("/".to_owned(), "다음 예정"),
        ("/history".to_owned(), "거부됨"),
        (format!("/firings/{firing}"), "요청과 응답"),
        (format!("/firings/{firing}"), "거부됨, HTTP 400"),
        ("/servers/1".to_owned(), "마지막 확인"),
        ("/nowhere".to_owned(), "찾을 수 없음"),
    ] {
        let reply = page.get_with(&path, "Accept-Language: ko-KR,ko;q=0.9,en;q=0.5\r\n");
        assert!(reply.body.contains("<html lang=\"ko\">"), "{path}");
        assert!(text(&reply.body).contains(said), "{path}: {}", reply.body);
    }
}

#[tokio::test]
async fn a_file_with_errors_is_doubted_and_the_daemon_s_rules_are_shown() {
    let shell = Shell::of(ONE, ALL).await;
    let child = shell.command("run").stderr(std::process::Stdio::null()).spawn().unwrap();
    let daemon = crate::cli::daemon::Process(child);
    let page = Page::of(&shell, "");
    let lives = async || {
        page.get("/readyz").status == 200
            && !shell.json("status").await[0]["daemon"]["file_sha256"].is_null()
    };
    wait::until_so("it says that it lives", lives).await;
    assert!(!page.get("/").body.contains("class=\"doubt\""));
    std::fs::write(shell.path().join("schedules.toml"), ALL.replace("0 20", "0 25")).unwrap();
    let text = text(&page.get("/").body);
    let said = "! schedules.toml cannot be used as it is now; the daemon goes on with the text before. \
                Mend what this names; the daemon takes the file by itself: lightsout check The error \
                schedules.toml";
    assert!(text.contains(said), "{text}");
    assert!(text.contains("night stop not tried yet"), "{text}");
    assert_eq!(daemon.terminate().await, Some(0));
}
