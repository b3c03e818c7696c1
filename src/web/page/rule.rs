//! Draws the list of rules, and everything about one.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::frame::{Look, Page};
use super::hold::hold_rule;
use super::holds::{Whom, holds};
use super::near_time::in_words;
use super::parts::{Text, author, facts, rule_link, table};
use super::timeline::{result, sum};
use crate::agenda::{LastServers, RuleStory};
use crate::audit::{FiringSummary, SumPart};
use crate::hold::HoldEntry;
use crate::model::instance::RuleName;
use crate::model::subject::Subject;
use crate::schedule::readback::{hours_in_words, selection_in_words};
use crate::schedule::{Rule, RuleEntry, Schedules, edit};
use crate::web::filter::address;
use crate::web::forms::{Forms, FormsClosed};
use crate::web::words::RuleWords;

/// The days of the coming firings.
const COMING: TimeDelta = TimeDelta::days(7);
const MOST_COMING: usize = 40;
/// The most servers that are named.
const MOST_SERVERS: usize = 200;

#[derive(Debug)]
pub(in crate::web) struct RulesPage {
    /// The rules; or why they cannot be used.
    pub(in crate::web) file: Result<Arc<Schedules>, Arc<str>>,
    /// The last firing of each rule that ever fired.
    pub(in crate::web) last: Vec<FiringSummary>,
}

#[derive(Debug)]
pub(in crate::web) struct RulePage<'a> {
    pub(in crate::web) name: RuleName,
    /// `None` when the file does not have the rule, or cannot be used.
    pub(in crate::web) entry: Option<Vec<Arc<Rule>>>,
    /// The file's text.
    pub(in crate::web) text: Option<&'a str>,
    pub(in crate::web) story: RuleStory,
    pub(in crate::web) forms: Forms,
}

/// The most rules with a row.
const MOST_ROWS: usize = 200;

pub(in crate::web) fn rules(look: Look, page: &RulesPage) -> Page {
    let words = RuleWords::of(look.words.0);
    let content = match &page.file {
        Err(problem) => html! {
            p.doubt { (look.words.file_wrong()) " " code { (Text(problem)) } }
        },
        Ok(file) if file.rules.is_empty() => html! { p { (words.no_rule()) } },
        Ok(file) => {
            let rows: Vec<Vec<Markup>> =
                file.entries().take(MOST_ROWS).map(|entry| row(look, page, entry)).collect();
            let more = file.entries().count() - rows.len();
            let heads =
                [look.words.rule(), words.hours(), look.words.comes_next(), words.last_result()];
            html! {
                (table(words.rules(), &heads, &rows))
                @if more > 0 { p { (words.more_rows(more, "lightsout rules")) } }
                p { a href="/week" { (words.as_week()) } }
            }
        }
    };
    look.page(words.rules(), content).refreshed(false)
}

fn row(look: Look, page: &RulesPage, entry: &RuleEntry) -> Vec<Markup> {
    let rule = &entry[0];
    let name = rule.name.as_str();
    let enabled = entry.iter().filter(|rule| rule.enabled);
    let next = enabled.filter_map(|rule| Some((rule.next_after(look.now)?.at, rule.action)));
    let next = next.min_by_key(|(at, _)| *at);
    let last = page.last.iter().find(|it| it.rule == name);
    vec![
        html! {
            (rule_link(name))
            @if let Some(about) = &rule.about { p.about { (Text(about)) } }
        },
        html! { (Text(&hours_in_words(entry, look.words.0))) (standing(look, rule)) },
        html! {
            @if let Some((at, action)) = next {
                (look.near(at)) " " span.action { (look.words.action_of(action.as_str())) }
            }
        },
        html! {
            @if let Some(last) = last {
                a href={ "/firings/" (i64::from(last.firing)) } { (look.near(last.due_at)) }
                " " (result(look, last))
            }
        },
    ]
}

/// Why a rule does less than it says; empty for most.
fn standing(look: Look, rule: &Rule) -> Markup {
    let words = RuleWords::of(look.words.0);
    html! {
        @if !rule.enabled {
            p.bad {
                (words.does_not_fire())
                @if let Some(since) = rule.disabled.since {
                    ", " (look.words.disabled_since(&since.to_string()))
                }
                @if let Some(because) = &rule.disabled.because { " (" (Text(because)) ")" }
            }
        } @else if rule.dry_run {
            p.number { (look.words.dry_run()) }
        }
    }
}

pub(in crate::web) fn rule(look: Look, page: &RulePage<'_>) -> Page {
    let words = RuleWords::of(look.words.0);
    let name = page.name.as_str();
    let (forms, subject) = (page.forms(), Subject::Rule(name.to_owned()));
    let content = html! {
        @match &page.entry {
            Some(entry) => {
                (about(look, entry, page.hold()))
                @if forms.closed.is_none() { p { (hold_rule(look.words, name)) } }
                p { a href={ "/week?rule=" (name) } { (words.as_week()) } }
                (coming(look, entry, page.hold()))
            },
            None => p.doubt { (words.not_in_file()) },
        }
        (servers(look, page.story.last.as_ref()))
        (results(look, page))
        (holds(look, &forms, &page.story.holds, Whom::OnHoldPage(&subject)))
        @if let Some(lines) = page.text.and_then(|text| edit::lines_of(text, name).ok()) {
            section {
                h2 { (words.in_the_file()) }
                pre tabindex="0" { code { @for line in lines.lines() { (Text(line)) "\n" } } }
            }
        }
    };
    look.page(name, content).refreshed(page.story.results.iter().any(|it| it.is_open))
}

impl RulePage<'_> {
    /// The hold on the rule that ends last.
    fn hold(&self) -> Option<&HoldEntry> {
        let is_its_own = |it: &&HoldEntry| match &it.hold.subject {
            Subject::Rule(name) => name == self.name.as_str(),
            Subject::Instance(_) | Subject::Tagged { .. } => false,
        };
        self.story.holds.iter().filter(is_its_own).max_by_key(|it| it.hold.until)
    }

    /// A rule that is not in the file cannot be held.
    fn forms(&self) -> Forms {
        let without_rule = self.entry.is_none().then_some(FormsClosed::Rules);
        Forms { closed: self.forms.closed.or(without_rule), ..self.forms.clone() }
    }
}

fn about(look: Look, entry: &RuleEntry, hold: Option<&HoldEntry>) -> Markup {
    let words = RuleWords::of(look.words.0);
    let rule = &entry[0];
    let about = html! { @if let Some(about) = &rule.about { (Text(about)) } };
    let state = if rule.enabled && !rule.dry_run {
        html! { (words.enabled()) }
    } else {
        standing(look, rule)
    };
    let overrides = html! {
        @for one in rule.times.overrides.iter() { p { (Text(&one.in_language(look.words.0))) } }
    };
    let account = html! { (Text(rule.account.as_str())) };
    let kept = html! {
        @if let Some(HoldEntry { hold, .. }) = hold {
            (in_words(&look.words.until_then("\u{0}"), &look.near_day(hold.until)))
            ", " (look.words.by_whom(&author(look, &hold.who)))
        }
    };
    facts(&[
        (words.purpose(), about),
        (
            words.hours(),
            html! {
                (Text(&hours_in_words(entry, look.words.0))) " (" (rule.timezone.name()) ")"
            },
        ),
        (words.overrides(), overrides),
        (words.selects(), html! { (Text(&selection_in_words(rule, look.words.0))) }),
        (look.words.account(), account),
        (look.words.state(), state),
        (look.words.held(), kept),
    ])
}

/// The firings of the next seven days, with those that a holiday or an override prevents.
fn coming(look: Look, entry: &[Arc<Rule>], hold: Option<&HoldEntry>) -> Markup {
    let words = RuleWords::of(look.words.0);
    let now = look.now;
    let end = now + COMING;
    let mut lines: Vec<(DateTime<Utc>, Vec<Markup>)> = Vec::new();
    for rule in entry.iter().filter(|rule| rule.enabled) {
        let action = || html! { (look.words.action_of(rule.action.as_str())) };
        let fires = rule.occurrences(now).take_while(|it| it.at <= end).take(MOST_COMING);
        lines.extend(fires.map(|it| {
            let changed = rule
                .override_of(&it)
                .map(|it| look.words.overridden(&it.in_language(look.words.0)));
            let note = it.note.map(|note| note.in_language(look.words.0));
            let notes: Vec<String> = changed.into_iter().chain(note).collect();
            let kept = hold.map(|it| it.hold.until).filter(|until| it.at < *until);
            let notes = html! {
                @if let Some(until) = kept {
                    (in_words(&look.words.held_until("\u{0}"), &look.near_day(until))) " "
                }
                (Text(&notes.join("; ")))
            };
            (it.at, vec![look.near(it.at), action(), notes])
        }));
        let skipped = rule.skipped(now).take_while(|it| it.occurrence.at <= end);
        lines.extend(skipped.take(MOST_COMING).map(|it| {
            let at = it.occurrence.at;
            let why = words.skipped(&it.skip.in_language(look.words.0));
            (at, vec![look.near(at), action(), html! { (Text(&why)) }])
        }));
    }
    lines.sort_by_key(|(at, _)| *at);
    let rows: Vec<Vec<Markup>> = lines.into_iter().map(|(_, row)| row).collect();
    let heads = [look.words.when(), words.action(), look.words.note()];
    html! {
        section #coming {
            h2 { (words.next_days()) }
            @if rows.is_empty() {
                p { (words.nothing_fires()) }
            } @else {
                (table(words.next_days(), &heads, &rows))
            }
        }
    }
}

/// The servers that the last firing found.
fn servers(look: Look, last: Option<&LastServers>) -> Markup {
    let words = RuleWords::of(look.words.0);
    html! {
        section {
            h2 { (words.servers_last()) }
            @if let Some(last) = last {
                p {
                    (words.servers_count(last.servers.len())) ", "
                    a href={ "/firings/" (i64::from(last.firing)) } { (look.near(last.at)) }
                }
                ul.names {
                    @for server in last.servers.iter().take(MOST_SERVERS) {
                        li {
                            a href={ "/servers/" (server.no) } { (Text(&server.name)) }
                            @if let Some(became) = server.outcome {
                                @let reason = server.reason.as_ref();
                                " " (sum(look, SumPart { outcome: became, reason, times: 1 }, None))
                            }
                        }
                    }
                }
            } @else {
                p { (words.never_found()) }
            }
        }
    }
}

fn results(look: Look, page: &RulePage<'_>) -> Markup {
    let words = RuleWords::of(look.words.0);
    let rows: Vec<Vec<Markup>> = page
        .story
        .results
        .iter()
        .map(|firing| {
            let when = html! {
                a href={ "/firings/" (i64::from(firing.firing)) } { (look.near(firing.due_at)) }
            };
            let action = html! { (Text(look.words.action_of(&firing.action))) };
            vec![when, action, result(look, firing)]
        })
        .collect();
    let heads = [look.words.when(), words.action(), look.words.result()];
    html! {
        section {
            h2 { (words.last_results()) }
            @if rows.is_empty() {
                p { (words.never_fired()) }
            } @else {
                (table(words.last_results(), &heads, &rows))
                p {
                    a href=(address(&[("rule", page.name.as_str())])) { (words.all_results()) }
                }
            }
        }
    }
}
