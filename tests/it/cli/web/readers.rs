//! Who may read, and where the page may be served.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::{Page, fired, refused};
use crate::cli::shell::{ALL, ONE, Shell};

const TOKEN: &str = "correct-horse-battery-staple";

fn token(shell: &Shell, mode: u32, text: &str) -> PathBuf {
    let path = shell.path().join("token");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[tokio::test]
async fn without_the_token_nothing_is_seen_but_that_somebody_is_there() {
    let (shell, _) = fired().await;
    token(&shell, 0o600, &format!("{TOKEN}\n"));
    let page = Page::of(&shell, "--web-token-file token");
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    for path in ["/", "/history", "/readyz", "/metrics", "/servers/1", "/x"] {
        for wrong in ["", "Authorization: Bearer correct-horse\r\n", "Cookie: lightsout=1.x\r\n"] {
            let reply = page.get_with(path, wrong);
            assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")));
            assert!(!reply.body.contains("dev-gpu"), "{path}: {}", reply.body);
        }
        assert_ne!(page.get_with(path, &bearer).status, 401, "{path}");
    }
    assert_eq!(page.get("/healthz").status, 200);
    assert!(page.get_with("/history", &bearer).body.contains("dev-gpu"));
}

#[tokio::test]
async fn whoever_types_the_token_once_goes_on_with_a_cookie() {
    let (shell, _) = fired().await;
    token(&shell, 0o600, TOKEN);
    let page = Page::of(&shell, "--web-token-file token");
    let asked = page.get("/history?rule=night&limit=1");
    assert!(asked.body.contains("value=\"/history?rule=night&amp;limit=1\""), "{}", asked.body);
    let wrong = page.post("/sign-in", "token=correct-horse&to=%2Fhistory");
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, None));
    assert!(wrong.body.contains("That is not the token."), "{}", wrong.body);
    let right = page.post("/sign-in", &format!("token={TOKEN}&to=%2Fhistory%3Flimit%3D1"));
    assert_eq!((right.status, right.header("location")), (303, Some("/history?limit=1")));
    let cookie = right.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains(TOKEN), "{cookie}");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    assert!(page.get_with("/history", &cookie).body.contains("dev-gpu"));
    let elsewhere = page.post("/sign-in", &format!("token={TOKEN}&to=%2F%2Fevil.example"));
    assert_eq!((elsewhere.status, elsewhere.header("location")), (303, Some("/")));
}

#[tokio::test]
async fn a_page_that_others_could_read_is_not_served() {
    let shell = Shell::of(ONE, ALL).await;
    let (code, said) = refused(&shell, "web --listen 0.0.0.0:0").await;
    assert_eq!(code, Some(2));
    assert!(said.contains("can be reached from other machines"), "{said}");
    assert!(said.contains("hint: `--web-token-file PATH`"), "{said}");
    for (mode, text, problem) in [
        (0o644, TOKEN, "others could read or change it"),
        (0o600, "short", "holds no token"),
        (0o600, "", "holds no token"),
    ] {
        token(&shell, mode, text);
        for command in ["web --listen 127.0.0.1:0", "run --web 127.0.0.1:0"] {
            let (code, said) = refused(&shell, &format!("{command} --web-token-file token")).await;
            assert_eq!(code, Some(2), "{said}");
            assert!(said.contains(problem) && !said.contains("correct"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_at_the_start() {
    let shell = Shell::of(ONE, ALL).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    for command in ["web --listen", "run --web"] {
        let (code, said) = refused(&shell, &format!("{command} {address}")).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("hint: another process has the port"), "{said}");
    }
    assert!(!shell.path().join("lightsout.db").exists(), "nothing was begun");
}

#[tokio::test]
async fn readers_of_no_page_are_a_mistake() {
    let shell = Shell::of(ONE, ALL).await;
    let (code, said) = refused(&shell, "run --web-host lights.example").await;
    assert_eq!(code, Some(2));
    assert!(said.contains("hint: `--web 127.0.0.1:8787` serves it"), "{said}");
}
