//! Proves that the Resource Manager knows the servers of a region, before "no server has the tag" is
//! believed: with another type of resource than we ask for, no question would find anybody, and
//! `[protect]` by tag would protect nobody.
//!
//! A list without a tag shows whether it knows any of them. That is asked only where no list by tag
//! named a server, and once for a region.

use std::collections::BTreeSet;

use tracing::warn;

use super::resource_manager::{ResourceManager, unreadable};
use super::response::resources::{ExpectedPage, PRODUCT_NAME, RESOURCE_TYPE};
use super::tag_pages::untagged_body;
use crate::clock::Moment;
use crate::cloud::{CloudError, TagLists};
use crate::model::instance::{InstanceNo, RegionCode};

/// The most pages that are searched for a server of the region.
const MOST_PAGES: usize = 50;

/// The answers as they are, if they can be believed; otherwise none of them.
pub(super) async fn proven(
    manager: &ResourceManager,
    (region, until): (&RegionCode, Moment),
    listed: &BTreeSet<&InstanceNo>,
    answers: TagLists,
) -> TagLists {
    let is_known = manager.known().get(region).is_some_and(|known| known.is_proven);
    if is_known || listed.is_empty() || has_failed(&answers) {
        return answers;
    }
    let is_proven = if names_anybody(&answers, listed) {
        Ok(true)
    } else {
        knows_any(manager, (region, until), listed).await
    };
    match is_proven {
        Ok(true) => {
            manager.known().entry(region.clone()).or_default().is_proven = true;
            answers
        }
        Ok(false) => {
            let (count, kind) = (listed.len(), format!("{PRODUCT_NAME}/{RESOURCE_TYPE}"));
            unbelieved(answers, &unreadable(format!("it knows none of {count} servers as {kind}")))
        }
        Err(error) => unbelieved(answers, &error),
    }
}

fn has_failed(answers: &TagLists) -> bool {
    let hold = answers.hold.as_ref().is_some_and(Result::is_err);
    hold || answers.selectors.values().any(Result::is_err)
}

fn names_anybody(answers: &TagLists, listed: &BTreeSet<&InstanceNo>) -> bool {
    let holders = answers.selectors.values().flatten();
    let named = holders.flat_map(|it| it.certain.iter().chain(&it.candidates));
    let held = answers.hold.iter().flatten();
    let held = held.flat_map(|it| it.certain.keys().chain(&it.candidates));
    named.chain(held).any(|no| listed.contains(no))
}

/// Whether a list without a tag has any of these servers.
async fn knows_any(
    manager: &ResourceManager,
    (region, until): (&RegionCode, Moment),
    listed: &BTreeSet<&InstanceNo>,
) -> Result<bool, CloudError> {
    for page in 0..MOST_PAGES {
        let asked = ExpectedPage { region, page, is_server: &|no| listed.contains(no) };
        let body = untagged_body(region, page);
        let page = match manager.page(&asked, body, until).await {
            Ok(page) => page,
            // Nothing documents that a list may be asked for without a tag.
            Err(error @ CloudError::Refused { .. }) => {
                warn!(%region, %error, "nothing shows whether the Resource Manager knows the servers");
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        if page.servers.iter().any(|server| listed.contains(&server.no)) {
            return Ok(true);
        }
        if !page.has_more {
            return Ok(false);
        }
    }
    Ok(false)
}

fn unbelieved(mut answers: TagLists, error: &CloudError) -> TagLists {
    for answer in answers.selectors.values_mut() {
        *answer = Err(error.clone());
    }
    answers.hold = answers.hold.map(|_| Err(error.clone()));
    answers
}
