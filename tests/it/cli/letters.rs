//! The same word in other bytes: Hangul and accents composed and decomposed.

use std::fs;

use lightsout::cloud::codes;
use lightsout::model::instance::InstanceNo;

use super::shell::{Done, Shell, bare, finish};

/// `운영`, `개발` and `환경` as macOS writes them.
const OPERATED: &str = "\u{110b}\u{116e}\u{11ab}\u{110b}\u{1167}\u{11bc}";
const DEVELOPED: &str = "\u{1100}\u{1162}\u{1107}\u{1161}\u{11af}";
const SURROUNDED: &str = "\u{1112}\u{116a}\u{11ab}\u{1100}\u{1167}\u{11bc}";

/// Of each line of a plan: the number, and what would become of the instance.
fn would(done: &Done) -> Vec<(String, String)> {
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines: Vec<_> = done
        .lines()
        .iter()
        .map(|line| (word(&line["instance_no"]), word(&line["would"])))
        .collect();
    lines.sort();
    lines
}

/// A fleet and rules, whose words are filled in: operated, developed, surrounded.
fn world([operated, developed, surrounded]: [&str; 3]) -> (String, String) {
    let fleet = format!(
        "[[servers]]\nname = '{operated}-1'\nno = '1'\nplatform = 'classic'\n\
         [[servers]]\nname = 'db'\nno = '2'\nplatform = 'classic'\ntags = {{ '{surrounded}' = '{operated}' }}\n\
         [[servers]]\nname = '{developed}'\nno = '3'\nplatform = 'classic'\nstop_takes = '100ms'\n"
    );
    let rules = format!(
        "timezone = 'Asia/Seoul'\n[accounts.main]\nplatform = 'classic'\n\
         [protect]\nnames = ['{operated}-?']\ntags = {{ '{surrounded}' = '{operated}' }}\n\
         [[rules]]\nname = 'night'\naction = 'stop'\ncron = '0 20 * * *'\n\
         select = {{ names = ['{operated}*', 'db', '{developed}'] }}\npatience = '30s'\n"
    );
    (fleet, rules)
}

#[tokio::test]
async fn a_word_protects_and_selects_and_is_found_in_whatever_form_either_side_writes_it() {
    let (decomposed, composed) = ([OPERATED, DEVELOPED, SURROUNDED], ["운영", "개발", "환경"]);
    for (cloud, file) in [(decomposed, composed), (composed, decomposed)] {
        let shell = Shell::of(&world(cloud).0, &world(file).1).await;
        let planned = shell.run("plan --format json").await;
        let expected = [("1", "skip"), ("2", "skip"), ("3", "stop")];
        let expected = expected.map(|(no, would)| (no.to_owned(), would.to_owned()));
        assert_eq!(would(&planned), expected, "{planned:?}");
        assert_eq!(shell.run("fire night --yes").await.code, Some(0));
        for name in [decomposed[1], composed[1]] {
            let lines = shell.json(&format!("history --instance {name}")).await;
            let said: Vec<_> = lines.iter().map(|line| &line["instance_name"]).collect();
            assert_eq!(said, [cloud[1]], "the log keeps what the cloud said");
            assert_eq!(shell.run(&format!("why {name}")).await.code, Some(0));
        }
        let (no, null) = (InstanceNo::new("3").unwrap(), codes::operation("NULL"));
        shell.cloud.set_status(&no, codes::status("RUN"), null);
        let held = shell.run(&format!("hold {} --until 30h", file[1])).await;
        assert_eq!(held.code, Some(0), "{held:?}");
        let line = shell.run("plan --format json").await;
        assert_eq!(would(&line)[2].1, "skip", "{line:?}");
        let released = shell.run(&format!("release {}", cloud[1])).await;
        assert_eq!(released.code, Some(0), "{released:?}");
    }
}

#[tokio::test]
async fn a_calendar_is_found_under_the_other_form_of_its_file_s_name() {
    let folder = tempfile::tempdir().unwrap();
    let calendar = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\n\
                    END:VCALENDAR\n";
    fs::write(folder.path().join(format!("{DEVELOPED}.ics")), calendar).unwrap();
    let (_, rules) = world(["운영", "개발", "환경"]);
    let rules = format!("{rules}skip_on = ['kr2']\n[calendars.kr2]\nics = '개발.ics'\n");
    fs::write(folder.path().join(format!("{OPERATED}.toml")), rules).unwrap();
    let done = finish(bare(folder.path(), "next --config 운영.toml --from 2026-12-24")).await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stdout.contains("2026-12-24") && done.stdout.contains("skipped"), "{done:?}");
}
