//! Whole lists: every zone, every page, no server twice and none left out unsaid.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::query::Query;
use super::response::instances::{OddRow, Page};
use super::server_api::ServerApi;
use crate::clock::Moment;
use crate::cloud::{CloudError, Listed, Meaning, Unread};
use crate::model::instance::{Instance, InstanceNo, RegionCode};

/// The largest page to ask for. NAVER publishes no limit.
const LARGEST_PAGE: usize = 500;

/// How often a list is read before it is called incomplete: servers that come and go between
/// two pages shift the rest, and the next reading has every chance.
const READINGS: usize = 2;

/// How many numbers one look-up names: a URL of 4 kB.
const MOST_NUMBERS: usize = 100;

/// How many numbers must be forbidden one by one, and none shown, until the look-up as a whole
/// is taken to be forbidden.
const FORBIDDEN_UNTIL_ALL_ARE: u32 = 3;

/// Every server of a region, sorted by number.
///
/// # Errors
/// When a part of it cannot be read, or its pages do not add up.
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

/// The servers of these numbers, sorted; those the cloud does not know are left out.
///
/// On Classic a list that names no zone is documented as that of the first one, which can
/// hardly be meant where numbers are given, but was never tried: what it does not show is
/// looked for in each zone.
///
/// # Errors
/// When none of them can be read.
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
    // A number that is no longer valid, or that the keys may not ask about, may be refused
    // together with its whole batch, without being named, so a refused batch is halved until it
    // is alone.
    let mut batches: VecDeque<_> = numbers.chunks(MOST_NUMBERS).map(<[_]>::to_vec).collect();
    let mut forbidden = 0;
    loop {
        // Where the first is forbidden, the last is tried next: few calls tell whether all are.
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

/// What lists have shown so far.
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

    /// All of it; where nothing could be read, why not.
    fn of_servers(mut self) -> Result<Listed, CloudError> {
        self.unread.retain(|it| it.no.as_ref().is_none_or(|no| !self.by_no.contains_key(no)));
        match self.unread.first() {
            Some(unread) if self.by_no.is_empty() => Err(unread.error.clone()),
            _ => Ok(Listed { instances: self.by_no.into_values().collect(), unread: self.unread }),
        }
    }
}

/// What was read of one scope so far. Of a server that was read twice the last reading counts.
#[derive(Default)]
struct Found {
    by_no: BTreeMap<InstanceNo, Instance>,
    /// Rows that cannot be read, by what tells them apart.
    odd: BTreeMap<String, OddRow>,
    /// `totalRows` of the last page that said it.
    total: Option<usize>,
    /// Whether two pages said different totals: servers came or went in between, and one may
    /// have moved from a page not yet read to one already read.
    has_shifted: bool,
}

impl Found {
    /// Takes a page; says whether it brought anything new.
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

/// Reads a scope once. Without paging everything comes in one body, so that is asked for
/// first; where less came than `totalRows` promises, pages as long as that body follow.
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
