//! How mistakes are shown, and files that cannot be read.

use std::path::Path;

use lightsout::schedule::{Problem, ReadError, Schedules};
use proptest::prelude::*;

use super::FULL;

#[test]
fn a_problem_is_one_object_for_programs() {
    let problems = Schedules::parse(Path::new("s.toml"), "[[rule]]").unwrap_err();
    assert_eq!(
        serde_json::to_string(&problems).unwrap(),
        r#"[{"severity":"error","path":"s.toml","line":1,"column":3,"message":"unknown key `rule` in the file","hint":"did you mean `rules`?","replace_from":2,"replace_until":6,"replacement":"rules","source":"[[rule]]"}]"#
    );
}

#[test]
fn colours_repeat_what_the_words_say() {
    let problems = Schedules::parse(Path::new("s.toml"), "팀 = 1 # 개발").unwrap_err();
    let styled = problems[0].render_styled();
    assert!(styled.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&styled).to_string(), problems[0].render_plain());
}

#[test]
fn a_very_long_line_is_shown_in_part() {
    let text = format!("{}timezone = 'Asia/Soul' # {}", "\t".repeat(3), "개발 ".repeat(100_000));
    let text =
        format!("limits = {{ {} wrong = 1, {} }}\n", "a".repeat(5_000) + " = 1,", text.len());
    let problems = Schedules::parse(Path::new("s.toml"), &text).unwrap_err();
    for problem in problems {
        assert!(problem.source.len() <= 400, "{problem:?}");
        let place = format!("s.toml:{}:{}\n", problem.line, problem.column);
        assert!(problem.render_plain().contains(&place), "{}", problem.render_plain());
    }
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("latin"), b"# ok\nname = \"\xe9\"\n").unwrap();
    std::fs::write(path("large"), vec![b'#'; (8 << 20) + 1]).unwrap();
    std::fs::write(path("wrong"), "a = 1\nb = 2\n").unwrap();
    let error = |name: &str| Schedules::read(&path(name)).unwrap_err();
    assert!(matches!(error("absent"), ReadError::Missing(_)));
    assert!(matches!(error("latin"), ReadError::NotText { line: 2, .. }));
    assert!(matches!(error("large"), ReadError::TooLarge(_)));
    assert!(matches!(Schedules::read(folder.path()).unwrap_err(), ReadError::Unreadable { .. }));
    assert_eq!(error("wrong").to_string(), format!("2 errors in {}", path("wrong").display()));
}

#[test]
fn columns_are_counted_in_characters_behind_a_byte_order_mark() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("schedules.toml");
    std::fs::write(&path, "\u{feff}\"팀\" = []\r\nprotect = { names = [\"개발\", \"[\"] }\r\n")
        .unwrap();
    let ReadError::Invalid(problems) = Schedules::read(&path).unwrap_err() else { panic!() };
    let places: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(places, [(1, 1), (2, 28)]);
}

/// One change of a text: at a share of its length, so many characters out, others in.
type Edit = (f64, usize, String);

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (share, out, into) in edits {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "any place in the text will do"
        )]
        let at = (characters.len() as f64 * share) as usize;
        let end = (at + out).min(characters.len());
        characters.splice(at..end, into.chars());
    }
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_text_makes_the_reader_panic_or_point_outside(
        edits in prop::collection::vec(
            (0.0_f64..1.0, 0_usize..12, r#"[\[\]{}"'=.,#\n\r\t 0-9a-z*/가-힣-]{0,6}|.{0,3}"#), 1..6
        ),
    ) {
        let text = edited(FULL, &edits);
        let Err(problems) = Schedules::parse(Path::new("s.toml"), &text) else { return Ok(()) };
        prop_assert!(problems.iter().any(Problem::is_error));
        let lines: Vec<_> = text.split('\n').collect();
        for problem in problems {
            let line = lines.get(problem.line - 1).copied().unwrap_or_default();
            prop_assert!(problem.column <= line.chars().count() + 1, "{problem:?}");
            prop_assert!(line.starts_with(problem.source.trim_end_matches('…').trim_end()), "{problem:?}");
            prop_assert!(!problem.hint.is_empty() && !problem.message.is_empty());
            prop_assert!(problem.render_plain().contains("hint: "));
        }
    }
}
