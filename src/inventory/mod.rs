//! One consistent listing of an account: its instances, and the answers to questions about tags.
//!
//! A [`Reading`] holds the data of some or all regions. An [`Inventory`] goes on reading while
//! regions fail. Tags that lists do not show are read instance by instance, and passed on as they
//! come. Rules that fall due at one instant share one inventory, so the cloud lists each region
//! once.
//!
//! The API is `cloud`'s business. `select` decides which instances a rule means.

mod account;
mod own_tags;
mod progress;
mod reading;
mod region;
mod region_reading;
mod tag_reads;
mod tags_in_use;

pub use reading::Reading;
pub use tag_reads::TagReads;
pub use tags_in_use::tags_in_use;

pub use account::Inventory;
pub use progress::Shown;
pub use region_reading::RegionReading;
