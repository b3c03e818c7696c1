//! The program as a user meets it: arguments in, exit code, stdout and stderr out.

mod audit;
mod budget;
mod calendars;
mod changes;
mod company;
mod daemon;
mod diff;
mod drift;
mod editing;
mod fire;
mod holds;
mod hostile;
mod listings;
mod notify;
mod plan;
mod reading;
mod reload;
mod reports_sent;
mod shell;
mod test;
mod tls;
mod trouble;
mod web;
mod why;
mod windows;
mod zones;
