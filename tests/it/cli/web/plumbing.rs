//! How answers come: compressed, slowly to those who guess, at once to those who ask for life, and
//! as a file.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use lightsout::clock::{Clock, SystemClock};
use serde_json::Value;

use super::{Page, exchange, fired, refused};
use crate::cli::daemon::Process;
use crate::cli::shell::{ALL, ONE, Shell};
use crate::wait;

const STYLE: &str = concat!("/style-", env!("CARGO_PKG_VERSION"), ".css");
const TOKEN: &str = "correct-horse-battery-staple";

fn token(shell: &Shell) {
    let path = shell.path().join("token");
    fs::write(&path, TOKEN).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The head and the bytes of an answer.
fn bytes(page: &Page, path: &str, headers: &str) -> (String, Vec<u8>) {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(page.address).unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = bytes.split_off(end + 4);
    (String::from_utf8(bytes).unwrap().to_lowercase(), body)
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_take_it_but_never_with_a_seal() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let gzip = "Accept-Encoding: gzip, br\r\n";
    for path in ["/history", "/report", "/metrics", STYLE] {
        let (plain_head, plain) = bytes(&page, path, "");
        assert!(!plain_head.contains("content-encoding"), "{path}: {plain_head}");
        let (head, packed) = bytes(&page, path, gzip);
        for head in [&plain_head, &head] {
            assert!(head.contains("vary: accept-encoding"), "{path}: {head}");
        }
        assert!(head.contains("content-encoding: gzip"), "{path}: {head}");
        assert!(head.contains(&format!("content-length: {}", packed.len())), "{path}: {head}");
        assert!(packed.len() < plain.len() / 2, "{path}: {} of {}", packed.len(), plain.len());
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
        let head_of = |text: &str| text.chars().take(200).collect::<String>();
        assert_eq!(head_of(&text), head_of(&String::from_utf8(plain).unwrap()), "{path}");
    }
    for path in ["/hold?rule=night", "/hold?server=1"] {
        let (head, body) = bytes(&page, path, gzip);
        assert!(body.len() > 2048, "{path}: long enough");
        assert!(String::from_utf8(body).unwrap().contains("name=\"seal\""), "{path}");
        assert!(!head.contains("content-encoding"), "{path}: {head}");
    }
    let (head, _) = bytes(&page, "/healthz", gzip);
    assert!(!head.contains("content-encoding") && !head.contains("vary"), "{head}");
}

#[tokio::test]
async fn wrong_tokens_are_counted_told_of_once_a_minute_and_slowed() {
    let (shell, _) = fired().await;
    token(&shell);
    let said = shell.path().join("said");
    let mut command =
        shell.command("run --web 127.0.0.1:0 --web-token-file token --log-format json");
    let process = Process(command.stderr(File::create(&said).unwrap()).spawn().unwrap());
    let events = || -> Vec<Value> {
        let said = fs::read_to_string(&said).unwrap();
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let address = wait::until("the page is served", async || {
        events()
            .iter()
            .find_map(|event| event["url"].as_str()?.strip_prefix("http://")?.parse().ok())
    })
    .await;
    let page = Page { address, process };
    let right = format!("Authorization: Bearer {TOKEN}\r\n");
    assert_eq!(page.get_with("/history", &right).status, 200);
    let clock = SystemClock::new();
    let began = clock.moment();
    for _ in 0..3 {
        let wrong = page.get_with("/history", "Authorization: Bearer correct-horse\r\n");
        assert_eq!(wrong.status, 401);
    }
    assert_eq!(page.post("/sign-in", "token=guess").status, 401);
    let took = clock.moment().since(began);
    assert!(took >= Duration::from_secs(2), "{took:?}");
    for asked in ["", "Authorization: Basic a2ltOnB3\r\n", "Cookie: lightsout=1.x\r\n"] {
        assert_eq!(page.get_with("/history", asked).status, 401);
    }
    let metrics = page.get_with("/metrics", &right).body;
    assert!(metrics.contains("\nlightsout_web_wrong_tokens_total 4\n"), "{metrics}");
    let told: Vec<Value> = events()
        .into_iter()
        .filter(|event| event["message"] == "wrong tokens were shown to the page")
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0]["level"], &told[0]["tokens"], &told[0]["peer"]),
        (&"WARN".into(), &1.into(), &"127.0.0.1".into())
    );
    assert!(!fs::read_to_string(&said).unwrap().contains("correct-horse"), "no token is told");
    assert_eq!(page.process.terminate().await, Some(0));
}

/// The log is locked, all turns to read are taken, others wait for one, and some guess tokens.
#[tokio::test]
async fn whoever_asks_for_life_is_answered_at_once_whatever_others_do() {
    let (shell, _) = fired().await;
    token(&shell);
    let page = Page::of(&shell, "--web-token-file token");
    let path = shell.path().join("lightsout.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&path)
        .locking_mode(sqlx::sqlite::SqliteLockingMode::Exclusive);
    let mut log = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut log).await.unwrap();
    let address = page.address;
    let ask = move |path: &str, token: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Authorization: Bearer {token}\r\n\r\n"
        );
        std::thread::spawn(move || exchange(address, request.as_bytes()).status)
    };
    let mut others: Vec<_> = (0..5)
        .flat_map(|_| ["/", "/metrics", "/readyz", "/history"].map(|path| ask(path, TOKEN)))
        .collect();
    others.extend((0..20).map(|_| ask("/", "a-wrong-token-that-is-slowed")));
    // Those that are slow to read their answer, and to say what they want.
    let slow = |text: &str| {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut stream, text.as_bytes()).unwrap();
        stream
    };
    let style = format!("GET {STYLE} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let style = &*style;
    let held: Vec<_> = [style, style, style, style, "GET / HT"].map(slow).into();
    let (clock, mut longest) = (SystemClock::new(), Duration::ZERO);
    while others.iter().any(|other| !other.is_finished()) {
        let began = clock.moment();
        assert_eq!(page.get("/healthz").status, 200);
        longest = longest.max(clock.moment().since(began));
    }
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    let statuses: Vec<u16> = others.into_iter().map(|other| other.join().unwrap()).collect();
    assert!(statuses.contains(&503), "the turns were all taken: {statuses:?}");
    drop((held, log));
}

#[tokio::test]
async fn the_history_is_a_file_for_spreadsheets_with_a_mark_on_demand() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let shown = page.get("/history?instance=dev-a&limit=1").body;
    let (plain, excel) = ("/history.csv?instance=dev-a", "/history.csv?instance=dev-a&amp;excel=1");
    assert!(shown.contains(&format!("href=\"{plain}\"")), "{shown}");
    assert!(shown.contains(&format!("href=\"{excel}\"")), "{shown}");
    let command = shell.run("history --instance dev-a --format csv").await;
    let reply = page.get(plain);
    assert_eq!((reply.status, &reply.body), (200, &command.stdout));
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"));
    let disposition = reply.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=\"history.csv\""));
    let marked = page.get(&excel.replace("&amp;", "&")).body;
    assert_eq!(marked, format!("\u{feff}{}", command.stdout));
    let wrong = page.get("/history.csv?since=x");
    assert_eq!((wrong.status, wrong.header("location")), (303, Some("/history?since=x")));
    let none = Shell::of(ONE, ALL).await;
    let empty = Page::of(&none, "").get("/history.csv");
    assert_eq!((empty.status, empty.body.lines().count()), (200, 1), "{empty:?}");
}

#[tokio::test]
async fn csv_on_the_command_line_has_the_mark_for_excel_on_demand_and_nothing_else_has() {
    let (shell, _) = fired().await;
    for command in ["history", "history --changes", "report", "report --by rule"] {
        let plain = shell.run(&format!("{command} --format csv")).await.stdout;
        let marked = shell.run(&format!("{command} --format csv --excel")).await.stdout;
        assert!(!plain.starts_with('\u{feff}'), "{command}");
        let begins = |text: &str| text.lines().next().unwrap().to_owned();
        assert_eq!(begins(&marked), format!("\u{feff}{}", begins(&plain)), "{command}");
        let (code, said) = refused(&shell, &format!("{command} --excel")).await;
        assert_eq!(code, Some(2), "{command}: {said}");
        assert!(said.contains("hint: `--format csv --excel`"), "{command}: {said}");
    }
}
