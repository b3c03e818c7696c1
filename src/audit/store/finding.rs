//! What can be wrong with a log that somebody changed, and where.

use std::fmt;

use serde::{Serialize, Serializer};

/// One thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The number of the entry; `None` where it is about the log as a whole.
    pub seq: Option<i64>,
    /// The kind of the entry, where there is one.
    pub kind: Option<String>,
    #[serde(serialize_with = "in_words")]
    pub problem: Flaw,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The entries from this number up to the one before the finding's are not there.
    Gap {
        /// The first of them.
        from: i64,
    },
    /// The entry, what it says, or its hash was changed.
    HashDiffers,
    /// No row of its kind's table belongs to the entry.
    NothingSaid,
    /// A row belongs to no entry.
    NoEntry,
    /// More than one row, in different tables, claims to be what the entry says.
    SaidTwice,
    /// Instances hang on a request that is not there.
    NoRequest,
    /// The instances of a request are of several accounts.
    SeveralAccounts,
    /// Of the rows that a prune kept below its line, one was changed, removed or added.
    KeptDiffer { below: i64 },
    /// A table, view, index or trigger is not the one that lightsout makes.
    Object(String),
    /// A trigger that lightsout does not make.
    ForeignTrigger(String),
    /// A row of the table `kind` is not what lightsout writes.
    Kind(String),
    /// SQLite finds the file damaged, and says how.
    Damage(String),
}

impl Finding {
    /// Damage, as an error tells of it.
    pub fn of_damage(said: String) -> Self {
        Self::overall(Flaw::Damage(said))
    }

    /// A finding about the log as a whole.
    pub(crate) fn overall(problem: Flaw) -> Self {
        Self { seq: None, kind: None, problem }
    }

    /// A finding about an entry, or what should be one.
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
