//! `lightsout add`: appends a rule to schedules.toml, and shows its effect.
//!
//! [`super::edit`] replaces the file; `schedule` makes the text.

use anyhow::Context;
use chrono::{NaiveTime, Timelike};
use clap::{ArgGroup, Args, ValueEnum};

use super::listing::Format;
use super::output::{self, Misuse};
use super::{Exit, Global, edit, next, plan};
use crate::clock::{Clock, SystemClock};
use crate::model::instance::Action;
use crate::schedule::Rule;
use crate::schedule::edit::{NewRule, NewSelector, NewTimes};

const EXAMPLES: &str = "\
Examples:
  lightsout add stop dev-nightly --at 20:00 --weekdays --tag env=dev --except-name 'dev-db-*'
  lightsout add start dev-morning --at 08:30 --days MON,TUE,WED --tag env=dev --live
  lightsout add window dev-hours --off 20:00-08:00 --off-days weekends --tag env=dev
  lightsout add stop month-end --cron '0 22 L * *' --name 'batch-*' --dry-run";

#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLES,
    group(ArgGroup::new("when").required(true).multiple(true)),
    group(ArgGroup::new("which").required(true).multiple(true)),
)]
pub(super) struct Add {
    /// What the rule does
    action: Verb,
    /// The name of the rule: letters, digits, `-` and `_`
    #[arg(value_name = "RULE")]
    rule: String,
    /// Fire at this local time, every day unless other days are given
    #[arg(long, value_name = "HH:MM", group = "when", conflicts_with = "cron", value_parser = time_of_day)]
    at: Option<NaiveTime>,
    /// With --at: Monday to Friday
    #[arg(long, requires = "at", conflicts_with_all = ["days", "cron", "off", "off_days"])]
    weekdays: bool,
    /// With --at: these days of the week
    #[arg(
        long,
        requires = "at",
        conflicts_with_all = ["cron", "off", "off_days"],
        value_name = "MON,WED",
        value_parser = days
    )]
    days: Option<String>,
    /// Do not fire on the days of this calendar of the file, or of builtin:kr. Repeated: of any
    #[arg(long, value_name = "CALENDAR")]
    skip_on: Vec<String>,
    /// Fire on the days of this calendar only. Repeated: of any of them
    #[arg(long, value_name = "CALENDAR")]
    only_on: Vec<String>,
    /// Fire on workdays only: Monday to Friday less holidays; of this calendar, or the file's
    #[arg(
        long,
        value_name = "CALENDAR",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with_all = ["skip_on", "only_on"]
    )]
    workdays: Option<String>,
    /// Fire when this cron pattern says
    #[arg(long, value_name = "PATTERN", group = "when")]
    cron: Option<String>,
    /// With `window`: off from a local time until another, every day. Repeated: also then
    #[arg(long, value_name = "HH:MM-HH:MM", group = "when", conflicts_with_all = ["at", "cron"])]
    off: Vec<String>,
    /// With `window`: off all day on `weekends`, a weekday, or the days of a calendar
    #[arg(
        long,
        value_name = "DAYS",
        group = "when",
        value_delimiter = ',',
        conflicts_with_all = ["at", "cron"]
    )]
    off_days: Vec<String>,
    /// Select what has this tag; the value is a glob. Repeated: all must hold
    #[arg(long = "tag", value_name = "KEY=VALUE", group = "which", value_parser = tag)]
    tags: Vec<(String, String)>,
    /// Select what has a name that matches this glob. Repeated: any may match
    #[arg(long = "name", value_name = "GLOB", group = "which")]
    names: Vec<String>,
    /// Select the server of this number. Repeated: any of them
    #[arg(long = "server", visible_alias = "instance", value_name = "NO", group = "which")]
    instances: Vec<String>,
    /// Leave alone what has this tag. Different --except flags must all hold
    #[arg(long = "except-tag", value_name = "KEY=VALUE", value_parser = tag)]
    except_tags: Vec<(String, String)>,
    /// Leave alone what has a name that matches this glob
    #[arg(long = "except-name", value_name = "GLOB")]
    except_names: Vec<String>,
    /// Leave alone the server of this number
    #[arg(long = "except-server", visible_alias = "except-instance", value_name = "NO")]
    except_instances: Vec<String>,
    /// The account, where there is more than one
    #[arg(long, value_name = "ACCOUNT")]
    account: Option<String>,
    /// The IANA time zone, where it is not the file's
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// How many servers one firing may be about
    #[arg(long, value_name = "N")]
    max_instances: Option<u32>,
    /// Let the rule record what it would do, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Ask the cloud what the rule would do now, as `plan` does
    #[arg(long)]
    live: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Verb {
    /// Turn running servers off
    Stop,
    /// Turn stopped servers on
    Start,
    /// Turn them off when the off-time begins, and on when it ends
    Window,
}

impl Add {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let live = self.live;
        let new = self.into_rule()?;
        let schedules = edit::change(global, |before| {
            crate::schedule::edit::add(&before.text, &new)
                .map_err(|error| edit::misuse(&error).into())
        })?;
        let entry = next::entry(&schedules, &new.name)?;
        output::say(&format!("rule `{}` added to {}", new.name, schedules.path.display()));
        next::show_entry(entry, SystemClock::new().now())?;
        let holds = schedules.failing_expectations().is_empty();
        let exit = if holds { Exit::Ok } else { Exit::Incomplete };
        if !live {
            return Ok(exit);
        }
        output::out("\n")?;
        let rules: Vec<&Rule> = entry.iter().map(AsRef::as_ref).collect();
        let shown = plan::Plan::show(&schedules, &rules, Format::Table).await;
        match shown.context("the rule was written, but the cloud cannot be asked")?.exit {
            // It was written all the same, and says itself what it waits for.
            Exit::Guarded => Ok(exit),
            shown => Ok(shown.max(exit)),
        }
    }

    fn into_rule(self) -> Result<NewRule, Misuse> {
        let days = match (self.weekdays, self.days) {
            (true, _) => "MON-FRI".to_owned(),
            (false, days) => days.unwrap_or_else(|| "*".to_owned()),
        };
        let at = self.at.map(|at| format!("{} {} * * {days}", at.minute(), at.hour()));
        let cron = at.or(self.cron);
        let when = match (self.action, cron) {
            (Verb::Stop, Some(cron)) => NewTimes::Cron(Action::Stop, cron),
            (Verb::Start, Some(cron)) => NewTimes::Cron(Action::Start, cron),
            (Verb::Window, None) => NewTimes::Window { off: self.off, off_days: self.off_days },
            (Verb::Stop | Verb::Start, None) => {
                return Err(Misuse {
                    message: "`--off` and `--off-days` say when to stop and when to start"
                        .to_owned(),
                    hint: format!("write `lightsout add window {} …`", self.rule),
                });
            }
            (Verb::Window, Some(_)) => {
                return Err(Misuse {
                    message: "a window has no single time".to_owned(),
                    hint: "`--off 20:00-08:00` says when it begins and ends".to_owned(),
                });
            }
        };
        Ok(NewRule {
            name: self.rule,
            when,
            skip_on: self.skip_on,
            only_on: self.only_on,
            on: self.workdays.map(|calendar| match calendar.as_str() {
                "" => "workdays".to_owned(),
                calendar => format!("workdays:{calendar}"),
            }),
            timezone: self.timezone,
            account: self.account,
            select: NewSelector { tags: self.tags, names: self.names, instances: self.instances },
            except: NewSelector {
                tags: self.except_tags,
                names: self.except_names,
                instances: self.except_instances,
            },
            max_instances: self.max_instances,
            dry_run: self.dry_run,
        })
    }
}

fn time_of_day(text: &str) -> Result<NaiveTime, &'static str> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| "write hours and minutes, as in 20:00")
}

/// The field of days for cron; whether the days exist is judged with the rule. A space is refused,
/// since it would make two fields of one, and change the times.
fn days(text: &str) -> Result<String, &'static str> {
    let days: Vec<&str> = text.split(',').map(str::trim).collect();
    let is_day = |day: &&str| {
        day.starts_with(|c: char| c.is_ascii_alphanumeric())
            && !day.contains(|c: char| c.is_whitespace())
    };
    if days.iter().all(is_day) {
        Ok(days.join(","))
    } else {
        Err("write days with commas between them, as in MON,WED, or as in MON-THU")
    }
}

fn tag(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write a tag as KEY=VALUE; KEY=* means that it has the tag"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_one_field_of_cron_or_refused() {
        for (text, field) in [
            ("MON,WED", Some("MON,WED")),
            ("mon , wed", Some("mon,wed")),
            ("MON-THU", Some("MON-THU")),
            ("5#2", Some("5#2")),
            ("MON WED", None),
            ("1 2", None),
            ("MON,,WED", None),
            ("*/2", None),
            ("", None),
        ] {
            assert_eq!(days(text).ok().as_deref(), field, "{text}");
        }
    }

    #[test]
    fn a_time_of_day_has_hours_and_minutes_and_no_more() {
        for (text, time) in [
            ("20:00", Some((20, 0))),
            ("8:05", Some((8, 5))),
            ("24:00", None),
            ("20:60", None),
            ("20", None),
            ("8pm", None),
            ("20:00:30", None),
            ("", None),
        ] {
            let read = time_of_day(text).ok().map(|time| (time.hour(), time.minute()));
            assert_eq!(read, time, "{text}");
        }
    }
}
