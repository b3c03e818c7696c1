//! The page on which one rule or one server is held: with one tap, once, and never by looking.

use super::pages::text;
use super::{Page, Reply, fired, fired_in};
use crate::cli::shell::{ALL, ONE, Shell, where_it_is};

/// What a button of the page would send.
fn tapped(body: &str, label: &str) -> String {
    let form =
        body.split("<form class=\"choices\"").nth(1).unwrap().split("</form>").next().unwrap();
    let value =
        |from: &str| from.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let hidden = form.split("<input type=\"hidden\" ").skip(1).map(|input| {
        let name = input.split("name=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        (name, value(input))
    });
    let button = form.split("<button ").skip(1).find(|button| button.contains(label)).unwrap();
    let fields = hidden.chain([("until".to_owned(), value(button))]);
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn location(reply: &Reply) -> &str {
    assert_eq!(reply.status, 303, "{reply:?}");
    reply.header("location").unwrap()
}

async fn subjects(shell: &Shell) -> Vec<String> {
    let holds = shell.json("holds --all").await;
    holds.iter().map(|hold| hold["subject"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn one_tap_holds_until_the_time_that_its_button_shows_and_another_undoes_it() {
    let (shell, _) = fired_in(&where_it_is(2)).await;
    let page = Page::of(&shell, "");
    for (path, label, name) in [
        ("/hold?server=1", ">This night<", "dev-a"),
        ("/hold?server=2", ">Until tomorrow 08:00<", "dev-gpu"),
        ("/hold?rule=night", ">+2 h<", "night"),
    ] {
        let asked = page.get(path);
        assert_eq!((asked.status, asked.header("refresh")), (200, None), "{path}");
        assert!(text(&asked.body).contains("Not held now."), "{path}: {}", asked.body);
        assert!(!asked.body.contains("selected") && !asked.body.contains("checked"), "{path}");
        let held = page.send("/holds", &tapped(&asked.body, label));
        let body = page.get(location(&held)).body;
        let until = shell.json("holds").await[0]["until"].as_str().unwrap()[..16].to_owned();
        let status =
            text(body.split("role=\"status\"").nth(1).unwrap().split("</div>").next().unwrap());
        assert!(status.contains(&format!("{name} is held until ")), "{status}");
        assert!(status.contains(&until[11..]), "{until}: {status}");
        assert!(body.contains(">Undo</button>") && !body.contains("role=\"alert\""), "{body}");
        let seal = page.seal(path);
        let number = location(&held).rsplit('=').next().unwrap().to_owned();
        let subject = path.split('?').nth(1).unwrap().replace("server", "instance");
        let form = format!("seal={seal}&from=hold&{subject}");
        let undone = page.send(&format!("/holds/{number}/release"), &form);
        assert_eq!(location(&undone), format!("{path}&released={number}"));
        let said = format!("{name} is no longer held.");
        assert!(text(&page.get(location(&undone)).body).contains(&said), "{path}");
        assert!(shell.json("holds").await.is_empty());
    }
}

#[tokio::test]
async fn the_night_that_has_begun_is_told_from_the_one_that_comes() {
    for (hour, said, korean) in [
        (2, "This night until today 08:00 nothing comes", "이번 밤 오늘 08:00 까지"),
        (7, "Tonight until tomorrow 08:00 holds: stop today 20:00", "오늘 밤 내일 08:00 까지"),
        (19, "Tonight until tomorrow 08:00 holds: stop today 20:00", "오늘 밤 내일 08:00 까지"),
    ] {
        let (shell, _) = fired_in(&where_it_is(hour)).await;
        let page = Page::of(&shell, "");
        let shown = text(&page.get("/hold?server=1").body);
        assert!(shown.contains(said), "{hour}: {shown}");
        assert_eq!(shown.contains("Until tomorrow 08:00"), hour == 2, "each end once: {shown}");
        let shown = text(&page.get_with("/hold?server=1", "Accept-Language: ko\r\n").body);
        assert!(shown.contains(korean), "{hour}: {shown}");
    }
}

#[tokio::test]
async fn a_start_that_a_hold_keeps_back_is_said_before_the_tap_and_after() {
    let times = "action = \"stop\"\ncron = \"0 20 * * *\"";
    assert!(ALL.contains(times));
    let rules = ALL.replace(times, "off = \"20:00-08:00\"").replace("Asia/Seoul", &where_it_is(7));
    let shell = Shell::of(ONE, &rules).await;
    let fired = shell.run("fire night --action stop --dry-run --yes").await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    let page = Page::of(&shell, "");
    let (holds, warning) = (
        "olds: start today 08:00 , stop 20:00",
        // The stop of this evening is held, too.
        "he start today 08:00 is held too: servers stay off until tomorrow 08:00",
    );
    for path in ["/hold?rule=night", "/hold?server=1"] {
        let asked = page.get(path).body;
        let shown = text(&asked);
        // The second page is that of a server whose rule is held.
        let is_with_its_rule = path.contains("server");
        for said in ["It has no hold of its own.", "Its rule night is held until tomorrow 08:00 ."]
        {
            assert_eq!(shown.contains(said), is_with_its_rule, "{path}: {shown}");
        }
        assert_eq!(shown.contains("Not held now."), !is_with_its_rule, "{path}: {shown}");
        let choice = format!("Tonight until tomorrow 08:00 h{holds} ! t{warning}");
        assert!(shown.contains(&choice), "{path}: {shown}");
        let korean = text(&page.get_with(path, "Accept-Language: ko\r\n").body);
        let said = "보류되는 작업: 오늘 08:00 시작, 20:00 정지 ! 오늘 08:00 시작도 보류됩니다:";
        assert!(korean.contains(said), "{path}: {korean}");
        let its_rule = "이 서버의 night 규칙이 내일 08:00 까지 보류 중입니다.";
        assert_eq!(korean.contains(its_rule), is_with_its_rule, "{path}: {korean}");
        let held = page.send("/holds", &tapped(&asked, ">Tonight<"));
        let body = text(&page.get(location(&held)).body);
        let done = format!("H{holds} . ! T{warning} . When it ends, what was held takes place");
        assert!(body.contains(&done), "{path}: {body}");
        assert!(body.contains("Held on this page, from 127.0.0.1."), "{path}: {body}");
    }
    let command = shell.run("hold night --tonight").await;
    assert!(command.stderr.contains("warning: the start 20"), "{command:?}");
    assert!(command.stderr.contains("is held too: servers stay off"), "{command:?}");
    let newest = shell.json("holds").await;
    let newest = newest.iter().filter(|it| it["subject"] == "night").map(|it| it["hold"].as_i64());
    let form = format!("seal={}&from=hold&rule=night", page.seal("/hold?rule=night"));
    let released = page.send(&format!("/holds/{}/release", newest.max().unwrap().unwrap()), &form);
    let body = text(&page.get(location(&released)).body);
    assert!(body.contains("That hold is released. night is still held by another one."), "{body}");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_holds_once() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let form = tapped(&page.get("/hold?server=1").body, ">+2 h<");
    // A double tap: both are under way at once.
    let replies = std::thread::scope(|scope| {
        let tap = || scope.spawn(|| page.send("/holds", &form));
        let taps = [tap(), tap(), tap()];
        taps.map(|tap| tap.join().unwrap())
    });
    let first = location(&replies[0]).to_owned();
    assert!(replies.iter().all(|reply| location(reply) == first), "{replies:?}");
    assert_eq!(subjects(&shell).await, ["1"]);
    let number = first.rsplit('=').next().unwrap();
    let seal = page.seal("/hold?server=1");
    let released = page.send(&format!("/holds/{number}/release"), &format!("seal={seal}"));
    assert_eq!(released.status, 303);
    // A browser sends the old form once more.
    let again = page.send("/holds", &form);
    let body = page.get(location(&again)).body;
    assert!(text(&body).contains("Not held now."), "{body}");
    assert_eq!(subjects(&shell).await, ["1"]);
}

#[tokio::test]
async fn who_holds_twice_is_told_and_nothing_is_recorded_twice() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for path in ["/hold?server=1", "/hold?rule=night"] {
        let before = subjects(&shell).await.len();
        let tap = |label| page.send("/holds", &tapped(&page.get(path).body, label));
        let held = tap(">+2 h<");
        let number = location(&held).rsplit('=').next().unwrap().to_owned();
        let again = tap(">+2 h<");
        assert_eq!(location(&again), format!("{path}&already={number}"));
        let body = text(&page.get(location(&again)).body);
        assert!(body.contains("It was held already, at least as long"), "{body}");
        assert!(body.contains("is held until "), "{body}");
        assert_eq!(subjects(&shell).await.len(), before + 1);
        let form =
            format!("seal={}&{}&until=50h", page.seal(path), path.split('?').nth(1).unwrap());
        let longer = page.send("/holds", &form.replace("server=", "instance="));
        assert!(location(&longer).contains("&held="), "a longer hold is another one: {longer:?}");
        assert_eq!(subjects(&shell).await.len(), before + 2);
    }
}

#[tokio::test]
async fn looking_never_holds_and_every_row_leads_to_the_page_that_does() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for query in ["server=1&until=2h", "rule=night&until=2h&seal=x&who=kim"] {
        assert_eq!(page.get(&format!("/hold?{query}")).status, 200, "{query}");
    }
    assert!(subjects(&shell).await.is_empty());
    for query in ["", "server=77", "server=x", "rule=nobody", "rule="] {
        assert_eq!(page.get(&format!("/hold?{query}")).status, 404, "{query}");
    }
    let read_only = Page::of(&shell, "--web-read-only");
    for (path, link) in [
        ("/", "href=\"/hold?rule=night\""),
        ("/servers", "href=\"/hold?server=1\""),
        ("/servers/1", "href=\"/hold?server=1\""),
    ] {
        assert!(page.get(path).body.contains(link), "{path}");
        assert!(!read_only.get(path).body.contains(link), "{path}");
    }
    let closed = read_only.get("/hold?rule=night").body;
    assert!(!closed.contains("method=\"post\""), "{closed}");
    assert!(text(&closed).contains("lightsout was started with --web-read-only"), "{closed}");
}

#[tokio::test]
async fn an_error_stands_first_and_is_never_taken_for_success() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?server=1");
    for form in [format!("seal={seal}&until=soon"), "seal=9.9.x&until=2h".to_owned()] {
        let reply = page.send("/holds", &format!("{form}&instance=1"));
        assert!(reply.status >= 400 && reply.header("refresh").is_none(), "{reply:?}");
        let body = &reply.body;
        assert!(body.contains("<title>Error: Hold dev-a · lightsout</title>"), "{body}");
        assert!(body.find("role=\"alert\"") < body.find("<h1>"), "{body}");
        let text = text(body);
        assert!(text.contains("Nothing was recorded"), "{text}");
        assert!(!text.contains("is held until") && !body.contains("class=\"done\""), "{body}");
    }
    assert!(subjects(&shell).await.is_empty());
}
