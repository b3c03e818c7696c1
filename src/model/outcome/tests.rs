//! Tests that the table of outcomes is complete, and agrees with the docs.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_word_is_read_as_it_is_written_and_no_other() {
    for outcome in Outcome::ALL {
        assert_eq!(outcome.as_str().parse(), Ok(outcome));
    }
    let words: BTreeSet<&str> = Outcome::words(|_| true).into_iter().collect();
    assert_eq!(words.len(), Outcome::ALL.len());
    assert_eq!("Stopped".parse::<Outcome>(), Err(NoSuchOutcome("Stopped".to_owned())));
}

#[test]
fn no_two_outcomes_are_equally_grave_and_those_of_servers_stand_first() {
    let gravities: BTreeSet<u8> = Outcome::ALL.into_iter().map(Outcome::gravity).collect();
    assert_eq!(gravities.len(), Outcome::ALL.len());
    assert!(Outcome::ALL.is_sorted_by_key(|outcome| !outcome.is_of_server()));
}

#[test]
fn each_outcome_has_its_own_word_in_both_languages() {
    let is_korean = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    let words = |language| Outcome::ALL.map(|it| it.in_language(language));
    let english = BTreeSet::from(words(Language::English));
    let korean = BTreeSet::from(words(Language::Korean));
    assert!(english.iter().all(|word| word.chars().all(|c| c == ' ' || c.is_ascii_lowercase())));
    assert!(korean.iter().all(|word| word.contains(is_korean)), "{korean:?}");
    assert_eq!((english.len(), korean.len()), (Outcome::ALL.len(), Outcome::ALL.len()));
}

/// The outcomes in the table of a chapter of the docs, with their exit codes.
fn in_docs(chapter: &str) -> Vec<(String, String)> {
    let page = include_str!("../../../docs/outcomes.md");
    let (_, rest) = page.split_once(&format!("\n## {chapter}\n")).unwrap();
    let (table, _) = rest.split_once("\n## ").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let exit = cells[2].trim_matches('|').trim().to_owned();
        let words = cells[0].split(", ").map(|word| word.trim_matches('`').to_owned());
        words.map(|word| (word, exit.clone())).collect::<Vec<_>>()
    };
    rows.flat_map(row).collect()
}

#[test]
fn the_docs_tell_each_outcome_and_what_it_means_for_fire() {
    let told = |outcome: Outcome| {
        let exit = match outcome.own_exit() {
            // `fire` never ends with these.
            _ if matches!(outcome, Outcome::Overlapped | Outcome::Missed) => "",
            ExitClass::Fine => "0",
            ExitClass::Incomplete if outcome == Outcome::Skipped => "0; the latter 1",
            ExitClass::Incomplete => "1",
            ExitClass::CloudFailed => "3",
            ExitClass::Guarded => "4",
        };
        (outcome.as_str().to_owned(), exit.to_owned())
    };
    let (servers, firings): (Vec<_>, Vec<_>) =
        Outcome::ALL.into_iter().partition(|outcome| outcome.is_of_server());
    let told = |all: Vec<Outcome>| all.into_iter().map(told).collect::<Vec<_>>();
    assert_eq!(in_docs("Outcomes of a server"), told(servers));
    assert_eq!(in_docs("Outcomes of a firing as a whole"), told(firings));
}
