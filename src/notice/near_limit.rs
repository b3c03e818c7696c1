//! Tells of instances that have come near a limit of their stop budget, all that did so together.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Serialize;

use super::digest::{Body, Digest, MOST_NAMED, long};
use super::sentence;
use crate::audit::Rise;
use crate::schedule::notify::Event;
use crate::stop_limit::days;

/// An instance that has come near a limit. Days are rounded down to tenths.
#[derive(Clone, Debug, Serialize)]
pub struct NearLimit {
    account: String,
    region: String,
    instance_no: String,
    instance_name: String,
    /// `in_a_row` or `in_12_months`.
    limit: String,
    /// The share of it that was reached, in percent.
    reached: u32,
    /// For how many days it was stopped.
    days: f64,
    /// Whether it may have been more: part of the time is unknown.
    at_least: bool,
    /// For how many it may be.
    allowed: f64,
}

/// What there is to tell; `None` where nothing has come nearer to a limit.
pub(super) fn digest(risen: &[Rise]) -> Option<Digest> {
    if risen.is_empty() {
        return None;
    }
    let body = Body {
        text: sentence::of_near_limits(risen),
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
