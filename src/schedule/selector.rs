//! Owns selectors: a selector is a list of criteria, and a criterion is one key with its clauses.
//!
//! This file has everything about a key: its name in schedules.toml, the choice between any clause
//! and all, the judgement of an instance, the question about tags, the lookup, and the written
//! form. No other file names a key. `check::selector` reads the keys.
//!
//! A verdict has three values, since tags may be unknown. Each caller decides about the third one:
//! a selection takes only [`Verdict::Yes`], and a protection ends only with [`Verdict::No`].

use std::fmt;

use super::glob::Glob;
use crate::model::instance::{Instance, InstanceNo};
use crate::text::normal_form::same;

/// Whether a selector means an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes,
    No,
    /// It depends on tags, or on another fact about the instance, that could not be read.
    Unreadable,
}

/// The question of one entry of `tags = { key = "glob" }`: whether an instance has this tag with a
/// value that matches the glob.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagQuestion {
    /// The key of the tag. Compared in normal form C, without other changes.
    pub key: String,
    /// The glob for the value. `*` asks only for the key.
    pub value: Glob,
}

/// A key of a selector, in the written order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Globs for names.
    Names,
    /// Keys of tags, with globs for their values.
    Tags,
    Instances,
}

/// One entry of a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clause {
    /// The name matches.
    Name(Glob),
    /// The instance has the tag.
    Tag(TagQuestion),
    /// The instance has the number.
    Number(InstanceNo),
}

/// One key of a selector, with its clauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    pub key: Key,
    /// Never empty, and all of this key.
    pub clauses: Vec<Clause>,
}

/// `select`, `except` and `[protect]`: criteria in the order of their keys, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Criterion>);

/// The lookup that finds the instances of a clause, the narrowest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// By number.
    Number(InstanceNo),
    /// By the beginning of the name. The empty text finds all.
    Name(String),
    /// By the key of a tag, and the beginning of its value.
    Tag(String, String),
}

/// The facts about an instance that criteria ask for.
#[derive(Clone, Copy)]
pub struct Description<'a> {
    no: &'a InstanceNo,
    /// `None` if it is not known.
    name: Option<&'a str>,
    tags: &'a dyn Fn(&TagQuestion) -> Verdict,
}

impl TagQuestion {
    /// Whether the answer needs a call for each server with the key, where lists show no tags (on
    /// VPC): no list answers the question.
    pub fn costs_a_call_each(&self) -> bool {
        let is_listed = |values: Vec<String>| !values.iter().any(String::is_empty);
        !self.value.matches_everything() && !self.value.literals().is_some_and(is_listed)
    }

    /// The answer from known tags.
    pub fn holds_for(&self, tags: &[(String, String)]) -> bool {
        tags.iter().any(|(key, value)| same(key, &self.key) && self.value.matches(value))
    }
}

impl fmt::Display for TagQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

impl<'a> Description<'a> {
    /// An instance in a list, with the known part of its tags.
    pub fn of(instance: &'a Instance, tags: &'a dyn Fn(&TagQuestion) -> Verdict) -> Self {
        Self { no: &instance.no, name: Some(&instance.name), tags }
    }

    /// An instance whose number and name the log knows.
    pub fn by_name(no: &'a InstanceNo, name: &'a str) -> Self {
        Self { no, name: Some(name), tags: &|_| Verdict::Unreadable }
    }

    /// The same, with the known part of its tags.
    #[must_use]
    pub fn with_tags(self, tags: &'a dyn Fn(&TagQuestion) -> Verdict) -> Self {
        Self { tags, ..self }
    }

    /// An instance that a list names and does not show.
    pub fn by_number(no: &'a InstanceNo) -> Self {
        Self { no, name: None, tags: &|_| Verdict::Unreadable }
    }
}

impl Key {
    /// The word in schedules.toml and in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::Tags => "tags",
            Self::Instances => "instances",
        }
    }

    pub fn in_korean(self) -> &'static str {
        match self {
            Self::Names => "이름",
            Self::Tags => "태그",
            Self::Instances => "번호",
        }
    }

    /// Whether one of several clauses is enough. If not, all must hold.
    pub fn is_any_enough(self) -> bool {
        match self {
            Self::Names | Self::Instances => true,
            Self::Tags => false,
        }
    }
}

impl Clause {
    pub fn key(&self) -> Key {
        match self {
            Self::Name(_) => Key::Names,
            Self::Tag(_) => Key::Tags,
            Self::Number(_) => Key::Instances,
        }
    }

    /// Whether an instance fulfils the clause.
    pub fn judge(&self, it: &Description<'_>) -> Verdict {
        match self {
            Self::Name(glob) => {
                it.name.map_or(Verdict::Unreadable, |name| glob.matches(name).into())
            }
            Self::Tag(question) => (it.tags)(question),
            Self::Number(no) => (no == it.no).into(),
        }
    }

    /// The lookup that finds the instances of the clause.
    pub fn lookup(&self) -> Lookup {
        match self {
            Self::Name(glob) => Lookup::Name(glob.beginning()),
            Self::Tag(TagQuestion { key, value }) => Lookup::Tag(key.clone(), value.beginning()),
            Self::Number(no) => Lookup::Number(no.clone()),
        }
    }

    /// The question about tags, if the clause has one.
    pub fn question(&self) -> Option<&TagQuestion> {
        match self {
            Self::Tag(question) => Some(question),
            Self::Name(_) | Self::Number(_) => None,
        }
    }

    /// The one server that the clause names. Each firing looks for such a server: it may have been
    /// returned.
    pub fn server(&self) -> Option<&InstanceNo> {
        match self {
            Self::Number(no) => Some(no),
            Self::Name(_) | Self::Tag(_) => None,
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(glob) => glob.fmt(f),
            Self::Tag(question) => question.fmt(f),
            Self::Number(no) => no.fmt(f),
        }
    }
}

impl Criterion {
    /// Whether an instance fulfils the criterion.
    pub fn judge(&self, it: &Description<'_>) -> Verdict {
        let verdicts = self.clauses.iter().map(|clause| clause.judge(it));
        if self.key.is_any_enough() { any(verdicts) } else { all(verdicts) }
    }
}

impl Selector {
    /// The selector of these clauses.
    pub fn of(clauses: impl IntoIterator<Item = Clause>) -> Self {
        let mut clauses: Vec<Clause> = clauses.into_iter().collect();
        clauses.sort_by_key(Clause::key);
        let criterion =
            |alike: &[Clause]| Criterion { key: alike[0].key(), clauses: alike.to_vec() };
        // Each list has no spare room, since it stays in memory as long as the file is in use.
        Self(clauses.chunk_by(|one, next| one.key() == next.key()).map(criterion).collect())
    }

    pub fn criteria(&self) -> &[Criterion] {
        &self.0
    }

    /// The clauses of all criteria.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.0.iter().flat_map(|criterion| &criterion.clauses)
    }

    /// The questions about tags.
    pub fn questions(&self) -> impl Iterator<Item = &TagQuestion> {
        self.clauses().filter_map(Clause::question)
    }

    /// Whether the selector has no criterion.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every criterion is fulfilled, as for `select` and `except`. An empty selector means
    /// no instance.
    pub fn all_of(&self, it: &Description<'_>) -> Verdict {
        if self.is_empty() {
            return Verdict::No;
        }
        all(self.0.iter().map(|criterion| criterion.judge(it)))
    }

    /// Whether any criterion is fulfilled, as for `[protect]`: a name on the list must protect
    /// without the tag, too.
    pub fn any_of(&self, it: &Description<'_>) -> Verdict {
        any(self.0.iter().map(|criterion| criterion.judge(it)))
    }
}

impl From<bool> for Verdict {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    decided_by(Verdict::No, verdicts).unwrap_or(Verdict::Yes)
}

fn any(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    decided_by(Verdict::Yes, verdicts).unwrap_or(Verdict::No)
}

/// The decisive verdict, if any; otherwise the verdict that something is unknown. Stops at the
/// decisive one: names decide most cases, and need no tags.
fn decided_by(decisive: Verdict, verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    let mut decided = None;
    for verdict in verdicts {
        if verdict == decisive {
            return Some(decisive);
        }
        if verdict == Verdict::Unreadable {
            decided = Some(verdict);
        }
    }
    decided
}

#[cfg(test)]
mod tests;
