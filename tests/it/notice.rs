//! Notices over real loopback HTTP and real programs, from a log that the tests write.

mod content;
mod delivery;
pub mod ear;
mod heartbeat;
mod korean;
mod reports;
mod together;
mod world;
