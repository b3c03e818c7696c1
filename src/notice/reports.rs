//! Sends reports at the times of a target's `cron`, each about the time since the last one.
//!
//! A report waits until the log says that everything due in its period has been dealt with. Missed
//! reports are sent late, as one report about all of their time.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::cursor::Subscription;
use super::planner::NoticePlanner;
use super::report;
use crate::audit::{AuditError, NewNotice};
use crate::model::period::Period;
use crate::report::Report;
use crate::report::html::Origin;
use crate::schedule::Schedules;
use crate::schedule::notify::Notify;
use crate::schedule::report_times::ReportTimes;
use crate::time::uptime::LONGEST_ABSENCE;

/// A report is late when it is sent longer than this after its time.
const LATE: TimeDelta = TimeDelta::minutes(10);

impl NoticePlanner {
    pub(super) async fn tell_reports(&mut self, schedules: &Schedules) -> Result<(), AuditError> {
        for notify in &schedules.notify {
            let Some(times) = &notify.report else { continue };
            let Some(told) = self.reported(notify).await? else { continue };
            self.reported.insert(notify.name.clone(), told);
            let owed = times.owed(told, self.context.clock.now());
            let Some(span) = owed.map(|(from, until)| Period { from, until }) else { continue };
            if self.context.reader.lived_through(span.until).await? {
                let notice = self.report(schedules, (notify, times), span).await?;
                self.send(&notify.name, vec![notice]).await?;
                self.reported.insert(notify.name.clone(), span.until);
            }
        }
        Ok(())
    }

    /// The end of a target's last report, or the time before which none is owed: the target asked
    /// later, or its reports may have been pruned. `None` when the log does not know that it asked.
    async fn reported(&self, notify: &Notify) -> Result<Option<DateTime<Utc>>, AuditError> {
        // A clock that was years ahead may have left a report in the future. It must not block
        // ours.
        let now = self.context.clock.now();
        let sane = now + LONGEST_ABSENCE;
        let known = self.reported.get(&notify.name).copied().filter(|known| *known <= sane);
        let subscription = Subscription::reports(notify);
        let Some(since) = subscription.and_then(|subscription| self.since.get(&subscription))
        else {
            return Ok(None);
        };
        if known.is_some() {
            return Ok(known);
        }
        let reader = &self.context.reader;
        let last = reader.last_report(&notify.name, sane).await?;
        let sent = last.and_then(|body| sent_until(&body));
        let pruned_before = reader.watch(now).await?.pruned_before;
        let told = [sent, pruned_before, Some(since.at)].into_iter().flatten();
        Ok(Some(told.filter(|told| *told <= sane).max().unwrap_or(now)))
    }

    async fn report(
        &self,
        schedules: &Schedules,
        (notify, times): (&Notify, &ReportTimes),
        span: Period,
    ) -> Result<NewNotice, AuditError> {
        let (reader, now) = (&self.context.reader, self.context.clock.now());
        let facts = reader.report_facts(span, now).await?;
        let report = Report::of(facts, times.zone, schedules.prices.as_ref());
        let log = schedules.audit.path.display().to_string();
        let pages = schedules.web.url.as_ref().map(url::Url::as_str);
        let origin = Origin { log: &log, made_at: now, language: notify.language, pages };
        let mut body = report::of_report(&report, &origin, &notify.channel);
        if now - span.until > LATE {
            report::is_late(&mut body, &report, notify.language);
        }
        // A report covers no entry that another notice would tell.
        let through = reader.told_through(&notify.name).await?;
        let event = body.event;
        Ok(NewNotice {
            target: notify.name.clone(),
            event,
            firing: None,
            through,
            body: body.json(),
        })
    }
}

/// The end of an earlier report.
fn sent_until(body: &str) -> Option<DateTime<Utc>> {
    #[derive(Deserialize)]
    struct Sent {
        report: Until,
    }
    #[derive(Deserialize)]
    struct Until {
        until: DateTime<Utc>,
    }
    serde_json::from_str(body).ok().map(|sent: Sent| sent.report.until)
}
