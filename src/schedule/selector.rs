//! Selectors: which instances are meant, as a list of criteria.
//!
//! A criterion is one key of a selector with its clauses. All that is to be known of a key stands
//! in this file: its name in schedules.toml, whether one clause is enough, how an instance is
//! judged by it, what it asks about tags, how it is looked up, how it is written. The rest of the
//! house goes over criteria and clauses and names no key. `check::selector` reads them.
//!
//! A verdict has three values, since tags may be unknown. Each caller decides which way the third
//! one falls: a selection takes only [`Verdict::Yes`], a protection lets go only on
//! [`Verdict::No`].

use std::fmt;

use super::glob::Glob;
use crate::model::instance::{Instance, InstanceNo};
use crate::text::normal_form::same;

/// Whether an instance is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It depends on tags, or on something else of the instance, that could not be read.
    Unreadable,
}

/// What one entry of `tags = { key = "glob" }` asks of an instance: whether it has that tag
/// with a value that the glob matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagQuestion {
    /// The tag's key, compared as it is, in normal form C.
    pub key: String,
    /// What its value must match; `*` only asks for the key.
    pub value: Glob,
}

/// A key of a selector, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// Globs of names.
    Names,
    /// Keys of tags, and globs of their values.
    Tags,
    /// Instance numbers.
    Instances,
}

/// One entry of a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clause {
    /// The name matches.
    Name(Glob),
    /// It has the tag.
    Tag(TagQuestion),
    /// That is its number.
    Number(InstanceNo),
}

/// One key of a selector, and what is given for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// The key.
    pub key: Key,
    /// Never empty, and all of that key.
    pub clauses: Vec<Clause>,
}

/// `select`, `except` and `[protect]`: criteria in the order of their keys, each key once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector(Vec<Criterion>);

/// By what instances are found that a clause may mean; the narrowest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    /// By their number.
    Number(InstanceNo),
    /// By what their names begin with. All begin with the empty text.
    Name(String),
    /// By the key of a tag, and what its value begins with.
    Tag(String, String),
}

/// As much of an instance as criteria ask about.
#[derive(Clone, Copy)]
pub struct Description<'a> {
    no: &'a InstanceNo,
    /// `None`: not known.
    name: Option<&'a str>,
    tags: &'a dyn Fn(&TagQuestion) -> Verdict,
}

impl TagQuestion {
    /// Whether no list answers it where lists show no tags (on VPC): each server that has the
    /// key has to be read by itself.
    pub fn costs_a_call_each(&self) -> bool {
        let is_listed = |values: Vec<String>| !values.iter().any(String::is_empty);
        !self.value.matches_everything() && !self.value.literals().is_some_and(is_listed)
    }

    /// Answers the question from tags that are at hand.
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
    /// Of an instance that a list shows, with what is known of its tags.
    pub fn of(instance: &'a Instance, tags: &'a dyn Fn(&TagQuestion) -> Verdict) -> Self {
        Self { no: &instance.no, name: Some(&instance.name), tags }
    }

    /// Of an instance of which the log knows number and name.
    pub fn by_name(no: &'a InstanceNo, name: &'a str) -> Self {
        Self { no, name: Some(name), tags: &|_| Verdict::Unreadable }
    }

    /// The same, with what is known of its tags.
    #[must_use]
    pub fn with_tags(self, tags: &'a dyn Fn(&TagQuestion) -> Verdict) -> Self {
        Self { tags, ..self }
    }

    /// Of an instance that a list names and does not show.
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

    /// Whether one clause is enough, where several are given; else all must hold.
    pub fn is_any_enough(self) -> bool {
        match self {
            Self::Names | Self::Instances => true,
            Self::Tags => false,
        }
    }
}

impl Clause {
    /// The key that it stands under.
    pub fn key(&self) -> Key {
        match self {
            Self::Name(_) => Key::Names,
            Self::Tag(_) => Key::Tags,
            Self::Number(_) => Key::Instances,
        }
    }

    /// Whether it holds for an instance.
    pub fn judge(&self, it: &Description<'_>) -> Verdict {
        match self {
            Self::Name(glob) => {
                it.name.map_or(Verdict::Unreadable, |name| glob.matches(name).into())
            }
            Self::Tag(question) => (it.tags)(question),
            Self::Number(no) => (no == it.no).into(),
        }
    }

    /// By what the instances are found that it may mean.
    pub fn lookup(&self) -> Lookup {
        match self {
            Self::Name(glob) => Lookup::Name(glob.beginning()),
            Self::Tag(TagQuestion { key, value }) => Lookup::Tag(key.clone(), value.beginning()),
            Self::Number(no) => Lookup::Number(no.clone()),
        }
    }

    /// What it asks about tags.
    pub fn question(&self) -> Option<&TagQuestion> {
        match self {
            Self::Tag(question) => Some(question),
            Self::Name(_) | Self::Number(_) => None,
        }
    }

    /// Whether it names one server, which is looked for at each firing: it may have been returned.
    pub fn is_a_server(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Name(_) | Self::Tag(_) => false,
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
    /// Whether an instance meets it.
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
        // Each list is as long as it needs to be: it is kept for as long as the file is in use.
        Self(clauses.chunk_by(|one, next| one.key() == next.key()).map(criterion).collect())
    }

    /// Its criteria.
    pub fn criteria(&self) -> &[Criterion] {
        &self.0
    }

    /// The clauses of all its criteria.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        self.0.iter().flat_map(|criterion| &criterion.clauses)
    }

    /// What it asks about tags.
    pub fn questions(&self) -> impl Iterator<Item = &TagQuestion> {
        self.clauses().filter_map(Clause::question)
    }

    /// Whether it names nothing at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every criterion is met: how `select` and `except` are meant. An empty selector
    /// means nothing.
    pub fn all_of(&self, it: &Description<'_>) -> Verdict {
        if self.is_empty() {
            return Verdict::No;
        }
        all(self.0.iter().map(|criterion| criterion.judge(it)))
    }

    /// Whether any criterion is met: how `[protect]` is meant, since a name on the list must
    /// protect also where the tag is missing.
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

/// The verdict that decides, if any is, or else that something is not known. None is asked for
/// after the one that decides: names settle most, and take no look at tags.
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
