//! The files in the manifests of docs/kubernetes are files that `check` accepts.

use std::fs;

use super::shell::{bare, finish};

/// The text of schedules.toml in a manifest.
fn schedules_in(manifest: &str) -> String {
    let block = manifest.split_once("schedules.toml: |\n").unwrap().1;
    let lines = block.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
    let lines: Vec<&str> = lines.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    lines.join("\n")
}

#[tokio::test]
async fn check_accepts_the_files_of_the_manifests_without_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one-node", "two-nodes"] {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/kubernetes");
        let manifest = fs::read_to_string(format!("{docs}/{name}.yaml")).unwrap();
        fs::write(folder.path().join("schedules.toml"), schedules_in(&manifest)).unwrap();
        let checked = finish(bare(folder.path(), "check")).await;
        assert_eq!(checked.code, Some(0), "{name}: {}", checked.stderr);
        assert!(!checked.stderr.contains("warning"), "{name}: {}", checked.stderr);
        assert!(checked.stderr.contains("off"), "{name}: {}", checked.stderr);
    }
}
