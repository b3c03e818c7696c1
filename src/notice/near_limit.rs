//! Makes one digest about all servers that came near a limit of the stop budget together.
//!
//! `engine::stop_limit` finds them.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::body::{Body, Digest, MOST_NAMED, NearLimit, long};
use super::sentence;
use super::words::NoticeWords;
use crate::audit::Rise;
use crate::schedule::notify::Event;
use crate::stop_limit::days;

/// The digest; `None` when no server has come nearer to a limit.
pub(super) fn digest(words: NoticeWords, risen: &[Rise]) -> Option<Digest> {
    if risen.is_empty() {
        return None;
    }
    let body = Body {
        text: sentence::of_near_limits(words, risen),
        budget: risen.iter().take(MOST_NAMED).map(near_limit).collect(),
        budget_left_out: risen.len().saturating_sub(MOST_NAMED),
        ..Body::default()
    };
    Some(Digest { events: BTreeSet::from([Event::Budget]), body })
}

fn near_limit(rise: &Rise) -> NearLimit {
    NearLimit {
        account: rise.account.clone(),
        region: rise.region.clone(),
        instance_no: rise.instance_no.clone(),
        instance_name: long(&rise.instance_name),
        limit: rise.against.clone(),
        reached: rise.reached,
        days: days(TimeDelta::milliseconds(rise.spent)),
        at_least: rise.is_least,
        allowed: days(TimeDelta::milliseconds(rise.allowed)),
    }
}
