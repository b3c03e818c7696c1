//! Whatever a user sees, and whatever takes files.

mod schedule;
