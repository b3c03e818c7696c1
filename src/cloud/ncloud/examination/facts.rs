//! Owns the facts of an examination, before they are judged. [`super::gather`] fills them in.

use std::collections::{BTreeMap, BTreeSet};

use crate::cloud::ncloud::Generation;
use crate::cloud::ncloud::query::Query;
use crate::cloud::ncloud::response::instances::Page;
use crate::cloud::ncloud::response::places::Region;
use crate::cloud::{CloudError, Tags};
use crate::model::instance::{Instance, InstanceNo, RegionCode};

/// An answer; `None` if the question was not asked.
pub(super) type Asked<T> = Option<Result<T, CloudError>>;

#[derive(Debug)]
pub(super) struct Facts {
    pub(super) generation: Generation,
    /// The regions that the file names.
    pub(super) wanted: Vec<RegionCode>,
    pub(super) regions: Result<Vec<Region>, CloudError>,
    /// Seconds by which this machine's clock is ahead of the gateway's.
    pub(super) ahead: Option<i64>,
    /// The error of a call that does not exist, and whether that was XML.
    pub(super) nothing: Option<(Option<CloudError>, bool)>,
    pub(super) lists: Vec<RegionLists>,
    pub(super) pages: Pages,
    pub(super) resources: Resources,
    /// The calls that were answered at least once.
    pub(super) answered: BTreeSet<&'static str>,
    pub(super) failed: Vec<Failed>,
}

#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) call: &'static str,
    pub(super) error: CloudError,
}

/// The lists of a region: one on VPC, one a zone on Classic.
#[derive(Debug)]
pub(super) struct RegionLists {
    pub(super) region: RegionCode,
    /// Each with its parameters.
    pub(super) lists: Result<Vec<(Query, List)>, CloudError>,
    /// The list without a zone, on Classic.
    pub(super) without_zone: Asked<List>,
}

/// One answer of `getServerInstanceList`.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// As lightsout reads it.
    pub(super) page: Page,
    pub(super) forms: Vec<Forms>,
}

/// How a row of a list is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Forms {
    pub(super) created: Form,
    pub(super) booted: Form,
    pub(super) tags: TagForm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Missing,
    Time,
    /// A text that is no time, in a form that shows no more than its shape.
    Other(String),
}

/// `instanceTagList` of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TagForm {
    Missing,
    Empty,
    Tags,
    /// A tag without a key.
    Keyless,
}

/// The answers to questions by page and by number, in the longest list.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// The number of servers in that list.
    pub(super) servers: usize,
    /// The first page of the largest size.
    pub(super) largest: Asked<List>,
    /// The first and the second page of one server.
    pub(super) first: Asked<List>,
    pub(super) second: Asked<List>,
    /// The list of a number that no list has shown.
    pub(super) unknown: Asked<List>,
}

/// The answers of the Resource Manager about the region of the longest list.
#[derive(Debug, Default)]
pub(super) struct Resources {
    /// The servers of that region.
    pub(super) listed: BTreeMap<InstanceNo, String>,
    /// The resources of the region, of any product.
    pub(super) any: Asked<Vec<Resource>>,
    /// Those that count as servers.
    pub(super) ours: Asked<Vec<Resource>>,
    /// The tags of some servers, each asked for by its `nrn`.
    pub(super) own: Asked<Vec<Tags>>,
    pub(super) filter: Asked<Filter>,
    /// The first and the second page of one resource.
    pub(super) pages: Asked<[ResourcePage; 2]>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ResourcePage {
    pub(super) rows: Vec<Resource>,
    pub(super) has_more: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) product: String,
    pub(super) kind: String,
    pub(super) nrn: Option<String>,
    pub(super) tags: Tags,
}

/// Which questions by a tag find a server that has it: by its key, and by values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) key: bool,
    pub(super) value: bool,
    /// By a value that is only the beginning of its own; `None` if that has one letter.
    pub(super) part: Option<bool>,
    /// By its own value in other case; `None` if that has none.
    pub(super) other_case: Option<bool>,
}

impl Facts {
    /// Every list that was read, with its region.
    pub(super) fn read(&self) -> impl Iterator<Item = &List> {
        self.lists.iter().flat_map(|it| it.lists.iter().flatten()).map(|(_, list)| list)
    }

    pub(super) fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.read().flat_map(|list| &list.page.instances)
    }

    /// The number of rows of all lists.
    pub(super) fn rows(&self) -> usize {
        self.read().map(List::rows).sum()
    }

    /// The reason why no list could be read. There is always a region.
    pub(super) fn unread(&self) -> Option<&CloudError> {
        if self.lists.iter().any(|it| it.lists.is_ok()) {
            return None;
        }
        let of_list = self.lists.iter().find_map(|it| it.lists.as_ref().err());
        self.regions.as_ref().err().or(of_list)
    }
}

impl List {
    pub(super) fn rows(&self) -> usize {
        self.page.instances.len() + self.page.odd.len()
    }

    /// The number of servers that it counts, or else shows.
    pub(super) fn total(&self) -> usize {
        self.page.total.unwrap_or_else(|| self.rows())
    }

    pub(super) fn numbers(&self) -> BTreeSet<&InstanceNo> {
        self.page.instances.iter().map(|it| &it.no).collect()
    }
}
