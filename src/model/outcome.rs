//! Owns the outcomes of a server and of a whole firing: one table, with a row for each outcome.
//!
//! Every difference between outcomes is a column here. `reason` owns the causes.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use super::language::Language;

/// The meaning of an outcome for the exit code of `fire`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitClass {
    Fine,
    /// Some server did not reach its goal.
    Incomplete,
    /// The cloud could not be read, or it refused the keys.
    CloudFailed,
    /// A guard sent nothing.
    Guarded,
}

/// The event of a notice about an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    Failure,
    /// A rule matches far more servers than before.
    Drift,
    /// No daemon was there for a firing.
    Missed,
}

/// The last step of a firing for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The firing left the server alone.
    Nothing,
    /// The firing only recorded the request.
    Rehearsed,
    /// The server had reached its goal without a request.
    Needless,
    /// The firing sent a request, or was about to.
    Asked,
}

/// Whether a server reached the goal of the firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    Seen,
    /// Nobody knows, or the server may still reach its goal.
    Possible,
    Not,
}

/// The count of the report to which an outcome adds. Also shows whether the outcome is one of a
/// server or of a whole firing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Server(ServerCount),
    Firing(FiringCount),
}

/// The counts of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerCount {
    /// Asked to stop, and observed stopped.
    Stopped,
    /// Asked to start, and observed running.
    Started,
    /// At the goal without a request.
    Already,
    /// Would have been asked.
    DryRun,
    /// The cloud said no.
    Refused,
    /// Accepted, but not at the goal in time.
    TimedOut,
    Unknown,
    /// Left alone because of a hold.
    Held,
    /// Left alone by another choice.
    LeftAlone,
    /// Never free for a request.
    Busy,
}

/// The counts of firings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiringCount {
    /// No server matched.
    Empty,
    /// A guard sent nothing.
    Guarded,
    /// The cloud could not be read, or it refused the keys.
    Failed,
    /// The last firing of the rule was still being followed.
    Overlapped,
    /// No daemon was there.
    Missed,
}

/// All facts about an outcome beside its word.
struct Row {
    word: &'static str,
    count: Count,
    effort: Effort,
    arrival: Arrival,
    exit: ExitClass,
    concern: Option<Concern>,
    /// A greater number is graver.
    gravity: u8,
    /// English, Korean.
    words: [&'static str; 2],
}

/// Defines the outcomes, a row each.
macro_rules! outcomes {
    ($(
        $(#[$doc:meta])*
        $name:ident = $word:literal, $of:ident $count:ident, $effort:ident, $arrival:ident,
        $exit:ident, $concern:expr, $gravity:literal, $english:literal, $korean:literal;
    )*) => {
        /// The result of one server in one firing, or of a whole firing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Outcome {
            $($(#[$doc])* $name,)*
        }

        impl Outcome {
            /// Every outcome, those of a server first.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            fn row(self) -> Row {
                use Concern::{Drift, Failure, Missed};
                match self {
                    $(Self::$name => Row {
                        word: $word,
                        count: outcomes!(@$of $count),
                        effort: Effort::$effort,
                        arrival: Arrival::$arrival,
                        exit: ExitClass::$exit,
                        concern: $concern,
                        gravity: $gravity,
                        words: [$english, $korean],
                    },)*
                }
            }
        }
    };
    (@Server $count:ident) => { Count::Server(ServerCount::$count) };
    (@Firing $count:ident) => { Count::Firing(FiringCount::$count) };
}

// The word, count, effort, arrival, exit, concern, gravity, English, Korean.
outcomes! {
    /// Asked to stop, and observed in `NSTOP`.
    Stopped = "stopped", Server Stopped, Asked, Seen,
        Fine, None, 50, "stopped", "정지됨";
    /// Asked to start, and observed in `RUN`.
    Started = "started", Server Started, Asked, Seen,
        Fine, None, 40, "started", "시작됨";
    /// The goal was reached without a request of this firing.
    Already = "already", Server Already, Needless, Seen,
        Fine, None, 20, "already", "이미 그 상태";
    /// Would have been asked.
    DryRun = "dry_run", Server DryRun, Rehearsed, Not,
        Fine, None, 30, "dry run", "모의 실행";
    /// Never free for a request. Or protected, excepted or left alone by another choice, which
    /// changes the row: see [`Outcome::count`], [`Outcome::exit`] and [`Outcome::concern`].
    Skipped = "skipped", Server Busy, Nothing, Not,
        Incomplete, Some(Failure), 10, "skipped", "건너뜀";
    /// The cloud said no.
    Refused = "refused", Server Refused, Asked, Not,
        Incomplete, Some(Failure), 60, "refused", "거부됨";
    /// Accepted, but not at the goal within `patience`.
    TimedOut = "timed_out", Server TimedOut, Asked, Possible,
        Incomplete, Some(Failure), 70, "timed out", "시간 초과";
    /// No answer came, and the state could not be read.
    Unknown = "unknown", Server Unknown, Asked, Possible,
        Incomplete, Some(Failure), 80, "unknown", "알 수 없음";
    /// The rule matched no server.
    NothingMatched = "nothing_matched", Firing Empty, Nothing, Not,
        Fine, None, 0, "nothing matched", "일치하는 서버 없음";
    /// More servers than `max_instances`: nothing was sent.
    TooMany = "too_many", Firing Guarded, Nothing, Not,
        Guarded, Some(Failure), 90, "too many", "서버 수 초과";
    /// Far more servers than in the rule's past: nothing was sent.
    Drifted = "drifted", Firing Guarded, Nothing, Not,
        Guarded, Some(Drift), 100, "drifted", "서버 수 급증";
    /// Nothing could be listed, or the keys were refused.
    CloudFailed = "cloud_failed", Firing Failed, Nothing, Not,
        CloudFailed, Some(Failure), 120, "cloud failed", "클라우드 오류";
    /// The last firing of the rule was still being followed.
    Overlapped = "overlapped", Firing Overlapped, Nothing, Not,
        Fine, Some(Failure), 110, "overlapped", "겹침";
    /// Due while the daemon was away, and too late to catch up.
    Missed = "missed", Firing Missed, Nothing, Not,
        Fine, Some(Missed), 130, "missed", "놓침";
}

impl Outcome {
    /// The word in the log and on the command line.
    pub fn as_str(self) -> &'static str {
        self.row().word
    }

    /// The word for people.
    pub fn in_language(self, language: Language) -> &'static str {
        language.either(self.row().words)
    }

    /// Whether it belongs to a server. A firing can have several of these.
    pub fn is_of_server(self) -> bool {
        matches!(self.row().count, Count::Server(_))
    }

    pub fn effort(self) -> Effort {
        self.row().effort
    }

    /// Whether the firing really wanted the goal, and not only as a rehearsal.
    pub fn is_wanted(self) -> bool {
        matches!(self.row().effort, Effort::Asked | Effort::Needless)
    }

    pub fn arrival(self) -> Arrival {
        self.row().arrival
    }

    /// Whether the server was asked, and reached the goal.
    pub fn is_done(self) -> bool {
        let Row { effort, arrival, .. } = self.row();
        (effort, arrival) == (Effort::Asked, Arrival::Seen)
    }

    /// Whether a guard held the firing back.
    pub fn is_guard(self) -> bool {
        self.row().exit == ExitClass::Guarded
    }

    /// Its gravity among the outcomes of one firing.
    pub fn gravity(self) -> u8 {
        self.row().gravity
    }

    /// The count of the report, whatever the reason.
    pub(super) fn own_count(self) -> Count {
        self.row().count
    }

    /// The meaning for the exit code, whatever the reason.
    pub(super) fn own_exit(self) -> ExitClass {
        self.row().exit
    }

    /// The event of a notice, whatever the reason.
    pub(super) fn own_concern(self) -> Option<Concern> {
        self.row().concern
    }

    /// The words of the chosen outcomes, for SQL, which has no list of its own.
    pub fn words(are: impl Fn(Self) -> bool) -> Vec<&'static str> {
        Self::ALL.into_iter().filter(|one| are(*one)).map(Self::as_str).collect()
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl JsonSchema for Outcome {
    fn schema_name() -> Cow<'static, str> {
        "outcome".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-words": Self::ALL.map(Self::as_str) })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word is no outcome.
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
