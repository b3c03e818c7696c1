//! Owns the questions about tags of several rules, and the importance of an answer.
//!
//! [`Selector`](super::selector) judges a single instance.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::selector::{Description, Selector, TagQuestion, Verdict};
use crate::model::instance::{Action, Instance};

/// All questions about tags that must be answered to judge instances, with the rules that ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagQuestions {
    /// The questions of selectors.
    pub selectors: BTreeSet<TagQuestion>,
    /// The key of the hold tag, whose value is asked for.
    pub hold: Option<String>,
    askers: Vec<Asker>,
}

/// A rule that asks about tags.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asker {
    action: Action,
    select: Selector,
    except: Selector,
    protect: Arc<Selector>,
}

/// The importance of the tags of one instance that no list tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// No rule depends on them.
    None,
    /// A rule depends on them, but would ask nothing of the instance in its present state.
    Later,
    /// A rule needs them before its request.
    Now,
}

impl TagQuestions {
    /// Whether there is no question.
    pub fn are_none(&self) -> bool {
        self.selectors.is_empty() && self.hold.is_none()
    }

    /// Whether any question needs a call for each server, where lists show no tags.
    pub fn cost_a_call_each(&self) -> bool {
        self.hold.is_some() || self.selectors.iter().any(TagQuestion::costs_a_call_each)
    }

    /// The questions of `rules`, each given as its action, `select` and `except`; with the
    /// questions of `protect`, and the key of the hold tag.
    pub fn of<'a>(
        rules: impl IntoIterator<Item = (Action, &'a Selector, &'a Selector)>,
        protect: &Arc<Selector>,
        hold: Option<String>,
    ) -> Self {
        let asker = |(action, select, except): (Action, &Selector, &Selector)| {
            let (select, except) = (select.clone(), except.clone());
            Asker { action, select, except, protect: Arc::clone(protect) }
        };
        let askers: Vec<Asker> = rules.into_iter().map(asker).collect();
        let own = askers.iter().flat_map(|asker| [&asker.select, &asker.except]);
        let selectors = own.chain([&**protect]).flat_map(Selector::questions).cloned().collect();
        Self { selectors, hold, askers }
    }

    /// Adds the questions of another set.
    pub fn extend(&mut self, other: Self) {
        self.selectors.extend(other.selectors);
        self.askers.extend(other.askers);
        self.hold = self.hold.take().or(other.hold);
    }

    /// The importance of the tags of an instance, given all that lists say about it.
    pub fn need(&self, instance: &Instance, it: &Description<'_>, may_be_held: bool) -> Need {
        let need = |asker: &Asker| {
            let is_open = match asker.select.all_of(it) {
                Verdict::No => false,
                Verdict::Unreadable => true,
                Verdict::Yes => match asker.protect.any_of(it) {
                    Verdict::Yes => false,
                    Verdict::Unreadable => true,
                    Verdict::No => match asker.except.all_of(it) {
                        Verdict::Yes => false,
                        Verdict::Unreadable => true,
                        Verdict::No => may_be_held,
                    },
                },
            };
            match is_open {
                true if instance.is_ready_for(asker.action) => Need::Now,
                true => Need::Later,
                false => Need::None,
            }
        };
        let mut most = Need::None;
        for asker in &self.askers {
            most = most.max(need(asker));
            if most == Need::Now {
                break;
            }
        }
        most
    }
}
