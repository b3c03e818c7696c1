//! `getServerInstanceList` as a pure question: a filter of servers, and one page of the result.

use super::server::Server;
use super::{Now, World};
use crate::cloud::ncloud::Generation;
use crate::model::instance::{InstanceNo, RegionCode};

/// The filter of a list. Empty lists and `None` do not narrow it.
#[derive(Clone, Debug)]
pub(in super::super) struct Query {
    pub(in super::super) platform: Generation,
    pub(in super::super) region: RegionCode,
    pub(in super::super) zone: Option<String>,
    pub(in super::super) numbers: Vec<InstanceNo>,
    /// A part of the name. NAVER does not say whether a part or the whole must match. A part is
    /// chosen, because it exposes clients that rely on the whole.
    pub(in super::super) name: Option<String>,
    /// Each of these must be present: a key, with its value if one was given.
    pub(in super::super) tags: Vec<(String, Option<String>)>,
    pub(in super::super) status: Option<String>,
    pub(in super::super) page: Option<Page>,
}

/// `pageNo`, from 1, and `pageSize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Page {
    pub(in super::super) no: usize,
    pub(in super::super) size: usize,
    /// The number of servers that came since the first page; below zero, that disappeared.
    pub(in super::super) shift: isize,
}

#[derive(Debug)]
pub(in super::super) struct Found<'a> {
    /// `totalRows`: the number of servers on all pages.
    pub(in super::super) total: usize,
    pub(in super::super) servers: Vec<&'a Server>,
}

impl World {
    /// The servers in a list, in the order of their numbers.
    pub(in super::super) fn find(&self, query: &Query, now: Now) -> Found<'_> {
        let all: Vec<&Server> = if query.numbers.is_empty() {
            self.known(now).filter(|server| query.holds_for(server, now)).collect()
        } else {
            let named = query.numbers.iter().filter_map(|no| self.known_server(no, now));
            named.filter(|server| query.holds_for(server, now)).collect()
        };
        let Some(page) = query.page else {
            return Found { total: all.len(), servers: all };
        };
        let start = (page.no.saturating_sub(1)).saturating_mul(page.size);
        let start = start.saturating_add_signed(-page.shift);
        Found {
            total: all.len().saturating_add_signed(page.shift),
            servers: all.into_iter().skip(start).take(page.size).collect(),
        }
    }
}

impl Query {
    fn holds_for(&self, server: &Server, now: Now) -> bool {
        server.platform == self.platform
            && server.region == self.region
            && self.zone.as_ref().is_none_or(|zone| server.zone == *zone)
            && self.name.as_ref().is_none_or(|part| server.name.contains(part))
            && self.status.as_ref().is_none_or(|code| server.shown(now).status.code() == code)
            && holds_all(&server.tags, &self.tags)
    }
}

/// Whether every wanted tag is present: the key, and the value if one is given. Exact.
pub(in super::super) fn holds_all(
    tags: &[(String, String)],
    wanted: &[(String, Option<String>)],
) -> bool {
    wanted.iter().all(|(key, value)| {
        tags.iter().any(|(its_key, its_value)| {
            its_key == key && value.as_ref().is_none_or(|value| its_value == value)
        })
    })
}
