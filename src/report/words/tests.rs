//! The sentence of a report, by its facts.

use super::*;
use crate::model::instance::{AccountName, InstanceNo, Product};
use crate::model::period::Period;
use crate::report::{Ends, Gap, InstanceReport, Saved, Spent, Total};
use crate::time::zone::Zone;

const EN: Language = Language::English;

fn report(length: TimeDelta, total: Total) -> Report {
    let from = chrono::DateTime::UNIX_EPOCH;
    Report {
        span: Period { from, until: from + length },
        zone: Zone::UTC,
        currency: Some("KRW".to_owned()),
        total,
        rules: Vec::new(),
        instances: Vec::new(),
        weeks: Vec::new(),
        hours: crate::report::HoursOfWeek::default(),
        unknown: Vec::new(),
    }
}

#[test]
fn what_others_turned_off_is_not_said_to_be_our_saving() {
    let of = |off, by_us| {
        let [off, off_by_us] = [off, by_us].map(TimeDelta::hours);
        let [amount, by_us] = [off, off_by_us].map(|hours| Money::of(90_000_000, hours));
        let spent = Spent { off, off_by_us, ..Spent::default() };
        let saved = Saved { amount, by_us, ..Saved::default() };
        report(TimeDelta::days(30), Total { spent, saved, ..Total::default() }).sentence(EN)
    };
    for (sentence, expected) in [
        (of(0, 0), "0 server-hours off; 0 KRW saved."),
        (of(100, 100), "100 server-hours off; 9,000 KRW saved."),
        (
            of(100, 40),
            "100 server-hours off (40 by lightsout); 9,000 KRW saved (3,600 by lightsout).",
        ),
        (of(100, 0), "100 server-hours off (0 by lightsout); 9,000 KRW saved (0 by lightsout)."),
    ] {
        assert_eq!(sentence, format!("In 30 days, no stop fell due; {expected}"));
    }
}

#[test]
fn stops_that_were_to_send_nothing_or_matched_nothing_are_not_among_those_that_failed() {
    let said = |stops| {
        let sentence =
            report(TimeDelta::days(30), Total { stops, ..Total::default() }).sentence(EN);
        sentence.strip_suffix("; 0 server-hours off; 0 KRW saved.").unwrap().to_owned()
    };
    let stops = Firings { due: 22, on_time: 22, dry_run: 21, empty: 1, ..Firings::default() };
    assert_eq!(
        said(stops),
        "In 30 days, no stop was to turn a server off; 21 stops were to send nothing; 1 stop \
         matched nothing"
    );
    let stops = Firings { due: 24, on_time: 23, missed: 1, came_true: 1, ..stops };
    assert_eq!(
        said(stops),
        "In 30 days, 1 of 2 stops came true; 1 stop was missed; 21 stops were to send \
         nothing; 1 stop matched nothing"
    );
}

fn server(number: usize, nights: Nights) -> InstanceReport {
    InstanceReport {
        account: AccountName::new("main").unwrap(),
        no: InstanceNo::new(number.to_string()).unwrap(),
        name: String::new(),
        region: String::new(),
        product: Product::default(),
        is_meant: true,
        ends: Ends::default(),
        nights,
        spent: Spent::default(),
        saved: Saved::default(),
    }
}

#[test]
fn the_headline_counts_servers_by_the_night_and_says_whether_the_same_ones_run() {
    let said = |off, running: &[u64], unknown| {
        let mut report = report(TimeDelta::days(30), Total::default());
        report.currency = None;
        let through = |running| Nights { running, ..Nights::default() };
        let nights = running.iter().map(|running| through(*running));
        let nights = nights.chain([Nights { off, unknown, ..Nights::default() }]);
        report.instances =
            nights.enumerate().map(|(number, nights)| server(number, nights)).collect();
        report.instances.iter().for_each(|one| report.total.nights += one.nights);
        report.sentence(EN).strip_suffix("; 0 server-hours off.").unwrap().to_owned()
    };
    let many: Vec<u64> = [30, 29, 29].into_iter().chain([1; 13]).collect();
    for (sentence, expected) in [
        (
            said(1_312, &many, 77),
            "Off on 1,312 of 1,490 server-nights (88 %) in 30 days; 101 ran through, 88 of \
             them the same 3 servers; 77 not known",
        ),
        (said(1, &[], 0), "Off on 1 of 1 server-night (100 %) in 30 days"),
        (said(1, &[1], 0), "Off on 1 of 2 server-nights (50 %) in 30 days; 1 ran through"),
        (
            said(1, &[5], 0),
            "Off on 1 of 6 server-nights (17 %) in 30 days; 5 ran through, all of them the \
             same server",
        ),
        (
            said(4, &[1, 2, 1], 0),
            "Off on 4 of 8 server-nights (50 %) in 30 days; 4 ran through, by 3 servers",
        ),
    ] {
        assert_eq!(sentence, expected);
    }
}

#[test]
fn money_has_three_digits_in_the_headline_and_all_beside_it() {
    let saved = Saved {
        amount: Money::of(24_192_330_000, TimeDelta::hours(100)),
        by_us: Money::of(24_192_330_000, TimeDelta::hours(40)),
        ..Saved::default()
    };
    let report = report(TimeDelta::days(30), Total { saved, ..Total::default() });
    let rounded = "2.42 M KRW saved (967,693 by lightsout)";
    assert_eq!(report.savings(EN).as_deref(), Some(rounded));
    assert!(report.sentence(EN).contains(rounded), "{}", report.sentence(EN));
    let exact = "2,419,233 KRW saved (967,693 by lightsout)";
    assert_eq!(report.exact_savings(EN).as_deref(), Some(exact));
}

#[test]
fn of_a_time_that_was_pruned_nobody_says_that_nothing_fell_due_without_a_doubt() {
    let mut report = report(TimeDelta::days(30), Total::default());
    report.unknown = vec![Gap::PrunedBefore(chrono::DateTime::UNIX_EPOCH + TimeDelta::days(20))];
    assert_eq!(
        report.sentence(EN),
        "In 30 days, no stop fell due; 0 server-hours off; 0 KRW saved. Not known is most of \
         what was before 1970-01-21 00:00+00:00: it was pruned."
    );
}

#[test]
fn a_short_time_is_told_in_what_it_has_some_of() {
    for (length, expected) in [
        (TimeDelta::seconds(1), "In 1 second, "),
        (TimeDelta::minutes(5), "In 5 minutes, "),
        (TimeDelta::hours(1), "In 1 hour, "),
        (TimeDelta::hours(23), "In 1 day, "),
        (TimeDelta::days(30) - TimeDelta::hours(1), "In 30 days, "),
    ] {
        let sentence = report(length, Total::default()).sentence(EN);
        assert!(sentence.starts_with(expected), "{length}: {sentence}");
    }
}
