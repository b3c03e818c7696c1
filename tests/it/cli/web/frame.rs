//! What is around every page: its language, its title and icon, and when it asks again.

use std::process::Stdio;

use super::pages::text;
use super::{Page, fired};
use crate::cli::daemon::Process;
use crate::cli::shell::{ALL, Shell};
use crate::wait;

/// The cookie that an answer sets, as a browser sends it back.
fn kept(reply: &super::Reply) -> String {
    let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap();
    format!("Cookie: {cookie}\r\n")
}

#[tokio::test]
async fn whoever_chose_a_language_keeps_it_whatever_the_browser_prefers() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let asked = page.get_with("/history?rule=night&limit=1", "Accept-Language: en\r\n").body;
    let switch = "/lang?to=ko&amp;back=%2Fhistory%3Frule%3Dnight%26limit%3D1";
    assert!(asked.contains(switch) && text(&asked).ends_with("한국어 · English"), "{asked}");
    let chosen = page.get(&switch.replace("&amp;", "&"));
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (303, Some("/history?rule=night&limit=1"))
    );
    let cookie = chosen.header("set-cookie").unwrap();
    assert_eq!(cookie, "lang=ko; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000");
    let english = format!("Accept-Language: en\r\n{}", kept(&chosen));
    let korean = page.get_with("/history", &english);
    assert!(korean.body.contains("<html lang=\"ko\">"), "{}", korean.body);
    let back = page.get("/lang?to=en&back=%2F");
    let english = page.get_with("/", &format!("Accept-Language: ko\r\n{}", kept(&back)));
    assert!(english.body.contains("<html lang=\"en\">"), "{}", english.body);
    let unknown = page.get_with("/", "Accept-Language: ko\r\nCookie: lang=tlh\r\n");
    assert!(unknown.body.contains("<html lang=\"ko\">"), "{}", unknown.body);
}

#[tokio::test]
async fn the_switch_of_languages_leads_nobody_elsewhere() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    for back in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "%2F%09%2Fevil.example",
        "%2F%0D%0ASet-Cookie%3A%20a%3Db",
        "",
    ] {
        let reply = page.get(&format!("/lang?to=ko&back={back}"));
        assert_eq!((reply.status, reply.header("location")), (303, Some("/")), "{back}");
    }
    let reply = page.get("/lang?to=%0D%0Ax&back=%2Fhistory");
    assert_eq!((reply.header("set-cookie"), reply.header("location")), (None, Some("/history")));
}

#[tokio::test]
async fn a_page_asks_again_by_itself_and_sooner_while_something_is_open() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"1h\"\n";
    let shell = Shell::of(fleet, &ALL.replace("30s", "10m")).await;
    let page = Page::of(&shell, "");
    assert_eq!(page.get("/").header("refresh"), Some("300"));
    let mut fire = crate::cli::daemon::Process(shell.command("fire night --yes").spawn().unwrap());
    wait::until("the firing is under way", async || {
        page.get("/").header("refresh").filter(|pause| *pause == "15").map(|_| ())
    })
    .await;
    let firing = format!("/firings/{}", shell.json("history").await[0]["firing"]);
    assert_eq!(page.get(&firing).header("refresh"), Some("15"));
    wait::until_so("its server is followed", async || {
        let page = text(&page.get("/").body);
        page.contains("1 server: 1 in progress 0:") && page.contains(" of 10:00 min")
    })
    .await;
    let body = page.get("/").body;
    assert!(body.contains("<input id=\"q\""), "{body}");
    assert_eq!(page.get("/servers?q=a").header("refresh"), None, "what is typed there stays");
    fire.0.kill().unwrap();
    for path in ["/history", "/report", "/servers/1", "/x"] {
        assert_eq!(page.get(path).header("refresh"), None, "{path}");
    }
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let over = page.get(&format!("/firings/{firing}"));
    assert_eq!(over.header("refresh"), Some("300"));
    let quiet = page.get("/").body;
    assert!(quiet.contains("<input id=\"q\""), "{quiet}");
    let foot = text(&over.body);
    let time = foot.split(" · as of ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(chrono::NaiveTime::parse_from_str(time, "%H:%M:%S").is_ok(), "{foot}");
}

#[tokio::test]
async fn a_form_that_was_wrong_stays_for_whoever_mends_it() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?rule=night");
    for form in ["until=soon", "until=2h&rule=day", "until=2h&instance=77"] {
        let reply = page.send("/holds", &format!("seal={seal}&rule=night&{form}"));
        assert_eq!(reply.header("refresh"), None, "{form}: {reply:?}");
    }
    let unsealed = page.send("/holds", "rule=night&until=2h");
    assert_eq!((unsealed.status, unsealed.header("refresh")), (403, None));
}

#[tokio::test]
async fn a_tab_in_the_background_says_that_something_needs_somebody() {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n";
    let shell = Shell::of(fleet, ALL).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let page = Page::of(&shell, "");
    // No daemon is alive.
    let (ill, reply) = icon(&page, "<title>(1) Tonight · lightsout</title>");
    let mut daemon = shell.command("run");
    let _daemon = Process(daemon.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let is_alive = async || shell.run("status --alive").await.code == Some(0);
    wait::until_so("a daemon is alive", is_alive).await;
    let (well, _) = icon(&page, "<title>Tonight · lightsout</title>");
    assert_ne!(well, ill);
    assert_eq!(reply.header("content-type"), Some("image/svg+xml"));
    let history = page.get("/history").body;
    assert!(history.contains(&well), "only the first page knows: {history}");
}

/// The icon of the first page, and how it is served.
fn icon(page: &Page, title: &str) -> (String, super::Reply) {
    let body = page.get("/").body;
    assert!(body.contains(title), "{title}: {body}");
    let icon = body.split("rel=\"icon\" type=\"image/svg+xml\" href=\"").nth(1).unwrap();
    let icon = icon.split('"').next().unwrap().to_owned();
    let reply = page.get(&icon);
    assert_eq!(reply.status, 200);
    (icon, reply)
}
