//! Puts events into words. The choice of the cause is `verdict`'s business.

use chrono::{DateTime, Utc};

use super::{Audience, Event, FiredRule, Meaning, Silence, What, WhyFacts};
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::model::reason::Reason;

/// An event as a line of a timeline, which shows the time itself.
pub fn told(event: &Event, to: Audience) -> String {
    match &event.what {
        What::Fired(fired) => told_of_firing(fired, to),
        What::Silent { rule, action, why } => {
            let (does, silence) = (action.in_language(to.language), silence(why, to.language));
            if *why == Silence::Away {
                return to.either([
                    format!("`{rule}` was due to {does} it: {silence}"),
                    format!("`{rule}` 규칙이 이 서버를 {does}할 차례였음: {silence}"),
                ]);
            }
            to.either([
                format!("`{rule}` did not fire to {does} it: {silence}"),
                format!("`{rule}` 규칙이 이 서버를 {does}하지 않음: {silence}"),
            ])
        }
        What::Changed { action, seen_at } => {
            let (does, at) = (action.in_language(to.language), to.shown(*seen_at));
            to.either([
                format!("somebody else {} it, by {at}", action.done()),
                format!("다른 사람이 {does}함, {at}에 확인"),
            ])
        }
        What::Held { reason, released } => {
            let reason = reason.in_language(to.language);
            let Some((at, who)) = released else { return reason };
            let at = to.shown(*at);
            to.either([
                format!("{reason}; released at {at} by {who}"),
                format!("{reason}; {at}에 해제됨({})", Reason::author(who, to.language)),
            ])
        }
        What::Deferred { rule, action, made_up_by } => {
            let does = action.in_language(to.language);
            match made_up_by {
                Some(firing) => to.either([
                    format!("the deferred {does} of `{rule}` fell due (firing {firing})"),
                    format!("`{rule}` 규칙의 밀린 {does} 차례가 됨(실행 {firing})"),
                ]),
                None => to.either([
                    format!("the deferred {does} of `{rule}` falls due, and is not caught up on"),
                    format!("`{rule}` 규칙의 밀린 {does} 차례, 아직 처리되지 않음"),
                ]),
            }
        }
        What::Away { until } => match until {
            Some(until) => {
                let until = to.shown(*until);
                to.either([
                    format!("no daemon was there until {until}"),
                    format!("{until}까지 데몬이 없었음"),
                ])
            }
            None => to
                .language
                .either(["no daemon has been there since", "지금까지 데몬이 없음"])
                .to_owned(),
        },
    }
}

fn told_of_firing(fired: &FiredRule, to: Audience) -> String {
    let FiredRule { firing, rule, action, .. } = fired;
    let (does, became) = (action.in_language(to.language), fired.became(to.language));
    if !fired.has_fired() {
        return to.either([
            format!("`{rule}` ({does}) did not fire (firing {firing}): {became}"),
            format!("`{rule}` 규칙({does})이 실행되지 않음(실행 {firing}): {became}"),
        ]);
    }
    if !fired.was_asked() {
        return to.either([
            format!("`{rule}` ({does}) fired (firing {firing}): {became}"),
            format!("`{rule}` 규칙({does}), 실행 {firing}: {became}"),
        ]);
    }
    let made_up = [", to make up for it", ", 밀린 작업 처리"];
    let made_up = if fired.makes_up { to.language.either(made_up) } else { "" };
    let settled = fired.settled_at.filter(|_| fired.is_done()).map(|at| {
        let at = to.shown(at);
        to.either([format!(", at {at}"), format!(", {at}")])
    });
    let settled = settled.unwrap_or_default();
    to.either([
        format!("`{rule}` fired to {does} it{made_up} (firing {firing}): {became}{settled}"),
        format!("`{rule}` 규칙이 이 서버를 {does}하려고 실행됨{made_up}(실행 {firing}): {became}{settled}"),
    ])
}

/// An event as the reason in a sentence.
pub(super) fn because(event: &Event, to: Audience) -> String {
    let at = to.shown(event.at);
    match &event.what {
        What::Fired(fired) => {
            let settled = fired.settled_at.map_or_else(|| at.clone(), |at| to.shown(at));
            fired.because(&at, &settled, to)
        }
        What::Silent { rule, why: Silence::Away, .. } => to.either([
            format!("`{rule}` was due at {at} and no daemon was there"),
            format!("{at}에 `{rule}` 규칙이 예정되어 있었으나 데몬이 없었음"),
        ]),
        What::Silent { rule, why, .. } => {
            let why = silence(why, to.language);
            to.either([
                format!("`{rule}` did not fire at {at}: {why}"),
                format!("{at}에 `{rule}` 규칙이 실행되지 않음: {why}"),
            ])
        }
        What::Changed { action, seen_at } => {
            let (does, seen) = (action.in_language(to.language), to.shown(*seen_at));
            to.either([
                format!("somebody else {} it between {at} and {seen}", action.done()),
                format!("다른 사람이 {at} ~ {seen} 사이에 {does}함"),
            ])
        }
        What::Deferred { rule, action, .. } => {
            let does = action.in_language(to.language);
            to.either([
                format!("the deferred {does} of `{rule}` falls due at {at}"),
                format!("`{rule}` 규칙의 밀린 {does} 예정 시각은 {at}"),
            ])
        }
        What::Held { .. } | What::Away { .. } => {
            let told = told(event, to);
            to.either([format!("{told}, since {at}"), format!("{at}부터 {told}")])
        }
    }
}

fn silence(why: &Silence, language: Language) -> String {
    match why {
        Silence::Skipped(why) => why.clone(),
        Silence::Disabled(disabled) => disabled.in_language(language),
        Silence::Away => language.either(["no daemon was there", "데몬이 없었음"]).to_owned(),
    }
}

/// A rule turned the instance, and an unknown person turned it back.
pub(super) fn turned_back(event: &Event, into: Action, to: Audience) -> String {
    let (how, does) = (because(event, to), into.in_language(to.language));
    to.either([
        format!("somebody {} it again: {how}, and the log does not say who", into.done()),
        format!("누군가 다시 {does}했으나 누구인지 로그에 없음: {how}"),
    ])
}

/// The instance was off, since an unknown time.
pub(super) fn always_so(facts: &WhyFacts, to: Audience) -> String {
    let first = facts.before.as_ref().map(|(at, _)| to.shown(*at)).unwrap_or_default();
    to.either([
        format!("it was off when it was seen at {first}, and the log does not say who stopped it"),
        format!("{first}에 확인했을 때 꺼져 있었고, 누가 정지했는지 로그에 없음"),
    ])
}

/// No rule is known to mean the instance; `None` when a rule that stops certainly does.
pub(super) fn nobody_meant_it(facts: &WhyFacts, to: Audience) -> Option<String> {
    let stops = facts.rules.iter().filter(|rule| rule.action == Action::Stop);
    let (perhaps, meant): (Vec<_>, Vec<_>) =
        stops.partition(|rule| rule.meaning == Meaning::Perhaps);
    if !meant.is_empty() {
        return None;
    }
    let names: Vec<String> = perhaps.iter().map(|rule| format!("`{}`", rule.rule)).collect();
    if names.is_empty() {
        let nobody = ["no rule that stops means it", "이 서버를 정지하는 규칙이 없음"];
        return Some(to.language.either(nobody).to_owned());
    }
    let (verb, names) = (if names.len() == 1 { "means" } else { "mean" }, names.join(", "));
    Some(to.either([
        format!(
            "no firing that stops has matched it so far; whether {names} {verb} it is not known \
             yet: its tags are read when a rule fires"
        ),
        format!(
            "정지하는 실행의 대상이었던 적이 없음; {names} 규칙의 대상인지는 아직 모름: 태그는 \
             규칙이 실행될 때 확인"
        ),
    ]))
}

/// A rule means the instance and was not due.
pub(super) fn not_due(facts: &WhyFacts, to: Audience) -> String {
    let is_meant = |meaning| meaning != Meaning::Perhaps;
    let stops = facts.rules.iter().filter(|rule| rule.action == Action::Stop);
    let names: Vec<String> = stops
        .filter(|rule| is_meant(rule.meaning))
        .map(|rule| format!("`{}`", rule.rule))
        .collect();
    let verb = if names.len() == 1 { "means it and has" } else { "mean it and have" };
    let at = to.shown(facts.at);
    to.either([
        format!("{} {verb} no firing in the log by {at} that bears on it", names.join(" and ")),
        format!(
            "{} 규칙의 대상이지만 {at}까지 이 서버에 관한 실행이 로그에 없음",
            names.join(", ")
        ),
    ])
}

/// The effect of an edit of schedules.toml: rules that mean the instance only since then, and rules
/// that no longer do. Only edits after `told`, the time of the decisive event, count.
pub(super) fn edits(facts: &WhyFacts, told: Option<DateTime<Utc>>, to: Audience) -> String {
    let is_news = |at: DateTime<Utc>| told.is_none_or(|told| told < at);
    let mut edits = Vec::new();
    for rule in facts.rules.iter().filter(|rule| rule.action == Action::Stop) {
        if let Some(since) = rule.since.filter(|since| is_news(*since)) {
            let (rule, since) = (&rule.rule, to.shown(since));
            edits.push(to.either([
                format!("; `{rule}` means it only since {since}"),
                format!("; {since}부터 `{rule}` 규칙의 대상이 됨"),
            ]));
        }
    }
    for gone in facts.gone.iter().filter(|gone| gone.action == Action::Stop && is_news(gone.at)) {
        let (rule, until) = (&gone.rule, to.shown(gone.at));
        edits.push(to.either([
            format!("; `{rule}` meant it until {until}"),
            format!("; {until}까지 `{rule}` 규칙의 대상이었음"),
        ]));
    }
    if edits.is_empty() {
        return String::new();
    }
    let edited = [", when schedules.toml was edited", "(schedules.toml을 고친 시각)"];
    edits.concat() + to.language.either(edited)
}

/// The state itself is unknown.
pub(super) fn nobody_knows(facts: &WhyFacts, to: Audience) -> String {
    let torn = facts.events.iter().find_map(|event| match &event.what {
        What::Changed { action, seen_at } if event.at < facts.at && facts.at < *seen_at => {
            Some((event.at, *action, *seen_at))
        }
        _ => None,
    });
    if let Some((from, action, until)) = torn {
        let state = match action {
            Action::Start => ["off", "꺼져"],
            Action::Stop => ["running", "켜져"],
        };
        let (state, does) = (to.language.either(state), action.in_language(to.language));
        let (from, until, done) = (to.shown(from), to.shown(until), action.done());
        return to.either([
            format!(
                "Nobody knows: it was last seen {state} at {from}, found {done} by somebody else \
                 at {until}, and nobody looked in between."
            ),
            format!(
                "알 수 없습니다. {from}에 마지막으로 {state} 있는 것을 확인했고, {until}에 다른 \
                 사람이 {does}한 것을 확인했으며, 그 사이에는 확인하지 않았습니다."
            ),
        ]);
    }
    match (&facts.before, &facts.after) {
        (Some((at, status)), _) => {
            let at = to.shown(*at);
            to.either([
                format!(
                    "Nobody knows: it was last seen in {status}, at {at}, neither running nor off."
                ),
                format!(
                    "알 수 없습니다. {at}에 마지막으로 확인한 상태(코드 {status})는 켜진 것도 꺼진 \
                     것도 아니었습니다."
                ),
            ])
        }
        (None, Some((at, status))) => {
            let at = to.shown(*at);
            to.either([
                format!("Nobody knows: the log saw it first at {at}, in {status}."),
                format!("알 수 없습니다. {at}에 처음 확인했습니다(상태 코드 {status})."),
            ])
        }
        (None, None) => {
            let never = [
                "Nobody knows: the log never saw it.",
                "알 수 없습니다. 로그에서 확인된 적이 없습니다.",
            ];
            to.language.either(never).to_owned()
        }
    }
}
