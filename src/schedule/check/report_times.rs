//! Checks the times of a report: `cron` and `timezone` of `[[notify]]`, which go with `report`.

use toml::Spanned;

use super::Check;
use crate::schedule::notify::Event;
use crate::schedule::raw::{self, Text};
use crate::schedule::report_times::ReportTimes;
use crate::time::zone::Zone;

impl Check<'_> {
    /// The times; `None` if no report is wanted, or after a problem. If the table was `touched`,
    /// nothing is reported as missing.
    pub(super) fn report_times(
        &mut self,
        entry: &mut raw::Notify,
        touched: bool,
        zone: Option<Zone>,
    ) -> Option<ReportTimes> {
        let (cron, named) = (entry.cron.take(), entry.timezone.take());
        let asked = entry.on.as_ref().filter(|on| on.get_ref().contains(&Event::Report));
        let Some(asked) = asked.map(Spanned::span) else {
            if !touched {
                self.without_report("cron", cron.as_ref());
                self.without_report("timezone", named.as_ref());
            }
            return None;
        };
        let zone = match &named {
            Some(named) => self.zone(named),
            None => zone,
        };
        let Some(written) = cron else {
            if !touched {
                let hint =
                    "`cron` says when it is sent: minute, hour, day of month, month, day of week";
                self.error(asked, "nothing says when the report is sent: `cron` is missing", hint);
            }
            return None;
        };
        if zone.is_none() && named.is_none() && !self.losses.hide("timezone") {
            let message = "the file names no time zone for this, and its rules do not agree on one";
            let hint = "write `timezone = \"Asia/Seoul\"` beside it";
            self.error(written.span(), message, hint);
        }
        let cron = self.cron(&written, named.as_ref())?;
        Some(ReportTimes { cron, zone: zone? })
    }

    fn without_report(&mut self, key: &str, written: Option<&Text>) {
        if let Some(written) = written {
            let message = format!("`{key}` is for a report, which this target is not sent");
            let hint = format!("add `on = [\"report\"]`, or remove `{key}`");
            self.error(written.span(), message, hint);
        }
    }
}
