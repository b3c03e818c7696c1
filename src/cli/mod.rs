//! The command line: what can be said, and which file does it. The only place that prints.

mod audit;
mod check;
mod cloud;
mod demo;
mod exit;
mod fire;
mod history;
mod instant;
mod next;
mod output;
mod plan;
mod run;
mod session;
mod status;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

pub use exit::Exit;
use output::Format;

/// Turns dev servers off at night by itself, and proves it
#[derive(Debug, Parser)]
#[command(name = "lightsout", version = version(), max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, Args)]
struct Global {
    /// Read this file [default: `$LIGHTSOUT_CONFIG`, else ./schedules.toml]
    #[arg(long, global = true, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Write logs in this form [default: plain]
    #[arg(long, global = true, value_enum, value_name = "FORM")]
    log_format: Option<LogFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    /// For people
    Plain,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: fire, stop, follow, record
    Run,
    /// Check schedules.toml and print every problem
    Check(check::Check),
    /// Show the next firings
    Next(next::Next),
    /// Ask the cloud, send nothing: what would each rule do now
    Plan(plan::Plan),
    /// Fire a rule now and follow it to the end
    Fire(fire::Fire),
    /// Show what became of each instance, newest first
    History(history::History),
    /// Show one firing: every request, every instance
    Show(history::Show),
    /// Say whether a daemon is alive, what is in flight and what comes next
    Status(status::Status),
    /// Prove that the log is as it was written, hand it on, shorten it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Watch a night go by on the embedded cloud, without keys
    Demo(demo::Demo),
    /// Serve the embedded cloud over HTTP
    Cloud(cloud::Cloud),
    /// Print shell completions
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page
    Man,
    /// Print the JSON Schema of schedules.toml
    Schema,
}

/// Which form a listing takes.
#[derive(Clone, Copy, Debug, Args)]
struct Listing {
    /// Print the listing in this form
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// The version, and which rules of daylight saving are compiled in.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        format!("{} (tz data {})", env!("CARGO_PKG_VERSION"), crate::schedule::zone::data_version())
    });
    &VERSION
}

/// Parses the arguments, does what they say, prints what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Ok };
            drop(error.print());
            return code.into();
        }
    };
    session::start_logging(cli.global.log_format, matches!(cli.command, Command::Run));
    let runtime =
        match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return output::failure(&error.into()).into(),
        };
    let done = runtime.block_on(dispatch(&cli.global, cli.command));
    // What still blocks (a file system that hangs) must not hold the end up.
    runtime.shutdown_background();
    done.unwrap_or_else(|error| output::failure(&error)).into()
}

async fn dispatch(global: &Global, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Run => run::run(global).await,
        Command::Check(check) => check.run(global),
        Command::Next(next) => next.run(global),
        Command::Plan(plan) => plan.run(global).await,
        Command::Fire(fire) => fire.run(global).await,
        Command::History(history) => history.run(global).await,
        Command::Show(show) => show.run(global).await,
        Command::Status(status) => status.run(global).await,
        Command::Audit(audit) => audit.run(global).await,
        Command::Demo(demo) => demo.run().await,
        Command::Cloud(cloud) => cloud.run().await,
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "lightsout", &mut text);
            output::raw(&text)
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            output::raw(&text)
        }
        Command::Schema => output::raw(crate::schedule::schema_json().as_bytes()),
    }
}
