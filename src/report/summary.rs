//! Puts the sums and the trouble into words, for pages and for notices alike.

use super::{
    Ends, Firings, InstanceReport, Nights, Report, RuleReport, Saved, Spent, counted, hours_text,
    money, number, paid,
};
use crate::model::language::Language;
use crate::text::sanitize::harmless;

/// Those of some counts that are not zero, each with its word: `2 missed`, `놓침 2건`.
macro_rules! said {
    ($name:ident: $counts:expr, $language:expr => $($field:ident),* $(,)?) => {{
        let counts = $counts;
        let said = [$((counts.$field, $name::WORDS.$field)),*].into_iter();
        let said = said.filter(|(count, _)| *count > 0);
        said.map(|(count, word)| $crate::report::summary::times(count, word, $language))
            .collect::<Vec<String>>()
    }};
}
pub(crate) use said;

/// A count with its word.
pub(crate) fn times(count: u64, [english, korean]: [&str; 2], language: Language) -> String {
    let count = number(count);
    language.either([format!("{count} {english}"), format!("{korean} {count}건")])
}

/// One figure with its label and a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub name: &'static str,
    pub figure: String,
    pub more: Vec<String>,
}

impl Report {
    /// The sums of the whole period.
    pub fn figures(&self, language: Language) -> Vec<Figure> {
        let total = &self.total;
        let promises = |name, firings| promises(language.either(name), firings, language);
        let starts = (total.starts.due > 0).then(|| promises(["Starts", "시작"], &total.starts));
        let mut figures = vec![promises(["Stops", "정지"], &total.stops)];
        figures.extend(starts);
        let rest = [nights, off, savings, known];
        figures.extend(rest.map(|figure| figure(self, language)));
        figures
    }
}

fn nights(report: &Report, language: Language) -> Figure {
    let nights = &report.total.nights;
    let figure = match nights.all() {
        0 => language.either(["none ended", "끝난 밤 없음"]).to_owned(),
        all => {
            let (off, all) = (number(nights.off), number(all));
            language.either([format!("{off} of {all} off"), format!("{all}건 중 {off}건 꺼짐")])
        }
    };
    let more = said!(Nights: nights, language => running, unknown);
    Figure { name: language.either(["Nights of servers", "서버별 밤"]), figure, more }
}

fn off(report: &Report, language: Language) -> Figure {
    let spent = &report.total.spent;
    let (share, whole) = (off_share(spent, language), hours_text(spent.whole()));
    let by_us = hours_text(spent.off_by_us);
    let more = vec![
        language.either([format!("{share} of {whole}"), format!("전체 {whole}시간의 {share}")]),
        language.either([
            format!("{by_us} by lightsout"),
            format!("그중 lightsout이 정지 {by_us}시간"),
        ]),
    ];
    let off = hours_text(spent.off);
    Figure {
        name: language.either(["Server-hours off", "서버가 꺼진 시간"]),
        figure: language.either([off.clone(), format!("{off}시간")]),
        more,
    }
}

fn savings(report: &Report, language: Language) -> Figure {
    let name = language.either(["Saved", "절약"]);
    let total = &report.total;
    let Some(currency) = &report.currency else {
        let without = ["schedules.toml has no prices", "schedules.toml에 요금이 없음"];
        let more = vec![language.either(without).to_owned()];
        return Figure { name, figure: unknown(language).to_owned(), more };
    };
    let figure = match total.saved.whole() {
        Some(amount) => paid(amount, currency, language),
        None if total.saved.unpriced >= total.spent.off => unknown(language).to_owned(),
        None => at_least(&paid(total.saved.amount, currency, language), language),
    };
    let mut more = Vec::new();
    if total.saved.amount != total.saved.by_us {
        let by_us = money(total.saved.by_us, currency);
        more.push(language.either([
            format!("{by_us} by lightsout"),
            format!("그중 lightsout이 절약 {}", paid(total.saved.by_us, currency, language)),
        ]));
    }
    if total.unpriced > 0 {
        more.push(language.either([
            format!("no price of {}", counted(total.unpriced, "server")),
            format!("요금을 모르는 서버 {}대", number(total.unpriced)),
        ]));
    }
    Figure { name, figure: harmless(&figure), more }
}

fn known(report: &Report, language: Language) -> Figure {
    let total = &report.total;
    let figure = match total.spent.known() {
        Some(share) => {
            let share = percent(share, language);
            language.either([format!("{share} of the time"), format!("전체 시간의 {share}")])
        }
        None => language.either(["nothing", "없음"]).to_owned(),
    };
    let (seen, meant) = (total.servers, number(total.meant));
    let more = vec![
        language.either([
            format!("{} seen", counted(seen, "server")),
            format!("확인된 서버 {}대", number(seen)),
        ]),
        language.either([format!("rules were about {meant}"), format!("규칙의 대상 {meant}대")]),
    ];
    Figure { name: language.either(["State known", "상태를 아는 시간"]), figure, more }
}

fn promises(name: &'static str, firings: &Firings, language: Language) -> Figure {
    let figure = match (firings.due, firings.judged()) {
        (0, _) => language.either(["none fell due", "예정 없음"]).to_owned(),
        (_, 0) => language.either(["none had anything to do", "할 일이 있는 실행 없음"]).to_owned(),
        (_, all) => came_true(firings.came_true, all, language),
    };
    let mut more = firings.shortfalls(language);
    more.extend(said!(Firings: firings, language => dry_run, empty, open));
    Figure { name, figure, more }
}

fn came_true(came_true: u64, all: u64, language: Language) -> String {
    let (came_true, all) = (number(came_true), number(all));
    language.either([
        format!("{came_true} of {all} came true"),
        format!("{all}건 중 {came_true}건 성공"),
    ])
}

impl Firings {
    /// The kinds of due firings that did not come true: `1 missed`.
    pub fn shortfalls(&self, language: Language) -> Vec<String> {
        said!(Firings: self, language => missed, failed, guarded, fell_short, overlapped)
    }

    /// Remarks on the others: `2 late`.
    pub fn besides(&self, language: Language) -> Vec<String> {
        said!(Firings: self, language =>
            late, empty, dry_run, open, skipped, held, made_up, by_hand)
    }
}

impl Ends {
    /// Instances that did not reach their state: `1 refused`.
    pub fn shortfalls(&self, language: Language) -> Vec<String> {
        said!(Ends: self, language => refused, timed_out, unknown, busy)
    }

    /// Instances that did, or were left as they were: `12 stopped`.
    pub fn besides(&self, language: Language) -> Vec<String> {
        said!(Ends: self, language =>
            stopped, started, already, dry_run, held, left_alone, unsettled)
    }
}

impl RuleReport {
    /// The rule in one line when something went wrong: `dev-nightly stop: 18 of 20 came true (1
    /// missed, 1 fell short)`.
    pub fn trouble(&self, language: Language) -> Option<String> {
        let short = self.firings.shortfalls(language);
        (!short.is_empty()).then(|| {
            let (rule, action) = (harmless(&self.rule), self.action.in_language(language));
            let judged = self.firings.judged();
            let (came_true, short) =
                (came_true(self.firings.came_true, judged, language), short.join(", "));
            language.either([
                format!("{rule} {action}: {came_true} ({short})"),
                format!("{rule} {action}: {came_true}({short})"),
            ])
        })
    }
}

impl InstanceReport {
    /// The name, else the number.
    pub fn shown_name(&self) -> String {
        harmless(if self.name.is_empty() { self.no.as_str() } else { &self.name })
    }

    /// The server's failures: `ran through 2 nights`, `1 refused`.
    pub fn shortfalls(&self, language: Language) -> Vec<String> {
        let through = self.nights.running;
        let through = (through > 0).then(|| {
            language.either([
                format!("ran through {}", counted(through, "night")),
                format!("밤새 켜짐 {}건", number(through)),
            ])
        });
        through.into_iter().chain(self.ends.shortfalls(language)).collect()
    }
}

/// The text of an unknown sum.
pub(super) fn unknown(language: Language) -> &'static str {
    language.either(["unknown", "알 수 없음"])
}

fn at_least(amount: &str, language: Language) -> String {
    language.either([format!("at least {amount}"), format!("최소 {amount}")])
}

/// The money saved in a period, without its currency.
pub(super) fn saved(saved: &Saved, spent: &Spent, currency: &str, language: Language) -> String {
    match saved.whole() {
        Some(amount) => money(amount, currency),
        None if saved.unpriced >= spent.off => unknown(language).to_owned(),
        None => at_least(&money(saved.amount, currency), language),
    }
}

pub(super) fn off_share(spent: &Spent, language: Language) -> String {
    spent.off_share().map_or_else(|| "–".to_owned(), |share| percent(share, language))
}

/// `93 %`. Shows 100 or 0 only for all or nothing.
pub(super) fn percent(share: f64, language: Language) -> String {
    if share > 0.0 && share < 0.01 {
        return language.either(["< 1 %", "1% 미만"]).to_owned();
    }
    if share > 0.99 && share < 1.0 {
        return language.either(["> 99 %", "99% 초과"]).to_owned();
    }
    let whole = share * 100.0;
    language.either([format!("{whole:.0} %"), format!("{whole:.0}%")])
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
            assert_eq!(percent(share, Language::English), text);
        }
    }
}
