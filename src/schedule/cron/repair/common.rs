//! Owns the parts that all repairs share.

use crate::schedule::cron::parse::parse;
use crate::time::spoken::Group;

/// The answer to a text that is no expression.
pub(crate) enum Repair {
    /// Write this, which means the same.
    Write(String),
    Say(String),
}

pub(crate) fn is_good(text: &str) -> bool {
    parse(text).is_ok()
}

/// The field for days of the week.
pub(crate) fn of_week(groups: &[Group]) -> String {
    if groups == [Group::Range(0, 6)] {
        return "*".to_owned();
    }
    groups.iter().map(|group| group.written()).collect::<Vec<_>>().join(",")
}
