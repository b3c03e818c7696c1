//! What `check` says of rules that keep servers off for longer than is allowed.

use super::super::shell::{Done, ONE, Shell};
use super::fields;

/// What `check` says of a file with these rules.
async fn checked(budget: &str, rules: &[&str]) -> Done {
    let head = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n";
    let rule = |(n, rule): (usize, &&str)| {
        format!("[[rules]]\nname = \"r{n}\"\nselect = {{ names = [\"dev-*\"] }}\n{rule}\n")
    };
    let rules: Vec<String> = rules.iter().enumerate().map(rule).collect();
    let shell = Shell::of(ONE, &format!("{head}[budget]\n{budget}\n{}", rules.concat())).await;
    shell.run("check --format json").await
}

#[tokio::test]
async fn check_warns_of_rules_that_keep_servers_off_for_longer_than_is_allowed() {
    let stop = "action = \"stop\"\ncron = \"0 20 * * MON-FRI\"";
    let start = "action = \"start\"\ncron = \"0 8 * * MON-FRI\"";
    let window = "off = \"20:00-08:00\"\noff_days = \"weekends\"";
    let believed = "and NAVER Cloud is believed to return what is stopped for more than";
    let year = "days a year (24 hours to a day)";
    let both = format!(
        "rules `r0` and `r1` keep servers off for about 235 {year}, {believed} 180 days in 12 months"
    );
    let one = format!(
        "window `r0` keeps servers off for about 235 {year}, {believed} 180 days in 12 months"
    );
    let by_days = format!(
        "window `r0` keeps servers off for about 365 days a year (each day that they are off on), \
         {believed} 180 days in 12 months"
    );
    let in_a_row = format!(
        "window `r0` keeps servers off for about 3 days in a row (24 hours to a day), {believed} 2 \
         days in a row"
    );
    let daily = "off = \"20:00-07:00\"";
    for (budget, rules, expected) in [
        ("", &[stop, start][..], Some((&both, 15))),
        ("", &[window], Some((&one, 9))),
        ("count = \"days\"", &[daily], Some((&by_days, 9))),
        ("in_a_row = 2", &[window], Some((&in_a_row, 9))),
        ("in_12_months = 240", &[window], None),
        ("at_limit = \"keep_running\"", &[window], None),
        ("at_limit = \"start\"", &[window], None),
        ("", &[daily], None),
        // Who starts it, nobody knows.
        ("", &[stop], None),
        (
            "",
            &[stop, "action = \"start\"\ncron = \"0 8 * * *\"\nexcept = { names = [\"dev-1\"] }"],
            None,
        ),
        ("", &[stop, "action = \"start\"\ncron = \"0 8 * * *\"\nenabled = false"], None),
        ("", &["off = \"20:00-08:00\"\noff_days = \"weekends\"\ndry_run = true"], None),
    ] {
        let done = checked(budget, rules).await;
        let told: Vec<(String, i64)> = done
            .lines()
            .iter()
            .map(|it| (it["message"].as_str().unwrap().to_owned(), it["line"].as_i64().unwrap()))
            .collect();
        let expected: Vec<(String, i64)> =
            expected.into_iter().map(|(message, line)| (message.clone(), line)).collect();
        assert_eq!((done.code, told), (Some(0), expected), "{budget} {rules:?}");
    }
}

#[tokio::test]
async fn of_many_rules_that_do_so_check_names_the_worst() {
    let rules: Vec<String> = (0..12)
        .map(|n| format!("off = \"{}:00-08:00\"", 20 - n % 3))
        .map(|off| format!("{off}\nexcept = {{ instances = [1] }}"))
        .enumerate()
        .map(|(n, rule)| rule.replace("[1]", &format!("[{}]", n + 1)))
        .collect();
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let done = checked("", &rules).await;
    let lines = done.lines();
    let told = fields(&lines[0], &["message", "hint"]);
    assert_eq!(lines.len(), 1);
    assert!(
        told[0].as_str().unwrap().starts_with("window `r2` keeps servers off for about 213 "),
        "{told:?}"
    );
    assert_eq!(
        told[1],
        "stop later or start sooner, or say in `[budget]` what is done then: `at_limit = \
         \"keep_running\"`; what 11 others of this file do comes to more, too; \
         what is paid in full while stopped has no limit"
    );
}
