//! Checks `[holds]` and `[limits] max_hold`.

use std::time::Duration;

use super::Check;
use super::selector::Part;
use crate::schedule::raw::{self, Text};
use crate::schedule::rule::HoldTerms;
use crate::time::duration::parse_duration;

/// From Friday evening to Monday evening.
const LONGEST: Duration = Duration::from_secs(72 * 60 * 60);

impl Check<'_> {
    pub(super) fn holds(&mut self, holds: Option<raw::Holds>, max_hold: Option<Text>) -> HoldTerms {
        let (tag, socket) = holds.map(|holds| (holds.tag, holds.socket)).unwrap_or_default();
        let socket = socket.and_then(|path| self.path(path.get_ref(), path.span()));
        let tag = tag.filter(|tag| {
            let is_empty = tag.get_ref().is_empty();
            if is_empty {
                let hint = "`tag` is the key of the tags that hold";
                self.error(tag.span(), "no tag has an empty key", hint);
            }
            !is_empty
        });
        if let Some(tag) = &tag {
            self.warn_of_letters(tag, Part { of: "[holds]", key: "tag" });
        }
        HoldTerms {
            tag: tag.map(Text::into_inner),
            socket,
            longest: max_hold.and_then(|longest| self.longest(&longest)).unwrap_or(LONGEST),
        }
    }

    fn longest(&mut self, text: &Text) -> Option<Duration> {
        let longest = self.duration(text, parse_duration)?;
        if longest.is_zero() {
            let hint = "a number and its unit: `s`, `m`, `h` or `d`";
            self.error(text.span(), "with `max_hold = \"0s\"` nothing could ever be held", hint);
        }
        Some(longest)
    }
}
