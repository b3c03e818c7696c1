//! Reads whole lists of servers: every zone, every page, each server once, no silent loss.
//!
//! `server_api` sends the single calls.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::limits::LARGEST_PAGE;
use super::query::Query;
use super::response::instances::{OddRow, Page};
use super::server_api::ServerApi;
use crate::clock::Moment;
use crate::cloud::{CloudError, Listed, Meaning, Unread};
use crate::model::instance::{Instance, InstanceNo, RegionCode};

/// The number of readings before a list is called incomplete. Servers that come or go between two
/// pages shift the rest; the next reading will likely be complete.
const READINGS: usize = 2;

/// The most numbers of one look-up, for a URL of 4 kB.
const MOST_NUMBERS: usize = 100;

/// After so many forbidden numbers, with no server shown, the whole look-up counts as forbidden.
const FORBIDDEN_UNTIL_ALL_ARE: u32 = 3;

/// Every server of a region, sorted by number.
///
/// # Errors
/// A part of the list cannot be read, or its pages contradict each other.
pub async fn everything(
    api: &ServerApi,
    region: &RegionCode,
    until: Moment,
) -> Result<Listed, CloudError> {
    let mut listed = Shown::default();
    for scope in api.scopes(region, until).await? {
        listed.add(in_scope(api, region, scope, until).await?);
    }
    listed.of_servers()
}

/// The servers of these numbers, sorted. Numbers that the cloud does not know are left out.
///
/// On Classic, a list without a zone is documented as the list of the first zone. This is unlikely
/// for a list by numbers, but was never tried. So servers that such a list does not show are looked
/// for in each zone.
///
/// # Errors
/// None of the servers can be read.
pub async fn numbered(
    api: &ServerApi,
    region: &RegionCode,
    numbers: &[InstanceNo],
    until: Moment,
) -> Result<Listed, CloudError> {
    let wanted: BTreeSet<_> = numbers.iter().collect();
    let scope = api.scope(region, until).await?;
    let mut found = named(api, region, (&scope, numbers), until).await?;
    if numbers.iter().any(|no| !found.knows(no)) {
        let zones = api.scopes(region, until).await?;
        let others = if zones.len() > 1 { zones } else { Vec::new() };
        for zone in others {
            let missing: Vec<_> = numbers.iter().filter(|no| !found.knows(no)).cloned().collect();
            found.add(named(api, region, (&zone, &missing), until).await?);
        }
    }
    found.by_no.retain(|no, _| wanted.contains(no));
    found.of_servers()
}

/// The servers of these numbers in one scope.
async fn named(
    api: &ServerApi,
    region: &RegionCode,
    (scope, numbers): (&Query, &[InstanceNo]),
    until: Moment,
) -> Result<Shown, CloudError> {
    let mut found = Shown::default();
    // A number that is no longer valid, or that is forbidden to the keys, can spoil its whole
    // batch, and the refusal does not name it. A refused batch is therefore halved until the number
    // is alone.
    let mut batches: VecDeque<_> = numbers.chunks(MOST_NUMBERS).map(<[_]>::to_vec).collect();
    let mut forbidden = 0;
    loop {
        // If the first number is forbidden, the last one is tried next. Few calls then show whether
        // all numbers are forbidden.
        let from_the_back = forbidden % 2 == 1 && found.by_no.is_empty();
        let next = if from_the_back { batches.pop_back() } else { batches.pop_front() };
        let Some(mut batch) = next else { return Ok(found) };
        let scope = scope.clone().with_list("serverInstanceNoList", &batch);
        let error = match in_scope(api, region, scope, until).await {
            Ok(shown) => {
                found.add(shown);
                continue;
            }
            Err(error) if is_about_numbers(&error) => error,
            Err(error) => return Err(error),
        };
        if batch.len() > 1 {
            let rest = batch.split_off(batch.len() / 2);
            if from_the_back {
                batches.extend([batch, rest]);
            } else {
                batches.push_front(rest);
                batches.push_front(batch);
            }
        } else if matches!(error, CloudError::Forbidden { .. }) {
            forbidden += 1;
            if forbidden >= FORBIDDEN_UNTIL_ALL_ARE && found.by_no.is_empty() {
                return Err(error);
            }
            found.unread.push(Unread { no: batch.pop(), error });
        }
    }
}

fn is_about_numbers(error: &CloudError) -> bool {
    matches!(
        error,
        CloudError::Forbidden { .. } | CloudError::Refused { meaning: Meaning::NoSuchInstance, .. }
    )
}

/// The servers that lists have shown so far.
#[derive(Default)]
struct Shown {
    by_no: BTreeMap<InstanceNo, Instance>,
    unread: Vec<Unread>,
}

impl Shown {
    fn add(&mut self, other: Self) {
        self.by_no.extend(other.by_no);
        self.unread.extend(other.unread);
    }

    fn knows(&self, no: &InstanceNo) -> bool {
        self.by_no.contains_key(no) || self.unread.iter().any(|it| it.no.as_ref() == Some(no))
    }

    /// The whole result; if nothing could be read, the reason.
    fn of_servers(mut self) -> Result<Listed, CloudError> {
        self.unread.retain(|it| it.no.as_ref().is_none_or(|no| !self.by_no.contains_key(no)));
        match self.unread.first() {
            Some(unread) if self.by_no.is_empty() => Err(unread.error.clone()),
            _ => Ok(Listed { instances: self.by_no.into_values().collect(), unread: self.unread }),
        }
    }
}

/// The rows of one scope so far. If a server was read twice, the last reading counts.
#[derive(Default)]
struct Found {
    by_no: BTreeMap<InstanceNo, Instance>,
    /// Rows that cannot be read, by their id.
    odd: BTreeMap<String, OddRow>,
    /// The last `totalRows` of any page.
    total: Option<usize>,
    /// Whether two pages had different totals. A server then came or went, and another may have
    /// moved from an unread page to a read one.
    has_shifted: bool,
}

impl Found {
    /// Takes a page, and returns whether the page had anything new.
    fn take(&mut self, page: Page) -> bool {
        let before = self.len();
        if let Some(total) = page.total {
            self.has_shifted |= self.total.is_some_and(|before| before != total);
            self.total = Some(total);
        }
        self.by_no.extend(page.instances.into_iter().map(|it| (it.no.clone(), it)));
        self.odd.extend(page.odd.into_iter().map(|row| (row.id.clone(), row)));
        self.len() > before
    }

    fn len(&self) -> usize {
        self.by_no.len() + self.odd.len()
    }

    fn has_all(&self) -> bool {
        self.total.is_none_or(|total| self.len() >= total)
    }

    fn shown(self) -> Shown {
        let unread = |row: OddRow| Unread {
            no: row.no,
            error: CloudError::Unreadable { detail: row.what, http_status: 200 },
        };
        Shown { by_no: self.by_no, unread: self.odd.into_values().map(unread).collect() }
    }
}

async fn in_scope(
    api: &ServerApi,
    region: &RegionCode,
    scope: Query,
    until: Moment,
) -> Result<Shown, CloudError> {
    let mut found = Found::default();
    for _ in 0..READINGS {
        found = reading(api, region, &scope, until).await?;
        if found.has_all() && !found.has_shifted {
            return Ok(found.shown());
        }
    }
    let (has, total) = (found.len(), found.total.unwrap_or_default());
    let detail = if found.has_all() {
        "the list changed each time between two of its pages".to_owned()
    } else {
        format!("the list says it has {total} servers and shows {has}")
    };
    Err(CloudError::Unreadable { detail, http_status: 200 })
}

/// Reads a scope once. The first call has no paging, so that everything comes in one body. If that
/// is less than `totalRows`, pages of the same length follow.
async fn reading(
    api: &ServerApi,
    region: &RegionCode,
    scope: &Query,
    until: Moment,
) -> Result<Found, CloudError> {
    let mut found = Found::default();
    found.take(api.list(region, scope.clone(), None, until).await?);
    let has = found.len();
    let size = if has == 0 { LARGEST_PAGE } else { has.min(LARGEST_PAGE) };
    let mut next = has / size + 1;
    while !found.has_all() {
        let page = api.list(region, scope.clone(), Some((next, size)), until).await?;
        if !found.take(page) {
            break;
        }
        next += 1;
    }
    Ok(found)
}
