//! Reads the facts of the verdict from the log.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::last_night::{Identity, NightResult, Troubled};
use super::month::Month;
use super::tonight::{ComingStop, Meant, Present, Tonight, is_meant, needs_names};
use super::{Verdict, span};
use crate::audit::report_facts::Fired;
use crate::audit::{AuditError, AuditReader};
use crate::model::instance::{Action, InstanceNo};
use crate::model::period::Period;
use crate::report::missed::Promised;
use crate::report::periods;
use crate::schedule::Schedules;
use crate::time::zone::Zone;

impl Verdict {
    /// The verdict as of now. `month` was reckoned before, or is left out.
    pub async fn read(
        log: Option<&AuditReader>,
        present: Present<'_>,
        month: Option<Month>,
    ) -> Result<Self, AuditError> {
        let (now, zone) = (present.now, present.zone);
        let nights = [span::last_night(now, zone), span::tonight(now, zone)];
        let whole = Period { from: nights[0].from, until: now };
        let firings = match log {
            Some(log) => firings(log, whole, now).await?,
            None => Vec::new(),
        };
        let last_night = night(log, &firings, nights[0]).await?;
        let rest = present.coming(nights[0]).iter().map(ComingStop::of).collect();
        let so_far = night(log, &firings, nights[1]).await?;
        let failed = last_night.troubled.iter().map(Troubled::identity).collect();
        let failing = failing(&firings, nights).iter().map(Troubled::identity).collect();
        let failed: Vec<Identity> = BTreeSet::intersection(&failed, &failing).cloned().collect();
        let tonight = tonight(log, present, (&failed, so_far)).await?;
        Ok(Self { last_night, rest, tonight, month })
    }
}

impl Troubled {
    /// The servers whose last word of last night and tonight needs somebody. Their names are
    /// numbers.
    pub async fn now(
        log: &AuditReader,
        (now, zone): (DateTime<Utc>, Zone),
    ) -> Result<Vec<Self>, AuditError> {
        let (last, tonight) = (span::last_night(now, zone), span::tonight(now, zone));
        let whole = Period { from: last.from, until: now };
        let firings = firings(log, whole, now).await?;
        Ok(failing(&firings, [last, tonight]))
    }

    pub fn identity(&self) -> Identity {
        (self.account.clone(), self.instance_no.clone())
    }
}

impl Month {
    /// The local month up to now. `schedules` has the prices, if it can be used.
    pub async fn read(
        log: &AuditReader,
        schedules: Option<&Schedules>,
        (now, zone): (DateTime<Utc>, Zone),
    ) -> Result<Self, AuditError> {
        let prices = schedules.and_then(|file| file.prices.clone());
        let facts = log.report_facts(periods::month(now, zone), now).await?;
        // This can take seconds, and the daemon fires its rules on the same two threads.
        let made = tokio::task::spawn_blocking(move || Self::of(facts, zone, prices.as_ref()));
        let month = made.await.expect("nothing ends a report before it is made");
        Ok(Self { unpriced: month.unpriced.filter(|_| schedules.is_some()), ..month })
    }
}

/// The firings of a period, also those without a row, in the order of their due times.
async fn firings(
    log: &AuditReader,
    span: Period,
    now: DateTime<Utc>,
) -> Result<Vec<Fired>, AuditError> {
    let facts = log.firing_facts((span.from, span), now).await?;
    let silent = Promised::of(&facts).silent;
    let mut firings = facts.firings;
    firings.extend(silent);
    firings.sort_by_key(|it| it.due_at);
    Ok(firings)
}

/// The servers whose last word of two nights needs somebody.
fn failing(firings: &[Fired], [last, tonight]: [Period; 2]) -> Vec<Troubled> {
    NightResult::of(firings, Period { from: last.from, until: tonight.until }).troubled
}

async fn night(
    log: Option<&AuditReader>,
    firings: &[Fired],
    night: Period,
) -> Result<NightResult, AuditError> {
    let mut result = NightResult::of(firings, night);
    if let Some(log) = log {
        let names = log.names_in_firings(&result.nameless()).await?;
        result.name(names);
    }
    Ok(result)
}

async fn tonight(
    log: Option<&AuditReader>,
    present: Present<'_>,
    nights: (&[Identity], NightResult),
) -> Result<Tonight, AuditError> {
    let Some(log) = log else { return Ok(Tonight::of(present, nights, &[])) };
    let coming = present.coming(span::tonight(present.now, present.zone));
    let rules: Vec<&str> = coming.iter().map(|(_, rule)| rule.name.as_str()).collect();
    let stops = log.last_firings(&rules, Action::Stop).await?;
    let meant: Vec<(&Fired, &InstanceNo)> = stops.iter().flat_map(meant).collect();
    let names = if needs_names(present.holds) {
        let asked = meant.iter().filter_map(|(fired, no)| Some((fired.firing?, *no)));
        log.names_in_firings(&asked.collect::<Vec<_>>()).await?
    } else {
        Vec::new()
    };
    let name = |place: usize| {
        let found = names.get(place).and_then(Option::as_ref);
        found.map_or("", |name| name.instance_name.as_str())
    };
    let meant = meant.iter().enumerate().map(|(place, (fired, no))| (*fired, *no, name(place)));
    let meant: Vec<Meant<'_>> = meant.collect();
    Ok(Tonight::of(present, nights, &meant))
}

/// The servers that a stop meant, also those that a hold kept.
fn meant(stop: &Fired) -> impl Iterator<Item = (&Fired, &InstanceNo)> {
    let groups = stop.ended.iter().filter(|group| is_meant(group));
    groups.flat_map(|group| &group.instances).map(move |no| (stop, no))
}
