//! The commands, as clap reads them, and the way to each.

use clap::{CommandFactory, Parser, Subcommand};

use super::{
    Exit, Global, accounts, add, audit, check, cloud, completions, demo, diff, doctor, editor,
    enable, fire, history, hold, init, logging, man, next, notify, overrides, plan, remove, report,
    rules, run, schema, servers, show, status, test, version, web, week, why,
};

/// The first steps, and the meaning of exit codes.
const BEGIN: &str = "\
Begin with `lightsout demo`: a night in seconds, no keys needed. Then `check` your schedules.toml,
`plan` it against your servers, which sends nothing, and `run` it.

Exit codes: 0 all well, 1 some server did not get there, 2 usage or configuration, 3 the cloud could
not be read or refused the keys, 4 a guard sent nothing, 5 the audit log could not be opened or
written, 70 a bug; the highest that applies";

/// Turns dev servers off at night by itself, and proves it
#[derive(Debug, Parser)]
#[command(name = "lightsout", version = version::short(), max_term_width = 100, after_help = BEGIN)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the daemon: fire, stop, follow, record
    ///
    /// Logs to stderr what it does, in times of the file's zone. `$RUST_LOG` says how much, such as
    /// `warn`, or `info,sqlx=debug` to hear a library too; `-v` and `-q` are the short ways.
    ///
    /// Reads schedules.toml again when it was edited, and at SIGHUP the keys as well. SIGTERM or
    /// Ctrl-C ends it within a minute, a second one at once and with exit code 1; what is open then
    /// is settled by the next `lightsout run`. One daemon can run on an audit log.
    Run(run::Run),
    /// Check schedules.toml and print every problem
    Check(check::Check),
    /// Test whether the rules lead where the `[[expect]]` entries of schedules.toml say
    ///
    /// Asks neither the cloud nor the log: each rule fires at its times, as if this file had
    /// always been in use. Exits 0 when all expectations hold, 1 when one does not, 2 when the
    /// file cannot be used.
    Test(test::Test),
    /// Say what an edited schedules.toml would change: firings, rules, servers
    ///
    /// Comments and the order of lists make no difference. With `--live` the accounts
    /// of NEW are read once, and nothing is sent. Exits 0, or 1 for a difference where
    /// `--exit-code` asks.
    Diff(diff::Diff),
    /// Show the next firings, in local time
    Next(next::Next),
    /// Show the rules, or everything about one: hours, servers, coming firings, last results
    ///
    /// The selection is told as the file has it; the servers are those of its last firing that
    /// found any. As `json` a rule is one object with everything; as `csv` it is its last results.
    Rules(rules::Rules),
    /// Draw the hours off of the next seven days, a line a rule, 24 characters a day
    ///
    /// With RULE, a line for each server that the rule had last. Of a rule with `cron` only its
    /// firings are known, and shown as marks.
    Week(week::WeekCommand),
    /// Write a first schedules.toml for what is found, and ask nothing
    ///
    /// Looks for keys in the environment and in ~/.ncloud/configure, and reads the account that they
    /// open: regions, servers, tags in use. Without keys, or where the account cannot be read, the
    /// file is written all the same, and stderr says what is missing. The one rule in it sends
    /// nothing until its `dry_run` is taken out. No file is ever written over.
    Init(init::Init),
    /// List the accounts of the file: whether each can be read, regions, servers
    ///
    /// Asks the cloud with reading calls only. Exits 3 when an account, one of its regions or its
    /// tags cannot be read, else 0.
    Accounts(accounts::Accounts),
    /// Add a rule to schedules.toml, and show when it fires
    ///
    /// The rest of the file stays as it is. Nothing is written when the file would have problems.
    /// Exits 0 when the rule was written, also where `--live` shows that a guard would hold it back
    /// now; 1 when an expectation fails then; 3 when the cloud could not be read for `--live`.
    Add(Box<add::Add>),
    /// Take a rule out of schedules.toml, and print its lines
    ///
    /// Its comments go with it, and so does its name in overrides. The rest of the file stays as it
    /// is. Nothing is written for the last rule, nor where another part of the file needs the rule.
    Remove(remove::Remove),
    /// Edit a copy of schedules.toml, check it, show what it changes, put it in place
    ///
    /// Opens `$VISUAL`, else `$EDITOR`, else vi. A copy with errors is never put in place: it can
    /// be edited again, or stays, and its place is said.
    Edit(editor::Edit),
    /// Let a disabled rule fire again
    Enable(enable::Enable),
    /// Keep a rule from firing, and note since when and why
    Disable(enable::Disable),
    /// Give rules other hours, or none, on some days, and show when they fire then
    ///
    /// It is about the hours off that begin on these days, or about the firings of a rule with
    /// `cron`. The rest of the file stays as it is. Nothing is written when the file would have
    /// problems.
    Override(overrides::Override),
    /// Leave a rule or a server alone until a time
    ///
    /// Stops and starts that fall into the hold are deferred. They are caught up on at its end, if
    /// they are still wanted then, unless `--skip` says otherwise. Works whether or not a daemon is
    /// up. The firings that it holds back are shown at once.
    Hold(hold::Hold),
    /// End a hold before its time
    Release(hold::Release),
    /// List what is held, until when, by whom, and what is deferred until then
    Holds(hold::Holds),
    /// Ask the cloud, send nothing: what would each rule do now
    ///
    /// WOULD says `stop` or `start`, `already` where there is nothing to do, or `skip` with the
    /// reason. Nothing is written to the audit log. Exits 0; with `--exit-code` 1 when something
    /// would be done; 3 when the cloud could not be read, 4 when a guard would send nothing.
    Plan(plan::Plan),
    /// Read the cloud, and say which assumptions about it were seen
    ///
    /// Nobody could try lightsout on the live service: docs/unconfirmed.md has the assumptions, by
    /// the CODE that is printed here. Changes nothing and needs no rule and no log. The report holds
    /// no keys, no account numbers and no tags, and names no servers unless `--names`: it can be
    /// pasted into an issue. Exits 0 when nothing is different, 1 when something is, 3 when an
    /// account could not be read.
    Doctor(doctor::Doctor),
    /// Fire a rule now and follow it to the end
    ///
    /// On a terminal it shows the plan and asks first; elsewhere it needs `--yes`. With
    /// `--dry-run`, or where the rule says `dry_run = true`, nothing is sent and nothing is asked.
    /// Exits 0 when every server is where it should be, 1 when one is not, 3 when the cloud could
    /// not be read or refused the keys, 4 when a guard sent nothing.
    Fire(fire::Fire),
    /// Show what became of each server, or with `--firings` of each firing, newest first
    ///
    /// With `--changes`, what others started and stopped.
    History(history::History),
    /// Show one firing: every request with its answer, every server with what became of it
    ///
    /// As `json` it is one object with everything; as `csv` it is the servers, as `history`
    /// prints them.
    Show(show::Show),
    /// Say why a server ran, or was off: its state, what happened, one sentence
    ///
    /// Reads the log alone, and never asks the cloud: the firings that had the server or should
    /// have had it, each request with its answer, holds, what others did, the days that calendars
    /// skipped, and when no daemon was there; by the rules that were in use at that time. Ends with
    /// one sentence, and says what the log could not know.
    Why(why::Why),
    /// Say what was promised and what came true: firings, nights, hours off, money saved
    ///
    /// Reads the log alone. A night of a server begins when a stop that means it falls due and ends
    /// when a start that means it falls due next, or the same rule again; it ran through the night
    /// where it was running at its end and never off. A stop came true when every server that it
    /// meant got where it should be. Money is counted by `[prices]`, as long as the state is known.
    Report(Box<report::Report>),
    /// Say whether a daemon is alive, what is in flight and what comes next
    ///
    /// Exits 5 where the log cannot be opened, 3 where the living daemon cannot read an account, 1
    /// where no daemon is alive on the log, where it refused the file that is there now, or where a
    /// calendar that rules need cannot be read; the highest that applies, else 0.
    Status(status::Status),
    /// List every server ever seen: its state, since when, what comes next, who holds it
    ///
    /// Reads the log alone, so rules that select by tags are known as far as their last firings
    /// tell. A server is `unknown` when nobody has looked at it for an hour.
    Servers(servers::Servers),
    /// Serve the page in a browser: the plan, the last nights, the history
    ///
    /// Reads the log, beside a daemon or without one, and writes nothing but holds, which readers
    /// of the page may set and release unless `--web-read-only`. `lightsout run --web` does the same
    /// in the daemon. Prints where it listens. Also answers /metrics (Prometheus), /healthz and
    /// /readyz.
    Web(web::Web),
    /// Try out who would be told
    Notify(notify::Notify),
    /// Copy the log, prove that it is as it was written, hand it on, shorten it
    #[command(subcommand, after_help = audit::EXAMPLES)]
    Audit(audit::Audit),
    /// Watch a night go by on the embedded cloud, without keys
    Demo(demo::Demo),
    /// Serve the embedded cloud over HTTP, to rehearse on
    ///
    /// Prints `NCLOUD_API_GW`, `NCLOUD_ACCESS_KEY` and `NCLOUD_SECRET_KEY`, a line each, to export
    /// where lightsout or another client is to talk to it. The keys are invented.
    Cloud(cloud::Cloud),
    /// Print shell completions
    ///
    /// The script asks lightsout while you type: commands and flags, the rules of schedules.toml and
    /// the servers that the log knows.
    Completions(completions::Completions),
    /// Print the man page, and after it one for each command
    #[command(after_help = "Examples:\n  lightsout man > lightsout.1")]
    Man,
    /// Print the JSON Schema of schedules.toml, or of what a command prints as `json`
    Schema(schema::SchemaCommand),
    /// Print the version, and which time zone data is in use
    Version(version::Version),
}

impl Command {
    pub(super) fn reader(&self) -> logging::Reader {
        match self {
            Self::Run(_) => logging::Reader::OfDaemon,
            Self::Plan(_)
            | Self::Doctor(_)
            | Self::Fire(_)
            | Self::Add(_)
            | Self::Init(_)
            | Self::Accounts(_) => logging::Reader::Waiting,
            _ => logging::Reader::Other,
        }
    }

    /// Whether its talk must not wait for the end: it goes on for long, asks, or has no table.
    pub(super) fn talks_at_once(&self) -> bool {
        matches!(
            self,
            Self::Run(_)
                | Self::Fire(_)
                | Self::Web(_)
                | Self::Cloud(_)
                | Self::Demo(_)
                | Self::Check(_)
                | Self::Edit(_)
                | Self::Init(_)
                | Self::Notify(_)
                | Self::Audit(_)
        )
    }
}

pub(super) async fn dispatch(global: &Global, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Run(options) => run::run(&options, global).await,
        Command::Check(check) => check.run(global),
        Command::Test(test) => test.run(global),
        Command::Diff(diff) => diff.run(global).await,
        Command::Next(next) => next.run(global).await,
        Command::Rules(rules) => rules.run(global).await,
        Command::Week(week) => week.run(global).await,
        Command::Init(init) => init.run(global).await,
        Command::Accounts(accounts) => accounts.run(global).await,
        Command::Add(add) => add.run(global).await,
        Command::Remove(remove) => remove.run(global),
        Command::Edit(edit) => edit.run(global),
        Command::Enable(enable) => enable.run(global),
        Command::Disable(disable) => disable.run(global),
        Command::Override(new) => new.run(global),
        Command::Hold(hold) => hold.run(global).await,
        Command::Release(release) => release.run(global).await,
        Command::Holds(holds) => holds.run(global).await,
        Command::Plan(plan) => plan.run(global).await,
        Command::Doctor(doctor) => doctor.run(global).await,
        Command::Fire(fire) => fire.run(global).await,
        Command::History(history) => history.run(global).await,
        Command::Show(show) => show.run(global).await,
        Command::Why(why) => why.run(global).await,
        Command::Report(report) => report.run(global).await,
        Command::Servers(servers) => servers.run(global).await,
        Command::Status(status) => status.run(global).await,
        Command::Web(web) => web.run(global).await,
        Command::Notify(notify) => notify.run(global).await,
        Command::Audit(audit) => audit.run(global).await,
        Command::Demo(demo) => demo.run().await,
        Command::Cloud(cloud) => cloud.run().await,
        Command::Completions(completions) => completions.run(),
        Command::Man => man::run(Cli::command()),
        Command::Version(version) => version.run(),
        Command::Schema(schema) => schema.run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command, with the way to it.
    fn commands(of: &clap::Command, way: &str) -> Vec<(String, clap::Command)> {
        let mut all = vec![(way.to_owned(), of.clone())];
        for command in of.get_subcommands().filter(|it| it.get_name() != "help") {
            all.extend(commands(command, &format!("{way} {}", command.get_name())));
        }
        all
    }

    #[test]
    fn whatever_prints_json_is_in_the_register() {
        let register = schema::OUTPUTS.iter().flat_map(|output| output.commands);
        let known: Vec<_> = register.map(|command| format!("lightsout {command}")).collect();
        let all = commands(&Cli::command(), "lightsout");
        let printing =
            all.iter().filter(|(_, it)| it.get_arguments().any(|it| it.get_id() == "format"));
        let unknown: Vec<_> = printing.filter(|(way, _)| !known.contains(way)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        for command in known {
            let is_it = |way: &String| command == *way || command.starts_with(&format!("{way} "));
            assert!(all.iter().any(|(way, _)| way != "lightsout" && is_it(way)), "{command}");
        }
    }

    #[test]
    fn each_command_has_examples_of_itself_that_can_be_typed() {
        let mut program = Cli::command();
        program.build();
        for (way, command) in commands(&program, "lightsout").into_iter().skip(1) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{way}"));
            let examples = examples.replace("\\\n", "");
            for example in examples.lines() {
                assert!(example.trim().starts_with(&way), "{way}: {example}");
                let words = shlex::split(example).unwrap();
                let typed = words.iter().take_while(|word| *word != ">");
                Cli::try_parse_from(typed).unwrap_or_else(|error| panic!("{example}: {error}"));
            }
        }
    }
}
