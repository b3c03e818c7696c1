//! Which instances a rule means, in one reading of the account.
//!
//! Pure. What is then asked of those that are meant is the stopper's business.

use crate::instance::{Action, Instance};
use crate::reading::Reading;
use crate::schedule::Rule;
use crate::schedule::selector::{Selector, Verdict};

/// Whether an instance that `select` matches may be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It may.
    Chosen,
    /// `[protect]` forbids it.
    Protected,
    /// `[protect]` asks about tags that could not be read.
    ProtectionUnread,
    /// `except` leaves it out.
    Excepted,
    /// `except` asks about tags that could not be read.
    ExceptionUnread,
}

impl Judgement {
    /// Why it is left alone; `None` when it is not.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Chosen => None,
            Self::Protected => Some("protected"),
            Self::ProtectionUnread => Some("protected: its tags could not be read"),
            Self::Excepted => Some("excepted"),
            Self::ExceptionUnread => Some("excepted: its tags could not be read"),
        }
    }
}

/// An instance that `select` matches.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// As the reading showed it.
    pub instance: &'a Instance,
    /// Whether it may be acted on.
    pub judgement: Judgement,
}

/// What a rule means in one reading.
#[derive(Debug)]
pub struct Selection<'a> {
    /// Every instance that `select` matches.
    pub matches: Vec<Match<'a>>,
    /// Instances that `select` might match, were their tags readable. Never acted on.
    pub unjudged: Vec<&'a Instance>,
}

impl<'a> Selection<'a> {
    /// Judges every instance of a reading.
    #[must_use]
    pub fn of(rule: &Rule, protect: &Selector, reading: &'a Reading) -> Self {
        let mut selection = Self { matches: Vec::new(), unjudged: Vec::new() };
        for (index, instance) in reading.instances.iter().enumerate() {
            let tags = |question: &_| reading.verdict(question, index);
            match rule.select.all_of(instance, tags) {
                Verdict::No => continue,
                Verdict::Unreadable => {
                    selection.unjudged.push(instance);
                    continue;
                }
                Verdict::Yes => {}
            }
            let judgement =
                match (protect.any_of(instance, tags), rule.except.all_of(instance, tags)) {
                    (Verdict::Yes, _) => Judgement::Protected,
                    (Verdict::Unreadable, _) => Judgement::ProtectionUnread,
                    (Verdict::No, Verdict::Yes) => Judgement::Excepted,
                    (Verdict::No, Verdict::Unreadable) => Judgement::ExceptionUnread,
                    (Verdict::No, Verdict::No) => Judgement::Chosen,
                };
            selection.matches.push(Match { instance, judgement });
        }
        selection
    }

    /// The instances that may be acted on, whatever their state: what `max_instances` counts.
    pub fn chosen(&self) -> impl Iterator<Item = &'a Instance> {
        let chosen = |found: &&Match<'a>| found.judgement == Judgement::Chosen;
        self.matches.iter().filter(chosen).map(|found| found.instance)
    }
}

/// Why an instance cannot be asked for `action` as it is now; `None` when it can, or is where
/// it shall be.
#[must_use]
pub fn obstacle(instance: &Instance, action: Action) -> Option<String> {
    use crate::instance::Status;
    if instance.is_ready_for(action) || instance.is_at_goal_of(action) {
        return None;
    }
    let status = instance.status.code();
    Some(match &instance.status {
        _ if !instance.operation.is_null() => {
            let operation = instance.operation.code();
            let operation = if operation.is_empty() { "not told" } else { operation };
            format!("busy: {status}, operation {operation}")
        }
        Status::Fstop | Status::ShutdownFailed | Status::StartFailed | Status::RestartFailed => {
            format!("in a failed state: {status}")
        }
        Status::Other(code) => format!("in a state lightsout does not know: {code}"),
        _ => format!("busy: {status}"),
    })
}
