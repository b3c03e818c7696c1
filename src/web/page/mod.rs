//! Pages: HTML made from what was read. No script, and nothing in them that was not escaped.

mod firing;
mod frame;
mod history;
mod instance;
mod parts;
mod sign_in;
mod timeline;
mod tonight;
mod trouble;

pub(super) use firing::firing;
pub(super) use frame::{Look, STYLE, STYLE_PATH};
pub(super) use history::{HistoryPage, history};
pub(super) use instance::{InstancePage, instance};
pub(super) use sign_in::sign_in;
pub(super) use timeline::{MOST_FIRINGS, NIGHTS};
pub(super) use tonight::{LogNow, Tonight, tonight};
pub(super) use trouble::{busy, not_found, unreadable};
