//! The company of the soak: its servers, its rules, and what goes wrong in its cloud.

use std::fmt::Write;

/// Teams, with a rule each for the evening and for the morning.
const TEAMS: usize = 44;
/// Servers that belong to no team.
const ODD_ONES: usize = 6;
const FEWEST: usize = 2 * TEAMS + ODD_ONES;
/// Every fault strikes so often; all of them together strike one request in twenty.
const CHANCE: f64 = 0.05 / 9.0;

/// Rules beside those of the teams: dry runs, steps, the hours that clocks repeat, overlaps.
const ODD: &str = r#"
[[rules]]
name = "dry-steps"
action = "stop"
cron = "0 */3 * * *"
timezone = "America/New_York"
account = "vpc"
select = { names = ["dev-t0*"] }
dry_run = true
[[rules]]
name = "fold"
action = "stop"
cron = "30 1 * * *"
timezone = "America/New_York"
account = "vpc"
select = { names = ["odd-night-*"] }
[[rules]]
name = "fold-by-the-clock"
action = "start"
cron = "*/30 1 * * *"
timezone = "Europe/Berlin"
account = "vpc"
select = { names = ["odd-night-*"] }
late = "20m"
[[rules]]
name = "stuck"
action = "stop"
cron = "*/10 18 * * *"
account = "classic"
select = { names = ["odd-stuck"] }
patience = "25m"
[[rules]]
name = "beside-stuck"
action = "stop"
cron = "5 18 * * *"
account = "classic"
select = { names = ["odd-*"] }
patience = "30m"
[[rules]]
name = "fails"
action = "stop"
cron = "15 0 4 * * *"
account = "vpc"
select = { names = ["odd-fails"] }
[[rules]]
name = "month-ends"
action = "start"
cron = "0 12 L * *"
account = "classic"
select = { tags = { env = "d*" }, names = ["dev-*-1"] }
max_instances = 500
drift = "allow"
[[rules]]
name = "nobody"
action = "stop"
cron = "@daily"
account = "vpc"
select = { tags = { env = "gone" } }
[[rules]]
name = "too-wide"
action = "stop"
cron = "0 4 * * SUN"
account = "vpc"
select = { names = ["*"] }
max_instances = 1
[[rules]]
name = "off"
action = "stop"
cron = "* * * * *"
account = "vpc"
select = { names = ["*"] }
enabled = false
[[rules]]
name = "twice-the-same"
action = "stop"
cron = "0 20 * * MON-FRI"
account = "vpc"
select = { names = ["dev-t00-*", "dev-t01-*"] }
[[rules]]
name = "third-the-same"
action = "stop"
cron = "0 20 15W,L * MON-FRI"
account = "vpc"
select = { tags = { team = "{t00,t01}" } }
"#;

/// Servers that have their ways.
const ODD_SERVERS: &str = r#"
[[servers]]
name = "odd-night"
count = 2
[[servers]]
name = "odd-stuck"
platform = "classic"
never_stops = true
[[servers]]
name = "odd-refuses"
platform = "classic"
refuse = { code = "25014", times = 3 }
[[servers]]
name = "odd-fails"
stop_ends_in = "SD_FL"
[[servers]]
name = "prod"
tags = { env = "dev", team = "t00" }
"#;

/// The platform, as one word for the account and for the server, of a team.
fn platform(team: usize) -> &'static str {
    if team % 5 < 3 { "vpc" } else { "classic" }
}

/// `servers` servers, though not too few for every team to have two, in two regions on both platforms, with faults at 5 %.
pub(crate) fn fleet(servers: usize, seed: u64) -> Result<String, std::fmt::Error> {
    let mut text = format!("seed = {seed}\nregions = [\"KR\", \"SGN\"]\nbatch = \"partial\"\n");
    text += ODD_SERVERS;
    let in_teams = servers.max(FEWEST) - ODD_ONES;
    for team in 0..TEAMS {
        let (platform, region) = (platform(team), ["KR", "KR", "SGN"][team % 3]);
        let count = in_teams / TEAMS + usize::from(team < in_teams % TEAMS);
        write!(
            text,
            "[[servers]]\nname = \"dev-t{team:02}\"\ncount = {count}\nplatform = \"{platform}\"\n\
             region = \"{region}\"\nzone = \"{region}-{}\"\nstop_takes = \"{}s\"\n\
             tags = {{ env = \"dev\", team = \"t{team:02}\" }}\n",
            team % 2 + 1,
            15 + team,
        )?;
    }
    for kind in [
        "kind = \"throttle\"",
        "kind = \"throttle\"\nretry_after = \"7s\"",
        "kind = \"error_before\"\nstatus = 503",
        "kind = \"error_after\"\nstatus = 504",
        "kind = \"reset_before\"",
        "kind = \"reset_after\"",
        "kind = \"slow\"\ndelay = \"25s\"",
        "kind = \"torn\"",
        "kind = \"html\"",
    ] {
        write!(text, "[[faults]]\n{kind}\nchance = {CHANCE}\n")?;
    }
    Ok(text)
}

/// A hundred rules for that fleet.
pub(crate) fn rules() -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "timezone = \"Asia/Seoul\"\n[accounts.vpc]\nplatform = \"vpc\"\n[accounts.classic]\n\
         platform = \"classic\"\n[protect]\nnames = [\"*prod*\"]\n",
    );
    text += ODD;
    for team in 0..TEAMS {
        let zone = ["Asia/Seoul", "Europe/Berlin", "America/New_York"][team / 2 % 3];
        let select = match team % 4 {
            0 => format!("tags = {{ team = \"t{team:02}\" }}"),
            1 => format!("tags = {{ env = \"dev\", team = \"t{team:02}\" }}"),
            _ => format!("names = [\"dev-t{team:02}-*\"]"),
        };
        let (evening, morning) = (19 + team % 3, 7 + team % 2);
        for (action, hour) in [("stop", evening), ("start", morning)] {
            write!(
                text,
                "[[rules]]\nname = \"t{team:02}-{action}\"\naction = \"{action}\"\n\
                 cron = \"0 {hour} * * MON-FRI\"\ntimezone = \"{zone}\"\naccount = \"{}\"\n\
                 select = {{ {select} }}\n",
                platform(team),
            )?;
        }
    }
    Ok(text)
}
