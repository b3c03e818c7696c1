//! The page as a browser, a monitoring system or an attacker meets it: plain HTTP to the program.

mod attacks;
mod browser;
mod coming;
mod frame;
mod hold_page;
mod holds;
mod korean;
mod monitoring;
pub(super) mod pages;
mod plumbing;
mod readers;
mod rules;
mod servers;
mod table;

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;

use super::daemon::Process;
use super::shell::{Shell, finish};

/// `lightsout web` on a port of the system's choice.
pub(super) struct Page {
    address: SocketAddr,
    process: Process,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    head: String,
    pub(super) body: String,
}

impl Page {
    pub(super) fn of(shell: &Shell, arguments: &str) -> Self {
        let arguments = format!("web --listen 127.0.0.1:0 {arguments}");
        let child = shell.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = Process(child.unwrap());
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().parse().unwrap();
        Self { address, process }
    }

    pub(super) fn get(&self, path: &str) -> Reply {
        self.get_with(path, "")
    }

    /// With more header lines, each ended by a line break.
    pub(super) fn get_with(&self, path: &str, headers: &str) -> Reply {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        exchange(self.address, format!("{head}{headers}\r\n").as_bytes())
    }

    fn post(&self, path: &str, form: &str) -> Reply {
        let length = form.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n\
             {form}"
        );
        exchange(self.address, request.as_bytes())
    }
}

impl Reply {
    /// The value of a header.
    fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// Sends bytes and reads whatever comes back until the other side is done; status 0 is nothing.
pub(super) fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    use std::io::{Read, Write};
    let mut stream = TcpStream::connect(address).unwrap();
    // Whoever is refused while still sending may be cut off.
    drop(stream.write_all(request));
    let mut bytes = Vec::new();
    drop(stream.read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

/// A folder with a firing in its log: `dev-a` stopped, `dev-gpu` was refused.
async fn fired() -> (Shell, String) {
    fired_in("Asia/Seoul").await
}

/// The same in a zone.
async fn fired_in(zone: &str) -> (Shell, String) {
    let fleet = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"300ms\"\n\
        [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
        refuse = { code = \"77777\", message = \"Nobody may stop <this>.\" }\n";
    let rules = super::shell::ALL.replace("30s", "6s").replace("Asia/Seoul", zone);
    let shell = Shell::of(fleet, &rules).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    let firing = shell.json("history").await[0]["firing"].to_string();
    (shell, firing)
}

/// How a command ends that must not begin to serve.
async fn refused(shell: &Shell, arguments: &str) -> (Option<i32>, String) {
    let done = finish(shell.command(arguments)).await;
    (done.code, done.stderr)
}
