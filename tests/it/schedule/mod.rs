//! schedules.toml and its cron rules.

mod cron;
mod example;
mod jumps;
mod mistakes;
mod oracle;
mod reading;
mod windows;
