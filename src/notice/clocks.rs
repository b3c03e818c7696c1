//! Makes the digest about clocks that ran ahead.

use std::collections::BTreeSet;

use super::body::{Body, Digest};
use super::sentence;
use super::words::NoticeWords;
use crate::audit::WrongClock;
use crate::schedule::notify::Event;
use crate::time::zone::Zone;

/// The digest; `None` when no clock was wrong.
pub(super) fn digest(words: NoticeWords, clocks: &[WrongClock], zone: Zone) -> Option<Digest> {
    let last = clocks.last()?;
    let text = sentence::of_clock(words, last, zone);
    let details = clocks.iter().rev().skip(1).map(|clock| sentence::of_clock(words, clock, zone));
    let body = Body { text, details: details.collect(), ..Body::default() };
    Some(Digest { events: BTreeSet::from([Event::Failure, Event::Missed]), body })
}
