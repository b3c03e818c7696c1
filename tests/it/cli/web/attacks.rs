//! Requests and names that mean harm.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Page, exchange, fired};
use crate::cli::shell::{ALL, ONE, Shell};

const SCRIPT: &str =
    concat!("<script src=\"/typing-", env!("CARGO_PKG_VERSION"), ".js\"></script>");

#[tokio::test]
async fn every_answer_keeps_browsers_from_more() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let firing = format!("/firings/{firing}");
    for path in [
        "/",
        "/history",
        "/changes",
        "/report",
        &firing,
        "/servers/1",
        "/x",
        "/healthz",
        concat!("/style-", env!("CARGO_PKG_VERSION"), ".css"),
    ] {
        let reply = page.get(path);
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(reply.header(name), Some(value), "{path}: {name}");
        }
        assert!(reply.header("cache-control").is_some(), "{path}");
        for forbidden in ["<script", "style=", "onload", "src=", "http:", "https:", "//"] {
            let is_page = reply.header("content-type").unwrap().starts_with("text/html");
            // A namespace is a name, and nothing is asked of it.
            let body = reply.body.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
            // The one script is a file of this program.
            let body = body.replace(SCRIPT, "");
            assert!(!is_page || !body.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn another_name_that_points_here_gets_nothing() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "--web-host lights.example");
    for (host, status) in [
        ("Host: localhost:1\r\n", 200),
        ("Host: 127.0.0.1\r\n", 200),
        ("Host: [::1]\r\n", 200),
        ("Host: Lights.example\r\n", 200),
        ("Host: evil.example\r\n", 421),
        ("Host: 10.0.0.1\r\n", 421),
        ("Host: localhost\r\nHost: evil.example\r\n", 421),
        ("Host:\r\n", 421),
        ("", 421),
    ] {
        let request = format!("GET /history HTTP/1.1\r\nConnection: close\r\n{host}\r\n");
        let reply = exchange(page.address, request.as_bytes());
        assert_eq!(reply.status, status, "{host}");
        assert_eq!(reply.body.contains("dev-gpu"), status == 200, "{host}");
    }
    let request =
        b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(page.address, request).status, 421);
}

#[tokio::test]
async fn only_reading_is_answered() {
    let shell = Shell::of(ONE, ALL).await;
    let page = Page::of(&shell, "");
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CONNECT", "BREW"] {
        for path in ["/", "/sign-in", "/metrics", "/servers/1", "/hold"] {
            let request =
                format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let reply = exchange(page.address, request.as_bytes());
            if method == "CONNECT" {
                // It names a host, not a path.
                assert!((400..500).contains(&reply.status), "{reply:?}");
                continue;
            }
            assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")), "{method}");
        }
    }
    let request = b"PUT /holds HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let reply = exchange(page.address, request);
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD, POST")));
    let request = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let head = exchange(page.address, request);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[tokio::test]
async fn what_is_too_large_is_turned_away_and_others_are_answered() {
    let shell = Shell::of(ONE, ALL).await;
    let page = Page::of(&shell, "");
    let long = "x".repeat(20_000);
    let many = "X: x\r\n".repeat(100);
    for headers in [format!("X-Long: {long}\r\n"), many] {
        assert_eq!(page.get_with("/healthz", &headers).status, 431);
    }
    assert!([414, 431].contains(&page.get(&format!("/{long}")).status));
    assert_eq!(page.get("/healthz").status, 200);
}

#[tokio::test]
async fn whoever_holds_connections_open_keeps_nobody_out() {
    let shell = Shell::of(ONE, ALL).await;
    let page = Page::of(&shell, "");
    let half = |_| {
        let mut stream = std::net::TcpStream::connect(page.address).unwrap();
        std::io::Write::write_all(&mut stream, b"GET / HTTP/1.1\r\nHost: loc").unwrap();
        stream
    };
    let held: Vec<_> = (0..60).map(half).collect();
    assert_eq!(page.get("/healthz").status, 200);
    drop(held);
    assert_eq!(page.process.terminate().await, Some(0));
}

#[tokio::test]
async fn a_form_that_does_not_arrive_is_not_waited_for() {
    let shell = Shell::of(ONE, ALL).await;
    let page = Page::of(&shell, "");
    let at = page.address;
    let head = format!(
        "POST /holds HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nContent-Length: 9\r\n\
         Connection: close\r\n\r\nseal="
    );
    assert_eq!(exchange(at, head.as_bytes()).status, 408);
}

#[tokio::test]
async fn no_bytes_take_the_page_down() {
    let shell = Shell::of(ONE, ALL).await;
    let page = Page::of(&shell, "");
    let token = prop_oneof![
        Just(b"GET / HTTP/1.1\r\n".to_vec()),
        Just(b"Host: localhost\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"GET /history?since=".to_vec()),
        Just(b"%00%ff%EA%B0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_vec()),
        Just(b"Content-Length: 99999999999999999999\r\n".to_vec()),
        Just(b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n".to_vec()),
        vec(any::<u8>(), 0..40),
    ];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(64));
    runner
        .run(&vec(token, 1..6), |parts| {
            use std::io::{Read, Write};
            let mut stream = std::net::TcpStream::connect(page.address).unwrap();
            drop(stream.write_all(&parts.concat()));
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(stream.read_to_end(&mut Vec::new()));
            prop_assert_eq!(page.get("/healthz").status, 200);
            Ok(())
        })
        .unwrap();
    assert_eq!(page.process.terminate().await, Some(0));
}

#[tokio::test]
async fn hostile_names_are_text_and_what_is_unseen_in_them_is_seen() {
    let fleet = "[[servers]]\nname = \"<script>alert(1)</script>\"\nno = \"1\"\n\
        [[servers]]\nname = \"\\\" onload=\\\"x\"\nno = \"2\"\n\
        [[servers]]\nname = \"dev-\\u202Edorp\"\nno = \"3\"\n";
    let shell = Shell::of(fleet, ALL).await;
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let page = Page::of(&shell, "");
    let firing = shell.json("history").await[0]["firing"].to_string();
    for path in ["/history", &format!("/firings/{firing}"), "/servers/1", "/servers/3"] {
        let body = page.get(path).body;
        assert!(!body.contains("<script") && !body.contains("\" onload"), "{path}: {body}");
        let is_unseen = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!body.contains(is_unseen), "{path}: {body}");
    }
    let body = page.get("/history").body;
    assert!(body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{body}");
    assert!(body.contains("dev-\\u{202e}dorp"), "{body}");
    let query = "/history?rule=%22%3E%3Cscript%3E&since=%3Cscript%3E";
    assert!(!page.get(query).body.contains("<script"));
}
