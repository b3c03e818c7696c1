//! Puts the sums and the trouble into words, for pages and for notices alike.

use super::{
    Ends, Firings, InstanceReport, Nights, Report, RuleReport, Saved, Spent, counted, hours_text,
    money, number,
};
use crate::text::sanitize::harmless;

/// Those of some counts that are not zero, each with its word: `2 missed`.
macro_rules! said {
    ($name:ident: $counts:expr => $($field:ident),* $(,)?) => {{
        let counts = $counts;
        let said = [$((counts.$field, $name::WORDS.$field)),*].into_iter();
        let said = said.filter(|(count, _)| *count > 0);
        said.map(|(count, word)| format!("{} {word}", $crate::report::number(count)))
            .collect::<Vec<String>>()
    }};
}
pub(crate) use said;

/// One figure with its label and a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub figure: String,
    pub more: Vec<String>,
}

impl Report {
    /// The sums of the whole period.
    pub fn figures(&self) -> Vec<Figure> {
        let total = &self.total;
        let starts = (total.starts.due > 0).then(|| promises("Starts", &total.starts));
        let mut figures = vec![promises("Stops", &total.stops)];
        figures.extend(starts);
        figures.extend([nights(self), off(self), savings(self), known(self)]);
        figures
    }
}

fn nights(report: &Report) -> Figure {
    let nights = &report.total.nights;
    let figure = match nights.all() {
        0 => "none ended".to_owned(),
        all => format!("{} of {} off", number(nights.off), number(all)),
    };
    let more = said!(Nights: nights => running, unknown);
    Figure { name: "Nights of servers", figure, more }
}

fn off(report: &Report) -> Figure {
    let spent = &report.total.spent;
    let more = vec![
        format!("{} of {}", off_share(spent), hours_text(spent.whole())),
        format!("{} by lightsout", hours_text(spent.off_by_us)),
    ];
    Figure { name: "Server-hours off", figure: hours_text(spent.off), more }
}

fn savings(report: &Report) -> Figure {
    let name = "Saved";
    let total = &report.total;
    let Some(currency) = &report.currency else {
        let more = vec!["schedules.toml has no prices".to_owned()];
        return Figure { name, figure: UNKNOWN.to_owned(), more };
    };
    let amount = saved(&total.saved, &total.spent, currency);
    let figure =
        if amount == UNKNOWN { amount } else { format!("{amount} {}", harmless(currency)) };
    let mut more = Vec::new();
    if total.saved.amount != total.saved.by_us {
        more.push(format!("{} by lightsout", money(total.saved.by_us, currency)));
    }
    if total.unpriced > 0 {
        more.push(format!("no price of {}", counted(total.unpriced, "server")));
    }
    Figure { name, figure, more }
}

fn known(report: &Report) -> Figure {
    let total = &report.total;
    let figure = match total.spent.known() {
        Some(share) => format!("{} of the time", percent(share)),
        None => "nothing".to_owned(),
    };
    let meant = format!("rules were about {}", number(total.meant));
    let more = vec![format!("{} seen", counted(total.servers, "server")), meant];
    Figure { name: "State known", figure, more }
}

fn promises(name: &'static str, firings: &Firings) -> Figure {
    let figure = match (firings.due, firings.judged()) {
        (0, _) => "none fell due".to_owned(),
        (_, 0) => "none had anything to do".to_owned(),
        (_, all) => format!("{} of {} came true", number(firings.came_true), number(all)),
    };
    let mut more = firings.shortfalls();
    more.extend(said!(Firings: firings => dry_run, empty, open));
    Figure { name, figure, more }
}

impl Firings {
    /// The kinds of due firings that did not come true: `1 missed`.
    pub fn shortfalls(&self) -> Vec<String> {
        said!(Firings: self => missed, failed, guarded, fell_short, overlapped)
    }

    /// Remarks on the others: `2 late`.
    pub fn besides(&self) -> Vec<String> {
        said!(Firings: self => late, empty, dry_run, open, skipped, held, made_up, by_hand)
    }
}

impl Ends {
    /// Instances that did not reach their state: `1 refused`.
    pub fn shortfalls(&self) -> Vec<String> {
        said!(Ends: self => refused, timed_out, unknown, busy)
    }

    /// Instances that did, or were left as they were: `12 stopped`.
    pub fn besides(&self) -> Vec<String> {
        said!(Ends: self => stopped, started, already, dry_run, held, left_alone, unsettled)
    }
}

impl RuleReport {
    /// The rule in one line when something went wrong: `dev-nightly stop: 18 of 20 came true (1
    /// missed, 1 fell short)`.
    pub fn trouble(&self) -> Option<String> {
        let short = self.firings.shortfalls();
        (!short.is_empty()).then(|| {
            format!(
                "{} {}: {} of {} came true ({})",
                harmless(&self.rule),
                self.action.as_str(),
                number(self.firings.came_true),
                number(self.firings.judged()),
                short.join(", ")
            )
        })
    }
}

impl InstanceReport {
    /// The name, else the number.
    pub fn shown_name(&self) -> String {
        harmless(if self.name.is_empty() { self.no.as_str() } else { &self.name })
    }

    /// The server's failures: `ran through 2 nights`, `1 refused`.
    pub fn shortfalls(&self) -> Vec<String> {
        let through = self.nights.running;
        let through = (through > 0).then(|| format!("ran through {}", counted(through, "night")));
        through.into_iter().chain(self.ends.shortfalls()).collect()
    }
}

/// The text of an unknown sum.
pub(super) const UNKNOWN: &str = "unknown";

/// The money saved in a period, without its currency.
pub(super) fn saved(saved: &Saved, spent: &Spent, currency: &str) -> String {
    match saved.whole() {
        Some(amount) => money(amount, currency),
        None if saved.unpriced >= spent.off => UNKNOWN.to_owned(),
        None => format!("at least {}", money(saved.amount, currency)),
    }
}

pub(super) fn off_share(spent: &Spent) -> String {
    spent.off_share().map_or_else(|| "–".to_owned(), percent)
}

/// `93 %`. Shows 100 or 0 only for all or nothing.
pub(super) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 {
        return "< 1 %".to_owned();
    }
    if share > 0.99 && share < 1.0 {
        return "> 99 %".to_owned();
    }
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_all_or_nothing_only_where_it_is() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.000_1, "< 1 %"),
            (0.01, "1 %"),
            (0.455, "46 %"),
            (0.99, "99 %"),
            (0.999_9, "> 99 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }
}
