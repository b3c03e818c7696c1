//! What programs ask: whether all is well, and numbers.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::{Page, exchange, fired};
use crate::cli::daemon::{Process, stopped};
use crate::cli::shell::{ALL, ONE, Shell};
use crate::wait;

/// The value of a metric, by everything that stands before it on its line.
fn value<'a>(metrics: &'a str, name: &str) -> Option<&'a str> {
    metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
}

/// The names of all metrics that are told; of a histogram, its own.
fn told(metrics: &str) -> BTreeSet<String> {
    let samples = metrics.lines().filter(|line| !line.starts_with('#'));
    let names = samples.filter_map(|line| line.split(['{', ' ']).next());
    let own = |name: &str| {
        let parts = ["_bucket", "_sum", "_count"];
        parts.iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name).to_owned()
    };
    names.map(own).collect()
}

/// The names in the table of docs/metrics.md.
fn described() -> BTreeSet<String> {
    let rows = include_str!("../../../../docs/metrics.md").lines();
    let names =
        rows.filter_map(|line| line.strip_prefix("| `lightsout_")?.split(['{', '`']).next());
    names.map(|name| format!("lightsout_{name}")).collect()
}

/// A daemon with a page, and where it is.
pub(super) fn daemon(shell: &Shell) -> Page {
    daemon_with(shell, "--web 127.0.0.1:0")
}

/// The same with these arguments.
pub(super) fn daemon_with(shell: &Shell, arguments: &str) -> Page {
    let mut command = shell.command(&format!("run --log-format json {arguments}"));
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut process = Process(child);
    let mut lines = BufReader::new(process.0.stderr.take().unwrap()).lines();
    let address = lines.find_map(|line| {
        let event: Value = serde_json::from_str(&line.unwrap()).ok()?;
        event["url"].as_str()?.strip_prefix("http://")?.parse().ok()
    });
    // Somebody has to go on listening to what it says.
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Page { address: address.unwrap(), process }
}

/// Asks until the answer is as it should be.
pub(super) async fn until(
    page: &Page,
    path: &str,
    is_so: impl Fn(&super::Reply) -> bool,
) -> super::Reply {
    wait::until("it comes to be so", async || Some(page.get(path)).filter(&is_so)).await
}

#[tokio::test]
async fn a_daemon_is_ready_counts_what_it_does_and_ends_when_told_to() {
    let shell = Shell::of(ONE, &ALL.replace("0 20 * * *", "*/2 * * * * *")).await;
    let page = daemon(&shell);
    let ready = until(&page, "/readyz", |reply| reply.status == 200).await;
    assert_eq!(ready.body, "log: ok\ndaemon: ok\nschedules.toml: ok\naccount main: ok\n");
    stopped(&shell).await;
    let is_counted = |reply: &super::Reply| {
        let stopped = "lightsout_firings_total{action=\"stop\",outcome=\"stopped\"}";
        value(&reply.body, stopped) == Some("1")
    };
    let metrics = until(&page, "/metrics", is_counted).await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(metrics.header("content-type"), Some(kind));
    assert!(metrics.body.ends_with("# EOF\n"), "{}", metrics.body);
    let requests = "lightsout_requests_total{action=\"stop\",result=\"accepted\",http_status=\"200\",\
         return_code=\"0\"}";
    for (name, expected) in [
        ("lightsout_instances_settled_total{action=\"stop\",outcome=\"stopped\"}", "1"),
        (requests, "1"),
        ("lightsout_instances{account=\"main\",status=\"NSTOP\"}", "1"),
        ("lightsout_daemon_up", "1"),
        ("lightsout_log_readable", "1"),
        ("lightsout_log_writable", "1"),
        ("lightsout_schedules_valid", "1"),
    ] {
        assert_eq!(value(&metrics.body, name), Some(expected), "{name}: {}", metrics.body);
    }
    let success = "lightsout_last_success_timestamp_seconds{rule=\"night\",action=\"stop\"}";
    let success: i64 = value(&metrics.body, success).unwrap().parse().unwrap();
    let sign = "lightsout_daemon_last_sign_of_life_timestamp_seconds";
    let sign: i64 = value(&metrics.body, sign).unwrap().parse().unwrap();
    assert!((success - sign).abs() < 60, "{success} {sign}");
    let of_shared_logs = |name: &&str| {
        name.contains("_node_") || name.contains("_shared_") || name.contains("_replica_")
    };
    let described: std::collections::BTreeSet<_> =
        described().into_iter().filter(|name| !of_shared_logs(&name.as_ref())).collect();
    assert_eq!(told(&metrics.body), described, "docs/metrics.md has every metric and no other");
    // A connection that is open and says nothing does not keep the daemon.
    let _idle = std::net::TcpStream::connect(page.address).unwrap();
    assert_eq!(page.process.terminate().await, Some(0));
    let left: Vec<_> =
        fs::read_dir(shell.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the file and the log: {left:?}");
}

#[tokio::test]
async fn without_a_daemon_nobody_is_ready_and_what_was_before_is_not_counted() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let ready = page.get("/readyz");
    let text = "log: ok\ndaemon: none is alive on the log\nschedules.toml: ok\n";
    assert_eq!((ready.status, ready.body.as_str()), (503, text));
    assert_eq!((page.get("/healthz").status, page.get("/healthz").body.as_str()), (200, "ok\n"));
    let metrics = page.get("/metrics").body;
    for (name, expected) in [
        ("lightsout_daemon_up", "0"),
        ("lightsout_log_writable", "0"),
        ("lightsout_log_readable", "1"),
        ("lightsout_instances{account=\"main\",status=\"NSTOP\"}", "1"),
        ("lightsout_instances_settled_total{action=\"stop\",outcome=\"refused\"}", "0"),
    ] {
        assert_eq!(value(&metrics, name), Some(expected), "{name}: {metrics}");
    }
}

#[tokio::test]
async fn what_helps_a_log_of_an_older_version_is_said() {
    let (shell, _) = super::fired().await;
    let path = shell.path().join("lightsout.db");
    let older = "DELETE FROM _sqlx_migrations
        WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut log = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query(older).execute(&mut log).await.unwrap();
    sqlx::Connection::close(log).await.unwrap();
    let page = Page::of(&shell, "");
    for (language, said) in
        [("en", "lightsout fire brings it up to date."), ("ko", "현재 버전의 형식으로 바뀝니다.")]
    {
        let reply = page.get_with("/", &format!("Accept-Language: {language}\r\n"));
        assert_eq!(reply.status, 500);
        assert!(reply.body.contains(said), "{}", reply.body);
    }
}

#[tokio::test]
async fn a_log_that_is_missing_or_none_and_a_bad_file_are_said() {
    let shell = Shell::of(ONE, ALL).await;
    let page = Page::of(&shell, "");
    assert_eq!(value(&page.get("/metrics").body, "lightsout_log_readable"), Some("0"));
    assert!(page.get("/readyz").body.starts_with("log: there is no audit log at "));
    fs::write(shell.path().join("lightsout.db"), "no database").unwrap();
    fs::write(shell.path().join("schedules.toml"), ALL.replace("0 20", "0 25")).unwrap();
    let ready = page.get("/readyz");
    assert_eq!(ready.status, 503);
    let lines: Vec<&str> = ready.body.lines().collect();
    assert!(lines[0].ends_with("is not an audit log of lightsout"), "{lines:?}");
    assert!(lines[2].starts_with("schedules.toml: ") && lines[2].contains("25"), "{lines:?}");
    let reply = page.get("/history");
    assert_eq!(reply.status, 500);
    assert!(reply.body.contains("The audit log cannot be read."), "{}", reply.body);
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(exchange(page.address, request).body, "ok\n");
}

#[test]
fn alerts_ask_only_for_metrics_that_there_are() {
    let is_part = |c: char| c.is_ascii_lowercase() || c == '_';
    let words = include_str!("../../../../docs/alerts.yml").split(|c| !is_part(c));
    let asked: BTreeSet<String> =
        words.filter(|word| word.starts_with("lightsout_")).map(ToOwned::to_owned).collect();
    assert!(asked.len() > 3 && asked.is_subset(&described()), "{asked:?}");
}
