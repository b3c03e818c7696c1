//! `rules`, `week`, and the firings and the trouble of `history`.

use super::shell::{Shell, finish};

/// One server that stops, one that may not, and one that a hold keeps.
const FLEET: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n\
    [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
    refuse = { code = \"77777\", message = \"Nobody may stop this.\" }\n\
    [[servers]]\nname = \"dev-kept\"\nno = \"3\"\n[[servers]]\nname = \"dev-db\"\nno = \"4\"\n";

const FILE: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n\
    # Why it is.\n[[rules]]\nname = \"night\"\nabout = \"search\"\naction = \"stop\"\n\
    cron = \"0 20 * * *\"\nselect.names = [\"dev-*\"]\nexcept.names = [\"dev-db\"]\n\
    patience = \"3s\"\n\n[[rules]]\nname = \"hours\"\noff = \"20:30-08:00\"\n\
    select.names = [\"qa-*\"]\n\n[[rules]]\nname = \"old\"\naction = \"stop\"\n\
    cron = \"0 21 * * *\"\nselect.names = [\"x\"]\nenabled = false\n\
    disabled_since = \"2026-11-20\"\n";

async fn lived() -> Shell {
    let shell = Shell::of(FLEET, FILE).await;
    assert_eq!(shell.run("hold dev-kept --until 20h").await.code, Some(0));
    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    shell
}

#[tokio::test]
async fn a_rule_is_told_with_its_hours_its_servers_its_results_its_holds_and_its_text() {
    let shell = lived().await;
    let rules = shell.json("rules").await;
    let told: Vec<[&str; 3]> = rules
        .iter()
        .map(|rule| ["rule", "hours", "servers"].map(|key| rule[key].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ["night", "stops at 20:00 every day", "names `dev-*`, except names `dev-db`"],
            ["hours", "off 20:30-08:00", "names `qa-*`"],
            ["old", "stops at 21:00 every day", "names `x`"],
        ]
    );
    assert_eq!(rules[0]["last_result"], "1 dry_run, 1 already, 1 skipped, 1 held");
    assert_eq!(
        (&rules[2]["enabled"], &rules[2]["disabled_since"]),
        (&false.into(), &"2026-11-20".into())
    );

    let rule = &shell.json("rules night").await[0];
    let names = rule["last_servers"].as_array().unwrap().iter().map(|it| &it["instance_name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["dev-a", "dev-db", "dev-gpu", "dev-kept"]);
    assert_eq!(rule["coming"].as_array().unwrap().len(), 7);
    assert_eq!(rule["results"].as_array().unwrap().len(), 2);
    assert_eq!(rule["holds"][0]["subject"], "dev-kept");
    let text = rule["text"].as_str().unwrap();
    assert!(text.starts_with("[[rules]]\nname = \"night\""), "{text}");
    assert!(text.ends_with("patience = \"3s\""), "{text}");

    let said = shell.run("rules night").await.stdout;
    for part in [
        "night (search)\nhours    stops at 20:00 every day, Asia/Seoul\n",
        "dev-a, dev-db, dev-gpu, dev-kept\n",
        "\nlast results:\n",
        "\nin schedules.toml:\n[[rules]]\nname = \"night\"\n",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    let unknown = shell.run("rules nigth").await;
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.stderr.contains("its rules are: night, hours, old"), "{}", unknown.stderr);
}

#[tokio::test]
async fn a_week_has_24_characters_a_day_and_fits_80_columns() {
    let shell = lived().await;
    let days = shell.json("week").await;
    assert_eq!(days.len(), 3 * 7);
    let hours = |rule: &str| {
        let last = days.iter().rfind(|day| day["rule"] == rule).unwrap();
        last["hours"].as_str().unwrap().to_owned()
    };
    assert_eq!(hours("hours"), "########............~###");
    assert_eq!(hours("night"), "....................■...");
    assert_eq!(hours("old"), "........................");

    let mut narrow = shell.command("week");
    narrow.env("COLUMNS", "80");
    let drawn = finish(narrow).await;
    assert!(drawn.stdout.lines().all(|line| line.chars().count() <= 80), "{}", drawn.stdout);
    assert!(drawn.stdout.contains("  disabled: old\n"), "{}", drawn.stdout);
    assert!(drawn.stdout.lines().nth(1).unwrap().contains('v'), "{}", drawn.stdout);
    // One line a rule where there is room.
    let mut wide = shell.command("week");
    wide.env("COLUMNS", "200");
    let drawn = finish(wide).await.stdout;
    assert_eq!(drawn.lines().filter(|line| line.starts_with("hours ")).count(), 1, "{drawn}");

    let servers = shell.json("week night").await;
    assert_eq!(servers.len(), 4 * 7);
    let held: Vec<&str> = servers
        .iter()
        .filter(|day| !day["held"].is_null())
        .map(|day| day["instance_name"].as_str().unwrap())
        .collect();
    assert!(!held.is_empty() && held.iter().all(|name| *name == "dev-kept"), "{held:?}");
}

#[tokio::test]
async fn history_has_a_line_a_firing_and_finds_trouble_and_several_outcomes() {
    let shell = lived().await;
    let firings = shell.json("history --firings").await;
    let told: Vec<[&str; 3]> = firings
        .iter()
        .map(|it| ["rule", "trigger", "result"].map(|key| it[key].as_str().unwrap()))
        .collect();
    assert_eq!(told[1], ["night", "manual", "1 refused, 1 stopped, 1 skipped, 1 held"]);
    assert_eq!(
        (&firings[1]["trouble"], &firings[1]["outcomes"]["skipped"]),
        (&1.into(), &2.into())
    );
    assert_eq!(told.len(), 2);
    let troubled = shell.json("history --firings --trouble").await;
    assert_eq!(troubled, firings[1..]);

    let names = |lines: Vec<serde_json::Value>| -> Vec<String> {
        lines.iter().map(|line| line["instance_name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(shell.json("history --trouble").await), ["dev-gpu"]);
    assert_eq!(names(shell.json("history --trouble --rule night").await), ["dev-gpu"]);
    assert!(shell.json("history --trouble --instance dev-a").await.is_empty());
    assert_eq!(names(shell.json("history --outcome refused,stopped").await), ["dev-a", "dev-gpu"]);
    assert_eq!(names(shell.json("history --outcome held").await), ["dev-kept", "dev-kept"]);
    assert_eq!(shell.run("history --outcome late").await.code, Some(2));

    let last = shell.json("show last").await;
    assert_eq!(last[0]["dry_run"], true);
    let csv = shell.run("history --firings --format csv").await.stdout;
    assert!(csv.starts_with("firing,rule,action,trigger,at,"), "{csv}");
}

#[tokio::test]
async fn there_is_no_last_firing_before_the_first() {
    let shell = Shell::of(FLEET, FILE).await;
    let none = shell.run("show last").await;
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("there is no firing in"), "{}", none.stderr);
    let rule = &shell.json("rules hours").await[0];
    assert_eq!(rule["results"].as_array().unwrap().len(), 0);
    assert_eq!(shell.json("week hours").await.len(), 7);
}
