//! Reads the period of a report from the flags.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use clap::Args;

use crate::cli::instant;
use crate::cli::output::Misuse;
use crate::model::period::Period;
use crate::report::periods::usual_beginning;
use crate::time::zone::Zone;

#[derive(Clone, Debug, Args)]
pub(super) struct Times {
    /// From this time on [default: the midnight 30 days before the end]
    #[arg(long, value_name = "T")]
    since: Option<String>,
    /// Up to before this time [default: now]
    #[arg(long, value_name = "T")]
    until: Option<String>,
    /// This calendar month, such as 2026-10, in the file's time zone
    #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["since", "until"])]
    month: Option<String>,
}

impl Times {
    /// The period, without the time that is still to come.
    pub(super) fn span(&self, zone: Zone, now: DateTime<Utc>) -> Result<Period, Misuse> {
        let times = instant::Times::past(zone, now);
        let (from, until) = if let Some(month) = &self.month {
            of_month(month, zone)?
        } else {
            let until = times.read("--until", self.until.as_ref())?.unwrap_or(now);
            let since = times.read("--since", self.since.as_ref())?;
            (since.unwrap_or_else(|| usual_beginning(until, zone)), until)
        };
        let until = until.min(now);
        if from >= until {
            let at = |at| zone.show(at).format("%F %H:%M%:z").to_string();
            let message = format!("from {} to {} there is no time", at(from), at(until));
            let hint = "`--since` comes before `--until`, and both before now".to_owned();
            return Err(Misuse { message, hint });
        }
        Ok(Period { from, until })
    }
}

fn of_month(text: &str, zone: Zone) -> Result<(DateTime<Utc>, DateTime<Utc>), Misuse> {
    let first = NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok();
    let first = first.filter(|_| text.len() == "2026-10".len());
    let next = first.and_then(|first| first.checked_add_months(Months::new(1)));
    let (Some(first), Some(next)) = (first, next) else {
        return Err(Misuse {
            message: format!("`{text}` is no month"),
            hint: "write its year and number, such as 2026-10".to_owned(),
        });
    };
    let midnight = |date: NaiveDate| zone.instant(date.and_time(NaiveTime::MIN));
    Ok((midnight(first), midnight(next)))
}
