//! `lightsout remove` and `lightsout edit`.

use std::fs;

use super::shell::{ALL, Done, ONE, Shell, finish};

const MORNING: &str = "\n# The morning.\n[[rules]]\nname = \"morning\"\naction = \"start\"\n\
    cron = \"0 8 * * *\"\nselect = { names = [\"*\"] }\n";

fn file(shell: &Shell) -> String {
    fs::read_to_string(shell.path().join("schedules.toml")).unwrap()
}

/// The names of copies that an editor left.
fn copies(shell: &Shell) -> Vec<String> {
    let names = fs::read_dir(shell.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".edit-")).collect()
}

/// Runs `edit` with a line of shell as the editor; `$1` is the copy.
async fn edit(shell: &Shell, editor: &str) -> Done {
    let script = shell.path().join("editor");
    fs::write(&script, format!("#!/bin/sh\n{editor}\n")).unwrap();
    let mut command = shell.command("edit");
    command.env("PATH", "/usr/bin:/bin").env("EDITOR", format!("sh {}", script.display()));
    finish(command).await
}

#[tokio::test]
async fn a_rule_is_taken_out_with_its_comments_and_printed() {
    let both = format!("{ALL}{MORNING}");
    let shell = Shell::of(ONE, &both).await;
    let done = shell.run("remove morning").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(done.stdout, MORNING.trim_start());
    assert!(done.stderr.starts_with("rule `morning` removed from "), "{done:?}");
    assert_eq!(file(&shell), ALL);
    let last = shell.run("remove --rule night").await;
    assert_eq!(last.silent(), (Some(2), ""), "{last:?}");
    assert!(last.stderr.contains("nothing was written: `night` is the last rule"), "{last:?}");
    assert!(last.stderr.contains("`lightsout disable`"), "{last:?}");
    let unknown = shell.run("remove nihgt").await;
    assert!(unknown.stderr.contains("there is no rule `nihgt`"), "{unknown:?}");
    assert_eq!(file(&shell), ALL);
}

#[tokio::test]
async fn overrides_of_a_rule_go_with_it_and_others_forget_its_name() {
    let own = "\n[[overrides]]\nrules = [\"morning\"]\nfrom = \"2099-12-07\"\nuntil = \"2099-12-07\"\nskip = true\n";
    let shared = own.replace("[\"morning\"]", "[\"night\", \"morning\"]").replace("-07", "-08");
    let shell = Shell::of(ONE, &format!("{ALL}{MORNING}{own}{shared}")).await;
    let done = shell.run("remove morning").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("1 override of this rule alone went with it"), "{done:?}");
    assert!(done.stderr.contains("taken out of 1 override of several rules"), "{done:?}");
    let left = shared.replace("\"night\", \"morning\"", "\"night\"");
    assert_eq!(file(&shell), format!("{ALL}{left}"));
}

#[tokio::test]
async fn an_edit_is_checked_compared_and_put_in_place() {
    let shell = Shell::of(ONE, ALL).await;
    let done = edit(&shell, "sed -i 's/0 20/30 21/' \"$1\"").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(file(&shell), ALL.replace("0 20", "30 21"));
    assert!(done.stdout.contains("moved") && done.stdout.contains("T21:30:00+09:00"), "{done:?}");
    assert!(done.stderr.contains("schedules.toml is as you edited it"), "{done:?}");
    let same = edit(&shell, "true").await;
    assert_eq!(same.silent(), (Some(0), ""), "{same:?}");
    assert!(same.stderr.contains("nothing was changed in "), "{same:?}");
    assert_eq!(copies(&shell), [""; 0]);
}

#[tokio::test]
async fn an_edit_with_errors_is_not_put_in_place_and_stays_in_its_copy() {
    let shell = Shell::of(ONE, ALL).await;
    let done = edit(&shell, "sed -i 's/0 20/0 25/' \"$1\"").await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    assert_eq!(file(&shell), ALL);
    let copies = copies(&shell);
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert!(done.stderr.contains("1 error in your edit"), "{done:?}");
    assert!(done.stderr.contains("`lightsout check schedules.edit-"));
    assert!(done.stderr.contains(&copies[0]), "{done:?}");
    assert_eq!(shell.run(&format!("check {}", copies[0])).await.code, Some(2));
}

#[tokio::test]
async fn a_file_with_errors_can_be_mended_in_the_editor() {
    let shell = Shell::of(ONE, &ALL.replace("0 20", "0 25")).await;
    let done = edit(&shell, "sed -i 's/0 25/0 20/' \"$1\"").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("nothing can be compared"), "{done:?}");
    assert_eq!(file(&shell), ALL);
}

#[tokio::test]
async fn an_editor_that_fails_and_a_file_that_changed_meanwhile_change_nothing() {
    let shell = Shell::of(ONE, ALL).await;
    let failed = edit(&shell, "exit 3").await;
    assert_eq!(failed.silent(), (Some(2), ""), "{failed:?}");
    assert!(failed.stderr.contains("ended badly") && failed.stderr.contains("$EDITOR"));
    let path = shell.path().join("schedules.toml");
    let both = format!("sed -i 's/0 20/0 21/' \"$1\"; echo '# mine' >> {}", path.display());
    let raced = edit(&shell, &both).await;
    assert_eq!(raced.code, Some(2), "{raced:?}");
    assert!(raced.stderr.contains("was changed meanwhile"), "{raced:?}");
    assert!(raced.stderr.contains("the copy ") && raced.stderr.contains(" is left"), "{raced:?}");
    assert_eq!(file(&shell), format!("{ALL}# mine\n"));
    assert_eq!(copies(&shell).len(), 2);
}
