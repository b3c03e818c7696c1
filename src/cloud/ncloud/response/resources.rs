//! Reads the rows of the Resource Manager's list.
//!
//! `tag_pages` joins the pages.

use super::instances::tags;
use super::tree::{Content, Element, Malformed};
use crate::cloud::Tags;
use crate::model::instance::{InstanceNo, RegionCode};

/// The product name of VPC servers in NAVER's table of resource names.
pub const PRODUCT_NAME: &str = "VPCServer";

/// The type of VPC servers among the product's resources.
pub const RESOURCE_TYPE: &str = "Server";

/// The rows of a page: the most that is allowed.
pub const PAGE_SIZE: usize = 100;

/// A row: a server, with its tags if the row carries them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub no: InstanceNo,
    /// The key for reading the server's own tags.
    pub nrn: Option<String>,
    /// Empty if the row carries no tags.
    pub tags: Tags,
}

pub struct Page {
    /// The rows that are servers of the region.
    pub servers: Vec<Resource>,
    /// The number of rows, those of other regions included.
    pub rows: usize,
    /// The ids of the rows, as far as they have any.
    pub ids: Vec<String>,
    /// The count in the answer: of this page, or of all pages.
    pub count: Option<usize>,
    pub has_more: bool,
}

impl Page {
    /// The number of pages of the list, if this page counts the rows of all; else 0.
    pub fn pages_in_all(&self) -> usize {
        self.count.filter(|count| *count > self.rows).map_or(0, |count| count.div_ceil(PAGE_SIZE))
    }
}

/// The parts of a question that an answer can contradict.
pub struct ExpectedPage<'a> {
    pub region: &'a RegionCode,
    pub page: usize,
    /// Whether a number is that of a server of the region.
    pub is_server: &'a (dyn Fn(&InstanceNo) -> bool + Sync),
}

/// Reads one page of the servers of a region. One odd row spoils the whole page: the protected
/// server could be on it.
///
/// # Errors
/// 1. A row cannot be read, or contradicts known facts.
/// 2. The answer is another page.
/// 3. The answer has no list.
pub fn page(answer: &Element<'_>, asked: &ExpectedPage<'_>) -> Result<Page, Malformed> {
    // `null` is not an empty list.
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
        // If the answer does not say, a full page may have a successor.
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

/// A row; `None` if it is no server of the region.
fn server(row: &Element<'_>, asked: &ExpectedPage<'_>) -> Result<Option<Resource>, Malformed> {
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
