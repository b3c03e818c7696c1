//! `lightsout completions`, and the answers that a shell gets while somebody types: rules of the
//! file, servers of the log. Nobody asks the cloud, and no failure is said.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Command};
use clap_complete::env::Shells;
use clap_complete::{CompleteEnv, CompletionCandidate, Shell};

use super::config_place::config_path;
use super::{Exit, Global, output};
use crate::audit::AuditReader;
use crate::clock::{Clock, SystemClock};
use crate::schedule::Glimpse;

/// Set by the shell's script when it asks.
const VARIABLE: &str = "LIGHTSOUT_COMPLETE";

const PROGRAM: &str = "lightsout";

/// The longest that somebody waits for the names of servers.
const PATIENCE: Duration = Duration::from_secs(1);

/// A script that zsh loads at the first Tab only defines its function: this calls it at once.
const ZSH_FIRST: &str = "
if [ \"$funcstack[1]\" = _lightsout ]; then
    _clap_dynamic_completer_lightsout \"$@\"
fi
";

const EXAMPLES: &str = "\
Examples:
  lightsout completions bash > ~/.local/share/bash-completion/completions/lightsout
  lightsout completions zsh > ~/.zfunc/_lightsout
  lightsout completions fish > ~/.config/fish/completions/lightsout.fish";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let shells = Shells::builtins();
        let shell = shells.completer(&self.shell.to_string()).expect("clap has all of them");
        let mut text = Vec::new();
        shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut text)?;
        if self.shell == Shell::Zsh {
            text.extend_from_slice(ZSH_FIRST.as_bytes());
        }
        output::raw(&text)
    }
}

/// Answers a shell that asks; `None` when no shell does.
pub(super) fn answer(program: fn() -> Command) -> Option<ExitCode> {
    std::env::var_os(VARIABLE)?;
    output::be_quiet();
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(program).var(VARIABLE);
    match asked.try_complete(std::env::args_os(), here.as_deref()) {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(_) => Some(ExitCode::FAILURE),
    }
}

/// The rules of the file, with their purpose.
pub(super) fn rules() -> Vec<CompletionCandidate> {
    let names = glimpse().map(|file| file.rule_names()).unwrap_or_default();
    let candidate = |(name, about): (String, Option<String>)| {
        CompletionCandidate::new(name).help(about.map(|about| output::harmless(&about).into()))
    };
    names.into_iter().map(candidate).collect()
}

/// The servers that the log knows, by name.
pub(super) fn servers() -> Vec<CompletionCandidate> {
    let names = glimpse().and_then(|file| {
        asked(async move {
            let log = AuditReader::open_if_there(&file.log).await.ok()??;
            let known = log.instances_by_last_name().await.ok()?;
            Some(known.into_iter().map(|known| known.name).collect::<Vec<String>>())
        })
    });
    names.unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
}

/// Rules and servers.
pub(super) fn rules_and_servers() -> Vec<CompletionCandidate> {
    rules().into_iter().chain(servers()).collect()
}

/// The rules and servers that are held.
pub(super) fn held() -> Vec<CompletionCandidate> {
    let names = glimpse().and_then(|file| {
        asked(async move {
            let log = AuditReader::open_if_there(&file.log).await.ok()??;
            let holds = log.holds(Some(SystemClock::new().now())).await.ok()?;
            Some(holds.iter().map(|entry| entry.hold.subject.to_string()).collect::<Vec<String>>())
        })
    });
    names.unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
}

/// The file that the typed command means, as far as it can be read.
fn glimpse() -> Option<Glimpse> {
    let global = Global { config: typed_config(), ..Global::default() };
    Glimpse::read(&config_path(&global)).ok()
}

/// The value of `--config` among the words that are typed so far.
fn typed_config() -> Option<PathBuf> {
    let words: Vec<_> = std::env::args_os().collect();
    let is_flag = |word: &OsStr| word == "--config" || word == "-c";
    let after = words.iter().position(|word| is_flag(word)).and_then(|at| words.get(at + 1));
    let joined = || {
        words.iter().find_map(|word| word.to_str()?.strip_prefix("--config=").map(PathBuf::from))
    };
    after.map(PathBuf::from).or_else(joined)
}

/// Asks the log, for a short while.
fn asked<T>(question: impl Future<Output = Option<T>>) -> Option<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let answer = runtime.block_on(async { tokio::time::timeout(PATIENCE, question).await.ok()? });
    runtime.shutdown_background();
    answer
}
