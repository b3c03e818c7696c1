//! The sentence of a report, and the way sums are written in it.

use chrono::TimeDelta;

use super::Report;
use super::numbers::{counted, hours_text, money, number, whole};

/// Joins the pieces of the sentence.
const BETWEEN: &str = "; ";

impl Report {
    /// The main facts: the stops, the servers that ran through nights, the time off, the money
    /// saved, and the gaps. English, with a full stop.
    pub fn sentence(&self) -> String {
        let total = &self.total;
        let mut said = vec![self.promises()];
        let (missed, dry_run, empty) = (total.stops.missed, total.stops.dry_run, total.stops.empty);
        if missed > 0 {
            said.push(format!("{} {} missed", number(missed), was(missed)));
        }
        if dry_run > 0 {
            said.push(format!("{} {} to send nothing", number(dry_run), was(dry_run)));
        }
        if empty > 0 {
            said.push(format!("{} matched nothing", number(empty)));
        }
        let nights = total.nights.running;
        if nights > 0 {
            let servers = self.instances.iter().filter(|one| one.nights.running > 0).count();
            let servers = counted(servers as u64, "server");
            said.push(format!("{servers} ran through {}", counted(nights, "night")));
        }
        let (off, by_us) = (hours_text(total.spent.off), hours_text(total.spent.off_by_us));
        said.push(format!("{off} server-hours off{}", ours(&off, &by_us)));
        said.extend(self.savings());
        let mut sentences = vec![format!("In {}, {}.", self.length(), said.join(BETWEEN))];
        if let Some(known) = total.spent.known().filter(|known| *known < 0.9995) {
            let percent = (known * 1_000.0).floor() / 10.0;
            sentences.push(format!("The state is known for {percent} % of the time."));
        }
        if !self.unknown.is_empty() {
            sentences.push(format!("Not known is {}.", self.unknown.join(BETWEEN)));
        }
        sentences.join(" ")
    }

    fn promises(&self) -> String {
        let stops = &self.total.stops;
        match stops.due {
            0 => "no stop fell due".to_owned(),
            due => format!("{} of {} came true", number(stops.came_true), counted(due, "stop")),
        }
    }

    fn savings(&self) -> Option<String> {
        let total = &self.total;
        let currency = self.currency.as_ref()?;
        let (all, by_us) =
            (money(total.saved.amount, currency), money(total.saved.by_us, currency));
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
    use crate::model::period::Period;
    use crate::report::Money;
    use crate::report::{Firings, Saved, Spent, Total};
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
    fn stops_that_were_to_send_nothing_are_not_said_to_have_failed() {
        let stops = Firings { due: 22, on_time: 22, dry_run: 21, empty: 1, ..Firings::default() };
        let report = report(TimeDelta::days(30), Total { stops, ..Total::default() });
        assert_eq!(
            report.sentence(),
            "In 30 days, 0 of 22 stops came true; 21 were to send nothing; 1 matched nothing; \
             0 server-hours off; 0 KRW saved."
        );
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
