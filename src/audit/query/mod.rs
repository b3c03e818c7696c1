//! Questions to the log, one file each. The rows are written in the other rooms of `audit`.

pub(crate) mod config_versions;
pub(crate) mod daemon_place;
pub(crate) mod ended_in_short;
pub(crate) mod events_since;
pub(crate) mod facts;
pub(crate) mod firing_detail;
pub(crate) mod firing_summary;
#[cfg(test)]
pub(crate) mod growth;
pub(crate) mod history;
pub(crate) mod history_filter;
pub(crate) mod history_lines;
pub(crate) mod metrics;
pub(crate) mod notice;
pub(crate) mod overridden;
pub(crate) mod report;
pub mod report_facts;
pub(crate) mod source;
pub(crate) mod states;
pub(crate) mod status;
pub(crate) mod stop_limit;
pub(crate) mod stop_limit_step;
pub(crate) mod why;
