//! One file for each mistake, with what is said about it.
//!
//! The first lines of each file say where its problems are, `# error 7:10`, so that positions
//! are not merely compared with what they were last time.

use std::fs;
use std::path::{Path, PathBuf};

use lightsout::schedule::{Problem, Schedules, Severity};

fn mistakes_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schedule/mistakes")
}

fn mistakes() -> Vec<PathBuf> {
    let files = fs::read_dir(mistakes_folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

fn problems(path: &Path, text: &str) -> Vec<Problem> {
    match Schedules::parse(path, text) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

#[test]
fn every_mistake_is_found_where_it_is_and_nothing_else_is() {
    assert!(mistakes().len() >= 30);
    let mut wrong = Vec::new();
    for path in mistakes() {
        let text = fs::read_to_string(&path).unwrap();
        let expected: Vec<_> =
            text.lines().map_while(|line| line.strip_prefix("# ")).map(str::to_owned).collect();
        let found = problems(&path, &text);
        let places: Vec<_> = found
            .iter()
            .map(|problem| {
                format!("{} {}:{}", word(problem.severity), problem.line, problem.column)
            })
            .collect();
        if places != expected {
            let said: Vec<_> = found.iter().map(Problem::to_string).collect();
            wrong.push(format!("{}: expected {expected:?}, found {said:#?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_explanation_is_left_of_a_mistake_that_is_gone() {
    for path in mistakes_folder().read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        assert!(path.with_extension("toml").exists(), "{} has no mistake", path.display());
    }
}

#[test]
fn every_mistake_is_explained_with_its_line_and_a_hint() {
    for path in mistakes() {
        let text = fs::read_to_string(&path).unwrap();
        let found = problems(Path::new("schedules.toml"), &text);
        for problem in &found {
            assert!(!problem.hint.is_empty(), "{problem:?}");
            // The value of a key that looks like a secret is left out.
            let shown = problem.source.trim_end_matches('…').trim_end();
            assert!(text.lines().nth(problem.line - 1).unwrap().starts_with(shown), "{problem:?}");
        }
        let rendered: Vec<_> = found.iter().map(Problem::render_plain).collect();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::with_settings!({
            snapshot_path => "../../schedule/mistakes",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, rendered.join("\n\n"));
        });
    }
}
