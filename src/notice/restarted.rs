//! Tells about servers that somebody started after a rule with `on_manual_start = "notify"` had
//! stopped them.
//!
//! The log alone cannot show this: only an inventory shows which servers the rule means. Its
//! reader (`engine::observe`) reports a change for as long as the change lasts. Each target is told
//! each change once.

use std::collections::BTreeSet;

use super::body::{Body, Digest, MOST_NAMED, StartedAgain, long};
use super::cursor::Subscription;
use super::planner::{NoticePlanner, notice};
use super::sentence;
use super::words::NoticeWords;
use crate::audit::{AuditError, Restart};
use crate::model::instance::RuleName;
use crate::schedule::notify::Event;
use crate::time::zone::Zone;

/// The servers of one rule that somebody started again.
#[derive(Debug)]
pub(super) struct Restarted {
    pub(super) rule: RuleName,
    pub(super) zone: Zone,
    /// Never empty.
    pub(super) restarts: Vec<Restart>,
}

impl NoticePlanner {
    /// Records a notice for each target that asked for this and was not told yet.
    pub(super) async fn tell_restarted(&self, found: &Restarted) -> Result<(), AuditError> {
        let Some(schedules) = &self.schedules else { return Ok(()) };
        for notify in schedules.notify.iter().filter(|it| it.on.contains(&Event::Changed)) {
            let Some(since) = self.since.get(&Subscription::events(notify)) else { continue };
            let first = found.restarts.iter().map(|restart| restart.change).min();
            let first = first.unwrap_or_default();
            let told = self.context.reader.changes_told(&notify.name, first).await?;
            let untold: Vec<&Restart> = found
                .restarts
                .iter()
                .filter(|it| it.change > since.entry && !told.contains(&it.change))
                .collect();
            let words = NoticeWords(notify.language);
            // This notice covers no entry that another notice would tell.
            let through = self.context.reader.told_through(&notify.name).await?;
            let digests = untold.chunks(MOST_NAMED).map(|some| digest(words, found, some));
            let notices = digests.filter_map(|digest| {
                notice((notify, schedules.web.url.as_ref()), &digest, (None, through))
            });
            self.send(&notify.name, notices.collect()).await?;
        }
        Ok(())
    }
}

fn digest(words: NoticeWords, found: &Restarted, restarts: &[&Restart]) -> Digest {
    let text = sentence::of_restarted(words, found.rule.as_str(), found.zone, restarts);
    let change = |restart: &&Restart| StartedAgain {
        change: restart.change,
        rule: found.rule.to_string(),
        firing: restart.firing,
        region: restart.region.clone(),
        instance_no: restart.instance_no.clone(),
        instance_name: long(&restart.instance_name),
        status_before: restart.status_before.clone(),
        status_after: restart.status_after.clone(),
        unseen_since: found.zone.show(restart.unseen_since).to_rfc3339(),
        seen_at: found.zone.show(restart.seen_at).to_rfc3339(),
    };
    let changes = restarts.iter().map(change).collect();
    let link = Some("/changes".to_owned());
    let body = Body { text, link, changes, ..Body::default() };
    Digest { events: BTreeSet::from([Event::Changed]), body }
}
