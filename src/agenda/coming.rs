//! Everything that comes within a day: firings, deferred actions, starts before a limit of the stop
//! budget, and the ends of holds. Each with the number of servers that it meant last time.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::report_facts::{Fired, OutcomeGroup};
use crate::audit::{AuditError, AuditReader, DeferredLine, Tried};
use crate::hold::HoldEntry;
use crate::model::instance::{Action, InstanceNo};
use crate::model::outcome::{Count, ServerCount};
use crate::model::subject::Subject;
use crate::schedule::cron::Occurrence;
use crate::schedule::{Rule, Schedules};
use crate::stop_limit::{Restart, off_before, restarts};
use crate::time::uptime::LONGEST_ABSENCE;

const AHEAD: TimeDelta = TimeDelta::days(1);

/// A rule that fires more often within the day has one line.
const MOST_OF_A_RULE: usize = 3;
/// Further firings are counted up to this number.
const MOST_COUNTED: usize = 25;

#[derive(Clone, Debug, Default)]
pub struct Agenda {
    /// What comes within a day, in the order of its times.
    pub coming: Vec<Coming>,
    /// The next firing of each rule that fires later, in order.
    pub later: Vec<Coming>,
}

#[derive(Clone, Debug)]
pub struct Coming {
    pub at: DateTime<Utc>,
    pub what: ComingWhat,
}

#[derive(Clone, Debug)]
pub enum ComingWhat {
    Firing(ComingFiring),
    /// A hold has kept it back.
    Deferred {
        rule: String,
        action: Action,
        servers: Vec<NamedServer>,
    },
    /// The daemon starts a server before its days off in a row are over.
    BudgetStart(NamedServer),
    HoldEnd(HoldEntry),
}

#[derive(Clone, Debug)]
pub struct ComingFiring {
    pub rule: Arc<Rule>,
    pub next: Occurrence,
    /// The further firings within the day, where they have no lines of their own.
    pub more: usize,
    /// The end of the hold that its rule is under then.
    pub held_until: Option<DateTime<Utc>>,
    pub last_time: LastTime,
}

/// The servers of the last firing of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastTime {
    /// It has never fired.
    NotTried,
    /// It has never found any.
    NeverFound,
    Meant {
        servers: u64,
        /// Those that were not stopped, or not started.
        failed: u64,
    },
    /// A start that has never found any: its window has stopped so many.
    Stopped(u64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedServer {
    pub no: InstanceNo,
    /// The number where it has no name.
    pub name: String,
}

/// The facts of the log about what comes.
#[derive(Clone, Debug, Default)]
pub struct AgendaFacts {
    /// The last firings of each rule that found servers.
    pub last: Vec<Fired>,
    pub tried: Tried,
    pub owed: Vec<DeferredLine>,
    pub restarts: Vec<Restart>,
    pub holds: Vec<HoldEntry>,
}

impl AgendaFacts {
    /// `restarts` were found before: they take a search through the whole log.
    pub async fn read(
        log: &AuditReader,
        file: &Schedules,
        (holds, restarts): (Vec<HoldEntry>, Vec<Restart>),
        now: DateTime<Utc>,
    ) -> Result<Self, AuditError> {
        let mut last = Vec::new();
        for action in [Action::Stop, Action::Start] {
            let rules = file.rules.iter().filter(|rule| rule.enabled && rule.action == action);
            let rules: Vec<&str> = rules.map(|rule| rule.name.as_str()).collect();
            last.extend(log.last_firings(&rules, action).await?);
        }
        let owed = log.owed(now - LONGEST_ABSENCE).await?;
        Ok(Self { last, tried: log.tried().await?, owed, restarts, holds })
    }
}

/// The servers that are to be started within a day before their days in a row are over.
pub async fn coming_restarts(
    log: &AuditReader,
    file: &Schedules,
    now: DateTime<Utc>,
) -> Result<Vec<Restart>, AuditError> {
    let until = now + AHEAD;
    let mut found = Vec::new();
    for account in file.accounts.keys() {
        if !file.stop_budget(account, Vec::new()).enabled {
            continue;
        }
        let off = log.off_since(account, off_before(&file.budget, until)).await?;
        let off: Vec<_> = off.into_iter().map(|no| (account.clone(), no)).collect();
        if !off.is_empty() {
            let facts = log.budget_facts_of(&off, now).await?;
            found.extend(restarts(file, account, &facts, (now, until)));
        }
    }
    Ok(found)
}

impl Agenda {
    pub fn of(file: &Schedules, facts: &AgendaFacts, now: DateTime<Utc>) -> Self {
        let mut agenda = Self::default();
        for rule in file.rules.iter().filter(|rule| rule.enabled) {
            agenda.add_firings(rule, facts, now);
        }
        agenda.coming.extend(deferred(file, &facts.owed, now));
        agenda.coming.extend(facts.restarts.iter().filter(|it| it.at <= now + AHEAD).map(|it| {
            let name = if it.name.is_empty() { it.no.to_string() } else { it.name.clone() };
            let server = NamedServer { no: it.no.clone(), name };
            Coming { at: it.at.max(now), what: ComingWhat::BudgetStart(server) }
        }));
        let ends =
            facts.holds.iter().filter(|it| it.is_in_force(now) && it.hold.until <= now + AHEAD);
        agenda.coming.extend(ends.map(|entry| Coming {
            at: entry.hold.until,
            what: ComingWhat::HoldEnd(entry.clone()),
        }));
        // What comes together stays in the order of the file.
        agenda.coming.sort_by_key(|it| it.at);
        agenda.later.sort_by_key(|it| it.at);
        agenda
    }

    fn add_firings(&mut self, rule: &Arc<Rule>, facts: &AgendaFacts, now: DateTime<Utc>) {
        let end = now + AHEAD;
        let last_time = last_time(rule, facts);
        let firing = |next: Occurrence, more: usize| Coming {
            at: next.at,
            what: ComingWhat::Firing(ComingFiring {
                held_until: held_until(rule, &facts.holds, next.at),
                rule: Arc::clone(rule),
                next,
                more,
                last_time,
            }),
        };
        let within = rule.occurrences(now).take_while(|it| it.at <= end);
        let mut within: Vec<Occurrence> = within.take(1 + MOST_COUNTED).collect();
        if within.is_empty() {
            self.later.extend(rule.next_after(now).map(|next| firing(next, 0)));
        } else if within.len() > MOST_OF_A_RULE {
            let more = within.len() - 1;
            self.coming.push(firing(within.swap_remove(0), more));
        } else {
            self.coming.extend(within.into_iter().map(|next| firing(next, 0)));
        }
    }
}

impl ComingFiring {
    /// Whether the further firings were not counted to their end.
    pub fn has_more_than_counted(&self) -> bool {
        self.more >= MOST_COUNTED
    }
}

/// The servers of the last firing of a rule. A hold that kept them then says nothing about the next.
fn last_time(rule: &Rule, facts: &AgendaFacts) -> LastTime {
    let name = rule.name.as_str();
    let count = |action: Action, is_it: fn(&OutcomeGroup) -> bool| {
        let fired = facts.last.iter().find(|it| it.rule == name && it.action == action)?;
        let groups = fired.ended.iter().filter(|group| is_it(group));
        Some(groups.map(|group| group.instances.len() as u64).sum::<u64>())
    };
    if let Some(servers) = count(rule.action, |it| it.is_meant() || ended(it, ServerCount::Held)) {
        let failed = count(rule.action, has_failed).unwrap_or_default();
        return LastTime::Meant { servers, failed };
    }
    let stopped = match rule.action {
        Action::Start => count(Action::Stop, |it| ended(it, ServerCount::Stopped)),
        Action::Stop => None,
    };
    match stopped {
        Some(stopped) if stopped > 0 => LastTime::Stopped(stopped),
        _ if facts.tried.contains(&(name.to_owned(), rule.action)) => LastTime::NeverFound,
        _ => LastTime::NotTried,
    }
}

fn has_failed(group: &OutcomeGroup) -> bool {
    use ServerCount::{Busy, Refused, TimedOut, Unknown};
    [Busy, Refused, TimedOut, Unknown].into_iter().any(|count| ended(group, count))
}

fn ended(group: &OutcomeGroup, count: ServerCount) -> bool {
    let outcome = group.outcome.map(|outcome| outcome.count(group.reason.as_ref()));
    outcome == Some(Count::Server(count))
}

/// The end of the hold that a rule is under at the time of its firing, if any.
fn held_until(rule: &Rule, holds: &[HoldEntry], at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let on_it =
        |subject: &Subject| matches!(subject, Subject::Rule(name) if rule.name.as_str() == name);
    let holds = holds.iter().map(|entry| &entry.hold);
    holds.filter(|hold| hold.until > at && on_it(&hold.subject)).map(|hold| hold.until).max()
}

/// The deferred actions of each rule that fall due together. Those that no rule wants any more are
/// never done.
fn deferred(file: &Schedules, owed: &[DeferredLine], now: DateTime<Utc>) -> Vec<Coming> {
    let mut together: BTreeMap<(DateTime<Utc>, &str, &str), Vec<NamedServer>> = BTreeMap::new();
    let is_wanted = |owed: &&DeferredLine| file.rules.iter().any(|rule| owed.is_wanted_by(rule));
    for one in owed.iter().filter(is_wanted) {
        let (Some(due), Ok(no)) = (one.due(), InstanceNo::new(one.instance_no.as_str())) else {
            continue;
        };
        if due <= now + AHEAD {
            let name = one.instance_name.clone().filter(|name| !name.is_empty());
            let server = NamedServer { name: name.unwrap_or_else(|| no.to_string()), no };
            together.entry((due.max(now), &one.rule, &one.action)).or_default().push(server);
        }
    }
    let coming = together.into_iter().filter_map(|((at, rule, action), servers)| {
        let action = Action::from_word(action)?;
        Some(Coming { at, what: ComingWhat::Deferred { rule: rule.to_owned(), action, servers } })
    });
    coming.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const RULES: &str = "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n\
        [[rules]]\nname = 'night'\noff = '20:00-08:00'\nselect.names = ['dev-*']\n\
        [[rules]]\nname = 'rare'\naction = 'stop'\ncron = '0 20 1 * *'\nselect.names = ['*']\n\
        [[rules]]\nname = 'off'\nenabled = false\naction = 'stop'\ncron = '0 21 * * *'\n\
        select.names = ['*']\n";

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+09:00").parse().unwrap()
    }

    fn owed(rule: &str, no: &str, due: Option<&str>) -> DeferredLine {
        DeferredLine {
            owed: 1,
            firing: 2,
            rule: rule.to_owned(),
            action: "stop".to_owned(),
            account: "main".to_owned(),
            instance_no: no.to_owned(),
            instance_name: Some(format!("dev-{no}")),
            wanted_at: at("2026-11-28T20:00").to_rfc3339(),
            hold: Some(3),
            due_at: due.map(|due| at(due).to_rfc3339()),
            was_held: true,
        }
    }

    #[test]
    fn what_falls_due_together_has_one_line_and_what_no_rule_wants_has_none() {
        let (file, _) = Schedules::parse(Path::new("s.toml"), RULES).unwrap();
        let now = at("2026-11-29T18:00");
        let facts = AgendaFacts {
            owed: vec![
                owed("night", "1", Some("2026-11-29T19:00")),
                owed("night", "2", Some("2026-11-29T19:00")),
                owed("night", "3", Some("2026-11-29T12:00")),
                owed("night", "4", Some("2026-11-30T18:01")),
                owed("night", "5", None),
                owed("gone", "6", Some("2026-11-29T19:00")),
                owed("off", "7", Some("2026-11-29T19:00")),
            ],
            ..AgendaFacts::default()
        };
        let agenda = Agenda::of(&file, &facts, now);
        let told = |it: &Coming| {
            let what = match &it.what {
                ComingWhat::Firing(firing) => {
                    format!("{} {}", firing.rule.name, firing.rule.action)
                }
                ComingWhat::Deferred { rule, action, servers } => {
                    let names: Vec<&str> = servers.iter().map(|it| it.name.as_str()).collect();
                    format!("{rule} deferred {action} of {}", names.join(" "))
                }
                other => format!("{other:?}"),
            };
            format!("{} {what}", (it.at - now).num_minutes())
        };
        let coming: Vec<String> = agenda.coming.iter().map(told).collect();
        assert_eq!(
            coming,
            [
                "0 night deferred stop of dev-3",
                "60 night deferred stop of dev-1 dev-2",
                "120 night stop",
                "840 night start",
            ]
        );
        assert_eq!(agenda.later.iter().map(told).collect::<Vec<_>>(), ["3000 rare stop"]);
    }
}
