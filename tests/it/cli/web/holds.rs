//! Holds that are set and released on the page: by whom, on which terms, and from nowhere else.

mod senders;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::pages::text;
use super::{Page, Reply, exchange, fired};
use crate::cli::shell::Shell;

impl Page {
    /// What the forms of a page are sealed with.
    pub(super) fn seal(&self, path: &str) -> String {
        let body = self.get(path).body;
        let sealed = body.split("name=\"seal\" value=\"").nth(1).unwrap();
        sealed.split('"').next().unwrap().to_owned()
    }

    /// Sends a form as a browser does that was shown a page of ours.
    pub(super) fn send(&self, path: &str, form: &str) -> Reply {
        let address = self.address;
        self.send_with(path, form, &format!("Host: {address}\r\nOrigin: http://{address}\r\n"))
    }

    pub(super) fn send_with(&self, path: &str, form: &str, headers: &str) -> Reply {
        let length = form.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        );
        exchange(self.address, format!("{head}{headers}\r\n{form}").as_bytes())
    }
}

/// Some keys of every hold in the log.
async fn holds(shell: &Shell, keys: &[&str]) -> Vec<Vec<Value>> {
    let holds = shell.json("holds --all").await;
    holds.iter().map(|hold| keys.iter().map(|key| hold[*key].clone()).collect()).collect()
}

#[tokio::test]
async fn an_instance_and_a_rule_are_held_on_the_page_and_released_there() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?server=1");
    let form = format!("seal={seal}&instance=1&until=3h&why=a+release&who=kim&then=make-up");
    let held = page.send("/holds", &form);
    assert_eq!(held.status, 303, "{held:?}");
    let location = held.header("location").unwrap().to_owned();
    let number = location.strip_prefix("/hold?server=1&held=").unwrap();
    let rule = page.send("/holds", &format!("seal={seal}&rule=night&until=&then=skip"));
    let to = rule.header("location").unwrap();
    assert!(to.starts_with("/hold?rule=night&held="), "{rule:?}");
    let keys = ["subject", "what", "why", "via", "skip", "who"];
    let ours: Vec<Vec<Value>> = vec![
        vec![
            "1".into(),
            "instance".into(),
            "a release".into(),
            "page".into(),
            false.into(),
            "kim (page, 127.0.0.1)".into(),
        ],
        vec![
            "night".into(),
            "rule".into(),
            Value::Null,
            "page".into(),
            true.into(),
            "page, from 127.0.0.1".into(),
        ],
    ];
    assert_eq!(holds(&shell, &keys).await, ours);
    let shown = text(&page.get(&location).body);
    assert!(shown.contains("dev-a is held until "), "{shown}");
    assert!(shown.contains("Held by kim (page, 127.0.0.1). Reason: a release."), "{shown}");
    let shown = text(&page.get("/servers/1").body);
    assert!(shown.contains("kim (page, 127.0.0.1) a release"), "{shown}");
    assert!(shown.contains("night Rule"), "its rule is held, too: {shown}");
    let korean = text(&page.get_with("/servers/1", "Accept-Language: ko\r\n").body);
    assert!(korean.contains("설정: kim (페이지, 127.0.0.1)"), "{korean}");
    assert!(korean.contains("페이지, 127.0.0.1 밀린 작업을 처리하지 않음"), "{korean}");
    let form = format!("seal={seal}&instance=1");
    for said in ["released", "over"] {
        let released = page.send(&format!("/holds/{number}/release"), &form);
        assert_eq!(released.status, 303, "{released:?}");
        let to = format!("/servers/1?{said}={number}");
        assert_eq!(released.header("location"), Some(&*to));
    }
    let states = holds(&shell, &["state", "released_by"]).await;
    let released: Vec<Value> = vec!["released".into(), "page, from 127.0.0.1".into()];
    assert_eq!(states, [released, vec!["in force".into(), Value::Null]]);
    assert_eq!(shell.run("audit verify").await.code, Some(0));
    let left: Vec<String> = fs::read_dir(shell.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("-session-"))
        .collect();
    assert!(left.is_empty(), "no session is left open: {left:?}");
}

#[tokio::test]
async fn a_hold_that_may_not_be_is_said_where_it_was_typed_and_what_was_typed_stays() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?rule=night");
    for (form, status, said) in [
        ("rule=night&until=soon", 422, "That is no time."),
        ("rule=night&until=2000-01-01", 422, "That time has passed"),
        ("rule=night&until=300d", 422, "A hold lasts 3d at most, now until "),
        ("rule=day&until=2h", 422, "There is no such rule."),
        ("until=2h", 422, "There is no such rule."),
        ("instance=1&until=soon", 422, "That is no time."),
        ("instance=77&until=2h", 404, "Not found"),
        ("instance=x%0d%0ay&until=2h", 404, "Not found"),
        ("instance=2&until=9999-12-31", 422, "A hold lasts 3d at most"),
    ] {
        let typed = format!("seal={seal}&why=%3Cb%3E+%22mine%22&who=kim&then=skip&{form}");
        let reply = page.send("/holds", &typed);
        assert_eq!(reply.status, status, "{form}: {reply:?}");
        assert!(text(&reply.body).contains(said), "{form}: {}", reply.body);
        if status == 422 {
            let alert = reply.body.find("role=\"alert\"").unwrap();
            assert!(alert < reply.body.find("<h1>").unwrap(), "{form}: {}", reply.body);
        }
        if status == 422 && !said.contains("no such rule") {
            let kept = "value=\"&lt;b&gt; &quot;mine&quot;\"";
            assert!(reply.body.contains(kept), "{form}: {}", reply.body);
            assert!(reply.body.contains("value=\"skip\" checked"), "{form}: {}", reply.body);
        }
    }
    assert!(holds(&shell, &[]).await.is_empty());
    let away = page.get("/holds");
    assert_eq!((away.status, away.header("location")), (303, Some("/#holds")));
}

#[tokio::test]
async fn what_no_browser_s_field_holds_is_not_recorded() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?rule=night");
    let form = format!("seal={seal}&rule=night&until=2h");
    let body = page.get("/hold?rule=night").body;
    assert!(body.contains("name=\"why\" type=\"text\"") && body.contains("maxlength=\"200\""));
    for long in [format!("why={}", "x".repeat(201)), format!("who={}", "x".repeat(61))] {
        assert_eq!(page.send("/holds", &format!("{form}&{long}")).status, 413, "{long}");
    }
    assert!(holds(&shell, &[]).await.is_empty());
    let unseen = "why=a%00re%0d%0alease&who=%1b[31mkim";
    assert_eq!(page.send("/holds", &format!("{form}&{unseen}")).status, 303);
    let said: [Vec<Value>; 1] = [vec!["arelease".into(), "[31mkim (page, 127.0.0.1)".into()]];
    assert_eq!(holds(&shell, &["why", "who"]).await, said);
}

#[tokio::test]
async fn an_address_alone_makes_the_page_say_nothing_of_a_hold() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?rule=night");
    let held = page.send("/holds", &format!("seal={seal}&rule=night&until=2h"));
    let number = held.header("location").unwrap().strip_prefix("/hold?rule=night&held=").unwrap();
    let most = i64::MAX.to_string();
    for (done, said) in [
        (format!("held={number}"), true),
        (format!("released={number}"), false),
        (format!("over={number}"), false),
        (format!("held={firing}"), false),
        (format!("over={firing}"), false),
        (format!("released={most}"), false),
        ("held=-1".to_owned(), false),
    ] {
        for path in ["/", "/servers/1"] {
            let body = page.get(&format!("{path}?{done}")).body;
            assert_eq!(body.contains("role=\"status\""), said, "{path}?{done}: {body}");
        }
    }
    let released = page.send(&format!("/holds/{number}/release"), &format!("seal={seal}"));
    assert_eq!(released.status, 303);
    assert!(page.get(&format!("/?released={number}")).body.contains("night is no longer held."));
}

#[tokio::test]
async fn what_holds_a_server_now_is_shown_whatever_time_is_asked_about() {
    let (shell, _) = fired().await;
    assert_eq!(shell.run("hold night --until 2h").await.code, Some(0));
    let page = Page::of(&shell, "");
    for path in ["/servers/1", "/servers/1?at=x", "/servers/1?at=2000-01-01"] {
        let body = page.get(path).body;
        assert!(body.contains("/release\""), "{path}: {body}");
        assert!(!text(&body).contains("Nothing is held."), "{path}: {body}");
    }
}

#[tokio::test]
async fn what_comes_next_says_that_its_rule_is_held_then() {
    let rules = crate::cli::shell::ALL.replace("0 20 * * *", "* * * * *");
    assert!(rules.contains("* * * * *"), "{rules}");
    let shell = Shell::of(crate::cli::shell::ONE, &rules).await;
    assert_eq!(shell.run("fire night --dry-run --yes").await.code, Some(0));
    let page = Page::of(&shell, "");
    let body = page.get("/").body;
    assert!(!text(&body).contains("held until"), "{body}");
    assert_eq!(shell.run("hold night --until 2h").await.code, Some(0));
    let body = page.get("/").body;
    assert!(text(&body).contains("held until to"), "today or tomorrow: {body}");
    let korean = page.get_with("/", "Accept-Language: ko\r\n").body;
    assert!(text(&korean).contains("까지 보류"), "{korean}");
}

#[tokio::test]
async fn where_nothing_can_be_written_there_is_no_form_and_the_page_says_why() {
    let (shell, _) = fired().await;
    assert_eq!(shell.run("hold dev-a --until 2h").await.code, Some(0));
    let is_open = |page: &Page, path: &str, said: &str| {
        let body = page.get(path).body;
        assert!(said.is_empty() || text(&body).contains(said), "{path}: {body}");
        body.contains("method=\"post\"")
    };
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?rule=night");
    assert!(is_open(&page, "/", "") && is_open(&page, "/servers/1", ""));
    let kept = Page::of(&shell, "--web-read-only");
    let said = "lightsout was started with --web-read-only";
    assert!(!is_open(&kept, "/", said) && !is_open(&kept, "/servers/1", said));
    let log = shell.path().join("lightsout.db");
    fs::set_permissions(&log, fs::Permissions::from_mode(0o400)).unwrap();
    let said = "this process may not write the audit log";
    assert!(!is_open(&page, "/", said) && !is_open(&page, "/servers/1", said));
    for path in ["/holds", "/holds/7/release"] {
        let reply = page.send(path, &format!("seal={seal}&rule=night&until=2h"));
        assert_eq!(reply.status, 409, "{reply:?}");
    }
    fs::set_permissions(&log, fs::Permissions::from_mode(0o600)).unwrap();
    let wrong = crate::cli::shell::ALL.replace("0 20", "0 25");
    fs::write(shell.path().join("schedules.toml"), wrong).unwrap();
    let body = page.get("/").body;
    assert!(text(&body).contains("Nothing can be held while schedules.toml"), "{body}");
    assert!(body.contains("/release\"") && !body.contains("action=\"/holds\""), "{body}");
    let reply = page.send("/holds", &format!("seal={seal}&rule=night&until=2h"));
    assert_eq!(reply.status, 409, "{reply:?}");
    assert_eq!(holds(&shell, &["subject"]).await, [["dev-a"]]);
}

#[tokio::test]
async fn a_daemon_is_not_disturbed_by_a_hold_that_its_own_page_sets() {
    let shell = Shell::of(crate::cli::shell::ONE, crate::cli::shell::ALL).await;
    let page = super::monitoring::daemon(&shell);
    super::monitoring::until(&page, "/readyz", |reply| reply.status == 200).await;
    assert_eq!(shell.run("plan").await.code, Some(0));
    let seal = page.seal("/hold?rule=night");
    let held = page.send("/holds", &format!("seal={seal}&rule=night&until=2h"));
    assert_eq!(held.status, 303, "{held:?}");
    assert_eq!(page.get("/readyz").status, 200);
    let status = shell.json("status").await;
    assert_eq!(status[0]["holds"][0]["subject"], "night", "{status:?}");
    assert_eq!(page.process.terminate().await, Some(0));
    assert_eq!(shell.run("audit verify").await.code, Some(0));
}
