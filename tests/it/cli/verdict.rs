//! The three lines that open `status`.

use chrono::Timelike;
use lightsout::clock::{Clock, SystemClock};

use super::shell::Shell;

/// One server that stops, one that may not, and one that takes too long.
const FLEET: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n\
    [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
    refuse = { code = \"77777\", message = \"Nobody may stop this.\" }\n\
    [[servers]]\nname = \"dev-slow\"\nno = \"3\"\nstop_takes = \"1h\"\n";

/// A zone in which it is now six in the morning, so that what is done now belongs to last night.
fn where_it_is_six() -> String {
    let hour = i64::from(SystemClock::new().now().hour());
    // From -12 to 11. The signs of these zones are those of POSIX.
    let east = (6 - hour + 36) % 24 - 12;
    format!("Etc/GMT{:+}", -east)
}

fn file(zone: &str) -> String {
    format!(
        "timezone = \"{zone}\"\n[accounts.main]\nplatform = \"vpc\"\n[[rules]]\nname = \"night\"\n\
        action = \"stop\"\ncron = \"0 20 * * *\"\nselect = {{ names = [\"*\"] }}\npatience = \"3s\"\n"
    )
}

#[tokio::test]
async fn status_opens_with_last_night_tonight_and_this_month() {
    let shell = Shell::of(FLEET, &file(&where_it_is_six())).await;
    let empty = shell.run("status").await.stdout;
    assert!(empty.starts_with("last night · no stop was due\n"), "{empty}");
    assert!(
        empty.contains("tonight    ! nothing will stop: no daemon has ever run here"),
        "{empty}"
    );

    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    assert_eq!(shell.run("hold dev-a --until 20h").await.code, Some(0));
    let said = shell.run("status").await.stdout;
    let night = "last night ! 1 of 3 servers off; 2 did not stop: dev-slow (timed out), dev-gpu \
                 (refused)\n";
    assert!(said.starts_with(night), "{said}");
    let tonight = "tonight    ! nothing will stop: no daemon is alive; 1 stop at 20:00, about 3 \
                   servers, 1 held\n";
    assert!(said.contains(tonight), "{said}");
    assert!(said.contains("\nthis month · 0"), "{said}");

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
    assert_eq!(verdict["tonight"]["coming"][0]["rule"], "night");
    let csv = shell.run("status --format csv").await.stdout;
    assert!(csv.contains("\nlast_night,"), "{csv}");
}
