//! The client for NAVER Cloud against far sides of every kind, over loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod calls;
mod failures;
pub mod far;
mod lists;
mod long_lists;
mod secrets;
mod tags;
