//! The meaning of a night, and its words.

mod keys;
mod searching;
mod sentences;

use chrono::{DateTime, TimeDelta, Utc};

use super::last_night::NightResult;
use super::month::{Month, SavedSoFar};
use super::{DoubtWords, Mark, Words, span};
use crate::audit::report_facts::{Fired, HowRun, OutcomeGroup};
use crate::model::ids::FiringId;
use crate::model::instance::{AccountName, Action, InstanceNo};
use crate::model::language::{Language, assert_both_say_the_same};
use crate::model::outcome::Outcome;
use crate::model::period::Period;
use crate::model::reason::Reason;
use crate::report::Money;
use crate::time::zone::Zone;

fn at(hour: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
}

/// A stop at an hour, with a group for each outcome.
fn stop(hour: i64, groups: &[(Option<Outcome>, Option<Reason>, &[u32])]) -> Fired {
    let group = |(outcome, reason, servers): &(Option<Outcome>, Option<Reason>, &[u32])| {
        let no = |no: &u32| InstanceNo::new(no.to_string()).unwrap();
        OutcomeGroup {
            outcome: *outcome,
            reason: reason.clone(),
            instances: servers.iter().map(no).collect(),
        }
    };
    Fired {
        firing: Some(FiringId::from(hour)),
        rule: format!("rule-{hour}"),
        action: Action::Stop,
        account: AccountName::new("main").unwrap(),
        due_at: at(hour),
        run: HowRun::OnTime,
        is_makeup: false,
        is_dry_run: false,
        is_open: false,
        words: Vec::new(),
        ended: groups.iter().map(group).collect(),
    }
}

fn night(firings: &[Fired]) -> NightResult {
    NightResult::of(firings, Period { from: at(12), until: at(36) })
}

#[test]
fn a_night_counts_each_server_once_by_its_last_word() {
    use Outcome::{Already, CloudFailed, DryRun, Refused, Skipped, Stopped, TimedOut, TooMany};
    let busy = Reason::from("busy: CREATING".to_owned());
    for (firings, sentence, mark) in [
        (vec![], "no stop was planned", Mark::Quiet),
        (vec![stop(11, &[(Some(Stopped), None, &[1])])], "no stop was planned", Mark::Quiet),
        (vec![stop(36, &[(Some(Stopped), None, &[1])])], "no stop was planned", Mark::Quiet),
        (
            vec![stop(20, &[(Some(Stopped), None, &[1, 2]), (Some(Already), None, &[3])])],
            "3 of 3 servers off",
            Mark::Good,
        ),
        // Tried again in the same night, and then reached.
        (
            vec![
                stop(20, &[(Some(TimedOut), None, &[1, 2])]),
                stop(23, &[(Some(Stopped), None, &[1])]),
            ],
            "1 of 2 servers off; 1 did not stop: 2 (timed out)",
            Mark::Trouble,
        ),
        // Left alone by choice, or only rehearsed: not counted.
        (
            vec![
                stop(
                    20,
                    &[
                        (Some(Skipped), Some(Reason::Protected), &[1]),
                        (Some(Skipped), Some(busy.clone()), &[2]),
                        (Some(DryRun), None, &[3]),
                        (Some(Stopped), None, &[4]),
                    ],
                ),
                Fired { is_dry_run: true, ..stop(21, &[(Some(DryRun), None, &[5])]) },
            ],
            "1 of 2 servers off; 1 did not stop: 2 (busy)",
            Mark::Trouble,
        ),
        // The gravest first, and no more than three names.
        (
            vec![stop(
                20,
                &[
                    (Some(Refused), None, &[1, 2, 3]),
                    (Some(TimedOut), None, &[4]),
                    (Some(Stopped), None, &[5]),
                ],
            )],
            "1 of 5 servers off; 4 did not stop: 4 (timed out), 1 (refused), 2 (refused), 3 (refused)",
            Mark::Trouble,
        ),
        (
            vec![stop(20, &[(Some(Refused), None, &[1, 2, 3, 4, 5])])],
            "0 of 5 servers off; 5 did not stop: 1 (refused), 2 (refused), 3 (refused) and 2 more",
            Mark::Trouble,
        ),
        (
            vec![Fired {
                is_open: true,
                ..stop(20, &[(None, None, &[1]), (Some(Stopped), None, &[2])])
            }],
            "1 of 2 servers off; 1 in progress",
            Mark::Quiet,
        ),
        (
            vec![Fired { words: vec![TooMany], ..stop(20, &[(None, None, &[1, 2])]) }],
            "0 of 2 servers off; failed as a whole: rule-20 (too many); 2 did not stop: \
             1 (held back), 2 (held back)",
            Mark::Trouble,
        ),
        (
            vec![
                Fired { run: HowRun::Missed, ..stop(20, &[]) },
                Fired { words: vec![CloudFailed], ..stop(21, &[]) },
            ],
            "failed as a whole: rule-20 (missed), rule-21 (cloud failed)",
            Mark::Trouble,
        ),
        (
            vec![Fired { words: vec![Outcome::NothingMatched], ..stop(20, &[]) }],
            "no server was to be stopped",
            Mark::Quiet,
        ),
        (
            vec![Fired { action: Action::Start, ..stop(30, &[(Some(Refused), None, &[1])]) }],
            "no stop was planned",
            Mark::Quiet,
        ),
    ] {
        let night = night(&firings);
        assert_eq!(Words(Language::English).night(&night).to_string(), sentence);
        assert_eq!(night.mark(), mark, "{sentence}");
    }
}

#[test]
fn korean_counts_the_others_as_servers_or_as_firings() {
    let refused = [(Some(Outcome::Refused), None, &[1, 2, 3, 4, 5][..])];
    let missed = |due| Fired { run: HowRun::Missed, ..stop(due, &[]) };
    let night =
        night(&[stop(20, &refused), missed(21), missed(22), missed(23), missed(24), missed(25)]);
    assert_eq!(
        Words(Language::Korean).night(&night).to_string(),
        "서버 5대 중 0대 정지; 전체가 실패한 실행: rule-21(놓침), rule-22(놓침), rule-23(놓침) 외 \
         2건; 정지되지 않은 서버 5대: 1(거부됨), 2(거부됨), 3(거부됨) 외 2대"
    );
}

#[test]
fn the_month_says_how_many_servers_have_no_price_and_where_prices_are_written() {
    let span = Period { from: at(0), until: at(100) };
    let month = |amount: Option<i64>, is_least, unpriced| Month {
        span,
        off: TimeDelta::hours(412),
        saved: amount.map(|an_hour| SavedSoFar {
            amount: Money::of(an_hour * 1_000_000, TimeDelta::hours(1)),
            currency: "KRW".to_owned(),
            is_least,
        }),
        unpriced,
    };
    for (month, [english, korean]) in [
        (
            month(None, false, Some(56)),
            [
                "savings unknown; 412 server-hours off; 56 servers have no price: write it under \
                 [prices] in schedules.toml",
                "절약 금액 알 수 없음; 서버가 꺼진 시간 합계 412시간; 요금이 없는 서버 56대: \
                 schedules.toml의 [prices]에 적으십시오",
            ],
        ),
        (
            month(Some(0), true, Some(1)),
            [
                "savings unknown; 412 server-hours off; 1 server has no price: write it under \
                 [prices] in schedules.toml",
                "절약 금액 알 수 없음; 서버가 꺼진 시간 합계 412시간; 요금이 없는 서버 1대: \
                 schedules.toml의 [prices]에 적으십시오",
            ],
        ),
        (
            month(Some(980), true, Some(2)),
            [
                "at least 980 KRW saved; 412 server-hours off; 2 servers have no price: write it \
                 under [prices] in schedules.toml",
                "최소 980원 절약; 서버가 꺼진 시간 합계 412시간; 요금이 없는 서버 2대: \
                 schedules.toml의 [prices]에 적으십시오",
            ],
        ),
        (
            month(Some(980), true, Some(0)),
            [
                "at least 980 KRW saved; 412 server-hours off",
                "최소 980원 절약; 서버가 꺼진 시간 합계 412시간",
            ],
        ),
        // Servers that cost the same while they are off have no need of prices.
        (month(None, false, Some(0)), ["412 server-hours off", "서버가 꺼진 시간 합계 412시간"]),
        (
            month(None, false, None),
            [
                "412 server-hours off; savings unknown while schedules.toml cannot be used",
                "서버가 꺼진 시간 합계 412시간; schedules.toml을 사용할 수 없는 동안 절약 금액 알 수 없음",
            ],
        ),
    ] {
        assert_eq!(Words(Language::English).month(Some(&month)).to_string(), english);
        assert_eq!(Words(Language::Korean).month(Some(&month)).to_string(), korean);
    }
}

/// Whatever `fire` would not exit 0 for is trouble, and so are `missed` and `overlapped`.
#[test]
fn trouble_is_what_fire_does_not_exit_0_for_and_what_did_not_run() {
    for outcome in Outcome::ALL {
        let fails = outcome.exit(None) != crate::model::outcome::ExitClass::Fine;
        let did_not_run = matches!(outcome, Outcome::Missed | Outcome::Overlapped);
        let firing = if outcome.is_of_server() {
            stop(20, &[(Some(outcome), None, &[1])])
        } else {
            Fired { words: vec![outcome], ..stop(20, &[]) }
        };
        let is_trouble = night(&[firing]).mark() == Mark::Trouble;
        assert_eq!(is_trouble, fails || did_not_run, "{outcome}");
    }
}

#[test]
fn a_night_runs_from_noon_to_noon_and_last_night_is_yesterdays_even_before_it_ends() {
    let zone = Zone::named("Asia/Seoul").unwrap();
    let local = |text: &str| format!("{text}:00+09:00").parse::<DateTime<Utc>>().unwrap();
    for (now, last, tonight) in [
        ("2026-11-29T08:00", "2026-11-28T12:00", "2026-11-29T12:00"),
        ("2026-11-29T00:30", "2026-11-28T12:00", "2026-11-29T12:00"),
        ("2026-11-29T12:00", "2026-11-28T12:00", "2026-11-29T12:00"),
        ("2026-11-29T23:59", "2026-11-28T12:00", "2026-11-29T12:00"),
    ] {
        let now = local(now);
        assert_eq!(span::last_night(now, zone).from, local(last));
        assert_eq!(span::last_night(now, zone).until, local(tonight));
        assert_eq!(span::tonight(now, zone).from, local(tonight));
    }
}

#[test]
fn both_languages_say_the_same() {
    let of_people = Words::SOURCES.iter().filter(|[english, _]| !english.starts_with("\"{name}"));
    assert_both_say_the_same(&of_people.copied().collect::<Vec<_>>());
    assert_both_say_the_same(DoubtWords::SOURCES);
}
