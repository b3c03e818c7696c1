//! The log stream in systemd's journal.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;

use super::daemon::Process;
use super::shell::{ALL, ONE, Shell};
use crate::wait;

/// The lines of a daemon whose stderr is the journal's stream, or only was.
async fn lines(is_still: bool) -> Vec<String> {
    let shell = Shell::of(ONE, ALL).await;
    let (mut reader, writer) = std::io::pipe().unwrap();
    let stderr = File::from(OwnedFd::from(writer));
    let data = stderr.metadata().unwrap();
    let inode = if is_still { data.ino() } else { data.ino() + 1 };
    let mut command = shell.command("run");
    command.env("JOURNAL_STREAM", format!("{}:{inode}", data.dev())).stderr(stderr);
    let daemon = Process(command.spawn().unwrap());
    // The command holds an end of the pipe, too.
    drop(command);
    let alive = async || shell.run("status --alive").await.code == Some(0);
    wait::until_so("it lives", alive).await;
    assert_eq!(daemon.terminate().await, Some(0));
    let mut said = String::new();
    reader.read_to_string(&mut said).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn the_journal_gets_priorities_and_no_second_time() {
    let of_journal = lines(true).await;
    assert!(of_journal.iter().any(|line| line.contains("daemon started")), "{of_journal:?}");
    for line in &of_journal {
        let begins = line.starts_with("<6> INFO ") || line.starts_with("<4> WARN ");
        assert!(begins, "{line}");
    }
    let of_file = lines(false).await;
    assert!(of_file.iter().all(|line| line.starts_with("20")), "{of_file:?}");
}
