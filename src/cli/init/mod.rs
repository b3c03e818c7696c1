//! `lightsout init`: writes a first schedules.toml for what is found, and asks nothing.
//!
//! `look` asks the environment and the cloud, with reading calls only. `schedule` makes the text.

mod look;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use self::look::{Found, look};
use super::config_place::given;
use super::output::{self, Misuse};
use super::{Exit, Global};
use crate::schedule::first_file::{FirstAccount, first_file};
use crate::schedule::{ReadError, Schedules};

const EXAMPLES: &str = "\
Examples:
  lightsout init
  lightsout init -c /etc/lightsout/schedules.toml";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Init {}

impl Init {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = given(global).unwrap_or_else(|| PathBuf::from("schedules.toml"));
        if path.symlink_metadata().is_ok() {
            return Err(is_there(&path).into());
        }
        let found = look().await;
        let text = first_file(&found.accounts);
        let checked = Schedules::parse(&path, &text).map_err(ReadError::Invalid);
        checked.context("the file that would be written has errors, so it was not written")?;
        write(&path, &text)?;
        tell(&path, &found);
        Ok(Exit::Ok)
    }
}

/// Writes a new file, and never over another.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut made = match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(is_there(path).into());
        }
        made => made.with_context(|| format!("could not write {}", path.display()))?,
    };
    let written = made.write_all(text.as_bytes()).and_then(|()| made.sync_all());
    written
        .inspect_err(|_| drop(fs::remove_file(path)))
        .with_context(|| format!("could not write {}", path.display()))
}

fn is_there(path: &Path) -> Misuse {
    Misuse {
        message: format!("{} is there already, and stays as it is", path.display()),
        hint: "`lightsout init -c OTHER.toml` writes another file, to compare".to_owned(),
    }
}

/// Says what was found, what is missing, and the next three commands.
fn tell(path: &Path, found: &Found) {
    output::say(&format!("{} is written", path.display()));
    for account in &found.accounts {
        output::say(&output::harmless(&about(account)));
    }
    for (message, hint) in &found.missing {
        output::warn(message, Some(hint));
    }
    let config = if path == Path::new("schedules.toml") {
        String::new()
    } else {
        format!(" -c {}", path.display())
    };
    output::say(&format!(
        "\nGo on with\n  lightsout edit{config}    the rule: whom it means, and when\n  \
         lightsout plan{config}    what it would do now; sends nothing\n  \
         lightsout run{config}     does it each night, and records it"
    ));
}

/// `account main: 12 servers in KR`
fn about(account: &FirstAccount) -> String {
    let name = account.name;
    let regions = match &account.regions {
        Err(reason) => return format!("account {name}: {reason}"),
        Ok(regions) => regions.iter().filter(|(_, servers)| *servers > 0),
    };
    let regions: Vec<&str> = regions.map(|(region, _)| region.as_str()).collect();
    let servers = match account.servers() {
        0 => return format!("account {name}: no server yet"),
        1 => "1 server".to_owned(),
        n => format!("{n} servers"),
    };
    let tags = match account.tags.keys.len() {
        0 => String::new(),
        _ => format!("; tags: {}", account.tags.keys()),
    };
    format!("account {name}: {servers} in {}{tags}", regions.join(", "))
}
