//! A PostgreSQL server in a temporary folder, which ends and goes with its test.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, getuid, kill_process};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::wait;

/// The server is refused to root, so it runs as one of these there.
const OWNERS: [&str; 2] = ["postgres", "nobody"];

/// Settings of a server that does not wait for the disk: no machine falls here, only processes do.
/// It knows when it committed what.
pub(crate) const HASTY: &[&str] = &["-c", "fsync=off", "-c", "track_commit_timestamp=on"];

pub(crate) struct Postgres {
    binaries: PathBuf,
    folder: tempfile::TempDir,
    owner: Option<(u32, u32)>,
    settings: &'static [&'static str],
    pub(crate) port: u16,
    server: Mutex<Option<Child>>,
}

impl Postgres {
    /// A running server with these settings; `None` where PostgreSQL is not installed.
    pub(crate) async fn start(settings: &'static [&'static str]) -> Option<Self> {
        let binaries = binaries()?;
        let folder = tempfile::tempdir().unwrap();
        let owner = getuid().is_root().then(|| OWNERS.into_iter().find_map(user).unwrap());
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let (port, server) = (free_port(), Mutex::default());
        let postgres = Self { binaries, folder, owner, settings, port, server };
        let made = postgres
            .command("initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--pgdata"])
            .arg(postgres.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        postgres.begin().await;
        Some(postgres)
    }

    /// A server that follows this one, as an asynchronous replica does.
    pub(crate) async fn replica(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some((user, group)) = self.owner {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let Self { owner, settings, .. } = *self;
        let (binaries, server) = (self.binaries.clone(), Mutex::default());
        let replica = Self { binaries, folder, owner, settings, port: free_port(), server };
        let copied = replica
            .command("pg_basebackup")
            .args(["-h", "127.0.0.1", "-U", "postgres", "-p", &self.port.to_string()])
            .args(["--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"])
            .args(["--no-sync", "--pgdata"])
            .arg(replica.data())
            .output()
            .unwrap();
        assert!(copied.status.success(), "{copied:?}");
        replica.begin().await;
        replica
    }

    /// Makes a replica the primary.
    pub(crate) async fn promote(&self) {
        self.run("SELECT pg_promote()").await;
    }

    /// Speaks TLS from now on, with this certificate.
    pub(crate) async fn speak_tls(&self, certificate: &str, key: &str) {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.data().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((user, group)) = self.owner {
                chown(&path, Some(user), Some(group)).unwrap();
            }
        }
        self.run("ALTER SYSTEM SET ssl = on").await;
        self.run("SELECT pg_reload_conf()").await;
    }

    /// Starts the server, and waits until it answers.
    pub(crate) async fn begin(&self) {
        let server = self
            .command("postgres")
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
            .args(self.settings)
            .args(["-c", "shared_buffers=8MB", "-c", "max_connections=40"])
            .stderr(File::options().append(true).create(true).open(self.said()).unwrap())
            .spawn()
            .unwrap();
        *self.server.lock().unwrap() = Some(server);
        wait::until_so("PostgreSQL answers", async || {
            assert_eq!(self.ended(), None);
            self.answers().await.unwrap_or(false)
        })
        .await;
    }

    /// Whether this server answers, and not another one that was faster at its port.
    async fn answers(&self) -> sqlx::Result<bool> {
        let mut connection = PgConnection::connect(&url("postgres", self.port)).await?;
        let folder: String =
            sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await?;
        Ok(Path::new(&folder) == self.data())
    }

    /// Ends the server as a crash does.
    pub(crate) fn crash(&self) {
        let Some(mut server) = self.server.lock().unwrap().take() else { return };
        let pid = Pid::from_child(&server);
        kill_process(pid, Signal::QUIT).ok();
        server.wait().ok();
    }

    /// A connection that may do anything.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&url("postgres", self.port)).await.unwrap()
    }

    /// Runs statements that may do anything.
    pub(crate) async fn run(&self, statements: &str) {
        let mut connection = self.connect().await;
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        statements.execute(&mut connection).await.unwrap();
    }

    fn command(&self, name: &str) -> Command {
        let beside = self.binaries.join(name);
        let program = if beside.is_file() { beside } else { name.into() };
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn said(&self) -> PathBuf {
        self.folder.path().join("said")
    }

    /// The last words of a server that ended by itself.
    fn ended(&self) -> Option<String> {
        let mut server = self.server.lock().unwrap();
        let status = server.as_mut()?.try_wait().unwrap()?;
        Some(format!("{status}: {}", fs::read_to_string(self.said()).unwrap_or_default()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.crash();
    }
}

/// The address of a role's connection over a port, which may be a proxy's.
pub(crate) fn url(role: &str, port: u16) -> String {
    format!("postgres://{role}@127.0.0.1:{port}/postgres?sslmode=disable")
}

/// The folder with the server's programs: of the path, or where Debian puts them.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    let has = |folder: &Path, name| folder.join(name).is_file();
    folders.into_iter().find(|folder| has(folder, "initdb") && has(folder, "postgres"))
}

/// The numbers of a user and of its group.
fn user(name: &str) -> Option<(u32, u32)> {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let mut fields = user.split(':').skip(1).map(|field| field.parse().unwrap());
    Some((fields.next()?, fields.next()?))
}

/// A port that nobody listens at. The system may give it to another test as well before a server
/// listens there, so none is given twice.
fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        if GIVEN.lock().unwrap().insert(port) {
            return port;
        }
    }
}
