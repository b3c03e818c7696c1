//! How much NAVER Cloud takes at once, as far as that is known.

use std::time::Duration;

use crate::cloud::Limits;
use crate::cloud::ncloud::Generation;

/// The API documents no limit for stop and start. Creating servers allows 20 at a time, and a
/// smaller batch spoils less.
const INSTANCES_A_REQUEST: usize = 20;

/// The largest page of servers that is asked for. NAVER publishes no limit.
pub(super) const LARGEST_PAGE: usize = 500;

/// Not documented.
pub const LISTS_LAG: Duration = Duration::from_secs(10);

pub(super) fn of(generation: Generation) -> Limits {
    Limits {
        instances_a_request: INSTANCES_A_REQUEST,
        requests_at_once: 4,
        // As many as a request names, so that those are read in the time of one answer; and enough
        // for ten answers a second where each takes two seconds.
        tags_at_once: INSTANCES_A_REQUEST,
        lists_lag: LISTS_LAG,
        lists_show_tags: generation == Generation::Classic,
    }
}
