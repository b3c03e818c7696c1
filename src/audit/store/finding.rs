//! The faults that a changed log can have, and their places. `integrity` looks for them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// One difference from the log as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "finding")]
pub struct Finding {
    /// The number of the entry; null when it concerns the whole log.
    pub seq: Option<i64>,
    /// The kind of the entry, if any.
    pub kind: Option<String>,
    /// The difference, in words.
    #[serde(serialize_with = "in_words")]
    #[schemars(with = "String")]
    pub problem: Flaw,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The entries from this number to before the finding's are missing.
    Gap {
        /// The first missing number.
        from: i64,
    },
    /// The entry, its body or its hash was changed.
    HashDiffers,
    /// No row of its kind's table belongs to the entry.
    NothingSaid,
    /// A row belongs to no entry.
    NoEntry,
    /// Several rows, in different tables, claim to be the entry's body.
    SaidTwice,
    /// Instances belong to a request that is missing.
    NoRequest,
    /// The instances of a request belong to several accounts.
    SeveralAccounts,
    /// Of the rows that a prune kept below its line, one was changed, removed or added.
    KeptDiffer { below: i64 },
    /// A table, view, index or trigger differs from the one that lightsout makes.
    Object(String),
    /// A trigger that lightsout does not make.
    ForeignTrigger(String),
    /// A row of the table `kind` differs from lightsout's.
    Kind(String),
    /// SQLite's words about damage of the file.
    Damage(String),
}

impl Finding {
    /// The finding for damage that an error reports.
    pub fn of_damage(said: String) -> Self {
        Self::overall(Flaw::Damage(said))
    }

    /// A finding about the whole log.
    pub(crate) fn overall(problem: Flaw) -> Self {
        Self { seq: None, kind: None, problem }
    }

    /// A finding about an entry, or about a number that should have one.
    pub(crate) fn at(seq: i64, kind: Option<&str>, problem: Flaw) -> Self {
        Self { seq: Some(seq), kind: kind.map(ToOwned::to_owned), problem }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { from } => {
                write!(f, "entries are missing: those from {from} up to the one before this")
            }
            Self::HashDiffers => f.write_str(
                "its hash is not the one of what it says and of the entry before: changed",
            ),
            Self::NothingSaid => f.write_str("the row that says what it is about was removed"),
            Self::NoEntry => f.write_str("a row that belongs to no entry"),
            Self::SaidTwice => f.write_str("more than one row claims to be what it says"),
            Self::NoRequest => f.write_str("instances of a request that is not there"),
            Self::SeveralAccounts => f.write_str("a request's instances are of several accounts"),
            Self::KeptDiffer { below } => write!(
                f,
                "of the rows that were kept below {below}, one was changed, removed or added"
            ),
            Self::Object(name) => write!(f, "`{name}` is not as lightsout makes it"),
            Self::ForeignTrigger(name) => write!(f, "the trigger `{name}` is not lightsout's"),
            Self::Damage(said) => write!(f, "the file is damaged: {said}"),
            Self::Kind(name) => write!(f, "the kind `{name}` is not as lightsout writes it"),
        }
    }
}

fn in_words<S: Serializer>(flaw: &Flaw, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(flaw)
}
