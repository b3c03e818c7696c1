//! Says how the living daemon is reached: as a unit of systemd, in a container, as a process.
//!
//! A number of a process means nothing in another container or on another machine, so the place
//! has the name of its host.

use std::fs;

use super::status::DaemonLife;
use crate::audit::store::session::hostname;

/// The longest name of a unit that is believed.
const LONGEST_UNIT: usize = 255;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonPlace {
    /// Its machine or its container, if known.
    pub host: Option<String>,
    pub pid: i64,
    pub kind: DaemonKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DaemonKind {
    /// systemd started it, under this name.
    Unit(String),
    /// It is the first process of its container.
    Container,
    Process,
}

/// The facts about a process that this one can see.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Visible {
    parent: i64,
    /// The text of its `cgroup` in `/proc`.
    cgroup: String,
}

impl DaemonLife {
    /// The place of the daemon, as far as this process can see.
    pub fn place(&self) -> DaemonPlace {
        let is_here = self.host.is_some() && self.host == hostname();
        let visible = is_here.then(|| Visible::read(self.pid)).flatten();
        let kind = kind(self.pid, visible.as_ref());
        DaemonPlace { host: self.host.clone(), pid: self.pid, kind }
    }
}

fn kind(pid: i64, visible: Option<&Visible>) -> DaemonKind {
    match visible.and_then(Visible::unit) {
        Some(unit) => DaemonKind::Unit(unit.to_owned()),
        None if pid == 1 => DaemonKind::Container,
        None => DaemonKind::Process,
    }
}

impl Visible {
    /// `None` when this process sees no such process, or one with another program: a container may
    /// share its host's name and has numbers of its own.
    fn read(pid: i64) -> Option<Self> {
        let of = |file: &str| fs::read_to_string(format!("/proc/{pid}/{file}"));
        if of("comm").ok()? != fs::read_to_string("/proc/self/comm").ok()? {
            return None;
        }
        let status = of("status").ok()?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
        Some(Self { parent: parent.trim().parse().ok()?, cgroup: of("cgroup").ok()? })
    }

    /// The unit that systemd started it as. A process that another one of a unit started has the
    /// unit's group as well, such as that of cron.
    fn unit(&self) -> Option<&str> {
        let group = self.cgroup.lines().find_map(|line| line.strip_prefix("0::"))?;
        let unit = group.rsplit_once('/')?.1.strip_suffix(".service")?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || "@._:-".contains(c);
        let is_unit = !unit.is_empty() && unit.len() <= LONGEST_UNIT && unit.chars().all(is_name);
        (self.parent == 1 && is_unit && !unit.starts_with('-')).then_some(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_is_a_unit_a_container_or_a_process() {
        let unit = |name: &str| DaemonKind::Unit(name.to_owned());
        for (pid, parent, cgroup, expected) in [
            (77, 1, "0::/system.slice/lightsout.service\n", unit("lightsout")),
            (
                77,
                1,
                "1:name=x:/\n0::/system.slice/lightsout@seoul.service\n",
                unit("lightsout@seoul"),
            ),
            // Cron started it.
            (77, 60, "0::/system.slice/cron.service\n", DaemonKind::Process),
            (77, 60, "0::/user.slice/user-1000.slice/session-3.scope\n", DaemonKind::Process),
            (77, 1, "0::/system.slice/$(reboot).service\n", DaemonKind::Process),
            (77, 1, "0::/system.slice/--all.service\n", DaemonKind::Process),
            (1, 0, "0::/\n", DaemonKind::Container),
            (7, 1, "0::/\n", DaemonKind::Process),
        ] {
            let visible = Visible { parent, cgroup: cgroup.to_owned() };
            assert_eq!(kind(pid, Some(&visible)), expected, "{cgroup}");
        }
        assert_eq!(kind(1, None), DaemonKind::Container, "in another container");
        assert_eq!(kind(77, None), DaemonKind::Process);
    }

    #[test]
    fn this_process_is_visible_and_the_first_one_of_the_machine_is_another_program() {
        let own = Visible::read(std::process::id().into()).expect("it runs");
        assert_eq!(own.parent, i64::from(std::os::unix::process::parent_id()));
        assert_eq!(Visible::read(1), None);
    }
}
