//! Reads the tags of some servers of a region, whatever their keys.
//!
//! A list by key needs a key that somebody knows. Here a list without a filter names the servers,
//! and one query each reads their tags.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::resource_manager::ResourceManager;
use super::response::resources::ExpectedPage;
use super::tag_pages::untagged_body;
use crate::clock::Moment;
use crate::cloud::{CloudError, Tags};
use crate::model::instance::{Instance, InstanceNo, RegionCode};

/// The queries that are under way at a time.
const AT_ONCE: usize = 10;

/// The tags of at most `most` servers of the first page; empty for a server without tags.
pub(super) async fn read(
    manager: &ResourceManager,
    (region, until): (&RegionCode, Moment),
    listed: &[Instance],
    most: usize,
) -> Result<Vec<Tags>, CloudError> {
    let known: BTreeSet<&InstanceNo> = listed.iter().map(|instance| &instance.no).collect();
    let asked = ExpectedPage { region, page: 0, is_server: &|no| known.contains(no) };
    let body = untagged_body(region, 0);
    let page = manager.page(&asked, body, until).await?;
    let named = page.servers.into_iter().filter_map(|server| Some((server.no, server.nrn?)));
    let tags = named.take(most).map(|(no, nrn)| async move {
        let asked = ExpectedPage { region, page: 0, is_server: &|other| *other == no };
        let page = manager.page(&asked, json!({ "nrn": nrn }), until).await?;
        Ok(page.servers.into_iter().flat_map(|server| server.tags).collect())
    });
    stream::iter(tags).buffer_unordered(AT_ONCE).try_collect().await
}
