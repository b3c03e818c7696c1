//! The log as a file: its mode, its folder, and files that are no log or another version's.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use lightsout::audit::{AuditError, AuditLog, AuditReader, Writer};
use lightsout::schedule::AuditFile;

use super::{World, raw, reading};

#[tokio::test]
async fn a_log_and_its_side_files_can_be_read_by_their_owner_only() {
    let world = World::new();
    let _log = world.writer().await;
    for name in ["audit.db", "audit.db-wal", "audit.db-shm"] {
        let mode = fs::metadata(world.dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_log_in_no_folder_cannot_be_made_and_is_missing_to_readers() {
    let world = World::new();
    let mut file = world.file();
    file.path = world.dir.path().join("none").join("audit.db");
    let opened = AuditLog::open(&file, Writer::Fire, world.clock.clone()).await;
    assert!(matches!(&opened, Err(AuditError::Open { path, .. }) if *path == file.path));
    let read = AuditReader::open(&file.path).await;
    assert!(matches!(&read, Err(AuditError::Missing(path)) if *path == file.path));
    assert!(!file.path.exists());
}

#[tokio::test]
async fn a_log_in_a_folder_that_cannot_be_written_to_is_read() {
    let world = World::new();
    let (log, file) = world.writer().await;
    world.fire(&log, "night", file).await;
    log.end("done").await.unwrap();
    let mode = |mode| fs::set_permissions(world.dir.path(), fs::Permissions::from_mode(mode));
    mode(0o500).unwrap();
    let lines = world.reader().await.history(&reading::all()).await;
    mode(0o700).unwrap();
    assert_eq!(lines.unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_joins_a_log_neither_makes_nor_migrates_one_and_ends_no_daemon() {
    let world = World::new();
    let file = world.file();
    let path = &file.path;
    let missing = AuditLog::join(&file, Writer::Hold, world.clock.clone()).await;
    assert!(matches!(&missing, Err(AuditError::Missing(missing)) if missing == path));
    assert!(!path.exists());
    let daemon = world.open(Writer::Daemon).await;
    let joined = AuditLog::join(&file, Writer::Hold, world.clock.clone()).await.unwrap();
    joined.end("done").await.unwrap();
    assert!(world.reader().await.daemon().await.unwrap().is_some(), "its lock is held");
    daemon.end("done").await.unwrap();
    let older = "DELETE FROM _sqlx_migrations WHERE version = 2";
    sqlx::query(older).execute(&mut world.raw().await).await.unwrap();
    let joined = AuditLog::join(&file, Writer::Hold, world.clock.clone()).await;
    assert!(matches!(&joined, Err(AuditError::Older(older)) if older == path), "{joined:?}");
}

#[tokio::test]
async fn a_log_of_a_newer_version_is_refused_by_writers_and_readers() {
    let world = World::new();
    drop(world.writer().await);
    let newer = "INSERT INTO _sqlx_migrations
        SELECT 1000, description, installed_on, success, checksum, execution_time
        FROM _sqlx_migrations
        LIMIT 1";
    sqlx::query(newer).execute(&mut world.raw().await).await.unwrap();
    let path = world.file().path;
    let opened = AuditLog::open(&world.file(), Writer::Fire, world.clock.clone()).await;
    assert!(matches!(&opened, Err(AuditError::Newer(newer)) if *newer == path), "{opened:?}");
    let read = AuditReader::open(&path).await;
    assert!(matches!(&read, Err(AuditError::Newer(newer)) if *newer == path), "{read:?}");
}

#[tokio::test]
async fn a_file_that_is_no_log_is_called_so() {
    let world = World::new();
    let path = world.file().path;
    for contents in ["", "What is this? Certainly no database, of whatever size it may be."] {
        fs::write(&path, contents).unwrap();
        let read = AuditReader::open(&path).await;
        assert!(matches!(&read, Err(AuditError::NotALog(no)) if *no == path), "{read:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), contents);
    }
    fs::remove_file(&path).unwrap();
    sqlx::query("CREATE TABLE guest (name TEXT)").execute(&mut raw(&path).await).await.unwrap();
    let read = AuditReader::open(&path).await;
    assert!(matches!(&read, Err(AuditError::NotALog(no)) if *no == path), "{read:?}");
    let opened = AuditLog::open(&world.file(), Writer::Fire, world.clock.clone()).await;
    assert!(matches!(&opened, Err(AuditError::NotALog(no)) if *no == path), "{opened:?}");
}

#[tokio::test]
async fn the_files_of_a_log_have_its_mode_whatever_the_umask() {
    let world = World::new();
    let file = AuditFile { mode: 0o666, ..world.file() };
    let log = AuditLog::open(&file, Writer::Fire, world.clock.clone()).await.unwrap();
    // Any umask takes a right to write from somebody.
    let files: Vec<_> = fs::read_dir(world.dir.path()).unwrap().map(Result::unwrap).collect();
    let modes: Vec<u32> = files.iter().map(|it| it.metadata().unwrap().mode() & 0o777).collect();
    assert_eq!(modes, [0o666; 4], "{files:?}");
    log.end("done").await.unwrap();
}

#[tokio::test]
async fn a_log_that_root_makes_belongs_to_the_owner_of_its_folder() {
    let world = World::new();
    let folder = world.dir.path();
    // Only root can give a folder away; anybody else is the owner of it and of the files.
    drop(std::os::unix::fs::chown(folder, Some(12345), Some(12345)));
    let owner = |path: &std::path::Path| {
        let data = fs::metadata(path).unwrap();
        (data.uid(), data.gid())
    };
    let (log, _) = world.writer().await;
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 4, "the log, its two side files, and the lock: {files:?}");
    assert!(files.iter().all(|file| owner(file).0 == owner(folder).0), "{files:?}");
    log.end("done").await.unwrap();
}
