//! Prints the answer of `why`: the state, the timeline, the rules, the gaps, one sentence.

use crate::cli::output::harmless;
use crate::model::known_instance::KnownInstance;
use crate::why::{Explanation, RuleThen, What, told};

const WIDTH: usize = 100;

pub(super) fn text(answer: &Explanation) -> String {
    let KnownInstance { account, no, name } = &answer.instance;
    let at = answer.shown(answer.facts.at);
    let mut page = vec![format!("{} ({no}, account {account}) at {at}", harmless(name))];
    section(&mut page, "State", &answer.state());
    section(&mut page, "What happened", &happened(answer));
    let rules: Vec<String> = answer.facts.rules.iter().map(RuleThen::told).collect();
    section(&mut page, "Rules in use then", &rules);
    section(&mut page, "Not known", &answer.unknown());
    page.push(String::new());
    page.push(textwrap::fill(&harmless(&answer.verdict.sentence), WIDTH));
    page.join("\n") + "\n"
}

fn happened(answer: &Explanation) -> Vec<String> {
    let asked = answer.facts.at;
    let mut lines = Vec::new();
    let mut is_marked = false;
    for event in &answer.facts.events {
        if event.at > asked && !is_marked {
            lines.push(format!("{}  (the time asked about)", answer.shown(asked)));
            is_marked = true;
        }
        lines.push(format!("{}  {}", answer.shown(event.at), told(event, answer.zone)));
        if let What::Fired(fired) = &event.what {
            let requests = fired.requests.iter();
            lines.extend(requests.map(|request| format!("    {}", answer.request(request))));
        }
    }
    lines
}

/// A list with a heading; nothing when the list is empty.
fn section(page: &mut Vec<String>, head: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    page.extend([String::new(), head.to_owned()]);
    page.extend(lines.iter().map(|line| format!("  {}", harmless(line))));
}
