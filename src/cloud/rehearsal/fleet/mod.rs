//! Owns the fleet file: the world of the rehearsal cloud at its beginning, and the faults in it.
//!
//! `world` moves the servers through time.

mod server;
pub(super) mod words;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::fault::Fault;
use crate::model::instance::RegionCode;
use crate::text::regular_file;

pub use server::{Hypervisor, Refuse, ServerSpec};

/// The largest fleet file. Ten thousand servers need half of that.
const LARGEST: u64 = 4_000_000;

/// The most servers of a fleet, copies included.
const MOST_SERVERS: u64 = 100_000;

/// A checked fleet file. The default is the built-in one: ten servers of both platforms in two
/// regions.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The seed for `chance` of faults. The same seed gives the same faults.
    pub seed: u64,
    /// In the order of `getRegionList`. The first one answers requests that name none.
    pub regions: Vec<RegionCode>,
    /// The treatment of a request that can be done only in part.
    pub batch: Batch,
    /// The time before the gateway answers an accepted change.
    pub accept_delay: Duration,
    /// The time for which lists still show the state before an accepted change.
    pub list_lag: Duration,
    /// A larger `pageSize` is cut down to this.
    pub max_page_size: Option<usize>,
    /// The number of servers in a list without `pageSize`; left out: all, as in NAVER's reference.
    pub page_size_left_out: Option<usize>,
    /// The servers in a Classic list without `zoneNo`.
    pub zone_left_out: ZoneLeftOut,
    /// The time by which its clock is behind the given one.
    pub clock_behind: Duration,
    pub tags: TagRules,
    pub servers: Vec<ServerSpec>,
    pub faults: Vec<Fault>,
}

/// The treatment of a request that can be done only in part. NAVER documents neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Batch {
    /// The first server that refuses decides: its code is the answer, and nothing is done.
    AllOrNothing,
    /// The other servers obey, and the answer is 22001.
    Partial,
}

/// The servers in a Classic list without `zoneNo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneLeftOut {
    /// Those of the region's first zone, as in NAVER's reference.
    First,
    /// Those of all zones, as users of the SDKs report.
    All,
}

/// How tags and the Resource Manager behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRules {
    pub in_lists: TagsInLists,
    pub filter: TagFilter,
    /// `resourceType` of servers.
    pub resource_type: String,
}

/// The lists that show tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagsInLists {
    /// Those of servers on Classic, as in NAVER's reference.
    Classic,
    /// Those of servers on VPC and of the Resource Manager, too.
    All,
}

/// The values that the Resource Manager's filter finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagFilter {
    /// Only the value itself.
    Exact,
    /// Every value that begins so.
    Beginning,
}

/// The reasons why a fleet file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("{} cannot be read", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    /// The file contradicts itself or the format.
    #[error("{}:{mistake}", path.display())]
    Wrong { path: PathBuf, mistake: FleetMistake },
}

/// A mistake in a fleet file: no TOML, an unknown key, a wrong value, or a contradiction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {problem}")]
pub struct FleetMistake {
    /// Counted from 1.
    pub line: usize,
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FleetFile {
    #[serde(default = "first_seed")]
    seed: u64,
    #[serde(default = "home")]
    regions: Spanned<Vec<String>>,
    #[serde(default = "all_or_nothing")]
    batch: Batch,
    #[serde(default, deserialize_with = "words::length")]
    accept_delay: Duration,
    #[serde(default, deserialize_with = "words::length")]
    list_lag: Duration,
    #[serde(default)]
    max_page_size: Option<usize>,
    #[serde(default)]
    page_size_left_out: Option<usize>,
    #[serde(default = "first_zone")]
    zone_left_out: ZoneLeftOut,
    #[serde(default, deserialize_with = "words::length")]
    clock_behind: Duration,
    #[serde(default = "classic")]
    tags_in_lists: TagsInLists,
    #[serde(default = "exact")]
    tag_filter: TagFilter,
    #[serde(default = "server")]
    resource_type: String,
    #[serde(default)]
    servers: Vec<Spanned<ServerSpec>>,
    #[serde(default)]
    faults: Vec<Spanned<Fault>>,
}

fn first_seed() -> u64 {
    1
}

fn home() -> Spanned<Vec<String>> {
    Spanned::new(0..0, vec!["KR".to_owned()])
}

fn all_or_nothing() -> Batch {
    Batch::AllOrNothing
}

fn first_zone() -> ZoneLeftOut {
    ZoneLeftOut::First
}

fn classic() -> TagsInLists {
    TagsInLists::Classic
}

fn exact() -> TagFilter {
    TagFilter::Exact
}

fn server() -> String {
    "Server".to_owned()
}

impl Default for Fleet {
    fn default() -> Self {
        Self::parse(include_str!("default.toml")).expect("the built-in fleet is tested")
    }
}

impl Fleet {
    /// Reads the text of a fleet file.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: &str) -> Result<Self, FleetMistake> {
        let wrong = |at: usize, problem| FleetMistake { line: line_of(text, at), problem };
        let file: FleetFile = toml::from_str(text).map_err(|error| {
            wrong(error.span().unwrap_or_default().start, error.message().to_owned())
        })?;
        let regions = region_codes(file.regions.get_ref())
            .map_err(|problem| wrong(file.regions.span().start, problem))?;
        let mut taken = BTreeSet::new();
        let mut count = 0;
        for server in &file.servers {
            count += u64::from(server.get_ref().count);
            if count > MOST_SERVERS {
                let problem = format!("these are more than {MOST_SERVERS} servers");
                return Err(wrong(server.span().start, problem));
            }
            let problem = server.get_ref().problem(file.regions.get_ref());
            if let Some(problem) = problem.or_else(|| take_numbers(server.get_ref(), &mut taken)) {
                return Err(wrong(server.span().start, problem));
            }
        }
        for fault in &file.faults {
            fault.get_ref().check().map_err(|problem| wrong(fault.span().start, problem))?;
        }
        Ok(Self {
            seed: file.seed,
            regions,
            batch: file.batch,
            accept_delay: file.accept_delay,
            list_lag: file.list_lag,
            max_page_size: file.max_page_size,
            page_size_left_out: file.page_size_left_out,
            zone_left_out: file.zone_left_out,
            clock_behind: file.clock_behind,
            tags: TagRules {
                in_lists: file.tags_in_lists,
                filter: file.tag_filter,
                resource_type: file.resource_type,
            },
            servers: file.servers.into_iter().map(Spanned::into_inner).collect(),
            faults: file.faults.into_iter().map(Spanned::into_inner).collect(),
        })
    }

    /// Reads a fleet file.
    ///
    /// # Errors
    /// The file cannot be read, or has a mistake: the first one.
    pub fn load(path: &Path) -> Result<Self, FleetError> {
        let unreadable = |source| FleetError::Unreadable { path: path.to_owned(), source };
        let bytes = regular_file::open(path).and_then(|file| regular_file::read(file, LARGEST));
        let too_large = || unreadable(io::Error::other("it is larger than 4 MB"));
        let bytes = bytes.map_err(unreadable)?.ok_or_else(too_large)?;
        let text = String::from_utf8(bytes)
            .map_err(|error| unreadable(io::Error::other(error.utf8_error())))?;
        Self::parse(&text).map_err(|mistake| FleetError::Wrong { path: path.to_owned(), mistake })
    }
}

/// Checks that no two servers have the same number.
fn take_numbers(server: &ServerSpec, taken: &mut BTreeSet<u64>) -> Option<String> {
    let first = server.first_no()?;
    let twice = (first..).take(server.count as usize).find(|no| !taken.insert(*no))?;
    Some(format!("`no` {twice} is used twice"))
}

fn region_codes(codes: &[String]) -> Result<Vec<RegionCode>, String> {
    if codes.is_empty() {
        return Err("`regions` needs at least one region".to_owned());
    }
    codes.iter().map(|code| RegionCode::new(code).map_err(|error| error.to_string())).collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
