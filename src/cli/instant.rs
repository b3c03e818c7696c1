//! Reads times on the command line: says which time `20:00` or `monday` was taken for, and gives a
//! hint for a text that is no time.

use chrono::{DateTime, Utc};

use super::output::{self, Misuse};
use crate::time::time_input::{self, Side};
use crate::time::zone::Zone;

/// The forms of times in commands that look back.
pub(super) const PAST: &str = "\
T is 2026-11-23T20:00:00+09:00; \"2026-11-23 20:00\" or 2026-11-23 in the file's time zone; an age \
such as 90m, 12h or 2d; or without a date the last one: 20:00, monday, \"monday 20:00\", yesterday, \
\"yesterday 20:00\", today. A day without a time is the midnight at its beginning";

/// The forms of times in commands that look ahead.
pub(super) const COMING: &str = "\
T is 2026-11-23T20:00:00+09:00; \"2026-11-23 20:00\" or 2026-11-23 in the file's time zone; +12h or \
+2d from now, or an age such as 2d; or without a date the next one: 20:00, monday, \"monday 20:00\", \
tomorrow, \"tomorrow 20:00\", today. A day without a time is the midnight at its beginning";

/// A help text that ends with the forms of times.
pub(super) fn with_times(examples: &str, forms: &str) -> String {
    format!("{forms}\n\n{examples}")
}

/// How a command reads its times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) zone: Zone,
    pub(super) now: DateTime<Utc>,
    pub(super) side: Side,
}

impl Times {
    pub(super) fn past(zone: Zone, now: DateTime<Utc>) -> Self {
        Self { zone, now, side: Side::Last }
    }

    pub(super) fn coming(zone: Zone, now: DateTime<Utc>) -> Self {
        Self { zone, now, side: Side::Next }
    }

    /// Reads the time of a flag, if there is one.
    pub(super) fn read(
        self,
        flag: &str,
        text: Option<&String>,
    ) -> Result<Option<DateTime<Utc>>, Misuse> {
        let Some(text) = text else { return Ok(None) };
        let at = time_input::parse(text, self.zone, self.now, self.side);
        let at = at.map_err(|error| Misuse {
            message: error.to_string(),
            hint: "write 2026-11-23T20:00:00+09:00, \"2026-11-23 20:00\", 2026-11-23, 20:00, \
                   monday, yesterday, or an age such as 2d"
                .to_owned(),
        })?;
        if time_input::is_undated(text, self.zone) {
            let shown = self.zone.show(at).format("%a %F %H:%M%:z");
            output::say(&format!("{flag} {text} is {shown}"));
        }
        Ok(Some(at))
    }
}
