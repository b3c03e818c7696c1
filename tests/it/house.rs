//! That the house can be explained: no circle of files, no two folders of `src/` that import each
//! other, and every file says first what it owns.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use imports::{File, apart, edges, imports, module_of, read, sources};
use lightsout::cloud::codes;
use lightsout::model::instance::PowerState;
use lightsout::model::outcome::Outcome;

#[test]
fn no_circle_of_files_and_no_two_folders_that_import_each_other() {
    let files = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(files.len() > 300, "{} files", files.len());
    let edges = edges(&files);
    assert!(edges.len() > 1_000, "{} imports", edges.len());
    let mut left = edges.clone();
    loop {
        let from: BTreeSet<_> = left.iter().map(|(from, _)| from.clone()).collect();
        let to: BTreeSet<_> = left.iter().map(|(_, to)| to.clone()).collect();
        let before = left.len();
        left.retain(|(a, b)| to.contains(a) && from.contains(b));
        if left.len() == before {
            break;
        }
    }
    let circle: Vec<_> = left.iter().map(|(a, b)| format!("{a} -> {b}")).collect();
    assert!(circle.is_empty(), "files import each other in a circle:\n{}", circle.join("\n"));
    let pairs: BTreeSet<_> =
        edges.iter().filter_map(|(a, b)| apart(&files[a].folder, &files[b].folder)).collect();
    let both = pairs.iter().filter(|(a, b)| pairs.contains(&(b.clone(), a.clone())));
    let both: Vec<_> = both.collect();
    assert!(both.is_empty(), "folders import each other: {both:?}");
}

#[test]
fn a_circle_is_found() {
    let file =
        |code: &str| File { folder: "room".to_owned(), code: code.to_owned(), uses: imports(code) };
    let files = BTreeMap::from([
        ("room::a".to_owned(), file("use super::b::B;\nstruct A(B);")),
        ("room::b".to_owned(), file("struct B;\nfn of() { crate::room::a::make() }")),
    ]);
    let found: Vec<_> = edges(&files).into_iter().collect();
    let expected = [("room::a", "room::b"), ("room::b", "room::a")];
    assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn only_the_cloud_knows_which_clouds_there_are() {
    let files = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let names = |(_, file): &(&String, &File)| file.code.to_lowercase().contains("ncloud");
    let (inside, outside): (Vec<_>, Vec<_>) = files
        .iter()
        .filter(names)
        .map(|(module, _)| module)
        .partition(|module| module.as_str() == "cloud" || module.starts_with("cloud::"));
    assert!(inside.iter().any(|module| *module == "cloud::connect"), "{inside:?}");
    assert!(outside.is_empty(), "these name a cloud instead of `cloud::connect`: {outside:?}");
}

#[test]
fn only_the_cloud_knows_the_codes_of_states() {
    let all = [PowerState::Changing, PowerState::Failed];
    let codes = [codes::settled(), codes::of(&all), codes::no_operation()].concat();
    let quoted = codes.iter().flat_map(|code| [format!("\"{code}\""), format!("'{code}'")]);
    let quoted: Vec<String> = quoted.collect();
    let mut found = BTreeMap::new();
    for (module, code) in with_texts() {
        let hits = code.lines().filter(|line| quoted.iter().any(|it| line.contains(it))).count();
        if hits > 0 {
            found.insert(module, hits);
        }
    }
    assert!(found.contains_key("cloud::ncloud::codes"), "{found:?}");
    found.retain(|module, _| !module.starts_with("cloud::"));
    assert!(found.is_empty(), "these know a code instead of `PowerState`: {found:?}");
}

#[test]
fn no_statement_knows_the_word_of_an_outcome() {
    let codes = with_texts();
    let of_log = codes.iter().filter(|(module, _)| module.starts_with("audit::"));
    let asks = of_log.filter(|(_, code)| code.contains(" outcome.outcome ")).count();
    assert!(asks > 5, "{asks} files ask about outcomes");
    let known = |(module, code): &(String, String)| {
        let words = outcomes_in(code);
        (!words.is_empty()).then(|| format!("{module}: {}", words.join(", ")))
    };
    let found: Vec<String> = codes.iter().filter_map(known).collect();
    assert!(found.is_empty(), "bind these from the table of outcomes:\n{}", found.join("\n"));
}

#[test]
fn the_word_of_an_outcome_is_found_and_that_of_an_answer_is_not() {
    let code = "
        WHERE answer.result IN ('accepted', 'refused')
            AND outcome.outcome NOT IN (
                'stopped', 'refused'
            )
            AND answer.result = 'refused'
            AND kind = 'missed'";
    assert_eq!(outcomes_in(code), ["stopped", "refused", "missed"]);
    assert_eq!(outcomes_in("coalesce(said, 'open') <> 'skipped'"), ["skipped"]);
}

/// The words of outcomes that stand between quotes as SQL has them. `refused` is an answer's word
/// too: which one is meant, the column before it says.
fn outcomes_in(code: &str) -> Vec<&str> {
    let quoted = code.match_indices('\'').filter_map(|(at, _)| {
        let word = code[at + 1..].split('\'').next().filter(|it| it.parse::<Outcome>().is_ok())?;
        let (column, result) = (code[..at].rfind("outcome"), code[..at].rfind("result"));
        (word != "refused" || column >= result).then_some(word)
    });
    quoted.collect()
}

/// The files of `src` with their texts, but without comments and tests.
fn with_texts() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = read(&src);
    let code = |path: PathBuf| {
        let module = module_of(&src, &path).join("::");
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        files.contains_key(&module).then(|| (module, lines.collect::<Vec<_>>().join("\n")))
    };
    sources(&src).into_iter().filter_map(code).collect()
}

/// A reader holds a file in the head.
#[test]
fn no_file_of_the_program_is_longer_than_350_lines() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lines = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().count();
    let long = sources(&src).into_iter().filter(|path| lines(path) > 350).collect::<Vec<_>>();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn every_file_says_first_what_it_owns() {
    for folder in ["src", "tests", "benches"] {
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            let begins = text.lines().find(|line| !line.starts_with("#!["));
            let is_told = begins.is_some_and(|line| line.starts_with("//!"));
            assert!(is_told, "{} has no head", path.display());
        }
    }
}
