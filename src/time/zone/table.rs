//! What one zone's clocks are set to, at all times.

use chrono::{DateTime, FixedOffset, Offset, Utc};
use chrono_tz::Tz;
use tz::timezone::TransitionRule;

/// The offsets of a zone.
#[derive(Debug)]
pub(crate) struct Table {
    /// Which zone it is.
    pub(crate) tz: Tz,
    offsets: Offsets,
}

#[derive(Debug)]
enum Offsets {
    Utc,
    /// Those of a `TZif` file.
    Read(tz::TimeZone),
    /// Those of chrono-tz, older: to be compared with it.
    #[cfg(test)]
    Compiled,
}

impl Table {
    pub(crate) const UTC: Self = Self { tz: Tz::UTC, offsets: Offsets::Utc };

    /// As chrono-tz has it compiled in.
    #[cfg(test)]
    pub(crate) const fn compiled(tz: Tz) -> Self {
        Self { tz, offsets: Offsets::Compiled }
    }

    /// Reads a `TZif` file; `None` where that is damaged, counts leap seconds, or says nothing of
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

    /// How far clocks are ahead of UTC.
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

    /// The instants at which clocks turn, as far as they are listed one by one.
    #[cfg(test)]
    pub(crate) fn turns(&self) -> Vec<i64> {
        let Offsets::Read(read) = &self.offsets else { return Vec::new() };
        read.as_ref().transitions().iter().map(tz::timezone::Transition::unix_leap_time).collect()
    }
}
