//! Finds the author of a hold.

use std::os::unix::fs::MetadataExt;

use crate::audit::hostname;

/// The user, even behind `sudo`, and the host.
pub(crate) fn who() -> String {
    let named = |name| std::env::var(name).ok().filter(|name| !name.is_empty());
    let number = || Some(format!("uid {}", std::fs::metadata("/proc/self").ok()?.uid()));
    let user = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(named).or_else(number);
    let user = user.unwrap_or_else(|| "somebody".to_owned());
    match hostname() {
        Some(host) => format!("{user}@{host}"),
        None => user,
    }
}
