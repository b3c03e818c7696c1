//! The page of the report, and the times that it offers.

use chrono::{Datelike, TimeDelta};
use lightsout::clock::{Clock, SystemClock};
use lightsout::time::zone::Zone;

use super::super::{Page, fired};
use super::{links, text};

#[tokio::test]
async fn the_report_is_the_command_s_and_of_the_time_that_the_address_says() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let done = shell.run("report --format html --since 2d").await;
    let lead = done.stdout.split("class=\"lead\">").nth(1).unwrap();
    let lead = text(&format!("<p>{}", lead.split("</p>").next().unwrap()));
    for query in ["?since=2d", "?since=2d&until=2999-01-01"] {
        let text = text(&page.get(&format!("/report{query}")).body);
        assert!(text.contains(&lead), "{query}: {lead}: {text}");
    }
    for (query, said) in [
        ("since=x", "That is no time."),
        ("until=x", "That is no time."),
        ("since=1d&until=2d", "That comes after the end"),
        ("since=2000-01-01", "more than a year before it"),
    ] {
        let reply = page.get(&format!("/report?{query}"));
        assert_eq!(reply.status, 400, "{query}");
        assert!(text(&reply.body).contains(said), "{query}: {}", reply.body);
        assert!(!reply.body.contains("class=\"report\""), "{query}: {}", reply.body);
    }
}

#[tokio::test]
async fn the_usual_times_of_a_report_are_links_to_whole_days() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let zone: Zone = "Asia/Seoul".parse().unwrap();
    let today = zone.local(SystemClock::new().now()).date();
    let before = |days| today - TimeDelta::days(days);
    let first = today.with_day(1).unwrap();
    let last = (first - TimeDelta::days(1)).with_day(1).unwrap();
    let reply = page.get("/report");
    let night = format!("/report?since={}+12%3A00", before(1));
    let links = links(&reply.body);
    assert!(links.iter().any(|link| link.starts_with(&night)), "{night}: {links:?}");
    for link in [
        "/report".to_owned(),
        format!("/report?since={}", before(7)),
        format!("/report?since={first}"),
        format!("/report?since={last}&until={first}"),
    ] {
        assert!(links.contains(&link), "{link}: {links:?}");
        let body = page.get(&link).body;
        let chosen = format!("href=\"{}\" aria-current", link.replace('&', "&amp;"));
        assert!(body.contains(&chosen), "{link} is not said to be shown: {body}");
        assert!(text(&body).contains(" 00:00+09:00 to "), "{link}: {body}");
    }
    assert!(
        text(&reply.body).contains(&format!("{} 00:00+09:00 to ", before(30))),
        "{}",
        reply.body
    );
}
