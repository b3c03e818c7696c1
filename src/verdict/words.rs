//! The words of the three lines, in each language.

use chrono::{DateTime, TimeDelta, Utc};

use super::last_night::{NightResult, Troubled, TroubledFiring};
use super::month::{Month, SavedSoFar};
use super::sentence::Sentence;
use super::tonight::{Hindrance, Tonight};
use super::{Mark, Verdict};
use crate::model::language::words;
use crate::model::outcome::Outcome;
use crate::report::{Money, about_paid, hours_text, number};
use crate::text::sanitize::harmless;
use crate::time::zone::Zone;

/// The most servers or firings that are named in a line where others are left out. One is not.
const MOST_NAMED: usize = 3;
/// Less than this is no figure that a month could be judged by.
const LEAST_COUNTED: TimeDelta = TimeDelta::hours(1);

words! { pub(crate) struct Words:
    last_night: "Last night", "지난밤";
    tonight: "Tonight", "오늘 밤";
    this_month: "This month", "이번 달";

    no_stop_due: "no stop was planned", "예정된 정지가 없었음";
    no_stop_yet: "no stop was planned so far", "지금까지 예정된 정지가 없었음";
    still_to_come(count: &str, at: &str): {
        if count == "1" { format!("1 stop is still to come, at {at}") }
        else { format!("{count} stops are still to come, from {at}") }
    }, {
        if count == "1" { format!("{at}에 정지 1건 남음") } else { format!("{at}부터 정지 {count}건 남음") }
    };
    no_server_meant: "no server was to be stopped", "정지할 서버가 없었음";
    off_of(off: &str, all: &str): "{off} of {all} servers off", "서버 {all}대 중 {off}대 정지";
    off_so_far(off: &str, all: &str): {
        match (off, all) {
            ("1", "1") => "1 server off so far".to_owned(),
            (off, all) if off == all => format!("{off} servers off so far"),
            (off, all) => format!("{off} of {all} servers off so far"),
        }
    }, {
        if off == all { format!("지금까지 서버 {off}대 정지") }
        else { format!("지금까지 서버 {all}대 중 {off}대 정지") }
    };
    searching(count: &str): {
        if count == "1" { "1 stop is still looking for its servers".to_owned() }
        else { format!("{count} stops are still looking for their servers") }
    }, { format!("아직 서버를 찾고 있는 정지 {count}건") };
    so_far(sum: &str): "so far {sum}", "지금까지 {sum}";
    under_way(sum: &str): "stopping now: {sum}", "정지하는 중: {sum}";
    under_way_well(sum: &str):
        "stopping now, no trouble so far: {sum}", "정지하는 중, 지금까지 문제 없음: {sum}";
    waiting(count: &str): "{count} in progress", "진행 중 {count}대";
    did_not_stop(count: &str, names: &str):
        "{count} did not stop: {names}", "정지되지 않은 서버 {count}대: {names}";
    failed(names: &str): "failed as a whole: {names}", "전체가 실패한 실행: {names}";
    one(name: &str, outcome: &str): "{name} ({outcome})", "{name}({outcome})";
    more_servers(names: &str, more: &str): "{names} and {more} more", "{names} 외 {more}대";
    more_firings(names: &str, more: &str): "{names} and {more} more", "{names} 외 {more}건";
    held_back: "held back", "안전장치로 중단";

    no_stop_comes: "no stop is to come", "예정된 정지 없음";
    stops_from(count: &str, at: &str): {
        if count == "1" { format!("1 stop at {at}") } else { format!("{count} stops from {at}") }
    }, {
        if count == "1" { format!("{at}에 정지 1건") } else { format!("{at}부터 정지 {count}건") }
    };
    stops_cannot_run(count: &str, at: &str): {
        if count == "1" { format!("the stop at {at} cannot run") }
        else { format!("{count} stops from {at} cannot run") }
    }, {
        if count == "1" { format!("{at}에 예정된 정지 1건 실행 불가") }
        else { format!("{at}부터 예정된 정지 {count}건 실행 불가") }
    };
    more_stops(count: &str, at: &str): {
        let stops = if count == "1" { "stop" } else { "stops" };
        format!("{count} more {stops} from {at}")
    }, { format!("{at}부터 정지 {count}건 더") };
    about_servers(count: &str): {
        let servers = if count == "1" { "server" } else { "servers" };
        format!("about {count} {servers}")
    }, { format!("서버 약 {count}대") };
    ready(stops: &str): "ready: {stops}", "준비 완료: {stops}";
    ready_first(stops: &str): "ready for the first night: {stops}", "첫 실행 준비 완료: {stops}";
    first_night(stops: &str): "first night: {stops}", "첫 실행: {stops}";
    first_servers: "to see which servers: `lightsout plan`", "대상 서버 확인: `lightsout plan`";
    no_servers: "no server was found before", "지금까지 찾은 서버 없음";
    untried(count: &str): {
        let rules = if count == "1" { "rule" } else { "rules" };
        format!("{count} {rules} not tried yet")
    }, { format!("실행된 적 없는 규칙 {count}개") };
    held(count: &str): "{count} held", "보류 {count}대";
    tried_again(count: u64, all: u64): {
        match (count, all) {
            (1, 1) => "it is tried again tonight".to_owned(),
            (count, all) if count == all => "they are tried again tonight".to_owned(),
            (1, _) => "1 of them is tried again tonight".to_owned(),
            (count, _) => format!("{count} of them are tried again tonight"),
        }
    }, {
        if count == all { "오늘 밤 다시 시도".to_owned() }
        else { format!("그중 {count}대 오늘 밤 다시 시도") }
    };
    read_at(accounts: u64, at: &str): {
        match accounts {
            1 => format!("account read at {at}"),
            2 => format!("both accounts read at {at}"),
            n => format!("all {n} accounts read at {at}"),
        }
    }, {
        if accounts == 1 { format!("{at}에 계정 확인") } else { format!("{at}에 계정 {accounts}개 확인") }
    };
    not_read_yet: "accounts not read yet", "계정을 아직 읽지 못함";
    no_log: "nothing will stop or start: no daemon has ever run here",
        "여기서 데몬이 실행된 적이 없어 아무것도 정지되거나 시작되지 않음";
    no_daemon: "nothing will stop or start: no daemon is alive",
        "실행 중인 데몬이 없어 아무것도 정지되거나 시작되지 않음";
    silent: "nothing will stop or start: the daemon cannot write its log",
        "데몬이 로그를 쓰지 못해 아무것도 정지되거나 시작되지 않음";
    no_file: "nothing is known to come: schedules.toml cannot be used",
        "schedules.toml을 사용할 수 없어 예정을 알 수 없음";
    account_lost(account: &str): "nothing will stop or start in account {account}",
        "{account} 계정에서는 아무것도 정지되거나 시작되지 않음";
    blocked: "Nothing of this runs until the trouble above is fixed",
        "위의 문제를 해결하기 전에는 아래 예정이 실행되지 않습니다";
    blocked_in(account: &str):
        "Nothing of this runs in account {account} until the trouble above is fixed",
        "위의 문제를 해결하기 전에는 {account} 계정의 아래 예정이 실행되지 않습니다";

    saved(amount: &str): "{amount} saved", "{amount} 절약";
    saved_at_least(amount: &str): "at least {amount} saved", "최소 {amount} 절약";
    hours_off(hours: &str): "{hours} server-hours off", "서버가 꺼진 시간 합계 {hours}시간";
    savings_unknown: "savings unknown", "절약 금액 알 수 없음";
    prices_unread: "savings unknown while schedules.toml cannot be used",
        "schedules.toml을 사용할 수 없는 동안 절약 금액 알 수 없음";
    unpriced(count: &str): {
        let servers = if count == "1" { "server has" } else { "servers have" };
        format!("{count} {servers} no price: write it under [prices] in schedules.toml")
    }, { format!("요금이 없는 서버 {count}대: schedules.toml의 [prices]에 적으십시오") };
    no_hours_yet: "nothing saved yet", "아직 절약한 금액 없음";
    month_unknown: "not reckoned yet", "아직 계산하지 않음";
}

impl Words {
    /// The line of last night, which lasts until noon.
    pub(crate) fn of_last_night(self, verdict: &Verdict, zone: Zone) -> Sentence {
        let (night, again) = (&verdict.last_night, verdict.tonight.tried_again);
        let told = if again == 0 || verdict.tonight.hindrance.is_some() {
            self.night(night)
        } else {
            let all = night.troubled.len() as u64;
            self.night(night).and(self.tried_again(again, all))
        };
        let Some(first) = verdict.rest.first() else { return told };
        let so_far = match night.stops {
            0 => Sentence::new(self.no_stop_yet()),
            _ => told,
        };
        let rest = number(verdict.rest.len() as u64);
        so_far.and(self.still_to_come(&rest, &hour(first.at, zone)))
    }

    /// What came of a night so far.
    pub(crate) fn night(self, night: &NightResult) -> Sentence {
        let mut said = match (night.servers, night.stops) {
            (0, 0) => vec![self.no_stop_due().to_owned()],
            (0, _) if night.failed.is_empty() && night.searching == 0 => {
                vec![self.no_server_meant().to_owned()]
            }
            (0, _) => Vec::new(),
            _ if night.searching > 0 => {
                vec![self.off_so_far(&number(night.off), &number(night.servers))]
            }
            _ => vec![self.off_of(&number(night.off), &number(night.servers))],
        };
        if night.waiting > 0 {
            said.push(self.waiting(&number(night.waiting)));
        }
        if night.searching > 0 {
            said.push(self.searching(&number(night.searching)));
        }
        said.extend(self.failed_firings(night));
        said.extend(self.troubled(night));
        Sentence::of(said).expect("a night without a server and without a failed firing says so")
    }

    /// What became of a server; of one that was skipped, why.
    pub(crate) fn end_of(self, server: &Troubled) -> String {
        match (server.outcome, &server.reason) {
            (Some(Outcome::Skipped), Some(reason)) => {
                let reason = reason.in_language(self.0);
                reason.split_once(':').map_or(&*reason, |(kind, _)| kind).to_owned()
            }
            (Some(outcome), _) => outcome.in_language(self.0).to_owned(),
            (None, _) => self.held_back().to_owned(),
        }
    }

    /// The servers that did not stop.
    fn troubled(self, night: &NightResult) -> Option<String> {
        let servers = night
            .troubled
            .iter()
            .map(|it| self.one(&harmless(&it.instance_name), &self.end_of(it)));
        let count = number(night.troubled.len() as u64);
        let names = some(servers, |names, more| self.more_servers(names, more));
        (!night.troubled.is_empty()).then(|| self.did_not_stop(&count, &names))
    }

    /// The firings that failed.
    fn failed_firings(self, night: &NightResult) -> Option<String> {
        let firings = night.failed.iter().map(|it: &TroubledFiring| {
            let outcome = it.outcome.map_or("", |outcome: Outcome| outcome.in_language(self.0));
            self.one(&harmless(&it.rule), outcome)
        });
        let names = some(firings, |names, more| self.more_firings(names, more));
        (!night.failed.is_empty()).then(|| self.failed(&names))
    }

    pub(crate) fn of_tonight(self, tonight: &Tonight, zone: Zone) -> Sentence {
        let mut said = Vec::new();
        if let Some(hindrance) = &tonight.hindrance {
            said.push(self.hindrance(hindrance));
        }
        let has_begun = tonight.so_far.stops > 0;
        if has_begun {
            let Sentence { answer, more } = self.night(&tonight.so_far);
            said.push(match (tonight.so_far.is_open(), tonight.so_far.troubles()) {
                (false, _) => self.so_far(&answer),
                (true, 0) => self.under_way_well(&answer),
                (true, _) => self.under_way(&answer),
            });
            said.extend(more);
        }
        match tonight.coming.first() {
            None if has_begun || !tonight.knows_rules => {}
            None => said.push(self.no_stop_comes().to_owned()),
            Some(first) => said.extend(self.to_come(tonight, &hour(first.at, zone))),
        }
        if tonight.hindrance.is_none() && !tonight.coming.is_empty() {
            said.push(match tonight.read_at {
                Some(at) => self.read_at(tonight.accounts, &hour(at, zone)),
                None => self.not_read_yet().to_owned(),
            });
        }
        Sentence::of(said).expect("without rules, a hindrance was said")
    }

    /// The stops of tonight that are to come, the first of them `at`.
    fn to_come(self, tonight: &Tonight, at: &str) -> Vec<String> {
        let count = number(tonight.coming.len() as u64);
        let (has_begun, hindrance) = (tonight.so_far.stops > 0, tonight.hindrance.as_ref());
        let mut stops = vec![match (has_begun, hindrance) {
            (true, _) => self.more_stops(&count, at),
            (false, None) => self.stops_from(&count, at),
            // Those of other accounts can.
            (false, Some(Hindrance::Account(_))) if tonight.accounts > 1 => {
                self.stops_from(&count, at)
            }
            (false, Some(_)) => self.stops_cannot_run(&count, at),
        }];
        let is_first = tonight.untried == tonight.coming.len() as u64;
        match (tonight.servers, hindrance) {
            (0, None) if !is_first => stops.push(self.no_servers().to_owned()),
            (0, _) => {}
            (servers, _) => stops.push(self.about_servers(&number(servers))),
        }
        if tonight.untried > 0 && tonight.servers > 0 {
            stops.push(self.untried(&number(tonight.untried)));
        }
        if tonight.held > 0 {
            stops.push(self.held(&number(tonight.held)));
        }
        let stops = stops.join(", ");
        let mut said = vec![match tonight.mark() {
            Mark::Quiet if is_first && !has_begun && tonight.read_at.is_some() => {
                self.ready_first(&stops)
            }
            Mark::Quiet if is_first && !has_begun => self.first_night(&stops),
            Mark::Good if !has_begun => self.ready(&stops),
            _ => stops,
        }];
        if tonight.servers == 0 && is_first && hindrance.is_none() {
            said.push(self.first_servers().to_owned());
        }
        said
    }

    fn hindrance(self, hindrance: &Hindrance) -> String {
        match hindrance {
            Hindrance::NoLog => self.no_log().to_owned(),
            Hindrance::NoDaemon => self.no_daemon().to_owned(),
            Hindrance::Silent => self.silent().to_owned(),
            Hindrance::File => self.no_file().to_owned(),
            Hindrance::Account(name) => self.account_lost(&harmless(name)),
        }
    }

    /// What the hindrance means for everything that would come.
    pub(crate) fn blocked_by(self, hindrance: &Hindrance) -> String {
        match hindrance {
            Hindrance::Account(name) => self.blocked_in(&harmless(name)),
            _ => self.blocked().to_owned(),
        }
    }

    pub(crate) fn month(self, month: Option<&Month>) -> Sentence {
        let Some(month) = month else { return Sentence::new(self.month_unknown()) };
        if month.off < LEAST_COUNTED {
            return Sentence::new(self.no_hours_yet());
        }
        let hours = self.hours_off(&hours_text(month.off));
        let Some(unpriced) = month.unpriced else {
            return Sentence::new(hours).and(self.prices_unread().to_owned());
        };
        let is_any_known = |it: &&SavedSoFar| unpriced == 0 || it.amount != Money::default();
        let saved = match month.saved.as_ref().filter(is_any_known) {
            Some(saved) if saved.is_least => Some(self.saved_at_least(&self.amount(saved))),
            Some(saved) => Some(self.saved(&self.amount(saved))),
            None => (unpriced > 0).then(|| self.savings_unknown().to_owned()),
        };
        let unpriced = (unpriced > 0).then(|| self.unpriced(&number(unpriced)));
        Sentence::of(saved.into_iter().chain([hours]).chain(unpriced)).expect("it has the hours")
    }

    /// An amount with three digits that count.
    pub(crate) fn amount(self, saved: &SavedSoFar) -> String {
        harmless(&about_paid(saved.amount, &saved.currency, self.0))
    }
}

fn hour(at: DateTime<Utc>, zone: Zone) -> String {
    zone.show(at).format("%H:%M").to_string()
}

/// The first of some names, and the number of the others.
fn some(
    names: impl ExactSizeIterator<Item = String>,
    and_more: impl Fn(&str, &str) -> String,
) -> String {
    let shown = if names.len() == MOST_NAMED + 1 { names.len() } else { MOST_NAMED };
    let more = names.len().saturating_sub(shown);
    let first = names.take(shown).collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { and_more(&first, &number(more as u64)) }
}
