//! Opens and reads files that others have named: regular files only, and only up to a bound.
//!
//! A pipe may never answer, and a device may never end. Either can take the place of a file at any
//! time.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{OFlags, fcntl_setfl};

/// The places of files that a process was handed open, such as `<(command)`. A person who names one
/// of them wants to wait for it.
const HANDED: [&str; 3] = ["/dev/stdin", "/dev/fd", "/proc/self/fd"];

/// Opens a regular file for reading, or a pipe that the process was handed.
///
/// # Errors
/// The path leads to something else, or the system does not open it.
pub fn open(path: &Path) -> io::Result<File> {
    let is_handed = HANDED.iter().any(|handed| path.starts_with(handed));
    let may_be_read = |data: Metadata| {
        let kind = data.file_type();
        if kind.is_file() || (is_handed && kind.is_fifo()) {
            return Ok(kind);
        }
        Err(irregular(kind))
    };
    // Opening a device can already do harm.
    may_be_read(path.metadata()?)?;
    let mut options = OpenOptions::new();
    let nonblocking = OFlags::NONBLOCK | OFlags::NOCTTY;
    options.read(true).custom_flags(nonblocking.bits().cast_signed());
    let file = options.open(path)?;
    // The open file is checked too: another file may take its place at any time.
    if !may_be_read(file.metadata()?)?.is_file() {
        fcntl_setfl(&file, OFlags::empty())?;
    }
    Ok(file)
}

/// The content of a file; `None` if it has more than `most` bytes.
///
/// # Errors
/// The system does not let it be read.
pub fn read(file: File, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

fn irregular(kind: FileType) -> io::Error {
    if kind.is_dir() {
        return io::ErrorKind::IsADirectory.into();
    }
    io::Error::other(NO_REGULAR_FILE)
}

/// The message for a pipe, a socket or a device.
pub const NO_REGULAR_FILE: &str = "it is no regular file";

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};

    #[test]
    fn only_what_ends_and_is_there_at_once_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, Kind::Fifo, Mode::RWXU, 0).unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "12345").unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for path in [&pipe, &link, Path::new("/dev/zero"), Path::new("/dev/tty"), folder.path()] {
            assert!(open(path).is_err(), "{}", path.display());
        }
        let content = |most| read(open(&file).unwrap(), most).unwrap();
        assert_eq!((content(5), content(4)), (Some(b"12345".to_vec()), None));
    }

    #[test]
    fn a_pipe_that_was_handed_over_is_read_to_its_end() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
        let file = open(Path::new(&path)).unwrap();
        writer.write_all(b"abc").unwrap();
        drop(writer);
        assert_eq!(read(file, 10).unwrap(), Some(b"abc".to_vec()));
    }
}
