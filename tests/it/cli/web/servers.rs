//! The list of servers, and one server by its name or its number.

use super::pages::text;
use super::{Page, fired};
use crate::cli::shell::{ALL, Shell};

#[tokio::test]
async fn servers_are_listed_and_found_by_a_part_of_a_name() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for (query, there, away) in [
        ("", vec!["dev-a", "dev-gpu", "2 servers", "off since", "running"], ""),
        ("?q=GPU", vec!["dev-gpu", "1 of 2 servers"], "dev-a "),
        ("?q=d*a&page=9", vec!["dev-a", "1 of 2 servers"], "dev-gpu"),
        ("?q=nobody", vec!["No server has this in its name."], "dev-"),
    ] {
        let text = text(&page.get(&format!("/servers{query}")).body);
        assert!(there.iter().all(|said| text.contains(said)), "{query}: {there:?}: {text}");
        assert!(away.is_empty() || !text.contains(away), "{query}: {text}");
    }
    let first = page.get("/").body;
    let verdict = first.find("id=\"month\"").unwrap();
    let search = first.find("action=\"/servers\"").unwrap();
    assert!(verdict < search && search < first.find("<h2>").unwrap(), "{first}");
    let korean = page.get_with("/servers", "Accept-Language: ko\r\n").body;
    assert!(text(&korean).contains("서버 2대"), "{korean}");
}

#[tokio::test]
async fn one_tap_shows_what_runs_what_is_off_what_is_held_and_what_needs_somebody() {
    let (shell, _) = fired().await;
    assert_eq!(shell.run("hold 1 --until 2h").await.code, Some(0));
    let page = Page::of(&shell, "");
    for (query, there, away) in [
        ("state=running", "dev-gpu", "dev-a "),
        ("state=off", "dev-a ", "dev-gpu"),
        ("state=trouble", "running since", "dev-a "),
        ("state=held", "dev-a ", "dev-gpu"),
        ("state=held&q=gpu", "No server is so now.", "dev-"),
        ("state=unknown", "No server is so now.", "dev-"),
        ("q=a&state=running", "No server is so now.", "dev-"),
        ("q=gpu&state=trouble", "refused", "dev-a "),
        ("state=asleep", "dev-a ", "No server"),
    ] {
        let body = page.get(&format!("/servers?{query}")).body;
        let (_, list) = body.split_once("class=\"chips\"").unwrap();
        let text = text(list);
        assert!(text.contains(there), "{query}: {text}");
        assert!(!text.contains(away), "{query}: {text}");
    }
    assert_eq!(shell.run("hold night --until 2h").await.code, Some(0));
    let with_its_rule = text(&page.get("/servers?state=held").body);
    assert!(with_its_rule.contains("dev-gpu"), "{with_its_rule}");
    let body = page.get("/servers?q=dev&state=off").body;
    assert!(body.contains("href=\"/servers?q=dev&amp;state=running\""), "a search stays: {body}");
    assert!(body.contains("<input type=\"hidden\" name=\"state\" value=\"off\">"), "{body}");
    let current = "href=\"/servers?q=dev&amp;state=off\" aria-current=\"true\"";
    assert!(body.contains(current), "{body}");
    let korean = text(&page.get_with("/servers?state=held", "Accept-Language: ko\r\n").body);
    assert!(korean.contains("전체 켜짐 꺼짐 문제 보류 중"), "{korean}");
}

#[tokio::test]
async fn a_server_has_its_page_by_name_and_by_number() {
    let fleet = "[[servers]]\nname = \"twin\"\nno = \"1\"\n[[servers]]\nname = \"twin\"\nno = \"2\"\n\
        [[servers]]\nname = \"개발 /1\"\nno = \"3\"\n";
    let shell = Shell::of(fleet, ALL).await;
    assert_eq!(shell.run("fire night --dry-run --yes").await.code, Some(0));
    let page = Page::of(&shell, "");
    for (path, heading) in [
        ("/servers/1", "<h1>twin <span class=\"number\">1</span></h1>"),
        ("/servers/3", "<h1>개발 /1 <span class=\"number\">3</span></h1>"),
        ("/servers/%EA%B0%9C%EB%B0%9C%20%2F1", "<h1>개발 /1 <span class=\"number\">3</span></h1>"),
        ("/servers/twin", "<h1>Servers</h1>"),
    ] {
        let reply = page.get(path);
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        assert!(reply.body.contains(heading), "{path}: {}", reply.body);
    }
    let old = page.get("/instances/1?at=2d");
    assert_eq!((old.status, old.header("location")), (301, Some("/servers/1?at=2d")));
    let both = page.get("/servers/twin").body;
    for no in ["1", "2"] {
        assert!(both.contains(&format!("href=\"/servers/{no}\"")), "{both}");
    }
    assert!(!both.contains("href=\"/servers/3\""), "{both}");
    for path in ["/servers/nobody", "/servers/77", "/servers/", "/servers/%ff", "/instances/x"] {
        assert_eq!(page.get(path).status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_server_s_page_opens_with_its_state_its_next_stop_and_the_control_that_holds_it() {
    let rules = format!(
        "{ALL}[[rules]]\nname = \"tagged\"\naction = \"stop\"\ncron = \"0 23 * * *\"\n\
         select = {{ tags = {{ env = \"x\" }} }}\n"
    );
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n";
    let shell = Shell::of(fleet, &rules).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let page = Page::of(&shell, "");
    let body = page.get("/servers/1").body;
    let at = |what: &str| body.find(what).unwrap_or_else(|| panic!("no {what} in {body}"));
    let order = ["<h1>dev-a", "off", "Next stop", "href=\"/hold?server=1\"", "class=\"sentence\""];
    assert!(order.map(at).is_sorted() && at("class=\"sentence\"") < at("<details"), "{body}");
    let said = "Rules that ask for tags and have never matched it: tagged";
    assert!(text(&body).contains(said), "{body}");
    assert_eq!(body.matches("tagged").count(), 1, "{body}");
}

#[tokio::test]
async fn a_long_list_has_pages_of_a_hundred() {
    use std::fmt::Write;
    let mut fleet = String::new();
    for no in 1..=201 {
        writeln!(fleet, "[[servers]]\nname = \"dev-{no:03}\"\nno = \"{no}\"").unwrap();
    }
    let shell = Shell::of(&fleet, &format!("{ALL}max_instances = 300\n")).await;
    assert_eq!(shell.run("fire night --dry-run --yes").await.code, Some(0));
    let page = Page::of(&shell, "");
    for (query, first, last, rows) in [
        ("", "dev-001", "dev-100", 100),
        ("?q=dev&page=2", "dev-101", "dev-200", 100),
        ("?page=3", "dev-201", "dev-201", 1),
    ] {
        let body = page.get(&format!("/servers{query}")).body;
        assert_eq!(body.matches("class=\"name\"").count(), rows, "{query}");
        assert!(body.contains(first) && body.contains(last), "{query}: {body}");
    }
    let second = page.get("/servers?q=dev&page=2").body;
    assert!(second.contains("/servers?q=dev&amp;page=3") && second.contains("Page 2 of 3"));
}

#[tokio::test]
async fn a_server_s_next_is_not_known_before_its_tags_were_read_and_its_start_while_it_is_off() {
    let rules = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n[[rules]]\n\
        name = \"hours\"\noff = \"20:00-08:00\"\nselect = { tags = { env = \"dev\" } }\n";
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n\
        tags = { env = \"dev\" }\n";
    let shell = Shell::of(fleet, rules).await;
    assert_eq!(shell.run("fire hours --action stop --dry-run --yes").await.code, Some(0));
    let page = Page::of(&shell, "");
    let told = |path: &str, language: &str| {
        text(&page.get_with(path, &format!("Accept-Language: {language}\r\n")).body)
    };
    for (language, said) in [
        ("en", "not known yet: its tags are read when a rule fires"),
        ("ko", "아직 모름: 태그는 규칙이 실행될 때 확인"),
    ] {
        for path in ["/servers", "/servers/1"] {
            let text = told(path, language);
            assert!(text.contains(said) && !text.contains("no rule is about it"), "{path}: {text}");
        }
    }
    assert_eq!(shell.run("fire hours --action stop --yes").await.code, Some(0));
    let list = told("/servers", "en");
    assert!(list.contains("start ") && list.contains("08:00 , hours"), "{list}");
    assert!(!list.contains("20:00 , hours"), "{list}");
    let one = told("/servers/1", "en");
    let (_, start) = one.split_once("Next start").unwrap();
    assert!(start.split("Held").next().unwrap().contains("08:00 , hours"), "{one}");
}
