//! The machines that share a log: beats, takes the duty, and keeps this machine's copy up to date.

mod beater;
mod follower;
pub(crate) mod guard;
pub(crate) mod lost;
pub(crate) mod node_lines;
pub(crate) mod share;
pub(crate) mod side;
pub(crate) mod watcher;
