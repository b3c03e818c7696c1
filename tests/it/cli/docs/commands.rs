//! Commands in sentences and tables: they exist, and the README leaves none out.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::process::Command;

use super::super::shell::{bare, finish};
use super::page::{Page, top};

/// The help of commands, each asked for once.
#[derive(Default)]
struct Helps(HashMap<String, String>);

impl Helps {
    async fn of(&mut self, command: &str) -> &str {
        if !self.0.contains_key(command) {
            let done = finish(bare(top(), &format!("{command} --help"))).await;
            self.0.insert(command.to_owned(), done.stdout);
        }
        &self.0[command]
    }

    async fn subcommands(&mut self, command: &str) -> Vec<String> {
        let help = self.of(command).await;
        let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let words = lines.map_while(|line| line.strip_prefix("  ")?.split_whitespace().next());
        words.filter(|word| *word != "help").map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn every_command_in_a_sentence_exists_and_so_do_its_flags() {
    let mut helps = Helps::default();
    let mut wrong = Vec::new();
    for page in Page::all() {
        for span in page.spans() {
            let Some(words) = span.strip_prefix("lightsout ") else { continue };
            let words: Vec<&str> = words.split(['=', ' ', '[', ']', '|']).collect();
            let mut command = String::new();
            for word in &words {
                if !helps.subcommands(&command).await.iter().any(|known| known == word) {
                    break;
                }
                command = format!("{command} {word}").trim_start().to_owned();
            }
            let help = helps.of(&command).await;
            let flags = words.iter().filter(|word| word.starts_with('-'));
            let unknown = flags.filter(|flag| !help.contains(**flag)).count();
            if (command.is_empty() && !words[0].starts_with('-')) || unknown > 0 {
                wrong.push(format!("{}: {span}", page.name));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn the_readme_lists_every_command_in_less_than_200_lines() {
    let readme = Page::read("README.md");
    assert!(readme.text.lines().count() <= 200);
    let (_, commands) = readme.text.split_once("\n## Commands\n").unwrap();
    let commands = commands.split("\n## ").next().unwrap();
    let rows =
        commands.lines().filter_map(|line| Some(line.strip_prefix("| ")?.split_once(" | ")?.0));
    let named: BTreeSet<String> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter_map(|span| Some(span.split_whitespace().next()?.to_owned()))
        .collect();
    let known: BTreeSet<String> = Helps::default().subcommands("").await.into_iter().collect();
    let missing: Vec<_> = known.difference(&named).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[test]
fn every_bench_and_test_that_a_page_names_is_there() {
    let manifest = fs::read_to_string(top().join("Cargo.toml")).unwrap();
    let this = std::env::current_exe().unwrap();
    let listed = Command::new(this).arg("--list").output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    let mut wrong = Vec::new();
    for page in Page::all() {
        for span in page.spans() {
            let there = if let Some(bench) = span.strip_prefix("cargo bench --bench ") {
                let bench = bench.split(' ').next().unwrap();
                manifest.contains(&format!("name = \"{bench}\""))
            } else if let Some(filter) = span.strip_prefix("cargo test --test it ") {
                listed.contains(filter)
            } else {
                true
            };
            if !there {
                wrong.push(format!("{}: {span}", page.name));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}
