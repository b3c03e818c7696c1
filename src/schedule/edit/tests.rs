//! Tests of edits of files with odd layouts.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::model::instance::Action;
use crate::schedule::{Disabled, Schedules};

fn read(text: &str) -> Schedules {
    Schedules::parse(Path::new("schedules.toml"), text).unwrap().0
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

fn new_rule() -> NewRule {
    NewRule {
        name: "new".to_owned(),
        when: NewTimes::Cron(Action::Start, "30 8 * * MON-FRI".to_owned()),
        skip_on: vec!["builtin:kr".to_owned()],
        only_on: Vec::new(),
        on: None,
        timezone: Some("Europe/Berlin".to_owned()),
        account: Some("main".to_owned()),
        select: NewSelector {
            tags: vec![
                ("env".to_owned(), "dev".to_owned()),
                ("owner of it".to_owned(), "a \"b\" \\*\t한".to_owned()),
            ],
            names: vec!["dev-*".to_owned(), "qa".to_owned()],
            instances: vec!["1021003".to_owned()],
        },
        except: NewSelector { names: vec!["dev-db-*".to_owned()], ..NewSelector::default() },
        max_instances: Some(10),
        dry_run: true,
    }
}

const HEAD: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n";

const NIGHT: &str = "[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"*\"] }\n";

#[test]
fn a_new_rule_is_written_as_a_person_would() {
    let expected = format!(
        "{HEAD}
[[rules]]
name = \"new\"
action = \"start\"
cron = \"30 8 * * MON-FRI\"
skip_on = [\"builtin:kr\"]
timezone = \"Europe/Berlin\"
account = \"main\"
select = {{ tags = {{ env = \"dev\", \"owner of it\" = \"a \\\"b\\\" \\\\*\\t한\" }}, names = [\"dev-*\", \"qa\"], instances = [\"1021003\"] }}
except = {{ names = [\"dev-db-*\"] }}
max_instances = 10
dry_run = true
"
    );
    assert_eq!(add(HEAD, &new_rule()).unwrap(), expected);
}

#[test]
fn a_new_window_has_no_action_and_no_cron() {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    for (off, off_days, lines) in [
        (&["20:00-08:00"][..], &["weekends"][..], "off = \"20:00-08:00\"\noff_days = \"weekends\""),
        (&[], &["SAT", "SUN"], "off_days = [\"SAT\", \"SUN\"]"),
        (&["12:00-13:00", "20:00-08:00"], &[], "off = [\"12:00-13:00\", \"20:00-08:00\"]"),
    ] {
        let when = NewTimes::Window { off: texts(off), off_days: texts(off_days) };
        let text = add(HEAD, &NewRule { when, skip_on: Vec::new(), ..new_rule() }).unwrap();
        assert!(text.contains(&format!("name = \"new\"\n{lines}\ntimezone =")), "{text}");
        assert_eq!(read(&text).rules.len(), 2);
    }
}

#[test]
fn what_is_disabled_says_so_below_its_name_and_enabled_again_is_as_before() {
    for (before, after) in [
        ("name = \"night\"\n", "name = \"night\"\nenabled = false\nB\nS\n"),
        ("  name='night' # it\r\n", "  name='night' # it\r\n  enabled = false\r\n  B\r\n  S\r\n"),
        ("\"name\" = \"night\"\n", "\"name\" = \"night\"\nenabled = false\nB\nS\n"),
    ] {
        let text = |rule: &str| format!("{HEAD}{}", NIGHT.replace("name = \"night\"\n", rule));
        let after = after.replace('B', "disabled_because = \"the \\\"why\\\"\"");
        let after = after.replace('S', "disabled_since = \"2026-11-23\"");
        let disabled = disable(&text(before), "night", Some("the \"why\""), day()).unwrap();
        assert_eq!(disabled, text(&after));
        assert_eq!(enable(&disabled, "night").unwrap(), text(before));
    }
}

#[test]
fn keys_that_are_there_are_used_and_comments_beside_them_stay() {
    let text = |keys: &str| format!("{HEAD}{NIGHT}{keys}");
    let since = "disabled_since = \"2026-11-23\"\n";
    for (before, because, after) in [
        ("enabled = true # always\n", None, format!("enabled = false # always\n{since}")),
        (
            "enabled = false\n[rules.except]\nnames = [\"a\"]\n",
            Some("b"),
            format!(
                "enabled = false\ndisabled_because = \"b\"\n{since}[rules.except]\nnames = [\"a\"]\n"
            ),
        ),
        (
            "enabled = false\ndisabled_since = \"2026-01-02\"\ndisabled_because = \"\"\"\na\"\"\" # !\n",
            Some("b"),
            "enabled = false\ndisabled_since = \"2026-01-02\"\ndisabled_because = \"b\" # !\n"
                .to_owned(),
        ),
        ("enabled = false", None, format!("enabled = false\n{since}")),
    ] {
        assert_eq!(disable(&text(before), "night", because, day()).unwrap(), text(&after));
    }
    for (before, after) in [
        ("", ""),
        ("enabled = true\n", "enabled = true\n"),
        ("enabled = false # kim\n", "enabled = true # kim\n"),
        ("enabled = false\n\tdisabled_since = \"2026-01-02\"", ""),
        ("enabled = false\n\tdisabled_because = \"a\"  # kim\n", "\t# kim\n"),
        ("disabled_because = \"\"\"\na\n\"\"\"\n# b\nenabled = false\n", "# b\n"),
    ] {
        assert_eq!(enable(&text(before), "night").unwrap(), text(after));
    }
}

#[test]
fn what_cannot_be_edited_is_refused_with_the_reason() {
    let inline = format!("rules = [{{ name = \"night\" }}]\n{HEAD}");
    for (text, name, said) in [
        ("a = ", "night", "the file is no TOML"),
        (inline.as_str(), "night", "the rules are not written as `[[rules]]`"),
        ("rules = []", "night", "the rules are not written as `[[rules]]`"),
        (NIGHT, "nihgt", "there is no rule `nihgt`"),
    ] {
        assert_eq!(disable(text, name, None, day()).unwrap_err().to_string(), said);
        assert_eq!(enable(text, name).unwrap_err().to_string(), said);
        let added = add(text, &new_rule()).map_err(|error| error.to_string());
        assert!(added.is_ok() == (text == NIGHT), "{text}: {added:?}");
    }
}

fn line_breaks() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("\n"), Just("\r\n")]
}

/// The possible text between two lines.
fn gaps() -> impl Strategy<Value = String> {
    let comment = "[ \t]{0,3}# ?[a-z\\[\\]{}\"'=한]{0,8}";
    prop_oneof![3 => Just(String::new()), 1 => "[ \t]{0,2}", 1 => comment]
}

/// One rule as its lines, with keys in an odd order and layout.
fn rules(name: &'static str) -> impl Strategy<Value = Vec<String>> {
    let selects = prop_oneof![
        Just("select = { names = [\"*\"] }"),
        Just("select.names = [ # all\n  '*',\n]"),
        Just("\"select\" . tags = { env = 'dev' }"),
    ];
    let enabled = prop_oneof![
        3 => Just(None),
        1 => Just(Some("enabled = true")),
        1 => Just(Some("enabled=false # off\n  disabled_because = '''\na'''")),
    ];
    let names = prop_oneof![
        Just(format!("name = \"{name}\"")),
        Just(format!("'name'='{name}'# of it")),
        Just(format!("name = \"\"\"{name}\"\"\"")),
    ];
    let except = prop_oneof![Just(None), Just(Some("[rules.except] # not\n names = ['a']"))];
    let keys = (names, selects, enabled).prop_flat_map(|(name, select, enabled)| {
        let keys = [&*name, select, "action = \"stop\"", "cron = '0 20 * * *'"];
        let keys: Vec<_> = keys.into_iter().chain(enabled).map(str::to_owned).collect();
        Just(keys).prop_shuffle()
    });
    (prop_oneof![Just("[[rules]]"), Just("  [[ rules ]] # one")], keys, except, "[ \t]{0,3}")
        .prop_map(|(head, keys, except, indent)| {
            let keys = keys.into_iter().map(|key| format!("{indent}{key}"));
            let head = std::iter::once(head.to_owned()).chain(keys);
            head.chain(except.map(str::to_owned)).collect()
        })
}

/// A file with the rules `first` and `second`, and lines of all kinds between theirs.
fn files() -> impl Strategy<Value = String> {
    let tail = prop_oneof![Just(vec![]), Just(vec!["[limits]".to_owned(), "# end".to_owned()])];
    let lines = (rules("first"), rules("second"), tail).prop_map(|(first, second, tail)| {
        let head = HEAD.lines().map(str::to_owned);
        head.chain(first)
            .chain(second)
            .chain(tail)
            .flat_map(|lines| lines.split('\n').map(str::to_owned).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    });
    lines.prop_flat_map(|lines| {
        let count = lines.len();
        let breaks = prop::collection::vec((gaps(), line_breaks(), line_breaks()), count);
        (Just(lines), breaks, any::<bool>()).prop_map(|(lines, breaks, is_ended)| {
            let mut text = String::new();
            let mut is_inside = false;
            for (line, (gap, one, other)) in lines.iter().zip(breaks) {
                text += line;
                text += one;
                // A gap inside a value of several lines would be part of the value.
                is_inside ^= line.matches("'''").count() % 2 == 1;
                if !is_inside && !gap.is_empty() {
                    text += &gap;
                    text += other;
                }
            }
            if !is_ended {
                text.truncate(text.trim_end_matches(['\r', '\n']).len());
            }
            text
        })
    })
}

/// Whether `whole` contains the lines of `part`, in order and byte for byte.
fn is_within(part: &str, whole: &str) -> bool {
    let mut whole = whole.split_inclusive('\n');
    part.split_inclusive('\n').all(|line| whole.any(|it| it == line))
}

/// The rules of the file, without the difference of being disabled.
fn rules_but(text: &str, name: &str) -> Vec<crate::schedule::Rule> {
    let mut rules: Vec<_> = read(text).rules.iter().map(|rule| (**rule).clone()).collect();
    for rule in rules.iter_mut().filter(|rule| rule.name.as_str() == name) {
        rule.enabled = true;
        rule.disabled = Disabled::default();
    }
    rules
}

proptest! {
    #[test]
    fn a_rule_is_added_below_a_text_that_stays(text in files()) {
        let added = add(&text, &new_rule()).unwrap();
        prop_assert!(added.starts_with(&text));
        let (before, after) = (read(&text), read(&added));
        prop_assert_eq!(&after.rules[..2], &before.rules[..]);
        prop_assert_eq!(after.rules[2].name.as_str(), "new");
        prop_assert_eq!(&after.rules[2].except, &read(&add(HEAD, &new_rule()).unwrap()).rules[0].except);
        let new = &added[text.len()..];
        let breaks: BTreeSet<bool> =
            new.split_inclusive('\n').skip(1).map(|line| line.ends_with("\r\n")).collect();
        prop_assert_eq!(breaks.len(), 1, "one kind of line break");
    }

    #[test]
    fn a_rule_is_disabled_and_nothing_else_changes(
        text in files(),
        name in prop_oneof![Just("first"), Just("second")],
        because in prop::option::of(".{1,12}"),
    ) {
        let disabled = disable(&text, name, because.as_deref(), day()).unwrap();
        let before = read(&text).entry(name).unwrap()[0].disabled.clone();
        let expected = Disabled { since: Some(day()), because: because.or(before.because) };
        let after = read(&disabled);
        let rule = &after.entry(name).unwrap()[0];
        prop_assert_eq!((rule.enabled, &rule.disabled), (false, &expected));
        prop_assert_eq!(rules_but(&disabled, name), rules_but(&text, name));
        if text.ends_with('\n') && !text.contains("enabled") {
            prop_assert!(is_within(&text, &disabled));
            prop_assert_eq!(enable(&disabled, name).unwrap(), text);
        }
    }

    #[test]
    fn a_rule_is_enabled_and_nothing_else_changes(
        text in files(),
        name in prop_oneof![Just("first"), Just("second")],
    ) {
        let enabled = enable(&text, name).unwrap();
        let after = read(&enabled);
        let rule = &after.entry(name).unwrap()[0];
        prop_assert_eq!((rule.enabled, &rule.disabled), (true, &Disabled::default()));
        prop_assert_eq!(rules_but(&enabled, name), rules_but(&text, name));
        if !text.contains("enabled") {
            prop_assert_eq!(&enabled, &text);
        }
        prop_assert_eq!(&enable(&enabled, name).unwrap(), &enabled);
    }
}

#[test]
fn the_lines_of_a_rule_are_its_own_with_those_of_its_tables() {
    let rule = "[[rules]]  # nightly\n# why\nname = 'a'\noff = '20:00-08:00'\n\
        select.names = [\n  'x',\n]  # these\n[rules.except]\ntags = { a = 'b' }";
    let text = format!("[a]\nb = 1\n\n{rule}\n\n[[rules]]\nname = 'b'\n");
    assert_eq!(lines_of(&text, "a").unwrap(), rule);
    assert_eq!(lines_of(&text, "b").unwrap(), "[[rules]]\nname = 'b'");
    assert!(matches!(lines_of(&text, "c"), Err(EditError::NoRule(_))));
}
