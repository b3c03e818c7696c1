//! A hint is followed to the letter: mistakes that people make, and what the file means once all
//! that its hints propose has been put in place by machine.
//!
//! Each mistake stands beside what was meant by it. Where nothing does, it can be understood in
//! two ways, and no hint may propose anything.

mod keys;
mod times;
mod toml;
mod values;

use std::fmt::Write;
use std::path::Path;

use lightsout::schedule::{Problem, Schedules};

/// A good file, one line of which each mistake takes the place of.
const GOOD: &str = "timezone = \"Asia/Seoul\"

[accounts.main]
platform = \"vpc\"
regions = [\"KR\"]

[protect]
names = [\"*prod*\"]

[[rules]]
name = \"nightly\"
action = \"stop\"
cron = \"0 20 * * MON-FRI\"
select = { names = [\"dev-*\"] }
patience = \"10m\"

[[rules]]
name = \"hours\"
off = \"20:00-08:00\"
off_days = \"weekends\"
select = { tags = { env = \"dev\" } }
";

/// A line as somebody wrote it, and as it should have been; `None` where nobody can tell.
type Mistake = (&'static str, Option<&'static str>);

/// How often a file is checked again after its hints were followed.
const MOST_ROUNDS: usize = 12;

fn read(text: &str) -> Result<(Schedules, Vec<Problem>), Vec<Problem>> {
    Schedules::parse(Path::new("/etc/lightsout/schedules.toml"), text)
}

fn problems(text: &str) -> Vec<Problem> {
    read(text).map_or_else(|problems| problems, |(_, warnings)| warnings)
}

/// The file with `line` in the place of the one that begins with `begin`.
fn with_line(begin: &str, line: &str) -> String {
    assert!(GOOD.lines().any(|good| good.starts_with(begin)), "{begin}");
    let mut is_done = false;
    let mut lines = String::new();
    for good in GOOD.lines() {
        let is_meant = !is_done && good.starts_with(begin);
        is_done |= is_meant;
        writeln!(lines, "{}", if is_meant { line } else { good }).unwrap();
    }
    lines
}

/// Does what the first hint says that proposes something, until none does.
fn follow(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..MOST_ROUNDS {
        let found = problems(&text);
        let Some(fix) = found.iter().find_map(|problem| problem.fix.as_ref()) else { break };
        text = fix.apply(&text);
    }
    text
}

/// Everything that a file means, but for how it says so.
fn meaning(text: &str) -> Result<String, Vec<String>> {
    let (file, _) = read(text).map_err(|problems| {
        problems.iter().map(|problem| format!("{problem} ({})", problem.hint)).collect::<Vec<_>>()
    })?;
    let from = "2026-11-28T00:00:00Z".parse().unwrap();
    let mut said = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
        file.timezone,
        file.audit,
        file.accounts,
        file.budget,
        file.max_instances,
        file.holds,
        file.protect,
        file.notify,
        file.expect,
        file.observe,
        file.prices,
    );
    for calendar in file.calendars.iter() {
        writeln!(said, "{} {:?} {:?}", calendar.name, calendar.holidays, calendar.workdays)
            .unwrap();
    }
    for rule in &file.rules {
        let fires: Vec<_> = rule.occurrences(from).take(60).map(|it| it.at).collect();
        writeln!(
            said,
            "{} {:?} {} {} {:?} {:?} {:?} {:?} {} {} {} {:?} {:?} {:?} {fires:?}",
            rule.name,
            rule.action,
            rule.timezone,
            rule.account,
            rule.select,
            rule.except,
            rule.patience,
            rule.late,
            rule.max_instances,
            rule.enabled,
            rule.dry_run,
            rule.start,
            rule.drift,
            rule.on_manual_start,
        )
        .unwrap();
    }
    Ok(said)
}

/// Follows the hints about each mistake; returns what did not come out as it was meant.
fn wrong_ones(begin: &str, mistakes: &[Mistake]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (line, meant) in mistakes {
        let text = with_line(begin, line);
        let found = problems(&text);
        let hints: Vec<&str> = found.iter().map(|problem| problem.hint.as_str()).collect();
        if found.is_empty() {
            wrong.push(format!("{line}: nothing is said"));
            continue;
        }
        for problem in found.iter().filter(|problem| problem.fix.is_none()) {
            if ["did you mean", "for example", "such as `"]
                .iter()
                .any(|it| problem.hint.contains(it))
            {
                wrong.push(format!("{line}: proposes without data: {}", problem.hint));
            }
        }
        let followed = follow(&text);
        let Some(meant) = meant else {
            if followed != text {
                wrong.push(format!("{line}: proposes something: {hints:?}"));
            }
            continue;
        };
        let expected = meaning(&with_line(begin, meant)).expect("what was meant is good");
        match meaning(&followed) {
            Ok(found) if found == expected => {}
            Ok(_) => wrong.push(format!("{line}: another meaning:\n{followed}")),
            Err(left) => wrong.push(format!("{line}: not mended: {hints:?}, left {left:#?}")),
        }
    }
    wrong
}

/// Each line of the good file with the mistakes that are made there.
fn all() -> Vec<(&'static str, &'static [Mistake])> {
    [times::ALL, values::ALL, keys::ALL, toml::ALL].concat()
}

#[test]
fn whoever_does_what_a_hint_says_ends_with_a_file_that_means_what_they_wrote() {
    assert_eq!(problems(GOOD), []);
    let all = all();
    let count: usize = all.iter().map(|(_, mistakes)| mistakes.len()).sum();
    assert!(count >= 500, "{count}");
    let wrong: Vec<String> =
        all.iter().flat_map(|(begin, mistakes)| wrong_ones(begin, mistakes)).collect();
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn most_mistakes_are_mended_by_their_hints_alone() {
    let all = all();
    let mistakes: Vec<&Mistake> = all.iter().flat_map(|(_, mistakes)| mistakes.iter()).collect();
    let mended = mistakes.iter().filter(|(_, meant)| meant.is_some()).count();
    assert!(mended * 3 > mistakes.len() * 2, "{mended} of {}", mistakes.len());
}

#[test]
fn rules_under_single_brackets_are_each_given_double_ones() {
    let good = GOOD.replace("[protect]\nnames = [\"*prod*\"]\n", "");
    let single = good.replace("[[rules]]", "[rules]");
    assert_eq!(meaning(&follow(&single)), meaning(&good));
    let named = good.replacen("[[rules]]\nname = \"nightly\"", "[rules.nightly]", 1).replacen(
        "[[rules]]\nname = \"hours\"",
        "[rules.hours]",
        1,
    );
    assert_eq!(meaning(&follow(&named)), meaning(&good));
}

#[test]
fn a_bracket_that_is_missing_is_one_problem() {
    for (good, torn) in [
        ("regions = [\"KR\"]", "regions = [\"KR\""),
        ("names = [\"dev-*\"] }", "names = [\"dev-*\" }"),
        ("off = \"20:00-08:00\"", "off = \"20:00-08:00"),
    ] {
        let found = problems(&GOOD.replace(good, torn));
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1, "{torn}: {said:#?}");
    }
}
