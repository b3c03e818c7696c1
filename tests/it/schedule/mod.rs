//! schedules.toml and its cron rules.

mod cron;
mod days;
mod example;
mod hints;
mod jumps;
mod mistakes;
mod oracle;
mod overrides;
mod reading;
mod windows;
