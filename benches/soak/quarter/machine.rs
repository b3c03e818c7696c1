//! What this process takes of the machine, where the machine tells.

use std::fmt;
use std::fs;

use tokio::runtime::Handle;

/// Resident memory may grow by this much and a tenth: allocators keep what they once had.
const SLACK_KIB: u64 = 8 * 1024;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    memory_kib: u64,
    descriptors: usize,
    tasks: usize,
}

impl Use {
    /// Within a runtime. `None` where there is no `/proc`.
    pub(crate) fn now() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let memory_kib = line.trim().trim_end_matches(" kB").parse().ok()?;
        let descriptors = fs::read_dir("/proc/self/fd").ok()?.count();
        let tasks = Handle::current().metrics().num_alive_tasks();
        Some(Self { memory_kib, descriptors, tasks })
    }

    /// What has grown since `earlier`, if anything has.
    pub(crate) fn has_outgrown(self, earlier: Self) -> Option<String> {
        let most = earlier.memory_kib + earlier.memory_kib / 10 + SLACK_KIB;
        let grown = self.memory_kib > most || self.descriptors > earlier.descriptors;
        grown.then(|| format!("grew from {earlier} to {self}"))
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory_kib, descriptors, tasks } = self;
        write!(f, "{memory_kib} KiB resident, {descriptors} descriptors, {tasks} tasks")
    }
}
