//! Puts forecasts into words, and finds the failing expectations of a file.

use std::fmt;

use super::{Foresight, LOOK_BACK, LastFiring, Outlook, Restraint};
use crate::model::language::Language;
use crate::schedule::expect::{Expectation, ExpectedState};
use crate::schedule::problem::Problem;
use crate::schedule::rule::{Rule, Schedules};
use crate::schedule::source::Source;
use crate::schedule::times::Skipped;

/// The most restrained rules that are named.
const MOST_NAMED: usize = 3;

impl Schedules {
    /// A warning for each expectation of `[[expect]]` that fails. The first call takes a while:
    /// rules are followed for more than a year.
    pub fn failing_expectations(&self) -> &[Problem] {
        self.unmet.get_or_init(|| self.find_unmet(Language::English))
    }

    /// The same, told in a language.
    pub fn failing_expectations_in(&self, language: Language) -> Vec<Problem> {
        match language {
            Language::English => self.failing_expectations().to_vec(),
            Language::Korean => self.find_unmet(language),
        }
    }

    fn find_unmet(&self, language: Language) -> Vec<Problem> {
        let source = Source::new(&self.path, &self.text);
        let failing = |expectation: &Expectation, foresight: Foresight<'_>| {
            if foresight.outlook.state() == Some(expectation.state) {
                return None;
            }
            let name = &expectation.instance.name;
            let at = self.timezone.show(expectation.at).format("%F %H:%M%:z");
            let (wanted, state) =
                (in_language(Some(expectation.state), language), foresight.outlook.state());
            let state = in_language(state, language);
            let message = language.either([
                format!("`{name}` is expected to be {wanted} at {at}, and would be {state}"),
                format!("{at}의 `{name}` 기대 상태는 {wanted}, 예상 상태는 {state}"),
            ]);
            let because = expectation.because.as_ref().map(|because| {
                language.either([
                    format!("; expected because: {because}"),
                    format!("; 기대하는 이유: {because}"),
                ])
            });
            let hint = foresight.in_language(language) + &because.unwrap_or_default();
            let start = source.start_of_line(expectation.line);
            Some(source.warning(start..start + "[[expect]]".len(), message, hint))
        };
        self.foresee(failing).into_iter().flatten().collect()
    }
}

impl Outlook<'_> {
    pub fn word(&self) -> &'static str {
        in_language(self.state(), Language::English)
    }
}

fn in_language(state: Option<ExpectedState>, language: Language) -> &'static str {
    let korean = match state {
        None => return language.either(["undecided", "정해지지 않음"]),
        Some(ExpectedState::Stopped) => "꺼짐",
        Some(ExpectedState::Running) => "켜짐",
        Some(ExpectedState::Untouched) => "그대로 둠",
    };
    language.either([state.map_or("", ExpectedState::as_str), korean])
}

impl LastFiring<'_> {
    /// The time of the firing, in the rule's local time.
    pub fn local(&self) -> String {
        self.rule.timezone.show(self.occurrence.at).to_rfc3339()
    }

    fn shown(&self, language: Language) -> String {
        match language {
            Language::English => self.local(),
            Language::Korean => {
                self.rule.timezone.show(self.occurrence.at).format("%F %H:%M").to_string()
            }
        }
    }
}

impl Foresight<'_> {
    /// The rules that lead to the state, and the restrained ones.
    pub fn in_language(&self, language: Language) -> String {
        let mut said = vec![self.led(language)];
        let restrained = self.restrained.iter().take(MOST_NAMED);
        said.extend(restrained.map(|(rule, why)| restraint(rule, *why, language)));
        let others = self.restrained.len().saturating_sub(MOST_NAMED);
        if others > 0 {
            let rules = if others == 1 { "rule does" } else { "rules do" };
            said.push(language.either([
                format!("{others} more {rules} not act"),
                format!("그 밖의 규칙 {others}개도 바꾸지 않음"),
            ]));
        }
        said.join("; ")
    }

    /// The rules that lead to the state.
    fn led(&self, language: Language) -> String {
        let does = |last: &LastFiring<'_>| last.rule.action.in_language(language);
        match &self.outlook {
            Outlook::Left(last) => {
                let (rule, at) = (&last.rule.name, last.shown(language));
                let led = language.either([
                    format!("`{rule}` {}s it at {at}", does(last)),
                    format!("{at}에 `{rule}` 규칙이 {}함", does(last)),
                ]);
                let note = last.occurrence.note.as_ref().map(|it| it.in_language(language));
                let changed = last.rule.override_of(&last.occurrence).map(|changed| {
                    let changed = changed.in_language(language);
                    language
                        .either([format!("override: {changed}"), format!("예외 기간: {changed}")])
                });
                note.into_iter().chain(changed).fold(led, |led, it| format!("{led} ({it})"))
            }
            Outlook::Torn { stop, start } => {
                let (stops, starts) = (&stop.rule.name, &start.rule.name);
                let at = stop.shown(language);
                language.either([
                    format!("`{stops}` stops it and `{starts}` starts it, both at {at}"),
                    format!("{at}에 `{stops}` 규칙은 정지하고 `{starts}` 규칙은 시작함"),
                ])
            }
            Outlook::Untouched => {
                let days = LOOK_BACK.num_days();
                language.either([
                    format!("no rule acts on it in the {days} days before"),
                    format!("앞선 {days}일 동안 이 서버를 바꾸는 규칙이 없음"),
                ])
            }
        }
    }
}

impl fmt::Display for Foresight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_language(Language::English))
    }
}

fn restraint(rule: &Rule, why: Restraint<'_>, language: Language) -> String {
    let (name, does) = (&rule.name, rule.action.in_language(language));
    language.either(match why {
        Restraint::Protected => [
            format!("`[protect]` keeps `{name}` from it"),
            format!("`[protect]`가 `{name}` 규칙을 막음"),
        ],
        Restraint::Excepted => [
            format!("`except` of `{name}` leaves it out"),
            format!("`{name}` 규칙의 `except`로 제외됨"),
        ],
        Restraint::Disabled => [
            format!("`{name}` would {does} it, but is disabled"),
            format!("`{name}` 규칙이 {does}할 차례이나 비활성 상태임"),
        ],
        Restraint::DryRun => [
            format!("`{name}` would {does} it, but is a dry run"),
            format!("`{name}` 규칙이 {does}할 차례이나 모의 실행임"),
        ],
        Restraint::NotOurs => [
            format!("`{name}` starts only what lightsout stopped, and no rule stops it before"),
            format!(
                "`{name}` 규칙은 lightsout이 정지한 서버만 시작하며, 앞서 정지하는 규칙이 없음"
            ),
        ],
        Restraint::Skipped(Skipped { occurrence, skip }) => {
            let at = rule.timezone.show(occurrence.at);
            let skip = skip.in_language(language);
            [
                format!(
                    "`{name}` would {does} it at {}, but that is skipped: {skip}",
                    at.to_rfc3339()
                ),
                format!(
                    "`{name}` 규칙이 {}에 {does}할 차례이나 건너뜀: {skip}",
                    at.format("%F %H:%M")
                ),
            ]
        }
    })
}
