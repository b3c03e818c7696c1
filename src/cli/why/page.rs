//! Prints the answer of `why`: the state, the timeline, the rules, the gaps, one sentence.

use crate::cli::output::harmless;
use crate::cli::paint::Painted;
use crate::cli::table;
use crate::model::known_instance::KnownInstance;
use crate::why::{Audience, Ending, Event, Explanation, What, told};

const WIDTH: usize = 100;

pub(super) fn text(answer: &Explanation) -> String {
    let KnownInstance { account, no, name } = &answer.instance;
    let at = answer.to.full(answer.facts.at);
    let mut page = vec![format!("{} ({no}, account {account}) at {at}", harmless(name))];
    section(&mut page, "State", &answer.state());
    safe_section(&mut page, "What happened", &happened(answer));
    let rules = answer.facts.rules.iter();
    let rules: Vec<String> = rules.map(|rule| rule.told(answer.to.language)).collect();
    section(&mut page, "Rules in use then", &rules);
    section(&mut page, "Not known", &answer.unknown());
    page.push(String::new());
    let width = table::width().unwrap_or(WIDTH).min(WIDTH);
    page.push(table::wrap(&harmless(&answer.verdict.sentence), width).join("\n"));
    page.join("\n") + "\n"
}

/// Lines that can do no harm.
fn happened(answer: &Explanation) -> Vec<String> {
    let asked = answer.facts.at;
    let times = answer.facts.events.iter().map(|event| event.at).chain([asked]);
    let width = times.map(|at| answer.shown(at).len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    let mut is_marked = false;
    for event in &answer.facts.events {
        if event.at > asked && !is_marked {
            lines.push(format!("{:<width$}  (the time asked about)", answer.shown(asked)));
            is_marked = true;
        }
        lines.push(format!("{:<width$}  {}", answer.shown(event.at), painted(event, answer.to)));
        if let What::Fired(fired) = &event.what {
            let requests = fired.requests.iter();
            lines.extend(
                requests.map(|request| format!("    {}", harmless(&answer.request(request)))),
            );
        }
    }
    lines
}

/// An event in words. The outcome has its colour.
fn painted(event: &Event, to: Audience) -> Painted {
    let text = told(event, to);
    if let What::Fired(fired) = &event.what
        && let Ending::Came(outcome) = fired.ending
        && let Some((before, after)) = text.split_once(&format!("): {outcome}"))
    {
        let mark = outcome.mark(fired.reason.as_ref());
        let word = Painted::marked(mark, outcome.as_str());
        let before = Painted::plain(&format!("{before}): "));
        return Painted::joined([before, word, Painted::plain(after)], "");
    }
    Painted::plain(&text)
}

/// A list with a heading; nothing when the list is empty.
fn section(page: &mut Vec<String>, head: &str, lines: &[String]) {
    let lines: Vec<String> = lines.iter().map(|line| harmless(line)).collect();
    safe_section(page, head, &lines);
}

/// The same, of lines that can do no harm.
fn safe_section(page: &mut Vec<String>, head: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    page.extend([String::new(), head.to_owned()]);
    page.extend(lines.iter().map(|line| format!("  {line}")));
}
