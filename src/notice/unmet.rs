//! Tells that the rules of a new file do not lead where its expectations say.
//!
//! `schedule` follows the rules; this module records the notices.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::body::{Body, Digest, MOST_NAMED, long};
use super::planner::{NoticePlanner, notice};
use super::words::NoticeWords;
use crate::audit::AuditError;
use crate::schedule::notify::Event;
use crate::schedule::{Problem, Schedules};

impl NoticePlanner {
    pub(super) async fn tell_unmet(&self, schedules: &Arc<Schedules>) -> Result<(), AuditError> {
        for notify in &schedules.notify {
            let (file, words) = (Arc::clone(schedules), NoticeWords(notify.language));
            // The rules are followed for more than a year, which takes time.
            let unmet = move || file.failing_expectations_in(words.0);
            let unmet = tokio::task::spawn_blocking(unmet).await.unwrap_or_default();
            if unmet.is_empty() {
                return Ok(());
            }
            let digest = digest(words, &unmet);
            let through = self.context.reader.told_through(&notify.name).await?;
            let told = notice((notify, schedules.web.url.as_ref()), &digest, (None, through));
            self.send(&notify.name, told.into_iter().collect()).await?;
        }
        Ok(())
    }
}

fn digest(words: NoticeWords, unmet: &[Problem]) -> Digest {
    let named: Vec<String> = unmet
        .iter()
        .take(MOST_NAMED)
        .map(|problem| long(&words.on_line(problem.line, &problem.message, &problem.hint)))
        .collect();
    let text = words.unmet(unmet.len(), &named.join("; "));
    Digest { events: BTreeSet::from([Event::Failure]), body: Body { text, ..Body::default() } }
}
