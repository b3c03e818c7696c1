//! Writes counts, lengths of time and money for people.

use chrono::TimeDelta;

use super::{Money, hours};
use crate::model::language::Language;

pub(super) fn whole(length: i64) -> u64 {
    u64::try_from(length).unwrap_or(0)
}

/// `1 stop`, `1,200 stops`.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", number(count))
}

/// `1,234,567`.
pub fn number(count: u64) -> String {
    grouped(&count.to_string())
}

/// An amount with its currency, in a language: `2,419,233 KRW`, `2,419,233원`.
pub fn paid(amount: Money, currency: &str, language: Language) -> String {
    match (language, currency) {
        (Language::Korean, "KRW") => format!("{}원", money(amount, currency)),
        _ => format!("{} {currency}", money(amount, currency)),
    }
}

/// The same with three digits that count: `2.42 M KRW`, `242만 원`.
pub fn about_paid(amount: Money, currency: &str, language: Language) -> String {
    match (language, currency, amount.units()) {
        (Language::Korean, "KRW", units) if units >= 1e8 => format!("{}억 원", digits(units / 1e8)),
        (Language::Korean, "KRW", units) if units >= 1e4 => format!("{}만 원", digits(units / 1e4)),
        (Language::Korean, "KRW", _) => paid(amount, currency, language),
        _ => format!("{} {currency}", about(amount, currency)),
    }
}

/// Hours to the nearest, `8,412`; under ten, with a tenth.
pub fn hours_text(length: TimeDelta) -> String {
    let hours = hours(length);
    if hours > 0.0 && hours < 9.95 {
        return format!("{hours:.1}");
    }
    grouped(&format!("{hours:.0}"))
}

/// An amount, rounded as it is paid: won and yen have no fractions.
pub fn money(amount: Money, currency: &str) -> String {
    let units = amount.units();
    let text = match currency {
        "KRW" | "JPY" => format!("{units:.0}"),
        _ => format!("{units:.2}"),
    };
    grouped(&text)
}

/// An amount for a headline: from a million on, three digits that count, `2.42 M`.
pub fn about(amount: Money, currency: &str) -> String {
    match amount.units() {
        units if units >= 1e6 => format!("{} M", digits(units / 1e6)),
        _ => money(amount, currency),
    }
}

/// `2.42`, `24.2`, `242`, `1,234`.
pub fn digits(value: f64) -> String {
    grouped(&match value {
        _ if value < 9.995 => format!("{value:.2}"),
        _ if value < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    })
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many nights")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Groups the digits before the point in threes.
pub(super) fn grouped(text: &str) -> String {
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
