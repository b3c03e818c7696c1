//! How long the page takes over a log of a million entries: of a year of 920 servers, and of two
//! months of 5,000.

mod million;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::OnceLock;

use divan::Bencher;
use lightsout::clock::SystemClock;
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::schedule::Schedules;
use lightsout::web::{Web, WebOptions};
use tokio::runtime::Runtime;

const RULES: usize = 20;

/// The pages of both logs.
static ADDRESSES: OnceLock<[SocketAddr; 2]> = OnceLock::new();

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let (switch, shutdown) = ShutdownSwitch::new();
    let mut served = Vec::new();
    let folders = [46, 250].map(|instances| {
        let folder = tempfile::tempdir().expect("a folder");
        let web = runtime.block_on(page(folder.path(), instances));
        let address = web.address().expect("an address");
        served.push(runtime.spawn(web.serve(shutdown.clone())));
        (folder, address)
    });
    ADDRESSES.get_or_init(|| [folders[0].1, folders[1].1]);
    divan::main();
    switch.throw();
    for page in served {
        runtime.block_on(page).expect("it ends");
    }
}

/// The page of a log whose rules stop so many servers each.
async fn page(folder: &Path, instances: i64) -> Web {
    let schedules = folder.join("schedules.toml");
    let mut text = "timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n".to_owned();
    for rule in 0..RULES {
        write!(
            text,
            "[[rules]]\nname = \"rule-{rule}\"\noff = \"20:00-08:00\"\n\
             select = {{ tags = {{ team = \"{rule}\" }} }}\n"
        )
        .expect("a text takes all");
    }
    std::fs::write(&schedules, text).expect("a file");
    let (read, _) = Schedules::read(&schedules).expect("a file without error");
    million::write(&read, instances).await;
    let options = WebOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        token: None,
        hosts: Vec::new(),
        log: folder.join("lightsout.db"),
        schedules,
        proxies: None,
        is_read_only: false,
    };
    Web::bind(options, SystemClock::new()).await.expect("a port")
}

#[divan::bench(args = [
    "/",
    "/history",
    "/history?rule=rule-3",
    "/history?rule=nobody",
    "/history?instance=1000003",
    "/history?outcome=refused",
    "/history?outcome=trouble",
    "/history?outcome=held",
    "/history?since=300d&until=200d&outcome=refused",
    "/history?limit=500",
    "/firings/840005",
    "/changes",
    "/report",
    "/servers",
    "/servers?q=dev-10000*3",
    "/servers?state=running",
    "/servers/1000003",
    "/servers/1000003?at=100d",
    "/hold?server=1000003",
    "/rules/rule-3",
    "/readyz",
], sample_count = 20, sample_size = 1)]
fn a_year(bencher: Bencher<'_, '_>, path: &str) {
    measure(bencher, 0, path);
}

#[divan::bench(args = [
    "/",
    "/history?outcome=trouble",
    "/servers",
    "/servers?page=50",
    "/servers?q=dev-10000*3",
    "/servers?state=running",
    "/servers?state=held",
    "/servers?state=trouble",
    "/servers/1000003",
    "/servers/dev-1000003",
    "/hold?server=1000003",
    "/hold?rule=rule-3",
    "/rules",
    "/rules/rule-3",
    "/week?rule=rule-3",
], sample_count = 20, sample_size = 1)]
fn five_thousand_servers(bencher: Bencher<'_, '_>, path: &str) {
    measure(bencher, 1, path);
}

fn measure(bencher: Bencher<'_, '_>, page: usize, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    bencher.bench_local(|| {
        let address = ADDRESSES.get().expect("they were said before")[page];
        let mut stream = TcpStream::connect(address).expect("somebody listens");
        stream.write_all(request.as_bytes()).expect("somebody reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(!answer.starts_with("HTTP/1.1 4"), "{answer}");
        answer.len()
    });
}
