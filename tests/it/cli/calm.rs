//! An account that cannot be read, under a running daemon: it is said at once and everywhere, and
//! so is its end.

mod in_part;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use lightsout::clock::{Clock, RehearsalClock, SystemClock};
use lightsout::cloud::rehearsal::{Fault, Fleet};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::daemon::Process;
use super::shell::{ALL, Done, ONE, Shell};
use super::web::exchange;
use super::web::pages::text;
use crate::notice::ear::{Answer, Ear};
use crate::wait::{self, LONG};

/// A daemon with a page, and what it says.
struct Daemon {
    process: Process,
    said: UnboundedReceiver<Value>,
    page: SocketAddr,
}

impl Daemon {
    async fn start(shell: &Shell) -> Self {
        Self::of(shell.command("run --web 127.0.0.1:0 --log-format json")).await
    }

    async fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, mut said) = unbounded_channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line: Value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                drop(sender.send(line));
            }
        });
        let url = next(&mut said, "page served").await["url"].as_str().unwrap().to_owned();
        let page = url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { process: Process(child), said, page }
    }

    /// The next line whose message begins like that.
    async fn says(&mut self, message: &str) -> Value {
        next(&mut self.said, message).await
    }

    fn pid(&self) -> u32 {
        self.process.0.id()
    }

    fn hang_up(&self) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    }

    fn get(&self, path: &str) -> super::web::Reply {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        exchange(self.page, request.as_bytes())
    }
}

async fn next(said: &mut UnboundedReceiver<Value>, message: &str) -> Value {
    let mut passed = Vec::new();
    loop {
        match tokio::time::timeout(LONG, said.recv()).await {
            Ok(Some(line))
                if line["message"].as_str().is_some_and(|it| it.starts_with(message)) =>
            {
                return line;
            }
            Ok(Some(line)) => passed.push(line),
            other => panic!("no `{message}` ({other:?}), but {passed:?}"),
        }
    }
}

/// Asks for the status until it ends like that.
async fn status(shell: &Shell, code: i32) -> Done {
    let look = async || Some(shell.run("status").await).filter(|done| done.code == Some(code));
    wait::until("it comes to be so", look).await
}

fn fault(toml: &str) -> Fault {
    Fleet::parse(&format!("[[faults]]\n{toml}")).unwrap().faults.remove(0)
}

/// The first thing the page says below its heading.
fn first_line(page: &str) -> &str {
    let content = page.split_once("</h1>").unwrap().1;
    content.split_once("</p>").unwrap().0
}

#[tokio::test]
async fn refused_keys_are_said_at_once_and_everywhere_and_so_is_their_end() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let rules = ALL.replace("\"vpc\"", "\"vpc\"\ncredentials = \"file:keys\"");
    let shell =
        Shell::of(ONE, &format!("{rules}[[notify]]\nname = \"team\"\nurl = \"{}\"\n", ear.url()))
            .await;
    let write = |secret: &str| {
        let keys = shell.path().join("keys");
        let access = shell.cloud.access_key();
        let text = format!(
            "[DEFAULT]\nncloud_access_key_id = {access}\nncloud_secret_access_key = {secret}\n"
        );
        fs::write(&keys, text).unwrap();
        assert!(Command::new("chmod").arg("600").arg(&keys).status().unwrap().success());
    };
    write("no-such-secret");
    let mut daemon = Daemon::start(&shell).await;
    let error = daemon.says("account cannot be read: ").await;
    assert_eq!(error["level"], "ERROR", "{error}");
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let next = format!(
        "Put valid keys in place, then have the daemon on the machine {} read them: kill -HUP {}",
        host.trim(),
        daemon.pid()
    );
    let means = "nothing can be stopped or started in `main` until its keys are accepted";
    assert!(error["message"].as_str().unwrap().contains(means), "{error}");
    assert!(error["reason"].as_str().unwrap().contains("HTTP 401"), "{error}");
    let told = status(&shell, 3).await;
    assert!(told.stdout.contains("account    main: unreadable since "), "{told:?}");
    assert!(told.stdout.contains(means) && told.stdout.contains("HTTP 401"), "{told:?}");
    let in_a_line = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(in_a_line.contains(&format!("→ {next}")), "{told:?}");
    let doubt = &shell.json("status").await[0]["doubts"][0];
    let keys = ["kind", "name", "command"].map(|key| doubt[key].as_str().unwrap());
    assert_eq!(keys, ["account", "main", &*format!("kill -HUP {}", daemon.pid())], "{doubt}");
    assert_eq!(shell.run("status --alive").await.code, Some(0));
    let json = &shell.json("status").await[0]["accounts"][0];
    assert_eq!((&json["account"], &json["last_good_look"]), (&"main".into(), &Value::Null));
    assert!(json["unreadable_since"].is_string() && json["reason"].is_string(), "{json}");
    let csv = shell.run("status --format csv").await.stdout;
    assert!(csv.lines().any(|line| line.starts_with("account,20")), "{csv}");
    let ready = daemon.get("/readyz");
    let line = ready.body.lines().find(|line| line.starts_with("account main: unreadable since "));
    assert_eq!((ready.status, line.is_some()), (503, true), "{}", ready.body);
    assert_eq!(daemon.get("/healthz").status, 200);
    let page = daemon.get("/").body;
    assert!(
        first_line(&page).contains("Nothing can be stopped or started in account main"),
        "{page}"
    );
    assert!(text(&page).contains(&next), "{page}");
    let metric = "lightsout_account_last_look_success_timestamp_seconds{account=\"main\"}";
    assert!(daemon.get("/metrics").body.contains(&format!("\n{metric} 0\n")));
    let notice = ear.hear(1).await[0].json();
    assert_eq!(
        (&notice["event"], &notice["unreadable"]["over"]),
        (&"unreadable".into(), &false.into())
    );
    assert!(notice["text"].as_str().unwrap().contains(means), "{notice}");
    // What another daemon finds as it was is no news.
    drop(daemon);
    let mut daemon = Daemon::start(&shell).await;
    daemon.says("account cannot be read: ").await;
    status(&shell, 3).await;
    write(shell.cloud.secret_key());
    daemon.hang_up();
    daemon.says("account can be read again").await;
    status(&shell, 0).await;
    let told = shell.run("status --verbose").await;
    assert!(told.stdout.contains("account    main: last good look "), "{told:?}");
    // One that was being delivered when the first daemon was killed comes again, with its number.
    let both = async || {
        let told = ear.heard().into_iter().map(|it| it.json());
        let told: BTreeMap<u64, bool> = told
            .map(|it| (it["notice"].as_u64(), it["unreadable"]["over"].as_bool()))
            .map(|(number, over)| (number.unwrap(), over.unwrap()))
            .collect();
        let is_over = told.values().any(|over| *over);
        is_over.then(|| told.into_values().collect::<Vec<_>>())
    };
    let both = wait::until("the end is told", both).await;
    assert_eq!(both, [false, true]);
    assert_eq!(daemon.get("/readyz").status, 200);
    assert!(!daemon.get("/").body.contains("Nothing can be stopped"));
}

#[tokio::test]
async fn a_gateway_that_is_away_is_told_of_by_the_firing_that_meets_it() {
    let rules = ALL.replace("0 20 * * *", "*/2 * * * * *").replace("30s", "1s");
    let shell = Shell::of(ONE, &rules).await;
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let mut command = shell.command("run --web 127.0.0.1:0 --log-format json");
    command.env("NCLOUD_API_GW", format!("http://{nobody}"));
    let mut daemon = Daemon::of(command).await;
    let error = daemon.says("account cannot be read: ").await;
    let until = "in `main` until its gateway can be reached";
    assert!(error["message"].as_str().unwrap().ends_with(until), "{error}");
    status(&shell, 3).await;
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_by_the_status_with_the_policy_that_grants_it() {
    for call in ["getRegionList", "getServerInstanceList"] {
        let shell = Shell::of(ONE, ALL).await;
        shell.cloud.add_fault(fault(&format!("kind = \"forbidden\"\non = \"{call}\"\n")));
        let daemon = Daemon::start(&shell).await;
        let told = status(&shell, 3).await;
        let missing = format!("the right to call `{call}`, which `NCP_VPC_SERVER_VIEWER` grants");
        assert!(told.stdout.contains(&missing), "{told:?}");
        let json = &shell.json("status").await[0]["accounts"][0];
        assert!(json["reason"].as_str().unwrap().contains(&missing), "{json}");
        assert!(daemon.get("/readyz").body.contains(&missing), "{call}");
    }
}

#[tokio::test]
async fn a_clock_that_is_off_is_named_and_by_how_much() {
    let ahead = SystemClock::new().now() + TimeDelta::minutes(20);
    let shell = Shell::on(RehearsalClock::new(ahead, 1), ONE, ALL).await;
    let mut daemon = Daemon::start(&shell).await;
    let error = daemon.says("account cannot be read: ").await;
    let until = "in `main` until the clock of this machine is right";
    assert!(error["message"].as_str().unwrap().ends_with(until), "{error}");
    let told = status(&shell, 3).await;
    assert!(told.stdout.contains(" s behind the cloud's"), "{told:?}");
    assert!(daemon.get("/readyz").body.contains(" s behind the cloud's"));
}

#[tokio::test]
async fn status_says_by_its_code_whether_a_daemon_is_alive_and_has_taken_the_file() {
    let shell = Shell::of(ONE, ALL).await;
    let codes = async || {
        [shell.run("status").await.code.unwrap(), shell.run("status --alive").await.code.unwrap()]
    };
    assert_eq!(codes().await, [1, 1], "there is no log");
    let daemon = Daemon::start(&shell).await;
    status(&shell, 0).await;
    let file = shell.path().join("schedules.toml");
    fs::write(&file, ALL.replace("0 20", "0 25")).unwrap();
    assert_eq!(codes().await, [1, 0], "no daemon takes such a file");
    fs::write(&file, ALL.replace("30s", "40s")).unwrap();
    let young = shell.run("status").await;
    assert_eq!(young.code, Some(0), "{young:?}");
    status(&shell, 0).await;
    drop(daemon);
    assert_eq!(codes().await, [1, 1]);
    fs::remove_file(shell.path().join("lightsout.db-wal")).unwrap();
    fs::write(shell.path().join("lightsout.db"), "no log").unwrap();
    assert_eq!(codes().await, [5, 5]);
}

#[tokio::test]
async fn where_nobody_looks_between_firings_the_daemon_still_looks_when_it_starts() {
    let shell = Shell::of(ONE, &format!("observe.every = \"off\"\n{ALL}")).await;
    shell
        .cloud
        .add_fault(fault("kind = \"refuse\"\non = \"getServerInstanceList\"\ncode = \"7\"\n"));
    let mut daemon = Daemon::start(&shell).await;
    daemon.says("account cannot be read: ").await;
    status(&shell, 3).await;
    shell.cloud.clear_faults();
    // It looks anew with another file, and whenever a rule fires.
    fs::write(
        shell.path().join("schedules.toml"),
        format!("observe.every = \"off\"\n{}", ALL.replace("0 20 * * *", "*/2 * * * * *")),
    )
    .unwrap();
    daemon.says("account can be read again").await;
    status(&shell, 0).await;
}

#[tokio::test]
async fn a_calendar_that_cannot_be_read_stops_only_the_rules_that_look_at_it() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let every = ALL.replace("0 20 * * *", "*/2 * * * * *");
    let other = "[[rules]]\nname = \"other\"\naction = \"start\"\ncron = \"*/2 * * * * *\"\n\
         select = { names = [\"none\"] }\n";
    let rules = format!(
        "{every}only_on = [\"off\"]\n{other}[calendars.off]\nics = \"off.ics\"\n\
         [[notify]]\nurl = \"{}\"\non = [\"unreadable\"]\n",
        ear.url()
    );
    let shell = Shell::of(ONE, &rules).await;
    let calendar = shell.path().join("off.ics");
    fs::write(&calendar, "<html>").unwrap();
    assert_eq!(shell.run("check").await.code, Some(2), "whoever writes a file is told");
    let mut daemon = Daemon::start(&shell).await;
    let error = daemon.says("calendar cannot be read: ").await;
    assert!(error["message"].as_str().unwrap().ends_with("until it can be: night"), "{error}");
    let missed = async || {
        let missed = shell.json("history --outcome missed").await;
        let is_all = missed.len() > 1 && !shell.json("history --rule other").await.is_empty();
        is_all.then_some(missed)
    };
    let missed = wait::until("each firing leaves a row", missed).await;
    let reason = "calendar `off` cannot be read: off.ics, line 1";
    assert!(missed.iter().all(|it| it["rule"] == "night"), "{missed:?}");
    assert!(missed[0]["reason"].as_str().unwrap().starts_with(reason), "{missed:?}");
    assert_eq!(shell.stop_requests(), 0);
    let told = status(&shell, 1).await;
    assert!(told.stdout.contains("calendar   off: unreadable since "), "{told:?}");
    assert!(
        told.stdout.contains("these rules do not fire until it can be read: night"),
        "{told:?}"
    );
    let tonight = &shell.json("status").await[0]["verdict"]["tonight"];
    assert_eq!(tonight["coming"].as_array().map(Vec::len), Some(0), "{tonight}");
    let page = daemon.get("/").body;
    assert!(first_line(&page).contains("so these rules stop and start nothing: night."), "{page}");
    let next =
        "Put a file in place that can be read; this says what is wrong with it: lightsout check";
    assert!(text(&page).contains(next), "{page}");
    assert!(told.stdout.contains("→ Put a file in place that can be read"), "{told:?}");
    assert!(daemon.get("/readyz").body.contains("calendar off: unreadable since 20"));
    let notice = ear.hear(1).await[0].json();
    assert_eq!(notice["unreadable"]["rules"][0], "night", "{notice}");
    let daily = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY\n\
         END:VEVENT\nEND:VCALENDAR\n";
    fs::write(&calendar, daily).unwrap();
    daemon.says("calendar can be read again").await;
    super::daemon::stopped(&shell).await;
    status(&shell, 0).await;
    assert_eq!(ear.hear(2).await[1].json()["unreadable"]["over"], true);
}
