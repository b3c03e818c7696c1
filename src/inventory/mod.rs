//! One list of an account: its instances, and for which of them each question about tags holds.
//!
//! A [`Reading`] is what some or all regions showed. A [`Inventory`] goes on looking for as long as
//! regions fail. What lists do not tell of tags is read instance by instance, and shown as it
//! comes. Rules that are due at the same instant share one inventory, so that the cloud is listed once
//! a region and not once a rule.

mod account;
mod own_tags;
mod progress;
mod reading;
mod region;
mod region_reading;
mod tag_reads;

pub use reading::Reading;
pub use tag_reads::TagReads;

pub use account::Inventory;
pub use progress::Shown;
pub use region_reading::RegionReading;
