//! The promise of docs/json.md: what lightsout says in JSON is as the schemas say, in every test.

mod page;
mod strict;

use std::process::Command;

use lightsout::cli::{OUTPUTS, Output};
use serde_json::Value;

use self::strict::Seen;

/// Holds what a command printed against the schema of its output.
pub(crate) fn hold(command: &Command, (stdout, stderr): (&str, &str)) {
    let mut seen = Seen::default();
    let arguments: Vec<String> =
        command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let is_export = arguments.windows(2).any(|it| it == ["audit", "export"])
        && !arguments.iter().any(|it| it == "--help");
    if is_export || is_asked(&arguments, &["-o", "--format", "--output"]) {
        let outputs = outputs_of(&arguments);
        for line in stdout.lines() {
            let line =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{arguments:?}: {line}"));
            seen.one_of(&outputs, &line, &format!("{arguments:?}"));
        }
    }
    if is_asked(&arguments, &["--log-format"]) {
        let lines = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.for_each(|line| seen.one_of(&[named("log-line")], &line, "the log stream"));
    }
}

/// Holds a notice against its schema.
pub(crate) fn hold_notice(body: &str) {
    let mut seen = Seen::default();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    if body.get("event").is_some() {
        seen.one_of(&[named("notice")], &body, "a notice");
    }
}

fn named(name: &str) -> &'static Output {
    OUTPUTS.iter().find(|output| output.name == name).unwrap()
}

fn is_asked(arguments: &[String], flags: &[&str]) -> bool {
    let apart = arguments.windows(2).any(|it| flags.contains(&it[0].as_str()) && it[1] == "json");
    let joined = |flag: &&str| arguments.contains(&format!("{flag}=json"));
    apart || flags.iter().any(joined)
}

/// The outputs of the command in these arguments: its words stand somewhere in a row, and `report
/// budget` is not `report`.
fn outputs_of(arguments: &[String]) -> Vec<&'static Output> {
    let place = |output: &Output| {
        let place = |command: &&str| {
            let words: Vec<&str> = words(command).collect();
            let at = arguments.windows(words.len()).position(|it| it == words)?;
            Some((at, std::cmp::Reverse(words.len())))
        };
        output.commands.iter().filter_map(place).min()
    };
    let first = OUTPUTS.iter().filter_map(place).min();
    assert!(first.is_some(), "no output of the register is printed by {arguments:?}");
    OUTPUTS.iter().filter(|output| place(output) == first).collect()
}

/// `history` of `history --changes`, `rules` of `rules NAME`.
fn words(command: &str) -> impl Iterator<Item = &str> {
    command.split(' ').filter(|word| word.starts_with(|first: char| first.is_lowercase()))
}
