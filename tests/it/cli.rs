//! The program as a user meets it: arguments in, exit code, stdout and stderr out.

mod daemon;
mod drift;
mod fire;
mod hostile;
mod listings;
mod reading;
mod shell;
mod tls;
mod trouble;
