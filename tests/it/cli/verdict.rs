//! The three lines that open `status`.

use std::process::{Command, Stdio};

use lightsout::cloud::rehearsal::Fleet;

use super::daemon::Process;
use super::shell::{Shell, where_it_is};
use super::web::Page;
use crate::wait;

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
    assert!(empty.starts_with("last night · no stop was planned\n"), "{empty}");
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
        (3, "last night · no stop was planned so far; 2 stops are still to come, from 06:00\n"),
        (8, "last night · no stop was planned so far; 1 stop is still to come, at 09:30\n"),
        (13, "last night · no stop was planned\n"),
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

#[tokio::test]
async fn nothing_is_called_good_while_a_stop_has_not_read_all_its_servers() {
    let fleet = "regions = [\"KR\", \"JPN\"]\n[[servers]]\nname = \"dev-a\"\nno = \"1\"\n\
        stop_takes = \"300ms\"\n[[faults]]\non = \"getServerInstanceList\"\nregion = \"JPN\"\n\
        kind = \"region_down\"\n";
    let far = "[accounts.far]\nplatform = \"vpc\"\nregions = [\"JPN\"]\n[[rules]]\nname = \"far\"\n\
        action = \"stop\"\ncron = \"0 13 * * *\"\nselect = { names = [\"*\"] }\n\
        account = \"far\"\npatience = \"10m\"\n";
    let main = "platform = \"vpc\"\nregions = [\"KR\"]\n";
    for (hour, line) in [(6, "last night"), (18, "tonight   ")] {
        let rules = file(&where_it_is(hour)).replace("platform = \"vpc\"\n", main);
        let rules = rules.replace("select", "account = \"main\"\nselect") + far;
        let shell = Shell::of(fleet, &rules).await;
        assert_eq!(shell.run("fire night --yes").await.code, Some(0));
        let silent = |mut command: Command| {
            Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
        };
        let _fire = silent(shell.command("fire far --yes"));
        let looking = "1 server off so far; 1 stop is still looking for its servers";
        let is_looking = async || shell.run("status").await.stdout.contains(looking);
        wait::until_so("a stop cannot read its servers", is_looking).await;
        // Without a daemon, tonight is in trouble.
        let _daemon = silent(shell.command("run"));
        let is_alive = async || shell.run("status --alive").await.code == Some(0);
        wait::until_so("a daemon is alive", is_alive).await;
        let said = shell.run("status").await.stdout;
        let is_quiet = |it: &str| it.starts_with(&format!("{line} · ")) && it.contains(looking);
        assert!(said.lines().any(is_quiet), "{said}");
        let verdict = &shell.json("status").await[0]["verdict"];
        let night = &verdict[line.trim_end().replace(' ', "_")];
        let told =
            ["mark", "servers", "off", "waiting", "searching"].map(|it| night[it].to_string());
        assert_eq!(told, ["\"quiet\"", "1", "1", "0", "1"]);
        let page = Page::of(&shell, "").get("/").body;
        assert!(page.contains("2 firings, 1 in progress"), "{page}");
        assert_eq!(page.matches("mark-of good").count(), 1, "{page}");
        assert!(!page.contains("all well") && !page.contains("went well"), "{page}");
    }
}

#[tokio::test]
async fn where_some_regions_cannot_be_read_the_stops_of_the_others_are_not_said_to_fail() {
    let fleet = "regions = [\"KR\", \"JPN\"]\n[[servers]]\nname = \"dev-a\"\nno = \"1\"\n\
        [[servers]]\nname = \"dev-b\"\nno = \"2\"\nregion = \"JPN\"\n";
    let shell = Shell::of(fleet, &file(&where_it_is(15))).await;
    let run = || {
        let mut command = shell.command("run");
        Process(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    };
    let says = async |part: &str| {
        let is_said = async || shell.run("status").await.stdout.contains(part);
        wait::until_so(part, is_said).await;
    };
    let daemon = run();
    says("; account read at ").await;
    assert_eq!(daemon.terminate().await, Some(0));
    let down =
        "[[faults]]\non = \"getServerInstanceList\"\nregion = \"JPN\"\nkind = \"region_down\"\n";
    shell.cloud.add_fault(Fleet::parse(down).unwrap().faults.remove(0));
    let _daemon = run();
    says("tonight    ! nothing will stop or start in account main (JPN); 1 stop at 20:00\n").await;
}
