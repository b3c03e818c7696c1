//! Puts the changes of a rule's pace into words.

use super::new_value::now;
use crate::schedule::pace::{AskCommand, Pace};
use crate::text::sanitize::harmless;
use crate::time::duration::written;

/// What differs, but for `after`, which only the rule that starts has.
pub(super) fn differences(old: &Pace, new: &Pace) -> Vec<String> {
    let ask = |pace: &Pace| pace.ask.as_ref().map_or("not given".to_owned(), asked);
    [
        now("grace", written(new.grace), written(old.grace)),
        now("jitter", written(new.jitter), written(old.jitter)),
        now("stagger", written(new.stagger), written(old.stagger)),
        now("ask", ask(new), ask(old)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The rule that a start waits for, where that differs.
pub(super) fn awaited(old: &Pace, new: &Pace) -> Option<String> {
    let after = |pace: &Pace| match &pace.after {
        Some(rule) => format!("`{rule}`"),
        None => "not given".to_owned(),
    };
    now("after", after(new), after(old))
}

fn asked(ask: &AskCommand) -> String {
    let words = std::iter::once(ask.program.display().to_string()).chain(ask.arguments.clone());
    let words: Vec<String> = words.map(|word| harmless(&word)).collect();
    let (timeout, silence) = (written(ask.timeout), ask.silence.as_str());
    format!("`{}` (within {timeout}, silence means {silence})", words.join(" "))
}
