//! What the selectors of several rules ask about tags, and how much an answer matters.
//!
//! Leaves the judgement of one instance to [`Selector`](super::selector).

use std::collections::BTreeSet;
use std::sync::Arc;

use super::selector::{Description, Selector, TagQuestion, Verdict};
use crate::model::instance::{Action, Instance};

/// Everything that must be known of tags to judge instances, and for whose sake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagQuestions {
    /// What selectors ask: who has which tag with which value.
    pub selectors: BTreeSet<TagQuestion>,
    /// The key of the tag that holds instances, whose value is asked for.
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

/// How much the tags of one instance matter that no list tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// No rule is judged otherwise by them.
    None,
    /// A rule is, but would ask nothing of the instance as it is.
    Later,
    /// A rule waits for them before it asks.
    Now,
}

impl TagQuestions {
    /// Whether nothing is asked.
    pub fn are_none(&self) -> bool {
        self.selectors.is_empty() && self.hold.is_none()
    }

    /// Whether servers have to be read one by one for any of it, where lists show no tags.
    pub fn cost_a_call_each(&self) -> bool {
        self.hold.is_some() || self.selectors.iter().any(TagQuestion::costs_a_call_each)
    }

    /// What `rules` ask about tags, each given as its action, `select` and `except`; with what
    /// `protect` asks, and the key of the tag that holds.
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

    /// Asks what another set asks as well.
    pub fn extend(&mut self, other: Self) {
        self.selectors.extend(other.selectors);
        self.askers.extend(other.askers);
        self.hold = self.hold.take().or(other.hold);
    }

    /// How much it matters to read the tags of an instance, given all that lists say of it.
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
