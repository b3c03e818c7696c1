//! Tests that reasons of this version and of all earlier ones are read as they were written.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::model::language::Language;

/// The words of every kind of reason, with the reason.
fn told() -> Vec<(&'static str, Reason)> {
    [told_of_state(), told_of_pace(), told_besides()].concat()
}

/// The reasons about the state of a server, or about its selection.
fn told_of_state() -> Vec<(&'static str, Reason)> {
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
    let held = |with_its_rule, by: &str| Reason::Held {
        with_its_rule,
        until: at("2026-11-24T02:00:00+09:00"),
        by: by.to_owned(),
    };
    let busy = |status: &str, operation: Option<&str>| Reason::Busy {
        status: status.to_owned(),
        operation: operation.map(ToOwned::to_owned),
    };
    vec![
        ("protected", Reason::Protected),
        ("protected: its tags could not be read", Reason::ProtectUnread),
        ("excepted", Reason::Excepted),
        ("excepted: its tags could not be read", Reason::ExceptUnread),
        ("not known to be selected: its tags could not be read", Reason::SelectUnread),
        ("excepted: `select` matches it no longer", Reason::NoLongerSelected),
        ("held: its tags could not be read", Reason::HoldUnread),
        ("held until 2026-11-24 02:00+09:00 by kim@desk", held(false, "kim@desk")),
        (
            "held with its rule until 2026-11-24 02:00+09:00 by 김철수 (page, 10.0.0.7) \
             (배포 by 내일; until 12/1: 100% \u{202e})",
            held(true, "김철수 (page, 10.0.0.7) (배포 by 내일; until 12/1: 100% \u{202e})"),
        ),
        (
            "held until 2026-11-24 02:00+09:00 by tag hold (`protected` is no time)",
            held(false, "tag hold (`protected` is no time)"),
        ),
        (
            "late: `dev-nightly` was to stop it 2026-03-29 03:00+02:00",
            Reason::Opposed {
                rule: RuleName::new("dev-nightly").unwrap(),
                action: Action::Stop,
                at: at("2026-03-29T03:00:00+02:00"),
            },
        ),
        (
            "late: its window ended 2026-11-24 08:00-03:30",
            Reason::WindowEnded { at: at("2026-11-24T08:00:00-03:30") },
        ),
        (
            "late: firing 12, due after it, is to start it",
            Reason::LeftTo { firing: 12.into(), action: Action::Start },
        ),
        (
            "stopped by somebody else between 2026-11-23 18:00+09:00 and 18:15",
            Reason::StoppedByOthers { between: "2026-11-23 18:00+09:00 and 18:15".to_owned() },
        ),
        ("nothing in the log says that lightsout stopped it", Reason::StopNotRecorded),
        (
            "stop budget: it was off for 179.8 of 180 days in 12 months",
            Reason::StopBudget {
                story: "it was off for 179.8 of 180 days in 12 months".to_owned(),
            },
        ),
        (
            "too_many: 61 instances, max_instances = 50",
            Reason::Guarded {
                by: Outcome::TooMany,
                why: "61 instances, max_instances = 50".to_owned(),
            },
        ),
        ("busy: RUN, operation RESTA", busy("RUN", Some("RESTA"))),
        ("busy: RSTRT", busy("RSTRT", None)),
        (
            "busy: firing 4 has an open request for it",
            Reason::BusyWith { firing: 4.into(), is_over: false },
        ),
        (
            "busy: firing 4 had an open request for it",
            Reason::BusyWith { firing: 4.into(), is_over: true },
        ),
        ("in a failed state: SD_FL", Reason::FailedState("SD_FL".to_owned())),
        ("in a state lightsout does not know: 점검", Reason::UnknownState("점검".to_owned())),
        ("its state could not be read again before it was asked", Reason::StateUnread),
        (
            "what was read of it was too old again before its turn to be asked came",
            Reason::StateOld,
        ),
    ]
}

/// The reasons by the pace of a rule.
fn told_of_pace() -> Vec<(&'static str, Reason)> {
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
    vec![
        (
            "new: left alone until 2026-11-23 20:40+09:00",
            Reason::Young { until: at("2026-11-23T20:40:00+09:00") },
        ),
        (
            "after `db-start`: it has not fired",
            Reason::After {
                rule: RuleName::new("db-start").unwrap(),
                why: "it has not fired".to_owned(),
            },
        ),
        (
            "`is-it-busy` says that it is busy",
            Reason::SaidBusy { program: "is-it-busy".to_owned(), why: String::new() },
        ),
        (
            "`is-it-busy` says that it is busy: 배포 중: `web`",
            Reason::SaidBusy {
                program: "is-it-busy".to_owned(), why: "배포 중: `web`".to_owned()
            },
        ),
        (
            "`is-it-busy` gave no answer: no answer within 30 s",
            Reason::AskSilent {
                program: "is-it-busy".to_owned(),
                why: "no answer within 30 s".to_owned(),
            },
        ),
    ]
}

/// The other reasons.
fn told_besides() -> Vec<(&'static str, Reason)> {
    let unlisted = |numbers: &[&str], more| Unlisted {
        named: numbers.iter().map(|no| InstanceNo::new(*no).unwrap()).collect(),
        more,
    };
    vec![
        ("its tags were not read in time", Reason::TagsLate),
        ("no longer in the server list", Reason::Gone),
        ("its rule is gone", Reason::RuleGone),
        (
            "not asked by the time its process died, and its rule is gone",
            Reason::NotAsked { rule_is_gone: true },
        ),
        (
            "not asked by the time its process died, and its patience is over",
            Reason::NotAsked { rule_is_gone: false },
        ),
        ("left out: 3 more like it", Reason::LeftOut("3 more like it".to_owned())),
        (
            "matches nothing: `instances` of `select`: 404",
            Reason::Unmatched { most: None, servers: vec![unlisted(&["404"], 0)] },
        ),
        (
            "up to 3 in its last firings; matches nothing: `instances` of `select`: 401, 402; \
             matches nothing: `instances` of `select`: 403 and 7 more",
            Reason::Unmatched {
                most: Some(3),
                servers: vec![unlisted(&["401", "402"], 0), unlisted(&["403"], 7)],
            },
        ),
        ("up to 3 in its last firings", Reason::Unmatched { most: Some(3), servers: Vec::new() }),
        (
            "asked twice; HTTP 500; not asked again: protected",
            Reason::Other("asked twice; HTTP 500; not asked again: protected".to_owned()),
        ),
    ]
}

/// A number for each kind. A new kind does not compile without a number here, and needs words
/// above.
fn kind(reason: &Reason) -> usize {
    match reason {
        Reason::Protected => 0,
        Reason::ProtectUnread => 1,
        Reason::Excepted => 2,
        Reason::ExceptUnread => 3,
        Reason::SelectUnread => 4,
        Reason::NoLongerSelected => 5,
        Reason::HoldUnread => 6,
        Reason::Held { .. } => 7,
        Reason::Opposed { .. } => 8,
        Reason::WindowEnded { .. } => 9,
        Reason::LeftTo { .. } => 10,
        Reason::StoppedByOthers { .. } => 11,
        Reason::StopNotRecorded => 12,
        Reason::StopBudget { .. } => 13,
        Reason::Guarded { .. } => 14,
        Reason::Busy { .. } => 15,
        Reason::BusyWith { .. } => 16,
        Reason::FailedState(_) => 17,
        Reason::UnknownState(_) => 18,
        Reason::StateUnread => 19,
        Reason::StateOld => 20,
        Reason::TagsLate => 21,
        Reason::Gone => 22,
        Reason::RuleGone => 23,
        Reason::NotAsked { .. } => 24,
        Reason::LeftOut(_) => 25,
        Reason::Unmatched { .. } => 26,
        Reason::Young { .. } => 27,
        Reason::After { .. } => 28,
        Reason::SaidBusy { .. } => 29,
        Reason::AskSilent { .. } => 30,
        Reason::Other(_) => 31,
    }
}

#[test]
fn every_kind_of_reason_is_read_as_it_was_written() {
    let told = told();
    for (words, reason) in &told {
        assert_eq!(reason.to_string(), *words);
        assert_eq!(Reason::from((*words).to_owned()), *reason);
    }
    let kinds: BTreeSet<usize> = told.iter().map(|(_, reason)| kind(reason)).collect();
    assert_eq!(kinds, (0..=31).collect());
}

#[test]
fn sql_tells_choices_and_holds_by_the_same_words() {
    let has = |forms: &[&str], words: &str| {
        forms.iter().any(|form| match form.strip_suffix('*') {
            Some(begin) => words.starts_with(begin),
            None => words == *form,
        })
    };
    for (words, reason) in told() {
        let of_server = !matches!(reason, Reason::Unmatched { .. });
        assert_eq!(has(&Reason::CHOICES, words), reason.is_by_choice() && of_server, "{words}");
        assert_eq!(has(&Reason::HELD, words), matches!(reason, Reason::Held { .. }), "{words}");
    }
}

#[test]
fn what_only_looks_like_a_reason_is_kept_and_means_nothing() {
    for words in [
        "",
        "held",
        "held until tomorrow by kim",
        "held until 2026-11-24 02:00+09:00",
        "protected ",
        "Protected",
        "late",
        "late: `a b` was to stop it 2026-03-29 03:00+02:00",
        "late: its window ended 2026-03-29",
        "late: firing +7, due after it, is to stop it",
        "drifted",
        "stopped: why",
        "busy: firing 4 will have an open request for it?",
        "matches nothing: `names` of `select`: `dev-*`",
        "matches nothing: `instances` of `select`: ",
        "matches nothing: `instances` of `select`: 4 and 07 more",
        "up to 3 in its last firings; more",
        "could not be listed: excepted",
    ] {
        let reason = Reason::from(words.to_owned());
        let is_busy = words.starts_with("busy: ");
        assert!(is_busy || reason == Reason::Other(words.to_owned()), "{reason:?}");
        assert_eq!(reason.to_string(), words);
        assert!(!reason.is_by_choice(), "{words}");
    }
}

#[test]
fn every_reason_is_said_in_korean_with_what_it_knows() {
    let is_korean = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    for (words, reason) in told() {
        let korean = reason.in_language(Language::Korean);
        assert_eq!(reason.in_language(Language::English), words);
        let is_free = matches!(reason, Reason::Other(_));
        assert!(is_free || korean.contains(is_korean), "{words}: {korean}");
        // A particle that suits any name, instead of both of its forms.
        for both in ["(가)", "(는)", "(를)", "(와)", "(으)"] {
            assert!(!korean.contains(both), "{korean}");
        }
        // Numbers, times and names are in both.
        let numbers = |text: &str| -> BTreeSet<String> {
            let parts = text.split(|c: char| !c.is_ascii_digit());
            parts.filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
        };
        let said = numbers(&korean);
        assert!(said.is_subset(&numbers(words)), "{words}: {korean}");
    }
}

#[test]
fn each_code_is_told_in_the_docs_with_what_it_means_for_fire() {
    let page = include_str!("../../../docs/outcomes.md");
    let (_, codes) = page.split_once("## Reasons").unwrap();
    let (codes, _) = codes.split_once("\n## ").unwrap();
    let (_, codes) = codes.split_once("|---|").unwrap();
    let rows = codes.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let in_docs: BTreeSet<(String, bool)> =
        rows.map(|(code, rest)| (code.to_owned(), rest.ends_with("| 0 |"))).collect();
    let known: BTreeSet<(String, bool)> = told()
        .iter()
        .filter_map(|(_, reason)| Some((reason.code()?.to_owned(), reason.is_by_choice())))
        .collect();
    assert_eq!(in_docs, known);
}

proptest! {
    #[test]
    fn whatever_words_a_log_has_are_shown_as_they_are(
        begins in prop::sample::select(told()),
        end in ".{0,20}",
    ) {
        let words = format!("{}{end}", begins.0);
        prop_assert_eq!(Reason::from(words.clone()).to_string(), words);
    }
}
