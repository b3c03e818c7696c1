//! Reads the rows of the Resource Manager's list.

use super::instances::tags;
use super::tree::{Content, Element, Malformed};
use crate::cloud::Tags;
use crate::model::instance::{InstanceNo, RegionCode};

/// What VPC servers are called there, by NAVER's table of resource names.
pub const PRODUCT_NAME: &str = "VPCServer";

/// What they are called among its resources.
pub const RESOURCE_TYPE: &str = "Server";

/// How many rows a page has: the most that is allowed.
pub const PAGE_SIZE: usize = 100;

/// A row: a server, and its tags where it carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub no: InstanceNo,
    /// What its own tags are asked for by.
    pub nrn: Option<String>,
    /// Its tags; none where it carries none.
    pub tags: Tags,
}

pub struct Page {
    /// Those that are servers of the region.
    pub servers: Vec<Resource>,
    /// How many rows it has, those of other regions too.
    pub rows: usize,
    /// What tells its rows apart, as far as they say.
    pub ids: Vec<String>,
    /// How many rows it says there are: on this page, or on all.
    pub count: Option<usize>,
    pub has_more: bool,
}

/// What is asked for, as far as an answer can contradict it.
pub struct Asked<'a> {
    pub region: &'a RegionCode,
    pub page: usize,
    /// Whether a number is that of a server of the region.
    pub is_server: &'a (dyn Fn(&InstanceNo) -> bool + Sync),
}

/// Reads one page of the servers of a region. One row that is odd makes all of it unread: what
/// it asks about could be the one that is protected.
///
/// # Errors
/// When any row cannot be read or contradicts what is known, it is another page, or there is no
/// list of them.
pub fn page(answer: &Element<'_>, asked: &Asked<'_>) -> Result<Page, Malformed> {
    // A `null` is not a list of none.
    let is_list = |items: &Element<'_>| matches!(items.content, Content::Children(_));
    if !answer.child("items").is_some_and(is_list) {
        return Err(odd("there are no items in it".to_owned()));
    }
    let wanted = asked.page.to_string();
    if let Some(other) = answer.word("page").filter(|page| *page != wanted) {
        let other = other.escape_debug();
        return Err(odd(format!("it is page {other}, and page {wanted} was asked for")));
    }
    let rows = answer.rows("items");
    let servers = rows.iter().filter_map(|row| server(row, asked).transpose());
    Ok(Page {
        servers: servers.collect::<Result<_, _>>()?,
        rows: rows.len(),
        ids: rows
            .iter()
            .filter_map(|row| row.word("nrn").or(row.word("resourceId")))
            .map(ToOwned::to_owned)
            .collect(),
        count: answer
            .word("itemCount")
            .map(|count| count.parse().map_err(|_| is_odd("itemCount", count)))
            .transpose()?,
        // Where it is not said, a full page may have a successor.
        has_more: match answer.word("hasMore") {
            None => rows.len() >= PAGE_SIZE,
            Some("true") => true,
            Some("false") => false,
            Some(other) => return Err(is_odd("hasMore", other)),
        },
    })
}

fn odd(what: String) -> Malformed {
    Malformed::Unexpected(what)
}

fn is_odd(field: &str, word: &str) -> Malformed {
    odd(format!("its {field} is `{}`", word.escape_debug()))
}

/// A row; nothing where it is no server of the region.
fn server(row: &Element<'_>, asked: &Asked<'_>) -> Result<Option<Resource>, Malformed> {
    let known = |no: &str| InstanceNo::new(no).ok().filter(|no| (asked.is_server)(no));
    let id = row.word("resourceId").unwrap_or_default();
    let ours = [
        ("regionCode", asked.region.as_str()),
        ("resourceType", RESOURCE_TYPE),
        ("productName", PRODUCT_NAME),
    ];
    let other = |(field, ours)| row.word(field).filter(|word| *word != ours).map(|it| (field, it));
    if let Some((field, other)) = ours.into_iter().find_map(other) {
        return match known(id) {
            Some(no) => {
                Err(odd(format!("the {field} of server {no} is `{}`", other.escape_debug())))
            }
            None => Ok(None),
        };
    }
    let no = InstanceNo::new(id)
        .map_err(|_| odd(format!("the resourceId `{}` is no server's", id.escape_debug())))?;
    let of_nrn = row.word("nrn").and_then(|nrn| nrn.rsplit('/').next()).and_then(known);
    if let Some(other) = of_nrn.filter(|other| *other != no) {
        return Err(odd(format!("one row is that of server {no} and of server {other}")));
    }
    let tags =
        tags(row, "tag").ok_or_else(|| odd(format!("server {no} has a tag without a key")))?;
    Ok(Some(Resource { no, nrn: row.word("nrn").map(ToOwned::to_owned), tags }))
}
