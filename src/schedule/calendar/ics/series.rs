//! Puts the events of one `UID` together: chooses the version, applies moved and cancelled
//! occurrences, and marks the days.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};

use super::IcsError;
use super::changes::{Moved, Out, Ranges, Told, expand, last_time, place, too_much};
use super::event::{Event, instead_of};
use super::expand::{Except, Span};
use super::marks::{LAST, Marks, Stop, Work};
use super::scan::Head;
use super::stamp::{Frame, Stamp};
use super::texts::{LeftOut, Observances};
use super::zones::Zones;

/// The result of a file while it is read.
pub(super) struct Reading<'f> {
    pub(super) zones: Zones,
    pub(super) left_out: &'f LeftOut,
    pub(super) marks: Marks,
    pub(super) work: Work,
    pub(super) observances: Observances,
}

/// Events by the occurrence that they replace, each with its newest versions.
type Altered<'h, 'f> = BTreeMap<NaiveDateTime, Vec<&'h Head<'f>>>;

impl Reading<'_> {
    /// Takes the events of one `UID`, in the order of the file.
    pub(super) fn group(&mut self, heads: &[&Head<'_>]) -> Result<(), IcsError> {
        if let [head] = heads {
            return match self.event(head)? {
                Some(event) => self.alone(&event, !event.is_endless()),
                None => Ok(()),
            };
        }
        let (altered, whole): (Vec<_>, Vec<_>) = heads.iter().partition(|head| head.is_altered);
        let whole = newest(&whole);
        let events = self.those_that_count(&whole)?;
        let sequence = whole.first().map_or(0, |head| head.version.sequence);
        let is_cancelled = !whole.is_empty() && whole.iter().all(|head| head.is_cancelled);
        let is_told = |head: &&Head<'_>| !is_cancelled || head.version.sequence > sequence;
        let altered: Vec<_> = altered.into_iter().filter(is_told).collect();
        let start = events.first().map(|event| event.start);
        let (single, ranges) = self.altered(&altered, start)?;
        let is_listed = !events.iter().any(Event::is_endless);
        let mut met: HashSet<NaiveDateTime> = HashSet::new();
        for event in &events {
            let mut out = Out::of(event, &self.zones, &mut self.work)?;
            out.alter(single.keys().copied());
            let mut changed = Ranges::default();
            for (at, heads) in &ranges {
                changed.0.insert(*at, self.moved(heads, (*at, event.start.frame))?);
            }
            self.series(event, (&mut out, &changed), is_listed)?;
            met.extend(out.met());
        }
        let told = single.iter().chain(&ranges);
        for (at, head) in told.flat_map(|(at, heads)| heads.iter().map(move |head| (at, *head))) {
            // The series may have changed since, and no longer have this occurrence.
            let is_stale = !events.is_empty()
                && !met.contains(at)
                && !ranges.contains_key(at)
                && head.version.sequence < sequence;
            if let Some(event) = self.event(head)?.filter(|_| !is_stale) {
                self.alone(&event, is_listed && !event.is_endless())?;
            }
        }
        Ok(())
    }

    /// An event, unless it is cancelled or left out.
    fn event(&self, head: &Head<'_>) -> Result<Option<Event>, IcsError> {
        if head.is_cancelled {
            return Ok(None);
        }
        Event::read(head, &self.zones, self.left_out)
    }

    /// The versions of one event that are neither cancelled nor left out.
    fn those_that_count(&self, heads: &[&Head<'_>]) -> Result<Vec<Event>, IcsError> {
        let mut events = Vec::new();
        for head in heads {
            events.extend(self.event(head)?);
        }
        for head in heads.iter().filter(|head| head.is_cancelled) {
            // Of two versions of the same age, the one that cancels counts.
            let read = Event::read(head, &self.zones, self.left_out);
            let start = read.ok().flatten().map(|event| event.start);
            events.retain(|event| start.is_some_and(|start| start != event.start));
        }
        Ok(events)
    }

    /// The newest events that replace occurrences of a series with this start: single ones, and all
    /// from one on.
    fn altered<'h, 'f>(
        &self,
        heads: &[&'h Head<'f>],
        series: Option<Stamp>,
    ) -> Result<(Altered<'h, 'f>, Altered<'h, 'f>), IcsError> {
        let (mut single, mut ranges) = (Altered::new(), Altered::new());
        for head in heads {
            let (stamp, is_range) = instead_of(head, &self.zones)?;
            let at = series.map_or(stamp.local, |series| place(stamp, series, &self.zones));
            let list = if is_range { &mut ranges } else { &mut single };
            list.entry(at).or_default().push(*head);
        }
        for heads in single.values_mut().chain(ranges.values_mut()) {
            *heads = newest(heads);
        }
        Ok((single, ranges))
    }

    /// The change of all occurrences from one on.
    fn moved(
        &self,
        heads: &[&Head<'_>],
        (at, frame): (NaiveDateTime, Frame),
    ) -> Result<Option<Moved>, IcsError> {
        let event = self.those_that_count(heads)?.into_iter().next();
        let event = event.filter(|event| event.rules.is_empty());
        Ok(event.map(|event| Moved {
            by: self.zones.local(event.start, frame) - at,
            length: event.length,
            name: event.summary,
        }))
    }

    /// Takes a series that no other event changes.
    fn alone(&mut self, event: &Event, is_listed: bool) -> Result<(), IcsError> {
        let mut out = Out::of(event, &self.zones, &mut self.work)?;
        self.series(event, (&mut out, &Ranges::default()), is_listed)
    }

    fn series(
        &mut self,
        event: &Event,
        changes: (&mut Out, &Ranges),
        is_listed: bool,
    ) -> Result<(), IcsError> {
        let written = self.write_out(event, changes, is_listed);
        written.map_err(|error| error.of(event.summary.as_deref()))
    }

    fn write_out(
        &mut self,
        event: &Event,
        (out, ranges): (&mut Out, &Ranges),
        is_listed: bool,
    ) -> Result<(), IcsError> {
        let Self { zones, marks, work, observances, .. } = self;
        let (start, told) = (event.start.local, (event.length, event.summary.as_ref()));
        observances.take(&event.texts, || {
            let name = event.summary.as_deref().unwrap_or_default();
            (name.to_owned(), start.date())
        });
        let mut mark =
            |work: &mut Work, span: Span, told: Told<'_>| match ranges.changed(span, told) {
                Some((span, told)) => {
                    mark((zones, marks, work), event.start.frame, (span, told), is_listed)
                }
                None => Ok(()),
            };
        let mut is_over = false;
        for rule in &event.rules {
            // Some programs leave such a rest of a series that was removed from a calendar.
            is_over |= last_time(rule, event.start, zones)?.is_some_and(|last| last < start);
        }
        let once = (!is_over).then_some((start, event.length));
        let added = event.added.iter().map(|(stamp, length)| {
            (place(*stamp, event.start, zones), length.unwrap_or(event.length))
        });
        for (at, length) in once.into_iter().chain(added) {
            if !out.takes(at) {
                let span = Span { first: at, last: at };
                mark(work, span, (length, told.1)).map_err(|Stop| too_much(event.line))?;
            }
        }
        for rule in &event.rules {
            let mut comes = false;
            let mut found = |work: &mut Work, span: Span| {
                comes = true;
                mark(work, span, told)
            };
            expand(rule, event.start, (zones, work), (&mut *out, &mut found))?;
            let may_come_never = rule.until.is_some() || !out.is_nothing() || start.date() > LAST;
            if !comes && !may_come_never {
                return Err(rule.refused("it comes never"));
            }
        }
        Ok(())
    }
}

/// The newest of several versions: all that are equally new.
fn newest<'h, 'f>(heads: &[&'h Head<'f>]) -> Vec<&'h Head<'f>> {
    let newest = heads.iter().map(|head| head.version).max();
    heads.iter().copied().filter(|head| Some(head.version) == newest).collect()
}

/// Marks the days that occurrences touch, by their lengths.
fn mark(
    (zones, marks, work): (&Zones, &mut Marks, &mut Work),
    frame: Frame,
    (span, (length, name)): (Span, Told<'_>),
    is_listed: bool,
) -> Result<(), Stop> {
    const LEAST: TimeDelta = TimeDelta::nanoseconds(1);
    let Frame::Zone(zone) = frame else {
        let end = (span.last + length - LEAST).max(span.last);
        return marks.set((span.first.date(), end.date()), name, is_listed, work);
    };
    let asking = zones.asking();
    // Clocks on earth are at most a day and two hours apart.
    let [first, last] = [span.first, span.last + length].map(|at| at.date());
    let around = (first - TimeDelta::days(2), last + TimeDelta::days(2));
    work.take(usize::try_from((around.1 - around.0).num_days()).unwrap_or_default())?;
    if marks.have(around, is_listed) {
        return Ok(());
    }
    work.look_up()?;
    let (from, last) = (zone.instant(span.first), zone.instant(span.last));
    let end = (last + length - LEAST).max(last);
    marks.set((asking.local(from).date(), asking.local(end).date()), name, is_listed, work)
}
