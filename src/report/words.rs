//! A report in words: its sentence, and how sums are written.

use chrono::TimeDelta;

use super::{Money, Report, hours};

/// The sentence that matters, as pieces between semicolons.
const BETWEEN: &str = "; ";

impl Report {
    /// What there is to know of it: how the stops went, who ran through nights, what was off and
    /// what that saved. English, with a full stop.
    #[must_use]
    pub fn sentence(&self) -> String {
        let total = &self.total;
        let mut said = vec![self.promises()];
        let missed = total.stops.missed;
        if missed > 0 {
            said.push(format!("{} {} missed", number(missed), was(missed)));
        }
        let nights = total.nights.running;
        if nights > 0 {
            let servers = self.instances.iter().filter(|one| one.nights.running > 0).count();
            let servers = counted(servers as u64, "server");
            said.push(format!("{servers} ran through {}", counted(nights, "night")));
        }
        let off = hours_text(total.spent.off);
        said.push(format!("{off} server-hours off"));
        said.extend(self.savings());
        let mut sentence = format!("In {}, {}.", self.length(), said.join(BETWEEN));
        if let Some(known) = total.spent.known().filter(|known| *known < 0.9995) {
            let percent = (known * 1_000.0).floor() / 10.0;
            sentence += &format!(" The state is known for {percent} % of the time.");
        }
        sentence
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
        let amount = format!("{} {currency} saved", money(total.saved.amount, currency));
        Some(match total.unpriced {
            0 => amount,
            more => format!("{amount}, unknown for {}", counted(more, "server")),
        })
    }

    /// How long its time is: in days, or in hours where it is short.
    fn length(&self) -> String {
        let length = self.span.until - self.span.from;
        // A day of 23 or 25 hours is one all the same.
        match (length + TimeDelta::hours(1)).num_days() {
            0 | 1 if length < TimeDelta::hours(23) => {
                let hours = u64::try_from(length.num_hours()).unwrap_or(0);
                counted(hours, "hour")
            }
            days => counted(u64::try_from(days).unwrap_or(0), "day"),
        }
    }
}

fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// `1 stop`, `1,200 stops`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number(count))
}

/// `1,234,567`.
#[must_use]
pub fn number(count: u64) -> String {
    grouped(&count.to_string())
}

/// Hours to the nearest, `8,412`; under ten, with a tenth.
#[must_use]
pub fn hours_text(length: TimeDelta) -> String {
    let hours = hours(length);
    if hours > 0.0 && hours < 9.95 {
        return format!("{hours:.1}");
    }
    grouped(&format!("{hours:.0}"))
}

/// An amount, rounded as it is paid: won and yen have no fractions.
#[must_use]
pub fn money(amount: Money, currency: &str) -> String {
    let units = amount.units();
    let text = match currency {
        "KRW" | "JPY" => format!("{units:.0}"),
        _ => format!("{units:.2}"),
    };
    grouped(&text)
}

/// Digits before the point in groups of three.
fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = sign.to_owned();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    fraction.map_or(grouped.clone(), |fraction| format!("{grouped}.{fraction}"))
}
