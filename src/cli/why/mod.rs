//! `lightsout why`: explains from the log alone why a server ran, or was off, at a time.
//!
//! `whom` finds the server, `page` prints for people, `lines` for programs. [`crate::why`] has the
//! order of causes.

mod lines;
mod page;
mod whom;

use clap::Args;
use clap_complete::ArgValueCandidates;

pub(super) use self::lines::Lines;
use self::page::text;
use super::listing::{self, Format, Listing};
use super::naming::ServerFlag;
use super::output::{self, Misuse};
use super::session::{self, LogPlace};
use super::{Exit, Global, completions, instant};
use crate::clock::{Clock, SystemClock};
use crate::model::language::Language;
use crate::why::{Audience, Times, answer};

const EXAMPLES: &str = "\
Examples:
  lightsout why dev-api-1
  lightsout why dev-api-1 --at 03:00
  lightsout why 1021003 --at 'saturday 12:00' -o json";

#[derive(Debug, Args)]
#[command(after_help = instant::with_times(EXAMPLES, instant::PAST))]
pub(super) struct Why {
    /// The server: its number, or its name as the log knows it
    #[arg(
        value_name = "SERVER",
        required_unless_present = "server_flag",
        add = ArgValueCandidates::new(completions::servers)
    )]
    server: Option<String>,
    #[command(flatten)]
    named: ServerFlag,
    /// Ask about this time [default: now]
    #[arg(long, value_name = "T")]
    at: Option<String>,
    /// Its account, where several have a server of that name or number
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

impl Why {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let now = SystemClock::new().now();
        let times = instant::Times::past(file.timezone, now);
        let at = times.read("--at", self.at.as_ref())?.unwrap_or(now);
        if at > now {
            return Err(to_come().into());
        }
        let log = session::needed_log(&file.log).await?;
        let instance = whom::resolve(
            self.named.or_needed(self.server.as_ref()),
            self.account.as_deref(),
            &log,
        )
        .await?;
        let times = match self.listing.format {
            Format::Table => Times::Near(now),
            Format::Json | Format::Csv => Times::Full,
        };
        let audience = Audience { language: Language::English, zone: file.timezone, times };
        let answer = answer(&log, instance, at, (audience, now)).await?;
        log.close().await?;
        match self.listing.format {
            Format::Table => output::out(&text(&answer))?,
            Format::Json => listing::json(&[Lines::of(&answer)])?,
            Format::Csv => listing::csv(&Lines::of(&answer).timeline)?,
        }
        Ok(Exit::Ok)
    }
}

fn to_come() -> Misuse {
    Misuse {
        message: "that time is still to come: the log cannot know it".to_owned(),
        hint: "`lightsout next` and `lightsout plan` say what is to come".to_owned(),
    }
}
