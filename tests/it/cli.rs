//! The program as a user meets it: arguments in, exit code, stdout and stderr out.

mod audit;
mod daemon;
mod fire;
mod reading;
mod shell;
