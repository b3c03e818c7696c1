//! Reads the rows of the Resource Manager's list.

use super::element::{Content, Element, Malformed};
use super::instances::tags;
use crate::cloud::Tags;
use crate::model::instance::{InstanceNo, RegionCode};

/// What servers are called among resources. Known from third parties only.
pub const RESOURCE_TYPE: &str = "Server";

/// How many rows a page has: the most that is allowed.
pub const PAGE_SIZE: usize = 100;

/// A row: a server, and its tags where it carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its number.
    pub no: InstanceNo,
    /// What its own tags are asked for by.
    pub nrn: Option<String>,
    /// Its tags; none where it carries none.
    pub tags: Tags,
}

/// One page of resources.
pub struct Page {
    /// Those that are servers of the region.
    pub servers: Vec<Resource>,
    /// What tells all of its rows apart, those of other regions too.
    pub ids: Vec<String>,
    /// Whether another page follows.
    pub has_more: bool,
}

/// Reads one page of the servers of a region. One row that is odd makes all of it unread: what
/// it asks about could be the one that is protected.
///
/// # Errors
/// When any row cannot be read, or there is no list of them.
pub fn page(answer: &Element<'_>, region: &RegionCode) -> Result<Page, Malformed> {
    // A `null` is not a list of none.
    let is_list = |items: &Element<'_>| matches!(items.content, Content::Children(_));
    if !answer.child("items").is_some_and(is_list) {
        return Err(Malformed::Unexpected("there are no items in it".to_owned()));
    }
    let rows = answer.rows("items");
    let is_ours = |row: &&Element<'_>| {
        row.word("regionCode").is_none_or(|code| code == region.as_str())
            && row.word("resourceType").is_none_or(|kind| kind == RESOURCE_TYPE)
    };
    Ok(Page {
        servers: rows.iter().filter(is_ours).map(resource).collect::<Result<_, _>>()?,
        ids: rows
            .iter()
            .map(|row| row.word("nrn").or(row.word("resourceId")))
            .map(|id| id.unwrap_or_default().to_owned())
            .collect(),
        // Where it is not said, a full page may have a successor.
        has_more: match answer.word("hasMore") {
            None => rows.len() >= PAGE_SIZE,
            Some("true") => true,
            Some("false") => false,
            Some(odd) => {
                let odd = odd.escape_debug();
                return Err(Malformed::Unexpected(format!("its hasMore is `{odd}`")));
            }
        },
    })
}

fn resource(row: &Element<'_>) -> Result<Resource, Malformed> {
    let id = row.word("resourceId").unwrap_or_default();
    let no = InstanceNo::new(id).map_err(|_| {
        Malformed::Unexpected(format!("the resourceId `{}` is no server's", id.escape_debug()))
    })?;
    let tags = tags(row, "tag")
        .ok_or_else(|| Malformed::Unexpected(format!("server {no} has a tag without a key")))?;
    Ok(Resource { no, nrn: row.word("nrn").map(ToOwned::to_owned), tags })
}
