//! README.md and docs/: what they tell to type works, and what they point at is there.

mod blocks;
mod commands;
mod page;
mod references;
