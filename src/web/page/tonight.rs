//! Draws the first page: the verdict, firings under way, holds, the next firings, the last nights,
//! the daemon.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::frame::{Look, Page};
use super::hold::hold_rule;
use super::holds::{Whom, holds, trouble};
use super::in_flight::{UnderWay, in_flight};
use super::parts::{Text, facts, table};
use super::servers::search;
use super::timeline::timeline;
use super::verdict::verdict;
use crate::audit::{DaemonLife, FiringSummary, HistoryLine, Source, SourceKind};
use crate::hold::HoldEntry;
use crate::model::reason::Reason;
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};
use crate::verdict::Verdict;
use crate::web::forms::{Forms, FormsClosed};
use crate::web::rules::RulesNow;

const MOST_RULES: usize = 100;

/// The most skipped days shown for a rule.
const MOST_SKIPPED: usize = 5;

#[derive(Debug)]
pub(in crate::web) struct Tonight {
    pub(in crate::web) now: DateTime<Utc>,
    pub(in crate::web) rules: RulesNow,
    /// The log; `None` when there is none yet.
    pub(in crate::web) log: Option<LogNow>,
    pub(in crate::web) verdict: Verdict,
    pub(in crate::web) forms: Forms,
}

#[derive(Debug)]
pub(in crate::web) struct LogNow {
    pub(in crate::web) daemon: Option<DaemonLife>,
    /// The result of the daemon's last attempt at each account and calendar.
    pub(in crate::web) sources: Vec<Source>,
    pub(in crate::web) in_flight: Vec<HistoryLine>,
    pub(in crate::web) holds: Vec<HoldEntry>,
    pub(in crate::web) firings: Vec<FiringSummary>,
}

pub(in crate::web) fn tonight(look: Look, tonight: &Tonight) -> Page {
    let content = html! {
        (doubts(look, tonight))
        (verdict(look, &tonight.verdict))
        @if let Some(log) = &tonight.log {
            (search(look.words, ""))
            (in_flight(look, under_way(tonight, log)))
        }
        @if let Ok(schedules) = &tonight.rules.in_use { (coming(look, schedules, tonight)) }
        @if let Some(log) = &tonight.log { (held(look, tonight, log)) }
        @if let Ok(schedules) = &tonight.rules.in_use { (disabled(look, schedules)) }
        @if let Some(log) = &tonight.log {
            (timeline(look, &log.firings))
            (daemon(look, log.daemon.as_ref()))
        }
    };
    let is_open = tonight.log.as_ref().is_some_and(|log| !log.in_flight.is_empty());
    let troubles = tonight.verdict.troubles();
    let page = look.page(look.words.tonight(), content).refreshed(is_open).with_troubles(troubles);
    page.with_alert(trouble(look.words, &tonight.forms))
}

fn under_way<'a>(tonight: &'a Tonight, log: &'a LogNow) -> UnderWay<'a> {
    UnderWay {
        now: tonight.now,
        schedules: tonight.rules.in_use.as_deref().ok(),
        lines: &log.in_flight,
        firings: &log.firings,
    }
}

/// Everything that may keep the night from going as the file says.
fn doubts(look: Look, tonight: &Tonight) -> Markup {
    let words = look.words;
    let daemon = tonight.log.as_ref().and_then(|log| log.daemon.as_ref());
    let silence = daemon.and_then(|daemon| daemon.silence(tonight.now));
    let mut doubts = Vec::new();
    match (&tonight.log, daemon) {
        (None, _) => doubts.push(html! { (words.log_missing()) }),
        (Some(_), None) => doubts.push(html! { (words.daemon_none()) }),
        _ => {}
    }
    if let Some(silence) = silence {
        doubts.push(html! { (words.daemon_silent(silence.num_seconds())) });
    }
    let of_use = tonight.rules.in_use.as_ref().err();
    if let Some(problem) = tonight.rules.problem.as_ref().or(of_use) {
        doubts.push(html! { (words.file_wrong()) " " code { (Text(problem)) } });
    }
    if tonight.rules.differ {
        doubts.push(html! { (words.file_differs()) });
    }
    html! {
        @for source in tonight.log.iter().flat_map(|log| &log.sources).filter(|it| it.is_lost()) {
            p.doubt { (lost(look, tonight, source)) }
        }
        @for doubt in doubts { p.doubt { (doubt) } }
    }
}

/// An account or a calendar that cannot be read, with the consequence.
fn lost(look: Look, tonight: &Tonight, source: &Source) -> Markup {
    let words = look.words;
    let what = if source.kind == SourceKind::Calendar {
        let schedules = tonight.rules.in_use.as_ref().ok();
        let rules = schedules.map(|it| it.looking_at(&source.name)).unwrap_or_default();
        words.calendar_lost(&source.name, &rules.join(", "))
    } else {
        let regions = source.regions.iter().map(|regions| format!(" ({regions})"));
        words.account_lost(&regions.fold(source.name.clone(), |name, regions| name + &regions))
    };
    html! {
        (Text(&what)) " " (look.time_or(source.lost_at.as_ref(), "")) ". "
        (Text(&Reason::told(source.reason.as_deref().unwrap_or_default(), words.0)))
    }
}

fn daemon(look: Look, daemon: Option<&DaemonLife>) -> Markup {
    let words = look.words;
    let Some(daemon) = daemon else { return Markup::default() };
    let process = words.process(daemon.pid, &daemon.version);
    let life = html! {
        (words.daemon_alive()) " " (look.time(&daemon.since)) ", " (Text(&process))
        @if let Some(host) = &daemon.host { ", " (Text(host)) }
    };
    facts(&[(words.daemon(), life)])
}

/// The holds, or why nothing can be held.
fn held(look: Look, tonight: &Tonight, log: &LogNow) -> Markup {
    let schedules = tonight.rules.in_use.as_ref().ok();
    let without_rules = schedules.is_none().then_some(FormsClosed::Rules);
    let forms = Forms { closed: tonight.forms.closed.or(without_rules), ..tonight.forms.clone() };
    holds(look, &forms, &log.holds, Whom::All)
}

/// The next firing of each enabled rule, in order.
fn coming(look: Look, schedules: &Schedules, tonight: &Tonight) -> Markup {
    let (words, now) = (look.words, tonight.now);
    let may_hold = tonight.log.is_some() && tonight.forms.closed.is_none();
    let enabled = schedules.rules.iter().filter(|rule| rule.enabled);
    let mut coming: Vec<_> =
        enabled.filter_map(|rule| Some((rule.next_after(now)?, rule))).collect();
    coming.sort_by_key(|(next, _)| next.at);
    let rows: Vec<_> = coming
        .iter()
        .take(MOST_RULES)
        .map(|(next, rule)| {
            let dry_run = rule.dry_run.then_some(words.dry_run());
            let held = held_until(look, tonight, (rule, next.at));
            let note = next.note.as_ref().map(|note| note.in_language(words.0));
            let changed = rule.override_of(next).map(|it| it.in_language(words.0));
            let skipped = rule.skipped(now).take_while(|skipped| skipped.occurrence.at < next.at);
            let skipped: Vec<String> = skipped
                .take(MOST_SKIPPED)
                .map(|skipped| {
                    let day = rule.timezone.local(skipped.occurrence.at).date();
                    words.skipped_on(&day.to_string(), &skipped.skip.in_language(words.0))
                })
                .collect();
            vec![
                look.near(next.at, now),
                html! {
                    (look.rule(rule.name.as_str(), rule.action.as_str()))
                    @if let Some(about) = &rule.about { p.about { (Text(about)) } }
                },
                html! {
                    @if let Some(dry_run) = dry_run { (dry_run) " " }
                    @if let Some(held) = &held { (held) " " }
                    @if let Some(note) = &note { (Text(note)) " " }
                    @if let Some(changed) = &changed {
                        p { (Text(&words.overridden(changed))) }
                    }
                    @for day in &skipped { p { (Text(day)) } }
                },
                html! { @if may_hold { (hold_rule(words, rule.name.as_str())) } },
            ]
        })
        .collect();
    let heads = [words.when(), words.rule(), words.note(), words.hold()];
    let heads = &heads[..if may_hold { 4 } else { 3 }];
    html! {
        section #coming {
            h2 { (words.comes_next()) }
            @if rows.is_empty() {
                p { (words.nothing_comes()) }
            } @else {
                (table(words.comes_next(), heads, &rows))
                @if coming.len() > rows.len() {
                    p { (words.more_rules(coming.len() - rows.len())) }
                }
            }
        }
    }
}

/// The end of the hold that a rule is under at the time of its firing, if any.
fn held_until(look: Look, tonight: &Tonight, (rule, at): (&Rule, DateTime<Utc>)) -> Option<String> {
    let holds = tonight.log.iter().flat_map(|log| &log.holds).map(|entry| &entry.hold);
    let on_it =
        |subject: &Subject| matches!(subject, Subject::Rule(name) if rule.name.as_str() == name);
    let holds = holds.filter(|hold| hold.until > at && on_it(&hold.subject));
    let until = holds.map(|hold| hold.until).max()?;
    Some(look.words.held_until(&look.zone.show(until).format("%F %H:%M%:z").to_string()))
}

fn disabled(look: Look, schedules: &Schedules) -> Markup {
    let words = look.words;
    let disabled: Vec<&Arc<Rule>> = schedules.rules.iter().filter(|rule| !rule.enabled).collect();
    html! {
        @if !disabled.is_empty() {
            section {
                h2 { (words.disabled()) }
                ul {
                    @for rule in disabled.iter().take(MOST_RULES) {
                        li {
                            (look.rule(rule.name.as_str(), rule.action.as_str()))
                            @if let Some(since) = rule.disabled.since {
                                ", " (words.disabled_since(&since.to_string()))
                            }
                            @if let Some(because) = &rule.disabled.because {
                                " (" (Text(because)) ")"
                            }
                        }
                    }
                }
                @if disabled.len() > MOST_RULES {
                    p { (words.more_rules(disabled.len() - MOST_RULES)) }
                }
            }
        }
    }
}
