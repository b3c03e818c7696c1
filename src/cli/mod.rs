//! The command line: its commands, and the only place that prints. Each command has a file.

mod accounts;
mod add;
mod audit;
mod changes;
mod check;
mod cloud;
mod command;
mod completions;
mod config_place;
mod demo;
mod diff;
mod doctor;
mod edit;
mod editor;
mod enable;
mod exit;
mod fire;
mod fire_command;
mod firings;
mod global;
mod history;
mod hold;
mod init;
mod instant;
mod journal;
mod listing;
mod local_time;
mod logging;
mod man;
mod naming;
mod next;
mod notify;
mod output;
mod overrides;
mod paint;
mod plan;
mod progress;
mod reload;
mod remove;
mod report;
mod rules;
mod run;
mod schema;
mod servers;
mod session;
mod show;
mod signals;
mod status;
mod suggest;
mod table;
mod test;
mod version;
mod watched;
mod web;
mod week;
mod why;

use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use command::{Cli, Command};
use global::Global;

use crate::audit::{AuditError, AuditReader};

pub use exit::Exit;
pub use schema::{OUTPUTS, Output};

/// Parses the arguments, runs the command, prints its failure.
pub fn main() -> ExitCode {
    if let Some(code) = completions::answer(Cli::command) {
        return code;
    }
    version::consider_the_machine();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(mut error) => {
            suggest::put_right(&mut error, &Cli::command());
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Ok };
            drop(error.print());
            return code.into();
        }
    };
    if cli.global.quiet {
        output::be_quiet();
    }
    logging::start(&cli.global, cli.command.reader());
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return output::failure(&error.into()).into(),
        };
    let work = AssertUnwindSafe(|| runtime.block_on(done(&cli.global, cli.command)));
    // A panic has printed its message; nothing else is done after it.
    let done = panic::catch_unwind(work).unwrap_or(Ok(Exit::Bug));
    // A blocked thread, as on a file system that hangs, must not delay the end.
    runtime.shutdown_background();
    done.unwrap_or_else(|error| output::failure(&error)).into()
}

/// Runs a command. When a row of the log cannot be decoded, the error names the row.
async fn done(global: &Global, command: Command) -> anyhow::Result<Exit> {
    let talk = (!command.talks_at_once()).then(output::Later::begin);
    let done = command::dispatch(global, command).await;
    drop(talk);
    let Err(error) = done else { return done };
    let is_unnamed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref().is_some_and(AuditError::is_unnamed)
    };
    if !error.chain().any(is_unnamed) {
        return Err(error);
    }
    let Some(log) = global.log.get() else { return Err(error) };
    match AuditReader::open_any(log).await?.undecoded().await? {
        Some(row) => Err(error.context(row)),
        None => Err(error),
    }
}
