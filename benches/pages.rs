//! How long the page takes over a log of a million entries.
//!
//! The log is written with SQL and without hashes: nothing that is measured here looks at them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::OnceLock;

use divan::Bencher;
use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::SystemClock;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::schedule::{AuditFile, Schedules};
use lightsout::web::{Web, WebOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::runtime::Runtime;

/// As a year of twenty rules makes, each of which stops 46 instances a night.
const FIRINGS: i64 = 7_000;
const INSTANCES: i64 = 46;
/// A firing, its end, and three entries for each instance.
const ENTRIES_A_FIRING: i64 = 2 + 3 * INSTANCES;

const RULES: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n[[rules]]\n\
    name = \"rule-3\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nselect = { names = [\"*\"] }\n";

/// Where the page is.
static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let schedules = folder.path().join("schedules.toml");
    std::fs::write(&schedules, RULES).expect("a file");
    runtime.block_on(write(&schedules));
    let options = WebOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        token: None,
        hosts: Vec::new(),
        log: folder.path().join("lightsout.db"),
        schedules,
        is_read_only: false,
    };
    let web = runtime.block_on(Web::bind(options, SystemClock::new())).expect("a port");
    ADDRESS.get_or_init(|| web.address().expect("an address"));
    let (switch, shutdown) = ShutdownSwitch::new();
    let served = runtime.spawn(web.serve(shutdown));
    divan::main();
    switch.throw();
    runtime.block_on(served).expect("it ends");
}

#[divan::bench(args = [
    "/",
    "/history",
    "/history?rule=rule-3",
    "/history?rule=nobody",
    "/history?instance=1000003",
    "/history?outcome=refused",
    "/history?since=300d&until=200d&outcome=refused",
    "/history?limit=500",
    "/firings/840005",
    "/changes",
    "/report",
    "/instances/1000003",
    "/instances/1000003?at=100d",
    "/readyz",
], sample_count = 20, sample_size = 1)]
fn a_million_entries(bencher: Bencher<'_, '_>, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    bencher.bench_local(|| {
        let address = ADDRESS.get().expect("it was said before");
        let mut stream = TcpStream::connect(address).expect("somebody listens");
        stream.write_all(request.as_bytes()).expect("somebody reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(!answer.starts_with("HTTP/1.1 4"), "{answer}");
        answer.len()
    });
}

/// Makes the log as the program would, and fills it.
async fn write(schedules: &Path) {
    let (schedules, _) = Schedules::read(schedules).expect("a file without error");
    let file = AuditFile { keep: None, ..schedules.audit.clone() };
    let log = AuditLog::open(&file, Writer::Fire, SystemClock::new()).await.expect("a log");
    log.load_file(&schedules).await.expect("a log that can be written");
    log.end("done").await.expect("a log that can be written");
    let options = SqliteConnectOptions::new().filename(&file.path);
    let mut log = options.connect().await.expect("a log");
    let mut tx = log.begin().await.expect("a transaction");
    for statement in FILL {
        sqlx::query(statement)
            .bind(FIRINGS)
            .bind(INSTANCES)
            .bind(ENTRIES_A_FIRING)
            .execute(&mut *tx)
            .await
            .expect("a row like those the program writes");
    }
    tx.commit().await.expect("room on the disk");
    log.close().await.expect("a log");
}

/// `?1` firings of `?2` instances, each of `?3` entries: a firing every 75 minutes up to now, its
/// targets, what was seen of them, their outcomes, its end.
const FILL: [&str; 7] = [
    "CREATE TEMP TABLE made AS
    WITH RECURSIVE
        firing (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM firing WHERE n + 1 < ?1),
        instance (k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM instance WHERE k + 1 < ?2)
    SELECT
        n, k, (SELECT max(seq) + 1 FROM entry) + n * ?3 AS firing,
        CAST(unixepoch() - (?1 - n) * 4500 AS INTEGER) * 1000 AS at,
        'rule-' || (n % 20) AS rule,
        CAST(1000000 + (n % 20) * ?2 + k AS TEXT) AS no
    FROM firing, instance",
    // In their order, as a trigger demands.
    "INSERT INTO entry (seq, at, session, kind, hash)
    SELECT DISTINCT firing, at, 1, 'firing', zeroblob(32) FROM made
    UNION ALL SELECT firing + 1 + k, at, 1, 'target', zeroblob(32) FROM made
    UNION ALL SELECT firing + 1 + ?2 + k, at, 1, 'seen', zeroblob(32) FROM made
    UNION ALL SELECT firing + 1 + 2 * ?2 + k, at, 1, 'outcome', zeroblob(32) FROM made
    UNION ALL SELECT DISTINCT firing + ?3 - 1, at, 1, 'firing_end', zeroblob(32) FROM made
    ORDER BY 1",
    "INSERT INTO firing
    SELECT DISTINCT
        firing, rule, 'stop', 'main', 'schedule', at, 1, (SELECT seq FROM file_text), 600000, 0
    FROM made",
    "INSERT INTO target
    SELECT firing + 1 + k, firing, 'KR', no, 'dev-' || no, 'RUN', 'NULL' FROM made",
    "INSERT INTO seen
    SELECT
        firing + 1 + ?2 + k, 'main', 'KR', no, 'dev-' || no, 'NSTOP', 'NULL', NULL, at
    FROM made",
    "INSERT INTO outcome
    SELECT
        firing + 1 + 2 * ?2 + k, firing, 'KR', no,
        CASE WHEN (n + k) % 500 = 0 THEN 'refused' ELSE 'stopped' END, NULL, 'NSTOP'
    FROM made",
    "INSERT INTO firing_end
    SELECT DISTINCT firing + ?3 - 1, firing FROM made",
];
