//! The table of assumptions: a code, a sentence, and how each is judged.
//!
//! docs/unconfirmed.md has each code; a test holds the two together. `judge_wire`, `judge_lists` and
//! `judge_tags` judge.

use super::facts::Facts;
use super::judged::Judged;
use super::{judge_lists, judge_tags, judge_wire};
use crate::cloud::ncloud::Generation::{self, Classic, Vpc};

pub(in crate::cloud) struct Assumption {
    pub(in crate::cloud) code: &'static str,
    pub(in crate::cloud) assumed: &'static str,
    /// The platform that it is about; `None` for both.
    platform: Option<Generation>,
    pub(super) judge: fn(&Facts) -> Judged,
}

impl Assumption {
    pub(super) fn is_about(&self, generation: Generation) -> bool {
        self.platform.is_none_or(|platform| platform == generation)
    }
}

const fn assumption(
    code: &'static str,
    platform: Option<Generation>,
    assumed: &'static str,
    judge: fn(&Facts) -> Judged,
) -> Assumption {
    Assumption { code, assumed, platform, judge }
}

pub(in crate::cloud) const ASSUMPTIONS: &[Assumption] = &[
    assumption("clock", None, "this machine's clock is less than a minute off", judge_wire::clock),
    assumption("rights", None, "the keys may make every call that only reads", judge_wire::rights),
    assumption(
        "region_list",
        None,
        "every region of `getRegionList` can be listed, and those of the file are among them",
        judge_wire::region_list,
    ),
    assumption(
        "gateway_error",
        None,
        "an error of the gateway has an `errorCode`, in XML too",
        judge_wire::gateway_error,
    ),
    assumption(
        "return_codes",
        None,
        "a refusal has a return code of four to seven digits",
        judge_wire::return_codes,
    ),
    assumption(
        "whole_list",
        None,
        "a list without a page shows every server that its `totalRows` counts",
        judge_lists::whole_list,
    ),
    assumption("page_size", None, "a page may have 500 servers", judge_lists::page_size),
    assumption(
        "page_numbers",
        None,
        "pages are counted from 1, and the second goes on where the first ends",
        judge_lists::page_numbers,
    ),
    assumption(
        "unknown_number",
        None,
        "a list by numbers leaves unknown ones out, or refuses them with 24109 or 24120",
        judge_lists::unknown_number,
    ),
    assumption(
        "list_rows",
        None,
        "every row of a list has a server's number and status",
        judge_lists::list_rows,
    ),
    assumption(
        "codes_known",
        None,
        "statuses and operations are those of the reference",
        judge_lists::codes_known,
    ),
    assumption(
        "operation_shown",
        None,
        "every row says the operation under way, `NULL` for none",
        judge_lists::operation_shown,
    ),
    assumption(
        "create_date",
        None,
        "`createDate` is a time such as `2018-10-22T16:19:50+0900`",
        judge_lists::create_date,
    ),
    assumption(
        "uptime_form",
        None,
        "`uptime` is a time such as `2018-10-22T16:19:50+0900`",
        judge_lists::uptime_form,
    ),
    assumption(
        "zone_left_out",
        Some(Classic),
        "a list without a zone shows the first zone alone",
        judge_lists::zone_left_out,
    ),
    assumption(
        "classic_tags",
        Some(Classic),
        "lists show tags, each with a key",
        judge_lists::classic_tags,
    ),
    assumption(
        "tags_in_list",
        Some(Vpc),
        "lists of servers show no tags",
        judge_lists::tags_in_list,
    ),
    assumption(
        "resource_manager",
        Some(Vpc),
        "the Resource Manager answers at this host, in this version",
        judge_tags::resource_manager,
    ),
    assumption(
        "resource_type",
        Some(Vpc),
        "servers are resources `VPCServer` / `Server`",
        judge_tags::resource_type,
    ),
    assumption(
        "resource_id",
        Some(Vpc),
        "the `resourceId` of a server is its number in the list",
        judge_tags::resource_id,
    ),
    assumption(
        "resource_list",
        Some(Vpc),
        "a list of resources without a tag has every server of the region",
        judge_tags::resource_list,
    ),
    assumption(
        "resource_pages",
        Some(Vpc),
        "`page` counts from 0, and `size` is obeyed",
        judge_tags::resource_pages,
    ),
    assumption(
        "tags_by_nrn",
        Some(Vpc),
        "a resource shows its tags only when asked for by `nrn`",
        judge_tags::tags_by_nrn,
    ),
    assumption(
        "tag_filter",
        Some(Vpc),
        "the filter by tag is exact: no part of a value, no other case",
        judge_tags::tag_filter,
    ),
];
