//! Reads the tags of some servers, to show which there are.

use std::sync::Arc;

use super::Reading;
use crate::clock::Moment;
use crate::cloud::{Cloud, CloudError};
use crate::model::tags_in_use::TagsInUse;

/// The most servers whose tags are read: a few seconds at the rate of an account.
const MOST: usize = 60;

/// The tags of some servers of a reading, and the reason why those of a region could not be read.
pub async fn tags_in_use(
    cloud: &Arc<dyn Cloud>,
    reading: &Reading,
    until: Moment,
) -> (TagsInUse, Option<CloudError>) {
    let mut in_use = TagsInUse::default();
    let mut failure = None;
    for region in reading.regions.iter().filter(|region| !region.instances.is_empty()) {
        let left = MOST.saturating_sub(in_use.servers);
        match cloud.some_tags(&region.region, &region.instances, left, until).await {
            Ok(servers) => servers.iter().for_each(|tags| in_use.add(tags)),
            Err(error) => failure = Some(error),
        }
    }
    (in_use, failure)
}
