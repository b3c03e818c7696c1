//! The program as a user meets it: arguments in, exit code, stdout and stderr out.

mod daemon;
mod fire;
mod notify;
mod reading;
mod shell;
