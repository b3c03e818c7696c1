//! schedules.toml and its cron rules.

mod cron;
