//! Owns the words of an examination: a cloud is read, never changed, and each assumption about it is
//! judged.
//!
//! `ncloud::examination` asks and judges; the command `doctor` prints.

use super::{CloudError, Later};

/// The judgement of one assumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The cloud is as assumed.
    Seen,
    /// Nothing that was read tells.
    NotSeen,
    /// The cloud is otherwise.
    Different,
}

impl Judgement {
    pub const ALL: [Self; 3] = [Self::Seen, Self::NotSeen, Self::Different];

    /// The word of programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::NotSeen => "not_seen",
            Self::Different => "different",
        }
    }
}

/// One assumption and its judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name, which does not change.
    pub code: &'static str,
    pub assumed: &'static str,
    pub judgement: Judgement,
    /// The facts, without a key, a number of an account, a name, a tag, or a message of the cloud.
    pub seen: String,
    /// The servers that it is about: `NAME (NO)`.
    pub servers: Vec<String>,
}

/// The result for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    pub findings: Vec<Finding>,
    /// The reason why no list of servers could be read: with as few secrets as a finding, and in
    /// full.
    pub unread: Option<(String, CloudError)>,
}

/// An account that can be read, and not be changed.
pub trait Examine: Send + Sync {
    /// Asks the cloud, for a minute and a half at most, and judges.
    fn examine(&self) -> Later<'_, Examined>;
}
