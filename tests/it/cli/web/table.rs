//! `[web]` in schedules.toml: where the page is served, and whose word is taken for who is there.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use super::monitoring::daemon_with;
use super::pages::text;
use super::{Page, Reply, exchange, fired, refused};
use crate::cli::daemon::Process;
use crate::cli::shell::{ALL, ONE, Shell};
use crate::wait;

const TOKEN: &str = "correct-horse-battery-staple";

/// Adds `[web]` to the file, and makes its token.
fn with_web(shell: &Shell, table: &str) {
    let token = shell.path().join("token");
    fs::write(&token, TOKEN).unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let path = shell.path().join("schedules.toml");
    let file = fs::read_to_string(&path).unwrap();
    let file = file.split("[web]").next().unwrap();
    fs::write(path, format!("{file}\n[web]\n{table}\n")).unwrap();
}

fn bearer(more: &str) -> String {
    format!("Authorization: Bearer {TOKEN}\r\n{more}")
}

#[tokio::test]
async fn the_file_says_where_the_page_is_and_who_may_read_it_and_flags_win() {
    let shell = Shell::of(ONE, ALL).await;
    let table = "listen = \"127.0.0.1:0\"\ntoken_file = \"token\"\nread_only = true\n\
        url = \"https://lights.example/night\"";
    with_web(&shell, table);
    let page = daemon_with(&shell, "");
    assert_eq!(page.get("/").status, 401);
    let reply = page.get_with("/", &bearer(""));
    assert!(text(&reply.body).contains("[web] read_only is set"), "{}", reply.body);
    let request = "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: lights.example\r\n\r\n";
    assert_eq!(exchange(page.address, request.as_bytes()).status, 200);
    drop(page);
    let other = "another-token-of-the-flag";
    fs::write(shell.path().join("other"), other).unwrap();
    let mode = fs::Permissions::from_mode(0o600);
    fs::set_permissions(shell.path().join("other"), mode).unwrap();
    with_web(&shell, "listen = \"192.0.2.1:1\"\ntoken_file = \"token\"");
    let page = daemon_with(&shell, "--web 127.0.0.1:0 --web-token-file other");
    assert_eq!(page.get_with("/", &bearer("")).status, 401);
    let reply = page.get_with("/", &format!("Authorization: Bearer {other}\r\n"));
    assert_eq!(reply.status, 200);
    drop(page);
    let page = Page::of(&shell, "");
    assert_eq!(page.get("/").status, 401, "`web` reads the same table");
}

#[tokio::test]
async fn a_wrong_web_table_is_told_with_its_place_and_a_hint() {
    let shell = Shell::of(ONE, ALL).await;
    for (table, message, hint) in [
        ("listen = \"8787\"", "`8787` is no address to listen on", "`127.0.0.1:8787`"),
        ("listen = \"0.0.0.0:8787\"", "can be reached from other machines", "`token_file ="),
        ("url = \"lights.example\"", "`url` is not where people reach a page", "with a host"),
        ("url = \"ftp://lights.example\"", "`url` is not where people", "with a host"),
        ("url = \"https://kim:pw@lights.example\"", "`url` is not where people", "with a host"),
        ("user_header = \"X-User\"", "`user_header` needs a token", "`token_file = "),
        (
            "token_file = \"token\"\nuser_header = \"X User\"\ntrusted_proxies = [\"::1\"]",
            "`X User` is no header that can name a person",
            "such as `X-Forwarded-User`",
        ),
        (
            "token_file = \"token\"\nuser_header = \"Host\"\ntrusted_proxies = [\"::1\"]",
            "`Host` is no header that can name a person",
            "such as `X-Forwarded-User`",
        ),
        (
            "token_file = \"token\"\nuser_header = \"X-User\"",
            "`user_header` is never believed",
            "`trusted_proxies = [",
        ),
        ("trusted_proxies = [\"proxy.example\"]", "`proxy.example` is no proxy", "`10.0.0.0/24`"),
        ("trusted_proxies = [\"10.0.0.1/24\"]", "`10.0.0.1/24` is no proxy", "are 0"),
        ("token_file = \"\"", "the path is empty", "leave the key out"),
        ("tokenfile = \"token\"", "`tokenfile`", "`token_file`"),
    ] {
        with_web(&shell, table);
        let done = shell.run("check --format json").await;
        let found: Vec<Value> =
            done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [problem] = &found[..] else { panic!("{table}: {done:?}") };
        let said = |key: &str| problem[key].as_str().unwrap().to_owned();
        assert!(said("message").contains(message), "{table}: {problem}");
        assert!(said("hint").contains(hint), "{table}: {problem}");
        assert!(!done.stdout.contains("pw@"), "{problem}");
        let file = fs::read_to_string(shell.path().join("schedules.toml")).unwrap();
        let line = usize::try_from(problem["line"].as_u64().unwrap()).unwrap();
        let key = file.lines().nth(line - 1).unwrap().split(' ').next().unwrap().to_owned();
        assert!(table.contains(&key), "{key}: {problem}");
    }
}

#[tokio::test]
async fn a_daemon_says_that_a_changed_web_table_needs_a_restart() {
    let shell = Shell::of(ONE, ALL).await;
    with_web(&shell, "listen = \"127.0.0.1:0\"\ntoken_file = \"token\"");
    let said = shell.path().join("said");
    let mut command = shell.command("run");
    let child = command.stderr(File::create(&said).unwrap()).spawn().unwrap();
    let process = Process(child);
    wait::until_so("the page is served", async || {
        fs::read_to_string(&said).unwrap().contains("page served")
    })
    .await;
    with_web(&shell, "listen = \"127.0.0.1:0\"\n");
    wait::until_so("the change is told", async || {
        let said = fs::read_to_string(&said).unwrap();
        said.contains("`[web]` was changed: the page needs a restart")
    })
    .await;
    assert_eq!(process.terminate().await, Some(0));
}

#[tokio::test]
async fn a_page_is_not_served_while_nobody_knows_whom_it_lets_in() {
    let (shell, _) = fired().await;
    with_web(&shell, "token_file = \"token\"\nread_onli = true");
    let (code, said) = refused(&shell, "web --listen 127.0.0.1:0").await;
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("nobody can tell whom its `[web]` lets in"), "{said}");
}

/// A page with the table, and the seal of its first page.
fn page_of(shell: &Shell, table: &str) -> (Page, String) {
    with_web(shell, table);
    let page = Page::of(shell, "");
    let body = page.get_with("/hold?rule=night", &bearer("")).body;
    let seal = body.split("name=\"seal\" value=\"").nth(1).unwrap();
    (page, seal.split('"').next().unwrap().to_owned())
}

/// Each hold is longer than the one before, so that it is not held already.
fn hold(page: &Page, form: &str, headers: &str) -> Reply {
    static MINUTES: AtomicU32 = AtomicU32::new(120);
    let until = MINUTES.fetch_add(2, Ordering::Relaxed);
    let at = page.address;
    let headers = format!("Host: {at}\r\nOrigin: http://{at}\r\n{}", bearer(headers));
    let held = page.send_with("/holds", &format!("rule=night&until={until}m&{form}"), &headers);
    assert_eq!(held.status, 303, "{held:?}");
    held
}

async fn last_holder(shell: &Shell) -> Value {
    shell.json("holds --all").await.last().unwrap()["who"].clone()
}

#[tokio::test]
async fn a_person_is_who_a_trusted_proxy_says_and_nobody_else_is_believed() {
    let (shell, _) = fired().await;
    let trusting = "token_file = \"token\"\nuser_header = \"X-Forwarded-User\"\n\
        trusted_proxies = [\"127.0.0.0/8\"]";
    let (page, seal) = page_of(&shell, trusting);
    let (korean, two) = ("X-Forwarded-User: 김철수\r\n", "X-Forwarded-User: lee\r\n");
    let long = format!("X-Forwarded-User: {}\r\n", "x".repeat(100));
    for (headers, who) in [
        ("X-Forwarded-User: kim\r\n".to_owned(), "kim (proxy 127.0.0.1)".to_owned()),
        ("x-forwarded-user:   kim \r\n".to_owned(), "kim (proxy 127.0.0.1)".to_owned()),
        (korean.to_owned(), "김철수 (proxy 127.0.0.1)".to_owned()),
        (long, format!("{} (proxy 127.0.0.1)", "x".repeat(60))),
        ("X-Forwarded-User:\r\n".to_owned(), "typed (page, 127.0.0.1)".to_owned()),
        (format!("{korean}{two}"), "typed (page, 127.0.0.1)".to_owned()),
    ] {
        let held = hold(&page, &format!("seal={seal}&who=typed"), &headers);
        assert_eq!(held.header("set-cookie").is_none(), who.contains("proxy"), "{headers}");
        assert_eq!(last_holder(&shell).await, *who, "{headers}");
    }
    let shown = page.get_with("/hold?rule=night", &bearer("X-Forwarded-User: kim <b>\r\n")).body;
    assert!(text(&shown).contains("recorded as kim <b>"), "{shown}");
    assert!(!shown.contains("name=\"who\""), "{shown}");
    drop(page);
    let strange = trusting.replace("127.0.0.0/8", "192.0.2.0/24");
    let without_a_token = "user_header = \"X-Forwarded-User\"\ntrusted_proxies = [\"127.0.0.1\"]";
    let (page, seal) = page_of(&shell, &strange);
    hold(&page, &format!("seal={seal}&who=typed"), "X-Forwarded-User: kim\r\n");
    assert_eq!(last_holder(&shell).await, "typed (page, 127.0.0.1)");
    with_web(&shell, without_a_token);
    assert_eq!(refused(&shell, "web --listen 127.0.0.1:0").await.0, Some(2));
}

#[tokio::test]
async fn a_name_that_was_typed_once_need_not_be_typed_again() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let seal = page.seal("/hold?rule=night");
    let name = "김 \"철수\"; <kim>";
    let typed: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let held = page.send("/holds", &format!("seal={seal}&rule=night&until=2h&who={typed}"));
    let cookie = held.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"), "{cookie}");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let body = page.get_with("/hold?server=1", &cookie).body;
    assert!(body.contains("value=\"김 &quot;철수&quot;; &lt;kim&gt;\""), "{body}");
    let number = held.header("location").unwrap().rsplit('=').next().unwrap();
    let at = page.address;
    let ours = format!("Host: {at}\r\nOrigin: http://{at}\r\n{cookie}");
    let path = format!("/holds/{number}/release");
    assert_eq!(page.send_with(&path, &format!("seal={seal}"), &ours).status, 303);
    let released = shell.json("holds --all").await[0]["released_by"].clone();
    assert_eq!(released, format!("{name} (page, 127.0.0.1)"));
    let long = format!("Cookie: lightsout-who={}%00\r\n", "x".repeat(200));
    let body = page.get_with("/hold?rule=night", &long).body;
    assert!(body.contains(&format!("value=\"{}\"", "x".repeat(60))), "{body}");
}
