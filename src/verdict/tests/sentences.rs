//! The line of tonight: its mark, what is said first, and what explains it.

use super::{at, night, stop};
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::time::zone::Zone;
use crate::verdict::{ComingStop, Hindrance, Mark, NightResult, Tonight, Verdict, Words};

/// One stop is to come, which has never run.
fn tonight() -> Tonight {
    let so_far = night(&[]);
    Tonight {
        night: so_far.night,
        so_far,
        knows_rules: true,
        coming: vec![ComingStop { rule: "night".to_owned(), at: at(20) }],
        servers: 0,
        held: 0,
        tried_again: 0,
        untried: 1,
        accounts: 1,
        read_at: None,
        hindrance: None,
    }
}

#[test]
fn nothing_is_called_good_before_it_is_known_to_be() {
    assert_eq!(tonight().mark(), Mark::Quiet, "nobody knows whom it means");
    assert_eq!(Tonight { servers: 2, ..tonight() }.mark(), Mark::Good);
    let waits = NightResult { stops: 1, servers: 2, off: 1, waiting: 1, ..night(&[]) };
    assert_eq!(
        Tonight { servers: 2, so_far: waits.clone(), ..tonight() }.mark(),
        Mark::Quiet,
        "one runs"
    );
    let searches = NightResult { off: 2, waiting: 0, searching: 1, ..waits };
    assert_eq!(
        Tonight { servers: 2, so_far: searches, ..tonight() }.mark(),
        Mark::Quiet,
        "one unread"
    );
}

#[test]
fn the_answer_comes_first_and_then_what_explains_it() {
    let read = Tonight { read_at: Some(at(8)), ..tonight() };
    let known = Tonight { servers: 9, untried: 0, ..read.clone() };
    let lost = Tonight { hindrance: Some(Hindrance::NoDaemon), ..known.clone() };
    let under_way = |troubled| {
        let night = night(&[stop(20, &[(Some(Outcome::Stopped), None, &[1])])]);
        let failed = super::night(&[stop(20, &[(Some(Outcome::Refused), None, &[2])])]).troubled;
        let troubled = if troubled { failed } else { Vec::new() };
        let so_far = NightResult { waiting: 1, servers: 3, troubled, ..night };
        Tonight { so_far, coming: Vec::new(), ..known.clone() }
    };
    let plan = "to see which servers: `lightsout plan`";
    for (tonight, answer, more) in [
        (tonight(), "first night: 1 stop at 20:00", vec![plan, "accounts not read yet"]),
        (read, "ready for the first night: 1 stop at 20:00", vec![plan, "account read at 08:00"]),
        (known.clone(), "ready: 1 stop at 20:00, about 9 servers", vec!["account read at 08:00"]),
        (
            lost,
            "nothing will stop or start: no daemon is alive",
            vec!["the stop at 20:00 cannot run, about 9 servers"],
        ),
        (
            under_way(false),
            "stopping now, no trouble so far: 1 of 3 servers off",
            vec!["1 in progress"],
        ),
        (
            Tonight { hindrance: Some(Hindrance::NoDaemon), ..under_way(false) },
            "nothing will stop or start: no daemon is alive",
            vec!["stopping now: 1 of 3 servers off", "1 in progress"],
        ),
        (
            under_way(true),
            "stopping now: 1 of 3 servers off",
            vec!["1 in progress", "1 did not stop: 2 (refused)"],
        ),
    ] {
        let said = Words(Language::English).of_tonight(&tonight, Zone::UTC);
        assert_eq!(
            (&*said.answer, &*said.more),
            (answer, &*more.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>())
        );
    }
}

#[test]
fn what_did_not_stop_is_said_to_be_tried_again_where_it_is() {
    let refused = stop(20, &[(Some(Outcome::Refused), None, &[1, 2])]);
    let told = |tried_again, hindrance| {
        let tonight = Tonight { tried_again, hindrance, ..tonight() };
        let verdict = Verdict {
            last_night: night(std::slice::from_ref(&refused)),
            rest: Vec::new(),
            tonight,
            month: None,
        };
        Words(Language::English).of_last_night(&verdict, Zone::UTC).to_string()
    };
    let failed = "0 of 2 servers off; 2 did not stop: 1 (refused), 2 (refused)";
    assert_eq!(told(2, None), format!("{failed}; they are tried again tonight"));
    assert_eq!(told(1, None), format!("{failed}; 1 of them is tried again tonight"));
    assert_eq!(told(0, None), failed);
    assert_eq!(told(2, Some(Hindrance::NoDaemon)), failed, "nothing is tried");
}
