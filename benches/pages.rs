//! How long the page takes over a log of a million entries.

mod million;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::OnceLock;

use divan::Bencher;
use lightsout::clock::SystemClock;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::schedule::Schedules;
use lightsout::web::{Web, WebOptions};
use tokio::runtime::Runtime;

const RULES: &str = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n[[rules]]\n\
    name = \"rule-3\"\naction = \"stop\"\ncron = \"0 20 * * *\"\nselect = { names = [\"*\"] }\n";

/// Where the page is.
static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let schedules = folder.path().join("schedules.toml");
    std::fs::write(&schedules, RULES).expect("a file");
    let (read, _) = Schedules::read(&schedules).expect("a file without error");
    runtime.block_on(million::write(&read));
    let options = WebOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        token: None,
        hosts: Vec::new(),
        log: folder.path().join("lightsout.db"),
        schedules,
        proxies: None,
        is_read_only: false,
    };
    let web = runtime.block_on(Web::bind(options, SystemClock::new())).expect("a port");
    ADDRESS.get_or_init(|| web.address().expect("an address"));
    let (switch, shutdown) = ShutdownSwitch::new();
    let served = runtime.spawn(web.serve(shutdown));
    divan::main();
    switch.throw();
    runtime.block_on(served).expect("it ends");
}

#[divan::bench(args = [
    "/",
    "/history",
    "/history?rule=rule-3",
    "/history?rule=nobody",
    "/history?instance=1000003",
    "/history?outcome=refused",
    "/history?since=300d&until=200d&outcome=refused",
    "/history?limit=500",
    "/firings/840005",
    "/changes",
    "/report",
    "/servers",
    "/servers?q=dev-10000*3",
    "/instances/1000003",
    "/instances/1000003?at=100d",
    "/readyz",
], sample_count = 20, sample_size = 1)]
fn a_million_entries(bencher: Bencher<'_, '_>, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    bencher.bench_local(|| {
        let address = ADDRESS.get().expect("it was said before");
        let mut stream = TcpStream::connect(address).expect("somebody listens");
        stream.write_all(request.as_bytes()).expect("somebody reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(!answer.starts_with("HTTP/1.1 4"), "{answer}");
        answer.len()
    });
}
