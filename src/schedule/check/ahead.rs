//! Checks how long before a stop a target is told: `ahead` of `[[notify]]`.

use std::time::Duration;

use super::Check;
use crate::schedule::notify::Event;
use crate::schedule::raw;
use crate::time::duration::{parse_duration, written};

const USUAL: Duration = Duration::from_secs(30 * 60);
/// A day: the servers of a stop that is farther away are anybody's guess.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Check<'_> {
    /// The time; `None` if the target is not told ahead. If the table was `touched`, nothing is
    /// reported as missing.
    pub(super) fn ahead(&mut self, entry: &mut raw::Notify, touched: bool) -> Option<Duration> {
        let given = entry.ahead.take();
        let is_asked = entry.on.as_ref().is_some_and(|on| on.get_ref().contains(&Event::Ahead));
        let Some(text) = given else { return is_asked.then_some(USUAL) };
        if !is_asked {
            if !touched {
                let hint = "add `on = [\"ahead\"]`, or remove `ahead`";
                self.error(text.span(), "`ahead` is for a target that is told ahead", hint);
            }
            return None;
        }
        let ahead = self.duration(&text, parse_duration)?;
        if ahead.is_zero() || ahead > LONGEST {
            let message = format!("`{}` is no time to be told ahead", written(ahead));
            self.error(text.span(), message, "more than `0s`, and at most `24h`");
            return None;
        }
        Some(ahead)
    }
}
