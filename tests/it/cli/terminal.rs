//! Output as a terminal shows it: colours, widths, and talk below the tables.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use super::daemon::Process;
use super::shell::{ALL, Done, ONE, Shell, finish};
use crate::wait;

/// One server that stops, one that may not.
const TWO: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n\
    [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
    refuse = { code = \"77777\", message = \"Nobody may stop this.\" }\n";

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const DIM: &str = "\x1b[2m";

/// A command with further variables in its environment.
async fn with(shell: &Shell, arguments: &str, variables: &[(&str, &str)]) -> Done {
    let mut command = shell.command(arguments);
    command.envs(variables.iter().copied());
    finish(command).await
}

/// A command on a terminal of this width.
async fn on_terminal(shell: &Shell, (columns, term): (u16, &str), arguments: &str) -> String {
    let program = env!("CARGO_BIN_EXE_lightsout");
    let line = format!("stty cols {columns} rows 50; {program} {arguments}");
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .current_dir(shell.path())
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("SHELL", "/bin/sh"), ("TERM", term)])
        .env("HOME", shell.path())
        .env("NCLOUD_API_GW", shell.cloud.base_url())
        .env("NCLOUD_ACCESS_KEY", shell.cloud.access_key())
        .env("NCLOUD_SECRET_KEY", shell.cloud.secret_key())
        .stdin(Stdio::null());
    finish(command).await.stdout.replace('\r', "")
}

/// The text without its colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[tokio::test]
async fn outcomes_have_a_colour_on_a_terminal_and_nowhere_else() {
    let shell = Shell::of(TWO, &ALL.replace("30s", "1s")).await;
    let fired = with(&shell, "fire night --yes", &[("CLICOLOR_FORCE", "1")]).await;
    assert_eq!(fired.code, Some(1), "{fired:?}");
    for (arguments, marks) in [
        ("history", [(GREEN, "stopped"), (RED, "refused")]),
        ("history --firings", [(GREEN, "1 stopped"), (RED, "1 refused")]),
        ("show last", [(GREEN, "stopped"), (RED, "refused")]),
        ("rules", [(GREEN, "1 stopped"), (RED, "1 refused")]),
        ("plan", [(DIM, "already"), (GREEN, "stop")]),
        ("servers", [(GREEN, "off"), (GREEN, "off")]),
        ("why dev-gpu", [(RED, "refused"), (RED, "refused")]),
        ("status", [(RED, "none on this log"), (RED, "!")]),
    ] {
        let alone = format!("{arguments} 2>/dev/null");
        let painted = on_terminal(&shell, (100, "xterm"), &alone).await;
        for (colour, word) in marks {
            let word = format!("{colour}{word}\x1b[0m");
            assert!(painted.contains(&word), "{arguments}: {word:?} in {painted:?}");
        }
        let dumb = on_terminal(&shell, (100, "dumb"), &alone).await;
        assert_eq!(plain(&painted).lines().count(), dumb.lines().count(), "{arguments}");
        let dumb = on_terminal(&shell, (100, "dumb"), arguments).await;
        assert!(!dumb.contains('\x1b'), "{dumb:?}");
        let piped = shell.run(arguments).await.stdout;
        assert!(!piped.contains('\x1b'), "{piped:?}");
        let unwanted = [("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")];
        assert!(!with(&shell, arguments, &unwanted).await.stdout.contains('\x1b'), "{arguments}");
    }
    assert!(fired.stdout.contains(&format!("{RED}refused\x1b[0m")), "{fired:?}");

    let wide = ("COLUMNS", "90");
    let painted = with(&shell, "history", &[("CLICOLOR_FORCE", "1"), wide]).await.stdout;
    assert_eq!(plain(&painted), with(&shell, "history", &[wide]).await.stdout);
}

#[tokio::test]
async fn talk_stands_below_the_table() {
    let unmatched = "[[rules]]\nname = \"other\"\naction = \"stop\"\ncron = \"0 21 * * *\"\n\
        select = { names = [\"nobody\"] }\n";
    let shell = Shell::of(TWO, &format!("{}{unmatched}", ALL.replace("30s", "1s"))).await;
    shell.run("fire night --yes").await;
    let file = shell.path().join("schedules.toml");
    let text = fs::read_to_string(&file).unwrap();
    for (further, arguments, last_row, talk) in [
        ("", "history --limit 1", "dev-a", "there are more"),
        ("", "plan", "in all: ", "rule `other` matched no"),
        ("[nonsense]\n", "status", "\nas of ", "warning: "),
    ] {
        fs::write(&file, format!("{text}{further}")).unwrap();
        let path = shell.path().join("out");
        let out = File::create(&path).unwrap();
        let mut command = shell.command(arguments);
        command.stdout(out.try_clone().unwrap()).stderr(out);
        tokio::task::spawn_blocking(move || command.status()).await.unwrap().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let place = |part: &str| text.rfind(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(place(last_row) < place(talk), "{arguments}: {text}");
    }
}

#[tokio::test]
async fn status_is_a_few_lines_while_all_is_well_and_everything_on_demand() {
    let later = ["r1", "r2", "r3"].map(|name| {
        format!(
            "[[rules]]\nname = \"{name}\"\naction = \"stop\"\ncron = \"30 20 * * *\"\n\
             select = {{ names = [\"*\"] }}\n"
        )
    });
    let shell = Shell::of(ONE, &format!("{ALL}{}", later.concat())).await;
    let child = shell.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let daemon = Process(child.unwrap());
    let alive = async || shell.run("status --alive").await.code == Some(0);
    wait::until_so("a daemon lives", alive).await;
    let has_file = async || !shell.json("status").await[0]["daemon"]["file_sha256"].is_null();
    wait::until_so("its file is known", has_file).await;
    let labels = |text: &str| -> Vec<String> {
        let label = |line: &str| line.get(..11).unwrap_or_default().trim().to_owned();
        text.lines().map(label).filter(|label| !label.is_empty()).collect()
    };
    let short = with(&shell, "status", &[("COLUMNS", "120")]).await.stdout;
    let expected = ["last night", "tonight", "this month", "daemon", "next", "as of"];
    assert_eq!(labels(&short), expected, "{short}");
    assert!(short.lines().count() <= 9, "{short}");
    assert!(short.contains("\ndaemon     alive since "), "{short}");
    assert!(short.contains("20:30  stop r1, r2 and 1 more, in "), "{short}");
    assert!(short.contains("20:00  stop night, not tried yet, in "), "{short}");
    let as_of = short.lines().last().unwrap();
    assert!(as_of.ends_with(" +09:00, Asia/Seoul"), "{short}");
    assert_eq!(short.matches("+09:00").count(), 1, "the zone is said once: {short}");

    let long = with(&shell, "status --verbose", &[("COLUMNS", "120")]).await.stdout;
    for part in
        [", process ", "\nfile       ", "\naccount    main: ", "  stop r3, not tried yet, in "]
    {
        assert!(long.contains(part) && !short.contains(part), "{part:?}: {long}");
    }
    for columns in ["60", "80"] {
        let narrow = with(&shell, "status -v", &[("COLUMNS", columns)]).await.stdout;
        let widest = narrow
            .lines()
            .filter(|line| !line.contains('/'))
            .map(|line| line.chars().count())
            .max();
        assert!(widest <= columns.parse().ok(), "{columns}: {narrow}");
    }
    assert_eq!(daemon.terminate().await, Some(0));
}

#[tokio::test]
async fn status_shows_overrides_in_force() {
    let shell = Shell::of(ONE, ALL).await;
    assert_eq!(shell.json("status").await[0]["overrides"], serde_json::json!([]));
    let ahead = "[[overrides]]\nrules = [\"night\"]\nfrom = \"2126-12-07\"\n\
        until = \"2126-12-11\"\nskip = true\n";
    let now = "[[overrides]]\nrules = [\"night\"]\nfrom = \"2020-12-07\"\nuntil = \"2120-12-11\"\n\
        cron = \"0 23 * * *\"\nbecause = \"release week\"\n";
    fs::write(shell.path().join("schedules.toml"), format!("{ALL}{ahead}{now}")).unwrap();
    let text = shell.run("status").await.stdout;
    let line = "\noverride   night  at `0 23 * * *` until 2120-12-11 (release week)\n";
    assert!(text.contains(line), "{text}");
    assert!(!text.contains("2126"), "{text}");
    let expected = serde_json::json!([{
        "rule": "night", "from": "2020-12-07", "until": "2120-12-11", "off": null,
        "cron": "0 23 * * *", "skip": false, "because": "release week",
    }]);
    assert_eq!(shell.json("status").await[0]["overrides"], expected);
}

#[tokio::test]
async fn a_report_has_one_line_a_server_on_80_columns() {
    let shell = Shell::of(TWO, &ALL.replace("30s", "1s")).await;
    shell.run("fire night --yes").await;
    let narrow = with(&shell, "report --since 2d", &[("COLUMNS", "80")]).await;
    let (_, servers) = narrow.stdout.split_once("\nServers\n").unwrap();
    let (servers, _) = servers.split_once("\n\n").unwrap();
    let firsts: Vec<_> = servers.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(firsts, ["SERVER", "dev-gpu", "dev-a"], "{servers}");
    assert!(servers.contains("1 refused"), "{servers}");
    assert!(servers.lines().all(|line| line.len() <= 80), "{servers}");
    let hint = "hint: this terminal has no room for: unknown; `--format csv` has every column\n";
    assert!(narrow.stderr.ends_with(hint), "{narrow:?}");
    let wide = with(&shell, "report --since 2d", &[("COLUMNS", "120")]).await;
    assert_eq!(wide.stderr.matches("no room").count(), 0, "{wide:?}");
}
