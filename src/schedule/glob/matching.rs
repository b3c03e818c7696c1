//! Compares a text with the steps of a glob.

use std::mem::{replace, swap};

use super::Step;

/// Whether the whole of `text` matches.
pub(super) fn matches(steps: &[Step], text: &str) -> bool {
    if steps.iter().any(|step| matches!(step, Step::Fork(_) | Step::Jump(_))) {
        matches_any(steps, text)
    } else {
        matches_one(steps, text)
    }
}

/// The same for a glob without forks and jumps: goes back only to its last `*`.
fn matches_one(pattern: &[Step], text: &str) -> bool {
    let (mut at, mut rest) = (0, text);
    // The place to retry after a failure: after the last `*`, one character later.
    let mut retry: Option<(usize, &str)> = None;
    loop {
        if pattern.get(at) == Some(&Step::AnyRun) {
            at += 1;
            retry = Some((at, rest));
            continue;
        }
        let mut after = rest.chars();
        match (pattern.get(at), after.next()) {
            (None, None) => return true,
            (Some(expected), Some(c)) if takes(expected, c) => {
                at += 1;
                rest = after.as_str();
            }
            _ => {
                let Some((behind_star, from)) = retry else { return false };
                let mut from = from.chars();
                if from.next().is_none() {
                    return false;
                }
                (at, rest) = (behind_star, from.as_str());
                retry = Some((behind_star, rest));
            }
        }
    }
}

/// Whether any of several patterns matches. Reads the text once, in all patterns together.
fn matches_any(steps: &[Step], text: &str) -> bool {
    let mut here = Places::of(steps);
    let mut next = Places::of(steps);
    here.add(0, steps);
    for c in text.chars() {
        for &place in &here.list {
            match steps.get(place) {
                Some(Step::AnyRun) => next.add(place, steps),
                Some(step) if takes(step, c) => next.add(place + 1, steps),
                _ => {}
            }
        }
        swap(&mut here, &mut next);
        next.clear();
    }
    here.list.contains(&steps.len())
}

/// The steps that a match has reached, each once.
struct Places {
    are_in: Vec<bool>,
    list: Vec<usize>,
    open: Vec<usize>,
}

impl Places {
    fn of(steps: &[Step]) -> Self {
        Self { are_in: vec![false; steps.len() + 1], list: Vec::new(), open: Vec::new() }
    }

    /// Adds a step, and all steps that follow without a character.
    fn add(&mut self, place: usize, steps: &[Step]) {
        self.open.push(place);
        while let Some(place) = self.open.pop() {
            if replace(&mut self.are_in[place], true) {
                continue;
            }
            match steps.get(place) {
                Some(Step::Fork(other)) => self.open.extend([*other, place + 1]),
                Some(Step::Jump(to)) => self.open.push(*to),
                Some(Step::AnyRun) => {
                    self.list.push(place);
                    self.open.push(place + 1);
                }
                _ => self.list.push(place),
            }
        }
    }

    fn clear(&mut self) {
        self.are_in.fill(false);
        self.list.clear();
    }
}

fn takes(step: &Step, c: char) -> bool {
    match step {
        Step::Char(expected) => *expected == c,
        Step::AnyChar => true,
        Step::Class(class) => {
            class.ranges.iter().any(|&(first, last)| (first..=last).contains(&c)) != class.negated
        }
        // These steps are followed before a character is read.
        Step::AnyRun | Step::Fork(_) | Step::Jump(_) => false,
    }
}
