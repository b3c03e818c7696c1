//! schedules.toml and its cron rules.

mod cron;
mod example;
mod mistakes;
