//! Where schedules.toml is found when nobody names it.

use std::fs;

use super::shell::{ALL, bare, finish};

#[tokio::test]
async fn the_system_s_file_is_the_last_that_is_taken_and_stderr_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| ALL.replace("\"night\"", &format!("\"{name}\""));
    let write = |path: &str, rule: &str| fs::write(folder.path().join(path), named(rule)).unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    let next = async |variable: Option<&str>, arguments: &str| {
        let mut command = bare(folder.path(), &format!("next --format json {arguments}"));
        command.envs(variable.map(|path| ("LIGHTSOUT_CONFIG", path)));
        let done = finish(command).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let said = done.stderr.contains("etc/schedules.toml: there is no schedules.toml here");
        (done.lines()[0]["rule"].as_str().unwrap().to_owned(), said)
    };
    write("etc/schedules.toml", "of-the-system");
    assert_eq!(next(None, "").await, ("of-the-system".to_owned(), true));
    write("schedules.toml", "here");
    assert_eq!(next(None, "").await, ("here".to_owned(), false));
    write("variable.toml", "of-the-variable");
    assert_eq!(next(Some("variable.toml"), "").await, ("of-the-variable".to_owned(), false));
    write("named.toml", "named");
    let named = next(Some("variable.toml"), "--config named.toml").await;
    assert_eq!(named, ("named".to_owned(), false));
}

#[tokio::test]
async fn a_broken_file_of_this_folder_is_not_passed_over_for_the_system_s() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    fs::write(folder.path().join("etc/schedules.toml"), ALL).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("schedules.toml")).unwrap();
    let done = finish(bare(folder.path(), "next")).await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    assert!(!done.stderr.contains("etc/schedules.toml: there is"), "{done:?}");
}
