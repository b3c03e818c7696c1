//! Who may send the form of a hold: a page of ours, in the hands of whoever may read it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::pages::text;
use super::super::{Page, Reply, fired};
use super::holds;
use crate::cli::shell::Shell;

#[tokio::test]
async fn a_form_that_no_page_of_ours_sent_holds_nothing() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let (seal, at) = (page.seal("/hold?rule=night"), page.address);
    let form = format!("seal={seal}&rule=night&until=2h");
    let unsealed = "rule=night&until=2h";
    let forged = "seal=99999999999.AAAA&rule=night&until=2h";
    let (host, origin) = (format!("Host: {at}\r\n"), format!("Origin: http://{at}\r\n"));
    let elsewhere = "Host: evil.example\r\nOrigin: http://evil.example\r\n".to_owned();
    for (headers, form, status) in [
        (host.clone(), &*form, 403),
        (format!("{host}Origin: http://evil.example\r\n"), &form, 403),
        (format!("{host}Origin: null\r\n"), &form, 403),
        (format!("{host}Origin: http://127.0.0.1:1\r\n"), &form, 403),
        (format!("{host}{origin}Sec-Fetch-Site: cross-site\r\n"), &form, 403),
        (format!("{host}{origin}Sec-Fetch-Site: same-site\r\n"), &form, 403),
        (elsewhere, &form, 421),
        (format!("{host}{origin}"), unsealed, 403),
        (format!("{host}{origin}"), forged, 403),
        (format!("{host}{origin}Cookie: lightsout=of-another-session\r\n"), &form, 403),
    ] {
        let reply = page.send_with("/holds", form, &headers);
        assert_eq!(reply.status, status, "{headers}{form}: {reply:?}");
        let reply = page.send_with("/holds/7/release", form, &headers);
        assert_eq!(reply.status, status, "{headers}{form}: {reply:?}");
    }
    let stale = page.send("/holds", forged);
    assert!(text(&stale.body).contains("Nothing was recorded"), "{}", stale.body);
    let long = format!("{form}&why={}", "x".repeat(20_000));
    assert_eq!(page.send("/holds", &long).status, 413);
    assert_eq!(page.send("/holds/x/release", &form).status, 404);
    assert!(holds(&shell, &[]).await.is_empty());
    let other = Page::of(&shell, "");
    assert_eq!(other.send("/holds", &form).status, 403, "each process seals with its own key");
    assert_eq!(page.send("/holds", &form).status, 303, "and the same form was good all along");
}

const TOKEN: &str = "correct-horse-battery-staple";

/// A page with a token, and its answer to whoever shows that.
fn signed_in(shell: &Shell) -> (Page, Reply) {
    let path = shell.path().join("token");
    fs::write(&path, TOKEN).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let page = Page::of(shell, "--web-token-file token");
    let reply = page.post("/sign-in", &format!("token={TOKEN}&to=%2F"));
    (page, reply)
}

#[tokio::test]
async fn with_a_token_only_whoever_is_signed_in_sets_holds() {
    let (shell, _) = fired().await;
    let (page, signed_in) = signed_in(&shell);
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap();
    let body = page.get_with("/hold?rule=night", &format!("Cookie: {cookie}\r\n")).body;
    let seal = body.split("name=\"seal\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("seal={seal}&rule=night&until=2h");
    assert_eq!(page.send("/holds", &form).status, 401);
    let ours = format!("Host: {0}\r\nOrigin: http://{0}\r\n", page.address);
    let bearer = format!("{ours}Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(page.send_with("/holds", &form, &bearer).status, 403, "sealed for the session");
    let known = format!("{ours}Cookie: {cookie}\r\n");
    assert_eq!(page.send_with("/holds", &form, &known).status, 303);
    assert_eq!(holds(&shell, &["subject"]).await, [["night"]]);
}

/// A link from a mail is followed with the cookie (`SameSite=Lax`). So a form must fail whatever
/// cookie comes with it.
#[tokio::test]
async fn another_site_holds_nothing_even_with_its_reader_s_session() {
    let (shell, _) = fired().await;
    let (page, signed_in) = signed_in(&shell);
    let cookie = signed_in.header("set-cookie").unwrap();
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let from_a_mail = format!("{cookie}Sec-Fetch-Site: cross-site\r\n");
    let linked = page.get_with("/hold?server=1", &from_a_mail);
    assert_eq!(linked.status, 200, "a link from elsewhere finds its reader signed in");
    let seal = linked.body.split("name=\"seal\" value=\"").nth(1).unwrap();
    let seal = seal.split('"').next().unwrap();
    let host = format!("Host: {}\r\n{cookie}", page.address);
    let ours = format!("{host}Origin: http://{}\r\n", page.address);
    for headers in [
        format!("{host}Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("{host}Origin: null\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("{ours}Sec-Fetch-Site: cross-site\r\n"),
        host,
    ] {
        // Even a seal that somebody got hold of does not help.
        let form = format!("seal={seal}&instance=1&until=2h");
        assert_eq!(page.send_with("/holds", &form, &headers).status, 403, "{headers}");
    }
    let unsealed = page.send_with("/holds", "instance=1&until=2h", &ours);
    assert_eq!(unsealed.status, 403, "and `Origin` does not without the seal");
    for query in ["/holds?instance=1&until=2h", "/servers/1?until=2h&who=kim"] {
        page.get_with(query, &from_a_mail);
    }
    assert!(holds(&shell, &[]).await.is_empty());
}
