//! The words that a shell offers while somebody types.

use std::fs;

use super::shell::{ALL, Done, ONE, Shell, finish};

/// The words offered for the last of these, as fish asks for them.
async fn offered(shell: &Shell, typed: &[&str]) -> Vec<String> {
    let done = ask(shell, typed).await;
    assert_eq!((done.code, &*done.stderr), (Some(0), ""), "{done:?}");
    let word = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    done.stdout.lines().map(word).collect()
}

async fn ask(shell: &Shell, typed: &[&str]) -> Done {
    let mut command = shell.command("--");
    command.env("LIGHTSOUT_COMPLETE", "fish").arg("lightsout").args(typed);
    finish(command).await
}

#[tokio::test]
async fn rules_of_the_file_and_servers_of_the_log_are_offered_without_asking_the_cloud() {
    let shell =
        Shell::of(ONE, &ALL.replace("name = \"night\"", "name = \"night\"\nabout = \"밤\"")).await;
    assert_eq!(offered(&shell, &["why", "d"]).await, [""; 0], "there is no log yet");
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let before = shell.cloud.requests().len();
    for (typed, words) in [
        (vec!["next", "n"], vec!["night"]),
        (vec!["fire", "ni"], vec!["night"]),
        (vec!["history", "--rule", "n"], vec!["night"]),
        (vec!["remove", "n"], vec!["night"]),
        (vec!["why", "d"], vec!["dev-a"]),
        (vec!["history", "--server", "d"], vec!["dev-a"]),
        (vec!["hold", "d"], vec!["dev-a"]),
        (vec!["hold", "n"], vec!["night"]),
        (vec!["release", "d"], vec![]),
        (vec!["hist"], vec!["history"]),
        (vec!["history", "--outc"], vec!["--outcome"]),
    ] {
        assert_eq!(offered(&shell, &typed).await, words, "{typed:?}");
    }
    assert!(ask(&shell, &["next", "n"]).await.stdout.contains("night\t밤"));
    assert_eq!(shell.run("hold dev-a --until 90m").await.code, Some(0));
    assert_eq!(offered(&shell, &["release", "d"]).await, ["dev-a"]);
    assert_eq!(shell.cloud.requests().len(), before);
}

#[tokio::test]
async fn the_file_that_is_typed_is_the_one_that_is_read_and_no_failure_is_said() {
    let shell = Shell::of(ONE, ALL).await;
    let other = ALL.replace("night", "nightly");
    fs::write(shell.path().join("other.toml"), &other).unwrap();
    assert_eq!(offered(&shell, &["-c", "other.toml", "next", "n"]).await, ["nightly"]);
    assert_eq!(offered(&shell, &["next", "--config=other.toml", "n"]).await, ["nightly"]);
    // A file with errors still has names, and one that is away has none.
    fs::write(shell.path().join("other.toml"), other.replace("0 20", "0 25")).unwrap();
    assert_eq!(offered(&shell, &["-c", "other.toml", "next", "n"]).await, ["nightly"]);
    assert_eq!(offered(&shell, &["-c", "none.toml", "next", "n"]).await, [""; 0]);
    fs::write(shell.path().join("lightsout.db"), "no log").unwrap();
    assert_eq!(offered(&shell, &["why", "d"]).await, [""; 0]);
}

#[tokio::test]
async fn the_script_of_each_shell_asks_lightsout() {
    let shell = Shell::of(ONE, ALL).await;
    for name in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = shell.run(&format!("completions {name}")).await;
        assert_eq!(script.code, Some(0), "{script:?}");
        let asks = script.stdout.contains("LIGHTSOUT_COMPLETE");
        assert!(asks && script.stdout.contains("lightsout"), "{script:?}");
        let calls_at_once = script.stdout.contains("\"$funcstack[1]\" = _lightsout");
        assert_eq!(calls_at_once, name == "zsh", "{script:?}");
    }
}
