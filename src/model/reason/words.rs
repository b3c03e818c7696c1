//! Owns the words of a reason: writes them, and reads them back.
//!
//! `reason` owns their meaning.

use std::fmt;

use chrono::{DateTime, FixedOffset};
use serde::{Serialize, Serializer};

use super::{Reason, Unlisted};
use crate::model::instance::{Action, InstanceNo, RuleName};
use crate::model::outcome::Outcome;

/// A time in a reason: to the minute, in the zone of the rule.
const TIME: &str = "%F %H:%M%:z";
/// The beginning of the words about an entry of `select` that matches nothing.
const MATCHES_NOTHING: &str = "matches nothing: ";

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protected => f.write_str("protected"),
            Self::ProtectUnread => f.write_str("protected: its tags could not be read"),
            Self::Excepted => f.write_str("excepted"),
            Self::ExceptUnread => f.write_str("excepted: its tags could not be read"),
            Self::SelectUnread => {
                f.write_str("not known to be selected: its tags could not be read")
            }
            Self::NoLongerSelected => f.write_str("excepted: `select` matches it no longer"),
            Self::HoldUnread => f.write_str("held: its tags could not be read"),
            Self::Held { with_its_rule, until, by } => {
                let with = if *with_its_rule { "with its rule " } else { "" };
                write!(f, "held {with}until {} by {by}", until.format(TIME))
            }
            Self::Opposed { rule, action, at } => {
                write!(f, "late: `{rule}` was to {action} it {}", at.format(TIME))
            }
            Self::WindowEnded { at } => write!(f, "late: its window ended {}", at.format(TIME)),
            Self::LeftTo { firing, action } => {
                write!(f, "late: firing {firing}, due after it, is to {action} it")
            }
            Self::StoppedByOthers { between } => {
                write!(f, "stopped by somebody else between {between}")
            }
            Self::StopNotRecorded => {
                f.write_str("nothing in the log says that lightsout stopped it")
            }
            Self::StopBudget { story } => write!(f, "stop budget: {story}"),
            Self::Young { until } => {
                write!(f, "new: left alone until {}", until.format(TIME))
            }
            Self::After { rule, why } => write!(f, "after `{rule}`: {why}"),
            Self::SaidBusy { program, why } if why.is_empty() => {
                write!(f, "`{program}` says that it is busy")
            }
            Self::SaidBusy { program, why } => {
                write!(f, "`{program}` says that it is busy: {why}")
            }
            Self::AskSilent { program, why } => write!(f, "`{program}` gave no answer: {why}"),
            Self::Guarded { by, why } => write!(f, "{by}: {why}"),
            Self::Busy { status, operation: None } => write!(f, "busy: {status}"),
            Self::Busy { status, operation: Some(operation) } => {
                write!(f, "busy: {status}, operation {operation}")
            }
            Self::BusyWith { firing, is_over } => {
                let has = if *is_over { "had" } else { "has" };
                write!(f, "busy: firing {firing} {has} an open request for it")
            }
            Self::FailedState(status) => write!(f, "in a failed state: {status}"),
            Self::UnknownState(code) => write!(f, "in a state lightsout does not know: {code}"),
            Self::StateUnread => {
                f.write_str("its state could not be read again before it was asked")
            }
            Self::StateOld => f.write_str(
                "what was read of it was too old again before its turn to be asked came",
            ),
            Self::TagsLate => f.write_str("its tags were not read in time"),
            Self::Gone => f.write_str("no longer in the server list"),
            Self::RuleGone => f.write_str("its rule is gone"),
            Self::NotAsked { rule_is_gone } => {
                let over = if *rule_is_gone { "rule is gone" } else { "patience is over" };
                write!(f, "not asked by the time its process died, and its {over}")
            }
            Self::LeftOut(what) => write!(f, "left out: {what}"),
            Self::Unmatched { most, servers } => {
                let most = most.map(|most| format!("up to {most} in its last firings"));
                let servers = servers.iter().map(|some| format!("{MATCHES_NOTHING}{some}"));
                f.write_str(&most.into_iter().chain(servers).collect::<Vec<_>>().join("; "))
            }
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl Reason {
    /// The forms of the words about a hold, as SQL compares them with `GLOB`.
    pub const HELD: [&'static str; 2] = ["held until *", "held with its rule until *"];

    /// The same of every choice: see [`Reason::is_by_choice`].
    pub const CHOICES: [&'static str; 11] = [
        "protected",
        "excepted",
        "excepted: `select` matches it no longer",
        Self::HELD[0],
        Self::HELD[1],
        "late: *",
        "stopped by somebody else between *",
        "nothing in the log says that lightsout stopped it",
        "stop budget: *",
        "new: left alone until *",
        "left out: *",
    ];
}

impl Unlisted {
    /// A part of the words of every reason about such servers. SQL uses it to choose rows.
    pub const MARK: &'static str = "`instances` of `select`: ";
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named: Vec<&str> = self.named.iter().map(InstanceNo::as_str).collect();
        write!(f, "{}{}", Self::MARK, named.join(", "))?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        Ok(())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<String> for Reason {
    fn from(words: String) -> Self {
        let fixed = Self::FIXED.into_iter().find(|fixed| fixed.to_string() == words);
        let read = fixed.or_else(|| READERS.iter().find_map(|read| read(&words)));
        // Words that this version would write otherwise stay as they are.
        read.filter(|reason| reason.to_string() == words).unwrap_or(Self::Other(words))
    }
}

/// One reader for each form of words.
const READERS: [fn(&str) -> Option<Reason>; 15] = [
    held,
    young,
    after,
    asked,
    opposed,
    window_ended,
    left_to,
    stopped_by_others,
    stop_budget,
    guarded,
    busy_with,
    busy,
    state,
    left_out,
    unmatched,
];

fn held(words: &str) -> Option<Reason> {
    let rest = words.strip_prefix("held ")?;
    let of_rule = rest.strip_prefix("with its rule ");
    let (until, by) = of_rule.unwrap_or(rest).strip_prefix("until ")?.split_once(" by ")?;
    Some(Reason::Held { with_its_rule: of_rule.is_some(), until: time(until)?, by: by.to_owned() })
}

fn young(words: &str) -> Option<Reason> {
    let until = words.strip_prefix("new: left alone until ")?;
    Some(Reason::Young { until: time(until)? })
}

fn after(words: &str) -> Option<Reason> {
    let (rule, why) = words.strip_prefix("after `")?.split_once("`: ")?;
    Some(Reason::After { rule: RuleName::new(rule).ok()?, why: why.to_owned() })
}

fn asked(words: &str) -> Option<Reason> {
    let (program, said) = words.strip_prefix('`')?.split_once("` ")?;
    let program = program.to_owned();
    if let Some(why) = said.strip_prefix("gave no answer: ") {
        return Some(Reason::AskSilent { program, why: why.to_owned() });
    }
    let why = said.strip_prefix("says that it is busy")?;
    let why = if why.is_empty() { why } else { why.strip_prefix(": ")? };
    Some(Reason::SaidBusy { program, why: why.to_owned() })
}

fn opposed(words: &str) -> Option<Reason> {
    let (rule, rest) = words.strip_prefix("late: `")?.split_once("` was to ")?;
    let (action, at) = rest.split_once(" it ")?;
    let rule = RuleName::new(rule).ok()?;
    Some(Reason::Opposed { rule, action: Action::from_word(action)?, at: time(at)? })
}

fn window_ended(words: &str) -> Option<Reason> {
    let at = words.strip_prefix("late: its window ended ")?;
    Some(Reason::WindowEnded { at: time(at)? })
}

fn left_to(words: &str) -> Option<Reason> {
    let rest = words.strip_prefix("late: firing ")?;
    let (firing, action) = rest.split_once(", due after it, is to ")?;
    let action = Action::from_word(action.strip_suffix(" it")?)?;
    Some(Reason::LeftTo { firing: number::<i64>(firing)?.into(), action })
}

fn stopped_by_others(words: &str) -> Option<Reason> {
    let between = words.strip_prefix("stopped by somebody else between ")?;
    Some(Reason::StoppedByOthers { between: between.to_owned() })
}

fn stop_budget(words: &str) -> Option<Reason> {
    let story = words.strip_prefix("stop budget: ")?;
    Some(Reason::StopBudget { story: story.to_owned() })
}

fn guarded(words: &str) -> Option<Reason> {
    let (by, why) = words.split_once(": ")?;
    let by = [Outcome::TooMany, Outcome::Drifted].into_iter().find(|it| it.as_str() == by)?;
    Some(Reason::Guarded { by, why: why.to_owned() })
}

fn busy_with(words: &str) -> Option<Reason> {
    let rest = words.strip_prefix("busy: firing ")?.strip_suffix(" an open request for it")?;
    let (firing, has) = rest.split_once(' ')?;
    Some(Reason::BusyWith { firing: number::<i64>(firing)?.into(), is_over: has == "had" })
}

fn busy(words: &str) -> Option<Reason> {
    let rest = words.strip_prefix("busy: ")?;
    let (status, operation) = match rest.split_once(", operation ") {
        Some((status, operation)) => (status, Some(operation.to_owned())),
        None => (rest, None),
    };
    Some(Reason::Busy { status: status.to_owned(), operation })
}

fn state(words: &str) -> Option<Reason> {
    let failed = words.strip_prefix("in a failed state: ");
    let unknown = words.strip_prefix("in a state lightsout does not know: ");
    let failed = failed.map(|status| Reason::FailedState(status.to_owned()));
    failed.or_else(|| unknown.map(|code| Reason::UnknownState(code.to_owned())))
}

fn left_out(words: &str) -> Option<Reason> {
    words.strip_prefix("left out: ").map(|what| Reason::LeftOut(what.to_owned()))
}

fn unmatched(words: &str) -> Option<Reason> {
    let mut parts = words.split("; ").peekable();
    let most = parts.peek()?.strip_prefix("up to ");
    let most = match most {
        Some(rest) => Some(number::<u64>(rest.strip_suffix(" in its last firings")?)?),
        None => None,
    };
    let servers: Option<Vec<_>> = parts.skip(most.is_some().into()).map(unlisted).collect();
    Some(Reason::Unmatched { most, servers: servers? })
}

fn unlisted(words: &str) -> Option<Unlisted> {
    let list = words.strip_prefix(MATCHES_NOTHING)?.strip_prefix(Unlisted::MARK)?;
    let (list, more) = match list.split_once(" and ") {
        Some((list, more)) => (list, number(more.strip_suffix(" more")?)?),
        None => (list, 0),
    };
    let named: Result<_, _> = list.split(", ").map(InstanceNo::new).collect();
    Some(Unlisted { named: named.ok()?, more })
}

fn time(words: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_str(words, TIME).ok()
}

fn number<N: std::str::FromStr>(words: &str) -> Option<N> {
    words.parse().ok()
}
