//! Properties of every report, whatever the log holds.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::model::instance::{AccountName, Action, InstanceNo, Product};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::schedule::glob::Glob;
use crate::schedule::prices::{Price, Prices};
use crate::state_history::{Observation, OwnRequest, Seen, Sightings, State, Watch};

/// The length of the reported period, in minutes.
const END: i64 = 20 * 24 * 60;

/// So many minutes after a Saturday's noon, a day before clocks go back in Berlin.
fn at(minute: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-10-24T12:00:00Z".parse().unwrap();
    noon + TimeDelta::minutes(minute)
}

fn span(from: i64, until: i64) -> Period {
    Period { from: at(from), until: at(until) }
}

fn account() -> AccountName {
    AccountName::new("main").unwrap()
}

fn no(number: usize) -> InstanceNo {
    InstanceNo::new(number.to_string()).unwrap()
}

fn action(is_stop: bool) -> Action {
    if is_stop { Action::Stop } else { Action::Start }
}

fn sightings() -> impl Strategy<Value = Sightings> {
    let looks = prop::collection::vec((0..END, 0..3_usize, any::<bool>()), 0..30);
    let asked = prop::collection::vec((0..END, any::<bool>()), 0..10);
    (looks, asked).prop_map(|(mut looks, mut asked)| {
        looks.sort_unstable();
        asked.sort_unstable();
        let look = |&(minute, state, has_boot): &(i64, usize, bool)| Observation {
            at: at(minute),
            state: [State::Running, State::Off, State::Unknown][state],
            booted_at: has_boot.then(|| at(minute - 30)),
        };
        let ask = |&(minute, is_stop): &(i64, bool)| OwnRequest {
            at: at(minute),
            action: action(is_stop),
            rule: "night".to_owned(),
        };
        Sightings {
            looked_at: looks.last().map(|look| at(look.0 + 60)),
            looks: looks.iter().map(look).collect(),
            asked: asked.iter().map(ask).collect(),
            turned: Vec::new(),
        }
    })
}

fn fired() -> impl Strategy<Value = Fired> {
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    let ended = prop::collection::vec((outcome, 0..3_usize), 0..4);
    let run =
        prop::sample::select(vec![HowRun::OnTime, HowRun::Late, HowRun::ByHand, HowRun::Missed]);
    (0..END, any::<[bool; 2]>(), run, ended).prop_map(|(minute, flags, run, ended)| {
        let [is_stop, is_makeup] = flags;
        let ended = ended.into_iter().map(|(outcome, number)| OutcomeGroup {
            outcome: Some(outcome),
            reason: None,
            instances: vec![no(number)],
        });
        Fired {
            firing: None,
            rule: if is_stop { "night" } else { "morning" }.to_owned(),
            action: action(is_stop),
            account: account(),
            due_at: at(minute),
            run,
            is_makeup: is_makeup && run != HowRun::ByHand,
            is_dry_run: false,
            is_open: false,
            words: Vec::new(),
            ended: ended.filter(|_| run != HowRun::Missed).collect(),
        }
    })
}

fn fired_in_all(firings: Vec<Fired>) -> FiringFacts {
    FiringFacts {
        span: span(0, END),
        firings,
        files: Vec::new(),
        begins_at: None,
        watch: Watch::default(),
    }
}

/// Three servers, one of which has no price.
fn facts() -> impl Strategy<Value = ReportFacts> {
    let servers = prop::collection::vec(sightings(), 3);
    (servers, prop::collection::vec(fired(), 0..40)).prop_map(|(servers, mut firings)| {
        firings.sort_by_key(|fired| fired.due_at);
        let seen = servers.into_iter().enumerate().map(|(number, sightings)| Seen {
            account: account(),
            no: no(number),
            name: format!("dev-{number}"),
            region: "KR".to_owned(),
            sightings,
        });
        let sold = |number: usize, minute: i64| Kept {
            account: account(),
            no: no(number),
            at: at(minute),
            what: Product { spec_code: Some("s2".to_owned()), ..Product::default() },
        };
        ReportFacts {
            fired: fired_in_all(firings),
            seen: seen.collect(),
            products: vec![sold(0, -1), sold(1, 7_777)],
        }
    })
}

fn report(facts: &ReportFacts, of: Period) -> Report {
    let mut facts = facts.clone();
    facts.fired.span = of;
    facts.fired.firings.retain(|fired| fired.due_at < of.until);
    let price = Price { hour: 123_456_789, stopped: 4_500_000 };
    let specs = vec![(Glob::new("s*").unwrap(), price)];
    let prices = Prices { currency: "KRW".to_owned(), specs, ..Prices::default() };
    Report::of(facts, "Europe/Berlin".parse().unwrap(), Some(&prices))
}

/// The sums of a report, without the servers that were not there.
fn sums(report: &Report) -> Sums {
    let known = |spent: &Spent| (spent.running, spent.off, spent.off_by_us);
    let mut hours = Spent::default();
    report.hours.0.iter().flatten().for_each(|hour| hours += *hour);
    let mut weeks = (Spent::default(), Saved::default());
    for week in &report.weeks {
        weeks.0 += week.spent;
        weeks.1 += week.saved;
    }
    let Total { stops, starts, ends, nights, spent, saved, .. } = report.total;
    assert_eq!((hours, weeks), (spent, (spent, saved)), "each sum is of the same hours");
    Sums { stops, starts, ends, nights, hours: known(&spent), saved }
}

#[derive(Debug, PartialEq, Eq)]
struct Sums {
    stops: Firings,
    starts: Firings,
    ends: Ends,
    nights: Nights,
    hours: (TimeDelta, TimeDelta, TimeDelta),
    saved: Saved,
}

impl Sums {
    fn and(mut self, other: &Self) -> Self {
        self.stops += other.stops;
        self.starts += other.starts;
        self.ends += other.ends;
        self.nights += other.nights;
        self.hours.0 += other.hours.0;
        self.hours.1 += other.hours.1;
        self.hours.2 += other.hours.2;
        self.saved += other.saved;
        self
    }
}

proptest! {
    #[test]
    fn what_is_known_and_what_is_not_make_up_the_whole_time_of_every_server(
        facts in facts(),
        from in 0..END / 2,
        length in 1..END / 2,
    ) {
        let report = report(&facts, span(from, from + length));
        let whole = TimeDelta::minutes(length);
        for one in &report.instances {
            let Spent { running, off, off_by_us, unknown } = one.spent;
            prop_assert_eq!(running + off + unknown, whole);
            let zero = TimeDelta::zero();
            prop_assert!(running >= zero && unknown >= zero);
            prop_assert!(off >= off_by_us && off_by_us >= zero);
            prop_assert!(one.saved.amount >= one.saved.by_us && one.saved.unpriced >= zero);
            prop_assert!(one.saved.unpriced <= off);
        }
        let servers = i32::try_from(report.total.servers).unwrap();
        prop_assert_eq!(report.total.spent.whole(), whole * servers);
    }

    #[test]
    fn what_fell_due_was_run_or_missed_and_what_was_run_ended_in_one_way(facts in facts()) {
        let report = report(&facts, span(0, END));
        for rule in &report.rules {
            let it = rule.firings;
            prop_assert_eq!(it.due, it.on_time + it.late + it.missed);
            let ended = it.came_true + it.fell_short + it.guarded + it.failed + it.overlapped
                + it.empty + it.dry_run + it.open;
            prop_assert_eq!(it.on_time + it.late, ended);
        }
    }

    #[test]
    fn reports_of_two_times_side_by_side_add_up_to_that_of_both(
        facts in facts(),
        middle in 1..END,
    ) {
        let first = sums(&report(&facts, span(0, middle)));
        let second = sums(&report(&facts, span(middle, END)));
        prop_assert_eq!(first.and(&second), sums(&report(&facts, span(0, END))));
    }
}

/// A firing of `night` or `morning` on a day of October, at an hour, of server 0.
fn firing(is_stop: bool, minute: i64, outcome: Option<Outcome>) -> Fired {
    let ended = outcome.map(|outcome| OutcomeGroup {
        outcome: Some(outcome),
        reason: None,
        instances: vec![no(0)],
    });
    Fired {
        firing: None,
        rule: if is_stop { "night" } else { "morning" }.to_owned(),
        action: action(is_stop),
        account: account(),
        due_at: at(minute),
        run: if outcome.is_some() { HowRun::OnTime } else { HowRun::Missed },
        is_makeup: false,
        is_dry_run: false,
        is_open: false,
        words: Vec::new(),
        ended: ended.into_iter().collect(),
    }
}

#[test]
fn a_server_ran_through_a_night_if_it_ran_at_its_end_and_was_never_off() {
    let night = |minute, outcome| firing(true, minute, outcome);
    let morning = |minute| firing(false, minute, Some(Outcome::Started));
    let stopped = |minute| night(minute, Some(Outcome::Stopped));
    let refused = |minute| night(minute, Some(Outcome::Refused));
    let (missed, skipped) = (|minute| night(minute, None), Some(Outcome::DryRun));
    let by_hand = |minute| Fired { run: HowRun::ByHand, ..stopped(minute) };
    let dry = |minute| Fired { is_dry_run: true, ..night(minute, skipped) };
    let counted = |off, running, unknown| Nights { off, running, unknown };
    // It ran from 0 to 100, was off from 100 to 200, ran to 900 and was not looked at after that.
    for (case, firings, expected) in [
        ("off for a part of it", vec![stopped(50), morning(250)], counted(1, 0, 0)),
        ("refused", vec![refused(300), morning(400)], counted(0, 1, 0)),
        (
            "missed, as the rule means it",
            vec![stopped(50), missed(300), morning(400)],
            counted(1, 1, 0),
        ),
        ("the same rule again", vec![refused(300), refused(500)], counted(0, 1, 0)),
        ("by hand in between", vec![refused(50), by_hand(90), morning(250)], counted(1, 0, 0)),
        (
            "two stops, one night",
            vec![refused(300), Fired { rule: "late".to_owned(), ..refused(350) }, morning(400)],
            counted(0, 1, 0),
        ),
        ("nobody looked", vec![stopped(920), morning(950)], counted(0, 0, 1)),
        ("no end yet", vec![refused(300)], counted(0, 0, 0)),
        ("a dry run", vec![dry(300), morning(400)], counted(0, 0, 0)),
        (
            "longer than any night",
            vec![refused(300), morning(300 + 15 * 24 * 60)],
            counted(0, 0, 0),
        ),
    ] {
        let look = |minute, state| Observation { at: at(minute), state, booted_at: None };
        let ask = |minute, action| OwnRequest { at: at(minute), action, rule: "night".to_owned() };
        let sightings = Sightings {
            looks: vec![look(0, State::Running), look(100, State::Off), look(200, State::Running)],
            looked_at: Some(at(900)),
            asked: vec![ask(99, Action::Stop), ask(199, Action::Start)],
            turned: Vec::new(),
        };
        let seen = Seen {
            account: account(),
            no: no(0),
            name: "dev-0".to_owned(),
            region: "KR".to_owned(),
            sightings,
        };
        let facts =
            ReportFacts { fired: fired_in_all(firings), seen: vec![seen], products: Vec::new() };
        assert_eq!(report(&facts, facts.fired.span).total.nights, expected, "{case}");
    }
}
