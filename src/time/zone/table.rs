//! Owns the offsets of one zone at all times.
//!
//! `database` chooses the file; `zone` builds local time on the offsets.

use chrono::{DateTime, FixedOffset, Offset, Utc};
use chrono_tz::Tz;
use tz::timezone::TransitionRule;

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) tz: Tz,
    offsets: Offsets,
}

#[derive(Debug)]
enum Offsets {
    Utc,
    /// The offsets of a `TZif` file.
    Read(tz::TimeZone),
    /// The older offsets of chrono-tz, for comparison.
    #[cfg(test)]
    Compiled,
}

impl Table {
    pub(crate) const UTC: Self = Self { tz: Tz::UTC, offsets: Offsets::Utc };

    /// The zone as compiled into chrono-tz.
    #[cfg(test)]
    pub(crate) const fn compiled(tz: Tz) -> Self {
        Self { tz, offsets: Offsets::Compiled }
    }

    /// Reads a `TZif` file. `None` if the file is damaged, counts leap seconds, or has no rule for
    /// the years to come.
    pub(crate) fn parse(tz: Tz, tzif: &[u8]) -> Option<Self> {
        let read = tz::TimeZone::from_tz_data(tzif).ok()?;
        let zone = read.as_ref();
        let future = match zone.extra_rule().as_ref()? {
            TransitionRule::Fixed(only) => vec![only],
            TransitionRule::Alternate(turns) => vec![turns.std(), turns.dst()],
        };
        let offsets = zone.local_time_types().iter().chain(future);
        let is_sound = zone.leap_seconds().is_empty()
            && offsets.into_iter().all(|it| FixedOffset::east_opt(it.ut_offset()).is_some());
        is_sound.then_some(Self { tz, offsets: Offsets::Read(read) })
    }

    pub(crate) fn offset(&self, at: DateTime<Utc>) -> FixedOffset {
        let read = match &self.offsets {
            Offsets::Utc => return Utc.fix(),
            Offsets::Read(read) => read,
            #[cfg(test)]
            Offsets::Compiled => return at.with_timezone(&self.tz).offset().fix(),
        };
        read.find_local_time_type(at.timestamp())
            .ok()
            .and_then(|it| FixedOffset::east_opt(it.ut_offset()))
            .expect("a table that was found sound answers for every year that chrono knows")
    }

    /// The instants at which the clocks turn, as far as the file lists them one by one.
    #[cfg(test)]
    pub(crate) fn turns(&self) -> Vec<i64> {
        let Offsets::Read(read) = &self.offsets else { return Vec::new() };
        read.as_ref().transitions().iter().map(tz::timezone::Transition::unix_leap_time).collect()
    }
}
