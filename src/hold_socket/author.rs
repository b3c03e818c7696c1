//! The author of a hold, by the number that the system knows.
//!
//! Variables such as `USER` are anybody's to set. `SUDO_USER` is sudo's word, and is believed of
//! root alone.

use rustix::process::getuid;

use crate::audit::hostname;

/// The person who runs this process.
pub fn of_this_process() -> String {
    let sudo_user = std::env::var("SUDO_USER").ok();
    author(getuid().as_raw(), sudo_user.as_deref())
}

/// The person at the other end of a socket.
pub(super) fn of_peer(uid: u32) -> String {
    author(uid, None)
}

fn author(uid: u32, sudo_user: Option<&str>) -> String {
    let name = uzers::get_user_by_uid(uid).map(|user| user.name().to_string_lossy().into_owned());
    words(uid, name, sudo_user, hostname())
}

fn words(uid: u32, name: Option<String>, sudo_user: Option<&str>, host: Option<String>) -> String {
    let caller = sudo_user.filter(|caller| uid == 0 && !caller.is_empty() && *caller != "root");
    let user = match caller {
        Some(caller) => caller.to_owned(),
        None => name.unwrap_or_else(|| format!("uid {uid}")),
    };
    let via = if caller.is_some() { " via sudo" } else { "" };
    match host {
        Some(host) => format!("{user}@{host}{via}"),
        None => format!("{user}{via}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_is_believed_to_act_for_somebody() {
        for (uid, name, sudo_user, host, expected) in [
            (1000, Some("kim"), None, Some("desk"), "kim@desk"),
            (1000, Some("kim"), Some("lee"), Some("desk"), "kim@desk"),
            (0, Some("root"), Some("lee"), Some("desk"), "lee@desk via sudo"),
            (0, Some("root"), Some("root"), Some("desk"), "root@desk"),
            (0, Some("root"), Some(""), None, "root"),
            (1234, None, None, Some("desk"), "uid 1234@desk"),
        ] {
            let said = words(uid, name.map(str::to_owned), sudo_user, host.map(str::to_owned));
            assert_eq!(said, expected);
        }
    }
}
