//! Finds the firings that fall into a hold, from the rules and the log, without the cloud; and says
//! which start among them leaves servers off.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::instance::Action;
use crate::model::known_instance::Directory;
use crate::model::language::words;
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};

/// The most firings of each rule that are found.
const MOST: usize = 100;

/// The most firings that are named.
const MOST_NAMED: usize = 3;

/// The firings that fall into a hold, in order. Those of one instant and one action are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldFirings {
    firings: Vec<(DateTime<Utc>, Action)>,
    /// Whether a rule fires more often than is counted.
    has_more: bool,
    start: Option<HeldStart>,
}

/// From when to when a hold lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldSpan {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Nothing is caught up on at its end.
    pub skip: bool,
}

/// The first start that finds servers off. No stop that is held comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldStart {
    pub at: DateTime<Utc>,
    /// The end of the hold; or the next start, where a later stop is held, too, or nothing is caught
    /// up on. `None`: no start is to come.
    pub off_until: Option<DateTime<Utc>>,
}

impl HeldFirings {
    /// The firings that a hold on the subject keeps back.
    pub fn of(subject: &Subject, schedules: &Schedules, known: &Directory, span: HoldSpan) -> Self {
        let HoldSpan { from, until, .. } = span;
        let mut has_more = false;
        let mut found: Vec<(DateTime<Utc>, &Rule)> = Vec::new();
        let rules = known.rules_about(subject, schedules);
        for &rule in &rules {
            // A firing at the very end is not held.
            let within = rule.occurrences(from).take_while(|it| it.at < until).take(MOST);
            let before = found.len();
            found.extend(within.map(|it| (it.at, rule)));
            has_more |= found.len() - before == MOST;
        }
        found.sort_by_key(|(at, _)| *at);
        let start = found.iter().position(|(_, rule)| rule.action == Action::Start);
        let start =
            start.filter(|place| !found[..*place].iter().any(|it| spares(it.1, found[*place].1)));
        let start = start.map(|place| HeldStart {
            at: found[place].0,
            off_until: off_until(&found[place..], &rules, span),
        });
        let mut firings: Vec<_> = found.into_iter().map(|(at, rule)| (at, rule.action)).collect();
        firings.dedup();
        Self { firings, has_more, start }
    }

    /// The one action that is held; `None` for both or none.
    pub fn only_action(&self) -> Option<Action> {
        let (_, first) = self.firings.first()?;
        self.firings.iter().all(|(_, action)| action == first).then_some(*first)
    }

    pub fn is_empty(&self) -> bool {
        self.firings.is_empty()
    }

    /// The start that is held although servers are off then.
    pub fn start(&self) -> Option<HeldStart> {
        self.start
    }
}

/// `held` begins with the start.
fn off_until(
    held: &[(DateTime<Utc>, &Rule)],
    rules: &[&Rule],
    span: HoldSpan,
) -> Option<DateTime<Utc>> {
    let is_undone = held.iter().any(|(_, rule)| rule.action == Action::Stop);
    if !is_undone && !span.skip {
        return Some(span.until);
    }
    let starts = rules.iter().filter(|rule| rule.action == Action::Start);
    // A start at the very end is not held.
    let before = span.until - TimeDelta::milliseconds(1);
    starts.filter_map(|rule| Some(rule.next_after(before)?.at)).min()
}

/// Whether a stop that is held leaves on what the later start would start. The start of a window
/// undoes its own stop alone.
fn spares(stop: &Rule, start: &Rule) -> bool {
    let is_its_own = start.times.window().is_none() || start.name == stop.name;
    stop.action == Action::Stop && is_its_own
}

words! { pub(crate) struct HeldWords:
    stop_at(at: &str): "stop {at}", "{at} 정지";
    start_at(at: &str): "start {at}", "{at} 시작";
    holds(firings: &str): "holds: {firings}", "보류되는 작업: {firings}";
    and_more(firings: &str, more: usize): "{firings}, and {more} more", "{firings} 외 {more}건";
    and_many_more(firings: &str, more: usize):
        "{firings}, and at least {more} more",
        "{firings} 외 {more}건 이상";
    holds_nothing: "nothing comes in that time", "그동안 예정된 작업 없음";
    start_is_held_until(at: &str, until: &str):
        "the start {at} is held too: servers stay off until {until}",
        "{at} 시작도 보류됩니다: 서버가 {until}까지 꺼져 있습니다";
    start_is_held_for_good(at: &str):
        "the start {at} is held too: servers stay off, since no start comes after the hold",
        "{at} 시작도 보류됩니다: 보류가 끝난 뒤 예정된 시작이 없어 서버가 계속 꺼져 있습니다";
}

impl HeldWords {
    /// The warning of a start that finds servers off.
    pub(crate) fn start_is_held(
        self,
        start: HeldStart,
        said: impl Fn(DateTime<Utc>) -> String,
    ) -> String {
        let at = said(start.at);
        match start.off_until {
            Some(until) => self.start_is_held_until(&at, &said(until)),
            None => self.start_is_held_for_good(&at),
        }
    }

    /// The first few firings, and the number of the others. `said` gets a time and the one that was
    /// said before it, so that a day need not be said twice.
    pub(crate) fn firings(
        self,
        held: &HeldFirings,
        said: impl Fn(DateTime<Utc>, Option<DateTime<Utc>>) -> String,
    ) -> String {
        let mut before = None;
        let named = held.firings.iter().take(MOST_NAMED).map(|(at, action)| {
            let at = said(*at, before.replace(*at));
            match action {
                Action::Stop => self.stop_at(&at),
                Action::Start => self.start_at(&at),
            }
        });
        let named = named.collect::<Vec<_>>().join(", ");
        match held.firings.len().saturating_sub(MOST_NAMED) {
            0 if named.is_empty() => self.holds_nothing().to_owned(),
            0 => self.holds(&named),
            more if held.has_more => self.holds(&self.and_many_more(&named, more)),
            more => self.holds(&self.and_more(&named, more)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::language::{Language, assert_both_say_the_same};
    use crate::time::time_input::{self, Side};

    const HEAD: &str = "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n";

    fn rule(name: &str, times: &str) -> String {
        format!("[[rules]]\nname = '{name}'\n{times}\nselect.names = ['dev-*']\n")
    }

    #[test]
    fn what_falls_into_a_hold_is_said_and_a_start_that_finds_servers_off_is_marked() {
        let window = rule("night", "off = '20:00-08:00'");
        let stop = rule("stop", "action = 'stop'\ncron = '0 20 * * *'");
        let start = rule("start", "action = 'start'\ncron = '0 8 * * *'");
        let often = rule("often", "action = 'stop'\ncron = '* * * * *'");
        let late = rule("late", "off = '22:00-07:00'");
        let night = || Subject::Rule("night".to_owned());
        let server = || Subject::Instance("dev-a".to_owned());
        for (rules, subject, from, until, said, warned) in [
            // The morning: today's start comes before tonight's stop.
            (
                vec![&window],
                night(),
                "2026-11-30 07:33",
                "2026-12-01 08:00",
                "holds: start Mon 08:00, stop Mon 20:00",
                Some("the start Mon 08:00 is held too: servers stay off until Tue 08:00"),
            ),
            (
                vec![&window],
                night(),
                "2026-11-30 09:00",
                "2026-12-01 08:00",
                "holds: stop Mon 20:00",
                None,
            ),
            // What its own stop has not stopped stays on.
            (
                vec![&window],
                night(),
                "2026-11-30 19:00",
                "2026-12-02 21:00",
                "holds: stop Mon 20:00, start Tue 08:00, stop Tue 20:00, and 2 more",
                None,
            ),
            (
                vec![&window],
                night(),
                "2026-11-30 09:00",
                "2026-11-30 11:00",
                "nothing comes in that time",
                None,
            ),
            // A server is stopped and started by rules of their own, and twice at once.
            (
                vec![&stop, &start],
                server(),
                "2026-11-30 21:00",
                "2026-12-01 09:00",
                "holds: start Tue 08:00",
                Some("the start Tue 08:00 is held too: servers stay off until Tue 09:00"),
            ),
            (
                vec![&stop, &start, &window],
                server(),
                "2026-11-30 19:00",
                "2026-12-01 09:00",
                "holds: stop Mon 20:00, start Tue 08:00",
                None,
            ),
            // At 21:00 one window has stopped it already; the other one's stop is held.
            (
                vec![&rule("early", "off = '20:00-06:00'"), &late],
                server(),
                "2026-11-30 21:00",
                "2026-12-01 06:30",
                "holds: stop Mon 22:00, start Tue 06:00",
                Some("the start Tue 06:00 is held too: servers stay off until Tue 06:30"),
            ),
            (
                vec![&often],
                server(),
                "2026-11-30 21:00",
                "2026-12-01 06:30",
                "holds: stop Mon 21:01, stop Mon 21:02, stop Mon 21:03, and at least 97 more",
                None,
            ),
        ] {
            let rules: String = rules.into_iter().map(String::as_str).collect();
            let (file, _) =
                Schedules::parse(Path::new("s.toml"), &format!("{HEAD}{rules}")).unwrap();
            let zone = file.timezone;
            let local =
                |text| time_input::parse(text, zone, DateTime::UNIX_EPOCH, Side::Next).unwrap();
            let span = HoldSpan { from: local(from), until: local(until), skip: false };
            let held = HeldFirings::of(&subject, &file, &Directory::default(), span);
            let shown = |at: DateTime<Utc>| zone.show(at).format("%a %H:%M").to_string();
            let (english, korean) = (HeldWords(Language::English), HeldWords(Language::Korean));
            assert_eq!(english.firings(&held, |at, _| shown(at)), said);
            let warning = held.start().map(|start| english.start_is_held(start, shown));
            assert_eq!(warning.as_deref(), warned, "{said}");
            let counts = |text: &str| text.matches(':').count();
            let korean = korean.firings(&held, |at, _| shown(at));
            assert_eq!(counts(&korean), counts(said), "{korean}");
        }
    }

    #[test]
    fn servers_stay_off_until_a_start_is_caught_up_on_or_comes() {
        let window = rule("night", "off = '20:00-08:00'");
        let yearly = rule("night", "action = 'start'\ncron = '0 8 30 11 *'");
        for (rules, until, skip, expected) in [
            (&window, "2026-11-30 11:00", false, "2026-11-30 11:00"),
            (&window, "2026-11-30 11:00", true, "2026-12-01 08:00"),
            (&window, "2026-11-30 21:00", false, "2026-12-01 08:00"),
            // The start at its very end is not held.
            (&window, "2026-12-01 08:00", false, "2026-12-01 08:00"),
            (&window, "2026-12-01 08:01", false, "2026-12-02 08:00"),
            (&yearly, "2026-11-30 21:00", true, "2027-11-30 08:00"),
        ] {
            let text = format!("{HEAD}{rules}");
            let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
            let at = |text| {
                time_input::parse(text, file.timezone, DateTime::UNIX_EPOCH, Side::Next).unwrap()
            };
            let span = HoldSpan { from: at("2026-11-30 07:33"), until: at(until), skip };
            let subject = Subject::Rule("night".to_owned());
            let held = HeldFirings::of(&subject, &file, &Directory::default(), span);
            let off_until = held.start().and_then(|start| start.off_until);
            assert_eq!(off_until, Some(at(expected)), "{until} {skip}");
        }
    }

    #[test]
    fn both_languages_say_the_same() {
        assert_both_say_the_same(HeldWords::SOURCES);
    }
}
