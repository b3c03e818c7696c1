//! The sentence of a report, and the way sums are written in it.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use chrono::TimeDelta;

use super::numbers::{about_paid, counted, hours_text, number, paid, ratio, whole};
use super::summary::{percent, times};
use super::{Firings, Money, Nights, Report};
use crate::model::language::Language;

/// Joins the pieces of the sentence.
const BETWEEN: &str = "; ";

/// The most servers that are called the same ones, and the least part of the bad nights that they
/// have then.
const SAME: usize = 3;
const MOST_OF_THEM: f64 = 0.75;

impl Report {
    /// The main facts: the nights that servers were off, those that they ran through, the time off,
    /// the money saved, and the gaps. With a full stop.
    pub fn sentence(&self, language: Language) -> String {
        let total = &self.total;
        let mut said = vec![self.beginning(language)];
        let Nights { running, unknown, .. } = total.nights;
        if running > 0 {
            said.push(self.ran_through(language));
        }
        if unknown > 0 {
            said.push(times(unknown, Nights::WORDS.unknown, language));
        }
        let Firings { missed, dry_run, empty, .. } = total.stops;
        let stops = |count: u64, english: String, korean: &str| {
            let stops = counted(count, "stop");
            let said = [format!("{stops} {english}"), format!("{korean} {}건", number(count))];
            (count > 0).then(|| language.either(said))
        };
        said.extend(stops(missed, format!("{} missed", was(missed)), "놓친 정지"));
        said.extend(stops(dry_run, format!("{} to send nothing", was(dry_run)), "모의 실행 정지"));
        said.extend(stops(empty, "matched nothing".to_owned(), "일치하는 서버가 없었던 정지"));
        let (off, by_us) = (hours_text(total.spent.off), hours_text(total.spent.off_by_us));
        let unit = language.either(["", "시간"]);
        let ours = ours(&format!("{off}{unit}"), &format!("{by_us}{unit}"), language);
        said.push(language.either([
            format!("{off} server-hours off{ours}"),
            format!("서버가 꺼진 시간 합계 {off}시간{ours}"),
        ]));
        said.extend(self.savings(language));
        let mut sentences = vec![format!("{}.", said.join(BETWEEN))];
        if let Some(known) = total.spent.known().filter(|known| *known < 0.9995) {
            let percent = (known * 1_000.0).floor() / 10.0;
            sentences.push(language.either([
                format!("The state is known for {percent} % of the time."),
                format!("상태를 아는 시간: 전체의 {percent}%."),
            ]));
        }
        if !self.unknown.is_empty() {
            let gaps = self.gaps(language).join(BETWEEN);
            sentences.push(
                language
                    .either([format!("Not known is {gaps}."), format!("알 수 없는 것: {gaps}.")]),
            );
        }
        sentences.join(" ")
    }

    /// The nights; before the first of them is over, the stops.
    fn beginning(&self, language: Language) -> String {
        let (Nights { off, .. }, stops) = (self.total.nights, &self.total.stops);
        let (nights, length) = (self.total.nights.all(), self.length(language));
        if nights > 0 {
            let percent = percent(ratio(off, nights), language);
            let off = number(off);
            return language.either([
                format!(
                    "Off on {off} of {} ({percent}) in {length}",
                    counted(nights, "server-night")
                ),
                format!("{length} 동안 서버별 밤 {}건 중 {off}건 꺼짐({percent})", number(nights)),
            ]);
        }
        language.either(match (stops.due, stops.judged()) {
            (0, _) => [
                format!("In {length}, no stop fell due"),
                format!("{length} 동안 예정된 정지 없음"),
            ],
            (_, 0) => [
                format!("In {length}, no stop was to turn a server off"),
                format!("{length} 동안 서버를 정지할 실행 없음"),
            ],
            (_, all) => {
                let came_true = number(stops.came_true);
                [
                    format!("In {length}, {came_true} of {} came true", counted(all, "stop")),
                    format!("{length} 동안 정지 {}건 중 {came_true}건 성공", number(all)),
                ]
            }
        })
    }

    /// `101 ran through, 88 of them the same 3 servers`.
    fn ran_through(&self, language: Language) -> String {
        let mut servers: Vec<u64> =
            self.instances.iter().map(|one| one.nights.running).filter(|it| *it > 0).collect();
        servers.sort_unstable_by_key(|nights| Reverse(*nights));
        let all = self.total.nights.running;
        let said = times(all, Nights::WORDS.running, language);
        for same in 1..=servers.len().min(SAME) {
            let theirs: u64 = servers[..same].iter().sum();
            let are_often = servers[same - 1] > 1;
            if are_often && ratio(theirs, all) >= MOST_OF_THEM {
                let which = if same == 1 { "server".to_owned() } else { format!("{same} servers") };
                let [part, korean] = if theirs == all {
                    ["all".to_owned(), "모두".to_owned()]
                } else {
                    [number(theirs), format!("그중 {}건은", number(theirs))]
                };
                return language.either([
                    format!("{said}, {part} of them the same {which}"),
                    format!("{said}, {korean} 같은 서버 {same}대"),
                ]);
            }
        }
        match servers.len() as u64 {
            0 | 1 => said,
            many => language.either([
                format!("{said}, by {}", counted(many, "server")),
                format!("{said}, 서버 {}대", number(many)),
            ]),
        }
    }

    /// The money saved, to three digits that count.
    pub(super) fn savings(&self, language: Language) -> Option<String> {
        self.saved_as(about_paid, language)
    }

    /// The same to the last won.
    pub(super) fn exact_savings(&self, language: Language) -> Option<String> {
        self.saved_as(paid, language)
    }

    fn saved_as(
        &self,
        paid: fn(Money, &str, Language) -> String,
        language: Language,
    ) -> Option<String> {
        let total = &self.total;
        let currency = self.currency.as_ref()?;
        let [all, by_us] =
            [total.saved.amount, total.saved.by_us].map(|amount| paid(amount, currency, language));
        // The currency stands beside the whole.
        let alone = |amount: &str| amount.trim_end_matches(currency.as_str()).trim_end().to_owned();
        let ours = ours(&alone(&all), &alone(&by_us), language);
        let amount = language.either([format!("{all} saved{ours}"), format!("{all} 절약{ours}")]);
        Some(match total.unpriced {
            0 => amount,
            more => language.either([
                format!("{amount}, unknown for {}", counted(more, "server")),
                format!("{amount}, 서버 {}대는 알 수 없음", number(more)),
            ]),
        })
    }

    /// The length of the period in days, or in smaller units when short.
    fn length(&self, language: Language) -> String {
        let length = self.span.until - self.span.from;
        let said = |count: i64, [english, korean]: [&str; 2]| {
            let count = whole(count);
            language.either([counted(count, english), format!("{}{korean}", number(count))])
        };
        // A day of 23 or 25 hours is still one day.
        match (length + TimeDelta::hours(1)).num_days() {
            _ if length < TimeDelta::minutes(1) => said(length.num_seconds(), ["second", "초"]),
            _ if length < TimeDelta::hours(1) => said(length.num_minutes(), ["minute", "분"]),
            0 | 1 if length < TimeDelta::hours(23) => said(length.num_hours(), ["hour", "시간"]),
            days => said(days, ["day", "일"]),
        }
    }
}

/// Our part of a sum, when others have a part too.
fn ours(all: &str, by_us: &str, language: Language) -> String {
    if all == by_us {
        return String::new();
    }
    language.either([format!(" ({by_us} by lightsout)"), format!("(그중 lightsout {by_us})")])
}

fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}
