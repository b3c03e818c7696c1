//! Draws the first page: the verdict, firings under way, holds, the next firings, the last nights,
//! the daemon.

use std::sync::Arc;

use maud::{Markup, html};

use super::coming::coming;
use super::doubts::doubts;
use super::frame::{Look, Page};
use super::holds::{Whom, holds, trouble};
use super::in_flight::{UnderWay, in_flight};
use super::nodes::nodes;
use super::parts::{Text, facts};
use super::servers::search_all;
use super::timeline::timeline;
use super::verdict::verdict;
use crate::agenda::Agenda;
use crate::audit::{Cluster, DaemonLife, FiringSummary, HistoryLine};
use crate::hold::HoldEntry;
use crate::schedule::{Rule, Schedules};
use crate::verdict::{Doubt, Verdict};
use crate::web::forms::{Forms, FormsClosed};
use crate::web::rules::RulesNow;

const MOST_RULES: usize = 100;

#[derive(Debug)]
pub(in crate::web) struct Tonight {
    pub(in crate::web) rules: RulesNow,
    /// The log; `None` when there is none yet.
    pub(in crate::web) log: Option<LogNow>,
    pub(in crate::web) verdict: Verdict,
    pub(in crate::web) doubts: Vec<Doubt>,
    /// The machines that share the log, if any do.
    pub(in crate::web) cluster: Option<Cluster>,
    /// What comes; `None`: the rules cannot be read.
    pub(in crate::web) agenda: Option<Agenda>,
    pub(in crate::web) forms: Forms,
}

#[derive(Debug)]
pub(in crate::web) struct LogNow {
    pub(in crate::web) daemon: Option<DaemonLife>,
    pub(in crate::web) in_flight: Vec<HistoryLine>,
    pub(in crate::web) holds: Vec<HoldEntry>,
    pub(in crate::web) firings: Vec<FiringSummary>,
}

pub(in crate::web) fn tonight(look: Look, tonight: &Tonight) -> Page {
    let is_open = tonight.log.as_ref().is_some_and(|log| !log.in_flight.is_empty());
    let content = html! {
        (doubts(look, &tonight.doubts))
        (verdict(look, &tonight.verdict))
        @if let Some(log) = &tonight.log {
            (search_all(look.words))
            (in_flight(look, under_way(tonight, log)))
        }
        @if let Some(agenda) = &tonight.agenda {
            @let may_hold = tonight.log.is_some() && tonight.forms.closed.is_none();
            @let hindrance = tonight.verdict.tonight.hindrance.as_ref();
            (coming(look, (agenda, hindrance), may_hold))
        }
        @if let Some(log) = &tonight.log { (held(look, tonight, log)) }
        @if let Ok(schedules) = &tonight.rules.in_use { (disabled(look, schedules)) }
        @if let Some(log) = &tonight.log {
            (timeline(look, &log.firings))
            (nodes(look, tonight.cluster.as_ref()))
            (daemon(look, log.daemon.as_ref()))
        }
    };
    let troubles = tonight.verdict.troubles();
    let page = look.page(look.words.tonight(), content).refreshed(is_open).with_troubles(troubles);
    page.with_alert(trouble(look.words, &tonight.forms))
}

fn under_way<'a>(tonight: &'a Tonight, log: &'a LogNow) -> UnderWay<'a> {
    UnderWay {
        schedules: tonight.rules.in_use.as_deref().ok(),
        lines: &log.in_flight,
        firings: &log.firings,
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
