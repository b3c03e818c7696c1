//! The words for what became of an instance, or of a firing as a whole.

use std::fmt;
use std::str::FromStr;

/// What became of one instance in one firing, or of a firing as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Asked to stop, and seen stopped.
    Stopped,
    /// Asked to start, and seen running.
    Started,
    /// Was so, or became so, without this firing asking.
    Already,
    DryRun,
    /// Protected, excepted, or never free to be asked.
    Skipped,
    Refused,
    /// Accepted, and not there within `patience`.
    TimedOut,
    /// No answer, and its state could not be read.
    Unknown,
    NothingMatched,
    /// More instances than `max_instances`: nothing was sent.
    TooMany,
    /// Far more instances than in the rule's past: nothing was sent.
    Drifted,
    /// Nothing could be listed, or the keys were refused.
    CloudFailed,
    /// The rule's last firing was still being followed.
    Overlapped,
    /// Due while the daemon was away, and too late to be made up.
    Missed,
}

impl Outcome {
    /// Every outcome, those of an instance first.
    pub const ALL: [Self; 14] = [
        Self::Stopped,
        Self::Started,
        Self::Already,
        Self::DryRun,
        Self::Skipped,
        Self::Refused,
        Self::TimedOut,
        Self::Unknown,
        Self::NothingMatched,
        Self::TooMany,
        Self::Drifted,
        Self::CloudFailed,
        Self::Overlapped,
        Self::Missed,
    ];

    /// The word in the log and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Started => "started",
            Self::Already => "already",
            Self::DryRun => "dry_run",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Unknown => "unknown",
            Self::NothingMatched => "nothing_matched",
            Self::TooMany => "too_many",
            Self::Drifted => "drifted",
            Self::CloudFailed => "cloud_failed",
            Self::Overlapped => "overlapped",
            Self::Missed => "missed",
        }
    }
}

/// How the reason begins for which nothing was done about a row of a list that cannot be read.
pub const LEFT_OUT: &str = "left out: ";

/// How the reasons begin for which an instance is `skipped` by choice, and not because it was busy,
/// in a failed state, or could not be judged.
const CHOICES: [&str; 9] = [
    "protected",
    "excepted",
    "held",
    "late: ",
    "stopped by somebody else",
    "nothing in the log says",
    "stop budget",
    MATCHES_NOTHING,
    LEFT_OUT,
];

/// The reasons for which an instance is `skipped` whose tags could not be read, so that nobody
/// knows whether it was meant.
pub const TAGS_UNREAD: [&str; 4] = [
    "protected: its tags could not be read",
    "excepted: its tags could not be read",
    "held: its tags could not be read",
    "not known to be selected: its tags could not be read",
];

/// Whether an instance that was `skipped` for this reason was left alone by choice.
pub fn is_by_choice(reason: Option<&str>) -> bool {
    reason.is_some_and(|reason| {
        !TAGS_UNREAD.contains(&reason) && CHOICES.iter().any(|choice| reason.starts_with(choice))
    })
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no outcome `{0}`")]
pub struct NoSuchOutcome(String);

impl FromStr for Outcome {
    type Err = NoSuchOutcome;

    fn from_str(word: &str) -> Result<Self, NoSuchOutcome> {
        let known = Self::ALL.into_iter().find(|outcome| outcome.as_str() == word);
        known.ok_or_else(|| NoSuchOutcome(word.to_owned()))
    }
}

/// How the reason begins for which nothing was done about an entry that matches nothing.
pub const MATCHES_NOTHING: &str = "matches nothing: ";

/// How the words about servers begin that a rule selects by their numbers and that no list has.
pub const UNLISTED: &str = "`instances` of `select`: ";
