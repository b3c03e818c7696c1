//! What this process takes of the machine, where the machine tells.

use std::fmt;
use std::fs;

/// Resident memory may grow by this much and a tenth: allocators keep what they once had, and
/// between weeks of the same work it was seen to swing by 8 MiB.
const SLACK_KIB: u64 = 16 * 1024;
/// Connections may still be closing when it is looked at.
const SLACK_DESCRIPTORS: usize = 3;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    memory_kib: u64,
    descriptors: usize,
}

impl Use {
    /// `None` where there is no `/proc`.
    pub(crate) fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let memory_kib = line.trim().trim_end_matches(" kB").parse().ok()?;
        let descriptors = fs::read_dir("/proc/self/fd").ok()?.count();
        Some(Self { memory_kib, descriptors })
    }

    /// What has grown since `earlier`, if anything has.
    pub(crate) fn has_outgrown(self, earlier: Self) -> Option<String> {
        let most = earlier.memory_kib + earlier.memory_kib / 10 + SLACK_KIB;
        let grown =
            self.memory_kib > most || self.descriptors > earlier.descriptors + SLACK_DESCRIPTORS;
        grown.then(|| format!("grew from {earlier} to {self}"))
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB resident, {} descriptors", self.memory_kib, self.descriptors)
    }
}
