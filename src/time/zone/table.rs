//! What one zone's clocks are set to, at all times.

use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use tz::timezone::TransitionRule;

/// The offsets of a zone.
#[derive(Debug)]
pub(crate) struct Table {
    /// Which zone it is.
    pub(crate) tz: Tz,
    /// What was read of a `TZif` file; `None`: what chrono-tz has compiled in.
    read: Option<tz::TimeZone>,
}

impl Table {
    /// As chrono-tz has it compiled in.
    pub(crate) const fn compiled(tz: Tz) -> Self {
        Self { tz, read: None }
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
        is_sound.then_some(Self { tz, read: Some(read) })
    }

    /// How far clocks are ahead of UTC.
    pub(crate) fn offset(&self, at: DateTime<Utc>) -> FixedOffset {
        let Some(read) = &self.read else {
            return self.tz.offset_from_utc_datetime(&at.naive_utc()).fix();
        };
        read.find_local_time_type(at.timestamp())
            .ok()
            .and_then(|it| FixedOffset::east_opt(it.ut_offset()))
            .expect("a table that was found sound answers for every year that chrono knows")
    }

    /// The instants at which clocks turn, as far as they are listed one by one.
    #[cfg(test)]
    pub(crate) fn turns(&self) -> Vec<i64> {
        let listed = self.read.iter().flat_map(|read| read.as_ref().transitions().to_vec());
        listed.map(|turn| turn.unix_leap_time()).collect()
    }
}
