//! The parts that pages share: texts, times, outcomes, tables.

use maud::{Markup, Render, html};

use super::frame::Look;
use crate::audit::HistoryLine;
use crate::model::instance::RuleName;
use crate::model::mark::Mark;
use crate::model::outcome::{Count, Outcome, ServerCount};
use crate::model::outcome_sum::SumWords;
use crate::model::reason::Reason;
use crate::text::sanitize::harmless;

/// A text from the log, the cloud or the file: escaped, with invisible characters shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl Render for Text<'_> {
    fn render_to(&self, buffer: &mut String) {
        harmless(self.0).render_to(buffer);
    }
}

/// A text that may be missing.
pub(super) fn text(text: Option<&String>) -> Markup {
    html! { @if let Some(text) = text { (Text(text)) } }
}

/// The author of a hold, without harmful characters.
pub(super) fn author(look: Look, who: &str) -> String {
    harmless(&Reason::author(who, look.words.0))
}

/// A column: its head, and its cell of a line.
pub(super) type Column<'c, T> = (&'c str, Box<dyn Fn(&T) -> Markup + 'c>);

pub(super) fn column<'c, T>(head: &'c str, cell: impl Fn(&T) -> Markup + 'c) -> Column<'c, T> {
    (head, Box::new(cell))
}

/// A table with a row for each line. Its caption is for screen readers: everybody else sees the
/// heading above, which says the same.
pub(super) fn listing<T>(caption: &str, columns: &[Column<'_, T>], lines: &[T]) -> Markup {
    let heads: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
    let row = |line| columns.iter().map(|(_, cell)| cell(line)).collect();
    table(caption, &heads, &lines.iter().map(row).collect::<Vec<_>>())
}

/// A table that folds on a narrow screen: each row becomes a block, and each cell a line after its
/// head. Explicit roles keep the table a table for screen readers, whatever the style does.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        table role="table" {
            caption.heard { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for head in heads { th role="columnheader" scope="col" { (head) } }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        @for (head, cell) in heads.iter().zip(row) {
                            @if cell.0.is_empty() {
                                td.empty role="cell" {}
                            } @else {
                                td role="cell" data-head=(head) { div { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Names with their values; empty values are left out.
pub(super) fn facts(facts: &[(&str, Markup)]) -> Markup {
    html! {
        dl {
            @for (name, fact) in facts.iter().filter(|(_, fact)| !fact.0.is_empty()) {
                div { dt { (name) } dd { (fact) } }
            }
        }
    }
}

/// An outcome, with its count when there is one. The colour says nothing that the words do not.
pub(super) fn outcome(
    look: Look,
    outcome: Outcome,
    reason: Option<&Reason>,
    times: Option<u64>,
) -> Markup {
    let word = match outcome.count(reason) {
        Count::Server(ServerCount::Busy) => look.words.not_free(),
        _ => look.words.outcome_of(outcome),
    };
    html! {
        span class={ "outcome " (class(outcome.mark(reason))) } {
            (counted(look, word, times))
        }
    }
}

/// A word with its count when there is one: `4 stopped`, `정지됨 4대`.
pub(super) fn counted(look: Look, word: &str, times: Option<u64>) -> String {
    let count = |times: u64| SumWords(look.words.0).part(&times.to_string(), word);
    times.map_or_else(|| word.to_owned(), count)
}

pub(super) fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "good",
        Mark::Trouble => "bad",
        Mark::Quiet => "quiet",
    }
}

impl Look {
    pub(super) fn lines(self, caption: &str, lines: &[HistoryLine]) -> Markup {
        let words = self.words;
        let when = move |line: &HistoryLine| {
            let at = line.scheduled_at.as_ref().unwrap_or(&line.started_at);
            html! { a href={ "/firings/" (line.firing) } { (self.time(at)) } }
        };
        let mut columns = vec![
            column(words.when(), when),
            column(words.rule(), move |line: &HistoryLine| self.rule(&line.rule, &line.action)),
            column(words.instance(), move |line: &HistoryLine| self.instance_of(line)),
        ];
        columns.extend(self.became());
        listing(caption, &columns, lines)
    }

    /// The instances of a firing, as a table.
    pub(super) fn lines_of_firing(self, lines: &[HistoryLine]) -> Markup {
        let words = self.words;
        let mut columns = vec![
            column(words.instance(), move |line: &HistoryLine| self.instance_of(line)),
            column(words.region(), |line: &HistoryLine| text(line.region.as_ref())),
        ];
        columns.extend(self.became());
        listing(words.instances(), &columns, lines)
    }

    /// The columns about the result for an instance.
    fn became<'c>(self) -> Vec<Column<'c, HistoryLine>> {
        let words = self.words;
        let mut columns = vec![
            column(words.status(), status),
            column(words.outcome(), move |line: &HistoryLine| self.outcome_of(line)),
        ];
        columns.extend(HistoryLine::TEXTS.map(|it| {
            column(words.0.either(it.heads), move |line: &HistoryLine| {
                text((it.text)(line, words.0).as_ref())
            })
        }));
        columns
    }

    /// A rule and its action, linked to its page.
    pub(super) fn rule(self, rule: &str, action: &str) -> Markup {
        html! {
            (rule_link(rule)) " " span.action { (Text(self.words.action_of(action))) }
        }
    }

    fn instance_of(self, line: &HistoryLine) -> Markup {
        match (&line.instance_no, &line.region) {
            (Some(no), _) => html! {
                a href={ "/servers/" (Text(no)) } {
                    (Text(line.instance_name.as_ref().filter(|name| !name.is_empty()).unwrap_or(no)))
                }
                " " span.number { (Text(no)) }
            },
            (None, Some(region)) => html! { (Text(&self.words.whole_region(region))) },
            (None, None) => html! { (self.words.whole_firing()) },
        }
    }

    fn outcome_of(self, line: &HistoryLine) -> Markup {
        let known = line.outcome.as_deref().map(str::parse::<Outcome>);
        match (known, &line.outcome) {
            (Some(Ok(known)), _) => outcome(self, known, line.reason.as_ref(), None),
            (_, Some(word)) => html! { (Text(word)) },
            (_, None) => html! { span.outcome { (self.words.open()) } },
        }
    }
}

/// The status before, and the status after when that differs.
fn status(line: &HistoryLine) -> Markup {
    match (&line.status_before, &line.status_after) {
        (Some(before), Some(after)) if before != after => html! {
            (Text(before)) " → " (Text(after))
        },
        (before, after) => text(after.as_ref().or(before.as_ref())),
    }
}

/// The name of a rule, linked to its page. The log may have names that no rule can have today.
pub(super) fn rule_link(rule: &str) -> Markup {
    if RuleName::new(rule).is_err() {
        return html! { (Text(rule)) };
    }
    html! { a href={ "/rules/" (rule) } { (Text(rule)) } }
}
