//! Turns data into HTML. Every text in them is escaped. One script, `typing.js`, keeps what
//! somebody types; no page needs it.
//!
//! [`super::view`] reads the data; [`super::words`] has the texts.

mod budget;
mod changes;
mod coming;
mod doubts;
mod field;
mod firing;
mod frame;
mod history;
mod hold;
mod holds;
mod in_flight;
mod instance;
mod near_time;
mod nodes;
mod parts;
mod report;
mod rule;
mod servers;
mod sign_in;
mod timeline;
mod tonight;
mod trouble;
mod verdict;
mod week;
mod why;

pub(super) use changes::{ChangesPage, changes};
pub(super) use firing::firing;
pub(super) use frame::{ICONS, Look, Page, STYLE, STYLE_PATH, TYPING};
pub(super) use history::{HistoryPage, history};
pub(super) use hold::{Choice, End, HeldNow, HoldPage, hold};
pub(super) use instance::{InstancePage, instance};
pub(super) use report::{NoReport, ReportPage, report};
pub(super) use rule::{RulePage, RulesPage, rule, rules};
pub(super) use servers::{Asked, ServersPage, servers};
pub(super) use sign_in::sign_in;
pub(super) use timeline::{MOST_FIRINGS, NIGHTS};
pub(super) use tonight::{LogNow, Tonight, tonight};
pub(super) use trouble::{busy, not_found, unreadable};
pub(super) use week::{WeekPage, week};
pub(super) use why::{WhyNot, WhyPart};
