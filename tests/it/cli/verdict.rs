//! The three lines that open `status`.

use super::shell::{Shell, where_it_is};

/// One server that stops, one that may not, and one that takes too long.
const FLEET: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n\
    [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
    refuse = { code = \"77777\", message = \"Nobody may stop this.\" }\n\
    [[servers]]\nname = \"dev-slow\"\nno = \"3\"\nstop_takes = \"1h\"\n";

fn file(zone: &str) -> String {
    format!(
        "timezone = \"{zone}\"\n[accounts.main]\nplatform = \"vpc\"\n[[rules]]\nname = \"night\"\n\
        action = \"stop\"\ncron = \"0 20 * * *\"\nselect = {{ names = [\"*\"] }}\npatience = \"8s\"\n"
    )
}

#[tokio::test]
async fn status_opens_with_last_night_tonight_and_this_month() {
    // In the morning, so that what is done now belongs to last night.
    let shell = Shell::of(FLEET, &file(&where_it_is(6))).await;
    let empty = shell.run("status").await.stdout;
    assert!(empty.starts_with("last night · no stop was due\n"), "{empty}");
    assert!(
        empty.contains("tonight    ! nothing will stop or start: no daemon has ever run here"),
        "{empty}"
    );

    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    assert_eq!(shell.run("hold dev-a --until 20h").await.code, Some(0));
    let said = shell.run("status").await.stdout;
    let night = "last night ! 1 of 3 servers off; 2 did not stop: dev-slow (timed out), dev-gpu \
                 (refused)\n           → See why: lightsout history --trouble\n";
    assert!(said.starts_with(night), "{said}");
    let tonight = "tonight    ! nothing will stop or start: no daemon is alive; the stop at 20:00 cannot run, about 3 \
                   servers, 1 held\n";
    assert!(said.contains(tonight), "{said}");
    let blocked = "\nnext       Nothing of this runs until the trouble above is fixed\n";
    assert!(said.contains(blocked), "{said}");
    assert!(said.contains("\nthis month · nothing saved yet\n"), "{said}");

    let verdict = &shell.json("status").await[0]["verdict"];
    let night = &verdict["last_night"];
    let counts = ["mark", "servers", "off", "waiting"].map(|key| night[key].to_string());
    assert_eq!(counts, ["\"trouble\"", "3", "1", "0"]);
    let troubled = &night["trouble"][1];
    let keys = ["rule", "region", "instance_no", "instance_name", "outcome"];
    assert_eq!(
        keys.map(|key| troubled[key].as_str().unwrap_or_default()),
        ["night", "KR", "2", "dev-gpu", "refused"]
    );
    assert_eq!(verdict["tonight"]["hindrance"], "no_daemon");
    assert_eq!(verdict["tonight"]["tried_again"], 2);
    assert_eq!(verdict["tonight"]["coming"][0]["rule"], "night");
    let csv = shell.run("status --format csv").await.stdout;
    assert!(csv.contains("\nlast_night,"), "{csv}");
}

#[tokio::test]
async fn before_noon_last_night_says_which_of_its_stops_are_still_to_come() {
    let later = "[[rules]]\nname = \"later\"\naction = \"stop\"\ncron = \"30 9 * * *\"\n\
        select = { names = [\"dev-a\"] }\n";
    for (hour, begins) in [
        (3, "last night · no stop was due so far; 2 stops are still to come, from 06:00\n"),
        (8, "last night · no stop was due so far; 1 stop is still to come, at 09:30\n"),
        (13, "last night · no stop was due\n"),
    ] {
        let rules = file(&where_it_is(hour)).replace("0 20 * * *", "0 6 * * *") + later;
        let shell = Shell::of(FLEET, &rules).await;
        let said = shell.run("status").await.stdout;
        assert!(said.starts_with(begins), "{hour}: {said}");
        let verdict = &shell.json("status").await[0]["verdict"];
        let coming = verdict["last_night"]["coming"].as_array().unwrap();
        let rules: Vec<_> = coming.iter().map(|it| it["rule"].as_str().unwrap()).collect();
        assert_eq!(rules.last().copied(), (hour < 12).then_some("later"), "{hour}");
    }
}
