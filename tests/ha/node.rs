//! A machine: a folder with its schedules.toml, its copy of the log, and its daemon.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::wait::{self, LONG};

/// What every file here begins with.
const BEFORE: &str = "timezone = \"UTC\"\nobserve.every = \"off\"\n";
const AFTER: &str = "[accounts.main]\nplatform = \"vpc\"\n";
/// A daemon wants a rule.
const NEVER: &str = "[[rules]]\nname = \"never\"\naction = \"stop\"\ncron = \"0 0 1 1 *\"\n\
    select = { names = [\"nobody\"] }\n";

pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) folder: PathBuf,
    pub(crate) url: String,
    variables: Vec<(String, String)>,
    daemon: Option<Child>,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The page of a daemon.
pub(crate) struct Page(String);

impl Page {
    /// The status of the answer to a question.
    pub(crate) async fn status(&self, path: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.0).await.unwrap();
        let request = format!("GET /{path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.0);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

impl Node {
    pub(crate) fn of(
        (name, url): (&'static str, String),
        folder: PathBuf,
        variables: Vec<(String, String)>,
    ) -> Self {
        fs::create_dir(&folder).unwrap();
        let node = Self { name, folder, url, variables, daemon: None };
        node.write(NEVER);
        node
    }

    /// Writes schedules.toml with these rules.
    pub(crate) fn write(&self, rules: &str) {
        let Self { name, url, .. } = self;
        let audit = format!("[audit]\nshared = \"{url}\"\nnode = \"{name}\"\n");
        self.write_all(&format!("{BEFORE}{audit}{AFTER}{rules}"));
    }

    /// Writes schedules.toml. Never half of it is there.
    pub(crate) fn write_all(&self, text: &str) {
        fs::write(self.folder.join("new"), text).unwrap();
        fs::rename(self.folder.join("new"), self.folder.join("schedules.toml")).unwrap();
    }

    /// The program in this folder.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lightsout"));
        command.args(arguments.split_whitespace());
        self.at_home(&mut command);
        command
    }

    pub(crate) fn at_home(&self, command: &mut Command) {
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("HOME", &self.folder)
            .env("TZDIR", &self.folder)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
    }

    /// Gives its processes one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn run(&self, arguments: &str) -> Done {
        let output = self.command(arguments).output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Done { code: output.status.code(), stdout, stderr }
    }

    /// Starts its daemon.
    pub(crate) fn start(&mut self) {
        let command = self.command("run --log-format json");
        self.start_by(command);
    }

    pub(crate) fn start_by(&mut self, mut command: Command) {
        assert!(self.daemon.is_none());
        let said = File::create(self.folder.join("said"));
        let daemon = command.stdout(Stdio::null()).stderr(said.unwrap()).spawn();
        self.daemon = Some(daemon.unwrap());
    }

    pub(crate) fn pid(&self) -> Pid {
        let pid = self.daemon.as_ref().expect("its daemon runs").id().expect("it has not ended");
        Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()
    }

    /// Makes its daemon stand still. On a loaded machine a thread of it may go on for a while after
    /// the signal.
    pub(crate) async fn freeze(&self) {
        self.signal(Signal::STOP);
        wait::until_so("it stands still", async || self.is_frozen()).await;
    }

    /// Whether all threads of its daemon stand still.
    pub(crate) fn is_frozen(&self) -> bool {
        let threads = format!("/proc/{}/task", self.pid().as_raw_nonzero());
        let stands = |thread: fs::DirEntry| {
            let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // The name may hold blanks and brackets.
            stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
        };
        fs::read_dir(threads).unwrap().flatten().all(stands)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self) {
        self.signal(Signal::KILL);
        let ended = self.daemon.take().unwrap().wait().await.unwrap();
        assert_eq!(ended.signal(), Some(9), "{}", self.told());
    }

    /// Tells its daemon to end.
    pub(crate) async fn end(&mut self) {
        self.signal(Signal::TERM);
        assert_eq!(self.ended().await, Some(0), "{}", self.told());
    }

    /// Tells its daemon to end, whatever it says of it.
    pub(crate) async fn end_anyhow(&mut self) {
        self.signal(Signal::TERM);
        self.ended().await;
    }

    /// The exit code of its daemon.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        let mut daemon = self.daemon.take().unwrap();
        let ended = tokio::time::timeout(LONG, daemon.wait()).await;
        ended
            .unwrap_or_else(|_| panic!("{} does not end: {}", self.name, self.told()))
            .unwrap()
            .code()
    }

    /// What its daemon has said since it was started.
    pub(crate) fn told(&self) -> String {
        fs::read_to_string(self.folder.join("said")).unwrap_or_default()
    }

    /// Waits until its daemon has said something.
    pub(crate) async fn says(&self, what: &str) {
        let says = async || self.told().contains(what).then_some(());
        let said = wait::maybe(says).await;
        assert!(said.is_some(), "{} does not say {what}, but: {}", self.name, self.told());
    }

    /// Where its daemon serves its page.
    pub(crate) async fn page(&self) -> Page {
        self.says("page served").await;
        let told = self.told();
        let url = told.lines().find_map(|line| {
            let said: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(said["url"].as_str()?.strip_prefix("http://")?.to_owned())
        });
        Page(url.unwrap())
    }

    /// How its copy stands to the shared log.
    pub(crate) async fn standing(&self) -> String {
        let options = SqliteConnectOptions::new().filename(self.folder.join("lightsout.db"));
        let mut copy = SqliteConnection::connect_with(&options.read_only(true)).await.unwrap();
        let standing = sqlx::query_scalar("SELECT standing FROM shared").fetch_one(&mut copy);
        standing.await.unwrap()
    }

    /// The entries of its copy, which must be sound.
    pub(crate) async fn export(&self) -> String {
        let verified = self.run("audit verify --format json").await;
        assert_eq!(verified.code, Some(0), "{}: {verified:?}", self.name);
        let export = self.run("audit export").await;
        assert_eq!(export.code, Some(0), "{export:?}");
        // The first line has the hash before the first entry.
        export.stdout.split_once('\n').unwrap().1.to_owned()
    }
}
