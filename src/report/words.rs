//! The sentence of a report, and the way sums are written in it.

use std::cmp::Reverse;

use chrono::TimeDelta;

use super::numbers::{about, counted, hours_text, money, number, ratio, whole};
use super::summary::percent;
use super::{Firings, Money, Nights, Report};

/// Joins the pieces of the sentence.
const BETWEEN: &str = "; ";

/// The most servers that are called the same ones, and the least part of the bad nights that they
/// have then.
const SAME: usize = 3;
const MOST_OF_THEM: f64 = 0.75;

impl Report {
    /// The main facts: the nights that servers were off, those that they ran through, the time off,
    /// the money saved, and the gaps. English, with a full stop.
    pub fn sentence(&self) -> String {
        let total = &self.total;
        let mut said = vec![self.beginning()];
        let Nights { running, unknown, .. } = total.nights;
        if running > 0 {
            said.push(self.ran_through());
        }
        if unknown > 0 {
            said.push(format!("{} not known", number(unknown)));
        }
        let Firings { missed, dry_run, empty, .. } = total.stops;
        if missed > 0 {
            said.push(format!("{} {} missed", counted(missed, "stop"), was(missed)));
        }
        if dry_run > 0 {
            said.push(format!("{} {} to send nothing", counted(dry_run, "stop"), was(dry_run)));
        }
        if empty > 0 {
            said.push(format!("{} matched nothing", counted(empty, "stop")));
        }
        let (off, by_us) = (hours_text(total.spent.off), hours_text(total.spent.off_by_us));
        said.push(format!("{off} server-hours off{}", ours(&off, &by_us)));
        said.extend(self.savings());
        let mut sentences = vec![format!("{}.", said.join(BETWEEN))];
        if let Some(known) = total.spent.known().filter(|known| *known < 0.9995) {
            let percent = (known * 1_000.0).floor() / 10.0;
            sentences.push(format!("The state is known for {percent} % of the time."));
        }
        if !self.unknown.is_empty() {
            sentences.push(format!("Not known is {}.", self.unknown.join(BETWEEN)));
        }
        sentences.join(" ")
    }

    /// The nights; before the first of them is over, the stops.
    fn beginning(&self) -> String {
        let (Nights { off, .. }, stops) = (self.total.nights, &self.total.stops);
        let (nights, length) = (self.total.nights.all(), self.length());
        if nights > 0 {
            return format!(
                "Off on {} of {} ({}) in {length}",
                number(off),
                counted(nights, "server-night"),
                percent(ratio(off, nights))
            );
        }
        match (stops.due, stops.judged()) {
            (0, _) => format!("In {length}, no stop fell due"),
            (_, 0) => format!("In {length}, no stop was to turn a server off"),
            (_, all) => {
                let came_true = number(stops.came_true);
                format!("In {length}, {came_true} of {} came true", counted(all, "stop"))
            }
        }
    }

    /// `101 ran through, 88 of them the same 3 servers`.
    fn ran_through(&self) -> String {
        let mut servers: Vec<u64> =
            self.instances.iter().map(|one| one.nights.running).filter(|it| *it > 0).collect();
        servers.sort_unstable_by_key(|nights| Reverse(*nights));
        let all = self.total.nights.running;
        let said = format!("{} ran through", number(all));
        for same in 1..=servers.len().min(SAME) {
            let theirs: u64 = servers[..same].iter().sum();
            let are_often = servers[same - 1] > 1;
            if are_often && ratio(theirs, all) >= MOST_OF_THEM {
                let which = if same == 1 { "server".to_owned() } else { format!("{same} servers") };
                let part = if theirs == all { "all".to_owned() } else { number(theirs) };
                return format!("{said}, {part} of them the same {which}");
            }
        }
        match servers.len() as u64 {
            0 | 1 => said,
            many => format!("{said}, by {}", counted(many, "server")),
        }
    }

    /// The money saved, to three digits that count.
    pub(super) fn savings(&self) -> Option<String> {
        self.saved_as(about)
    }

    /// The same to the last won.
    pub(super) fn exact_savings(&self) -> Option<String> {
        self.saved_as(money)
    }

    fn saved_as(&self, written: fn(Money, &str) -> String) -> Option<String> {
        let total = &self.total;
        let currency = self.currency.as_ref()?;
        let all = written(total.saved.amount, currency);
        let by_us = written(total.saved.by_us, currency);
        let amount = format!("{all} {currency} saved{}", ours(&all, &by_us));
        Some(match total.unpriced {
            0 => amount,
            more => format!("{amount}, unknown for {}", counted(more, "server")),
        })
    }

    /// The length of the period in days, or in smaller units when short.
    fn length(&self) -> String {
        let length = self.span.until - self.span.from;
        // A day of 23 or 25 hours is still one day.
        match (length + TimeDelta::hours(1)).num_days() {
            _ if length < TimeDelta::minutes(1) => counted(whole(length.num_seconds()), "second"),
            _ if length < TimeDelta::hours(1) => counted(whole(length.num_minutes()), "minute"),
            0 | 1 if length < TimeDelta::hours(23) => counted(whole(length.num_hours()), "hour"),
            days => counted(whole(days), "day"),
        }
    }
}

/// Our part of a sum, when others have a part too.
fn ours(all: &str, by_us: &str) -> String {
    if all == by_us { String::new() } else { format!(" ({by_us} by lightsout)") }
}

fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::{AccountName, InstanceNo, Product};
    use crate::model::period::Period;
    use crate::report::{Ends, InstanceReport, Saved, Spent, Total};
    use crate::time::zone::Zone;

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
            report(TimeDelta::days(30), Total { spent, saved, ..Total::default() }).sentence()
        };
        for (sentence, expected) in [
            (of(0, 0), "0 server-hours off; 0 KRW saved."),
            (of(100, 100), "100 server-hours off; 9,000 KRW saved."),
            (
                of(100, 40),
                "100 server-hours off (40 by lightsout); 9,000 KRW saved (3,600 by lightsout).",
            ),
            (
                of(100, 0),
                "100 server-hours off (0 by lightsout); 9,000 KRW saved (0 by lightsout).",
            ),
        ] {
            assert_eq!(sentence, format!("In 30 days, no stop fell due; {expected}"));
        }
    }

    #[test]
    fn stops_that_were_to_send_nothing_or_matched_nothing_are_not_among_those_that_failed() {
        let said = |stops| {
            let sentence =
                report(TimeDelta::days(30), Total { stops, ..Total::default() }).sentence();
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
            report.sentence().strip_suffix("; 0 server-hours off.").unwrap().to_owned()
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
        assert_eq!(report.savings().as_deref(), Some(rounded));
        assert!(report.sentence().contains(rounded), "{}", report.sentence());
        let exact = "2,419,233 KRW saved (967,693 by lightsout)";
        assert_eq!(report.exact_savings().as_deref(), Some(exact));
    }

    #[test]
    fn of_a_time_that_was_pruned_nobody_says_that_nothing_fell_due_without_a_doubt() {
        let mut report = report(TimeDelta::days(30), Total::default());
        report.unknown =
            vec!["most of what was before 1970-01-21 00:00+00:00: it was pruned".into()];
        assert_eq!(
            report.sentence(),
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
            let sentence = report(length, Total::default()).sentence();
            assert!(sentence.starts_with(expected), "{length}: {sentence}");
        }
    }
}
