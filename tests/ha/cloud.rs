//! `lightsout cloud` as a process of its own, and its ledger.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

pub(crate) struct Cloud {
    _child: Child,
    /// What a daemon needs to reach it.
    pub(crate) variables: Vec<(String, String)>,
}

impl Cloud {
    pub(crate) async fn start(folder: &Path, fleet: &str) -> Self {
        std::fs::write(folder.join("fleet.toml"), fleet).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_lightsout"))
            .args(["cloud", "--listen", "127.0.0.1:0", "--fleet", "fleet.toml"])
            .current_dir(folder)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut variables = Vec::new();
        for _ in 0..3 {
            let line = lines.next_line().await.unwrap().expect("it says three lines");
            let (name, value) = line.split_once('=').unwrap();
            variables.push((name.to_owned(), value.to_owned()));
        }
        Self { _child: child, variables }
    }

    /// What was asked of one server, as [`lightsout::cloud::rehearsal::Tally`].
    pub(crate) async fn asked(&self, no: u32) -> Value {
        let counts: Value = serde_json::from_str(&self.get("counts").await).unwrap();
        counts["instances"][no.to_string()].clone()
    }

    /// The status of each server, in the order of the fleet.
    pub(crate) async fn statuses(&self) -> Vec<String> {
        let servers = self.get("servers").await;
        let status = |line| {
            let server: Value = serde_json::from_str(line).unwrap();
            server["status"].as_str().unwrap().to_owned()
        };
        servers.lines().map(status).collect()
    }

    async fn get(&self, what: &str) -> String {
        let (_, url) = &self.variables[0];
        let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
        let request = format!("GET /rehearsal/{what} HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}
