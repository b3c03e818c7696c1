//! Intervals from observations, as tables and against random true courses.

use proptest::prelude::*;

use super::*;
use crate::state_history::Absence;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(60 * minute, 0).unwrap()
}

fn look(minute: i64, status: &str, boot: Option<i64>) -> Observation {
    Observation { at: at(minute), state: State::of(status), booted_at: boot.map(at) }
}

fn asked(minute: i64, action: Action) -> OwnRequest {
    OwnRequest { at: at(minute), action, rule: "night".to_owned() }
}

fn turned(unseen_since: i64, seen_at: i64, action: Action) -> ExternalTurn {
    ExternalTurn { unseen_since: at(unseen_since), seen_at: at(seen_at), action }
}

/// `running 100 off by night 200 …`: each state, who brought it about, and when it ended.
fn told(sightings: &Sightings, watch: &Watch) -> String {
    let intervals = sightings.intervals((at(0), at(1000)), watch);
    let mut ends = at(0);
    let words = intervals.iter().map(|interval| {
        assert_eq!(std::mem::replace(&mut ends, interval.until), interval.from, "{intervals:?}");
        let state = format!("{:?}", interval.state).to_lowercase();
        let by = match &interval.by {
            Some(By::Us(rule)) => format!(" by {rule}"),
            Some(By::Others) => " by others".to_owned(),
            None => String::new(),
        };
        format!("{state}{by} {}", interval.until.timestamp() / 60)
    });
    let words: Vec<String> = words.collect();
    assert_eq!(ends, at(1000));
    words.join(", ")
}

/// One observation of it running and one of it off, in either order.
fn pair(a: Observation, b: Observation) -> Sightings {
    let looked_at = Some(b.at);
    Sightings { looks: vec![a, b], looked_at, ..Sightings::default() }
}

#[test]
fn what_others_turned_while_nobody_was_there_was_as_it_had_been_when_last_seen() {
    let away = |from, until| Watch {
        away: vec![Absence { from: at(from), until: Some(at(until)) }],
        pruned_before: None,
    };
    let by_others = |boot| Sightings {
        turned: vec![turned(300, 500, Action::Start)],
        ..pair(look(100, "NSTOP", boot), look(500, "RUN", boot))
    };
    let known = "unknown 100, off 300, unknown 1000";
    let unknown = "unknown 1000";
    for (boot, watch, expected) in [
        (Some(1), away(400, 450), known),
        (None, away(400, 450), known),
        (Some(1), away(200, 450), known),
        (None, away(200, 450), unknown),
    ] {
        assert_eq!(told(&by_others(boot), &watch), expected, "{boot:?} {watch:?}");
    }
}

#[test]
fn a_night_is_off_from_when_it_was_found_off_to_its_boot() {
    let sightings = Sightings {
        looks: vec![
            look(10, "RUN", Some(1)),
            look(101, "RUN", Some(1)),
            look(103, "NSTOP", Some(1)),
            look(505, "RUN", Some(501)),
        ],
        looked_at: Some(at(600)),
        asked: vec![asked(100, Action::Stop), asked(499, Action::Start)],
        turned: Vec::new(),
    };
    let expected = "unknown 10, running 103, off by night 501, running by night 600, \
                    unknown 1000";
    assert_eq!(told(&sightings, &Watch::default()), expected);
}

#[test]
fn what_others_did_is_unknown_from_the_last_look_to_the_next() {
    let stop = Sightings {
        looked_at: Some(at(400)),
        turned: vec![turned(200, 300, Action::Stop)],
        ..pair(look(10, "RUN", None), look(300, "NSTOP", None))
    };
    let expected = "unknown 10, running 200, unknown 300, off by others 400, unknown 1000";
    assert_eq!(told(&stop, &Watch::default()), expected);
    let start = Sightings {
        looked_at: Some(at(400)),
        turned: vec![turned(200, 300, Action::Start)],
        ..pair(look(10, "NSTOP", Some(5)), look(300, "RUN", Some(250)))
    };
    let expected = "unknown 10, off 250, running by others 400, unknown 1000";
    assert_eq!(told(&start, &Watch::default()), expected, "its boot says when");
}

#[test]
fn two_looks_that_agree_prove_what_lies_between_as_far_as_boots_and_daemons_do() {
    let away = |from, until| Absence { from: at(from), until: Some(at(until)) };
    let none = Watch::default();
    let gone = Watch { away: vec![away(50, 60)], pruned_before: None };
    for (a, b, watch, expected) in [
        (look(10, "NSTOP", Some(5)), look(90, "NSTOP", Some(5)), &gone, "unknown 10, off 90"),
        (look(10, "NSTOP", Some(5)), look(90, "NSTOP", Some(50)), &none, ""),
        (look(10, "NSTOP", None), look(90, "NSTOP", None), &none, "unknown 10, off 90"),
        (look(10, "NSTOP", None), look(90, "NSTOP", None), &gone, ""),
        (look(10, "RUN", Some(5)), look(90, "RUN", Some(50)), &none, "unknown 10, running 90"),
        (look(10, "RUN", Some(5)), look(90, "RUN", Some(50)), &gone, ""),
    ] {
        let expected = match expected {
            "" => "unknown 1000".to_owned(),
            known => format!("{known}, unknown 1000"),
        };
        assert_eq!(told(&pair(a, b), watch), expected);
    }
}

/// A server's true course: the minutes at which it turned, and whether that was asked for a
/// minute before. It was off at first, from its boot at -10 on.
#[derive(Debug)]
struct Truth {
    turns: Vec<(i64, bool)>,
    looks: Vec<i64>,
    says_boot: bool,
}

impl Truth {
    fn turns_by(&self, minute: i64) -> usize {
        self.turns.partition_point(|turn| turn.0 <= minute)
    }

    fn state(&self, minute: i64) -> State {
        if self.turns_by(minute).is_multiple_of(2) { State::Off } else { State::Running }
    }

    fn boot(&self, minute: i64) -> Option<i64> {
        let turns = self.turns[..self.turns_by(minute)].iter();
        let mut boots = turns.step_by(2).map(|turn| turn.0);
        self.says_boot.then(|| boots.next_back().unwrap_or(-10))
    }

    /// The entries that the log would have.
    fn seen(&self) -> Sightings {
        let mut seen = Sightings::default();
        let mut before: Option<i64> = None;
        for &minute in &self.looks {
            let (state, boot) = (self.state(minute), self.boot(minute).map(at));
            let is_new =
                seen.looks.last().is_none_or(|last| (last.state, last.booted_at) != (state, boot));
            let last = seen.looks.last().map_or(state, |last| last.state);
            if is_new {
                seen.looks.push(Observation { at: at(minute), state, booted_at: boot });
            }
            let action = state.led_to_by().unwrap();
            let was_asked = self.turns.iter().any(|&(turn, asked)| {
                asked && turn <= minute && before.is_none_or(|before| turn > before)
            });
            if let Some(before) = before.filter(|_| last != state && !was_asked) {
                seen.turned.push(turned(before, minute, action));
            }
            before = Some(minute);
        }
        for (place, (turn, _)) in self.turns.iter().enumerate().filter(|(_, turn)| turn.1) {
            let action = if place % 2 == 0 { Action::Start } else { Action::Stop };
            seen.asked.push(asked(turn - 1, action));
        }
        seen.looked_at = before.map(at);
        seen
    }
}

fn truths() -> impl Strategy<Value = Truth> {
    let turns = prop::collection::btree_map(2..990_i64, any::<bool>(), 0..8);
    let looks = prop::collection::btree_set(0..1_000_i64, 0..20);
    (turns, looks, any::<bool>()).prop_map(|(turns, mut looks, says_boot)| {
        // A request is followed: observed before it, and until its effect is there.
        for (turn, _) in turns.iter().filter(|(_, asked)| **asked) {
            looks.extend([turn - 1, *turn]);
        }
        let (turns, looks) = (turns.into_iter().collect(), looks.into_iter().collect());
        Truth { turns, looks, says_boot }
    })
}

proptest! {
    #[test]
    fn no_spell_contradicts_what_was_true_unless_it_turned_twice_between_two_looks(
        truth in truths(),
    ) {
        let unseen = |pair: &[i64]| truth.turns_by(pair[1]) - truth.turns_by(pair[0]) > 1;
        let is_all_seen = !truth.looks.windows(2).any(unseen);
        let intervals = truth.seen().intervals((at(0), at(1000)), &Watch::default());
        for minute in 0..1000 {
            let interval = intervals.iter().rfind(|interval| interval.from <= at(minute)).unwrap();
            let before = truth.looks.iter().rfind(|look| **look <= minute);
            let after = truth.looks.iter().find(|look| **look > minute);
            let (Some(&before), Some(&after)) = (before, after) else {
                prop_assert!(interval.state == State::Unknown || before == Some(&minute));
                continue;
            };
            let turns = truth.turns_by(after) - truth.turns_by(before);
            let is_true = [State::Unknown, truth.state(minute)].contains(&interval.state);
            prop_assert!(turns > 1 || is_true, "minute {minute}: {interval:?}, {turns} turns");
            let is_told = turns > 0 || interval.state != State::Unknown;
            prop_assert!(is_told || !is_all_seen, "minute {minute}: it was seen");
        }
    }
}
