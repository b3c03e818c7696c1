//! How long it takes to verify a log of 100,000 entries.

use divan::Bencher;
use divan::counter::ItemsCount;
use lightsout::audit::{AuditLog, AuditReader, Writer};
use lightsout::clock::RehearsalClock;
use lightsout::cloud::codes;
use lightsout::model::instance::{AccountName, Instance, InstanceNo, Product, RegionCode};
use lightsout::schedule::AuditFile;
use tokio::runtime::Runtime;

/// As many as ten thousand instances seen ten times.
const INSTANCES: u32 = 10_000;
const ROUNDS: u32 = 10;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn a_hundred_thousand_entries(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let file =
        AuditFile { path: folder.path().join("audit.db"), mode: 0o600, keep: None, shared: None };
    let rows = runtime.block_on(write(&file));
    let reader = runtime.block_on(AuditReader::open(&file.path)).expect("a log");
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        let found = runtime.block_on(reader.verify(None)).expect("a log that can be read");
        assert!(found.sound);
    });
}

/// Writes the states of instances, each another than the last; how many entries that makes.
async fn write(file: &AuditFile) -> u64 {
    let clock = RehearsalClock::new(chrono::DateTime::UNIX_EPOCH, 0);
    let log = AuditLog::open(file, Writer::Fire, clock).await.expect("a log");
    let account = AccountName::new("main").expect("a name");
    for round in 0..ROUNDS {
        let instances: Vec<Instance> = (0..INSTANCES).map(|no| instance(no, round)).collect();
        let instances: Vec<&Instance> = instances.iter().collect();
        let at = chrono::DateTime::UNIX_EPOCH;
        log.seen(&account, &instances, at).await.expect("a log that can be written");
    }
    log.end("done").await.expect("a log that can be written");
    u64::from(INSTANCES * ROUNDS) + 2
}

fn instance(no: u32, round: u32) -> Instance {
    Instance {
        no: InstanceNo::new(format!("{}", 1_000_000 + no)).expect("a number"),
        name: format!("dev-개발-{no}"),
        region: RegionCode::new("KR").expect("a region code"),
        status: if round.is_multiple_of(2) { codes::status("RUN") } else { codes::status("NSTOP") },
        operation: codes::operation("NULL"),
        booted_at: Some(chrono::DateTime::UNIX_EPOCH),
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}
