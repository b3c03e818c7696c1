//! Tells once that an account or a calendar cannot be read, and once that it can be read again.
//!
//! The present state is compared with each target's last notice, so a restart tells nobody twice.

use std::collections::BTreeSet;

use super::body::{Body, Digest, Unreadable, long};
use super::cursor::Subscription;
use super::planner::{Key, NoticePlanner, notice};
use super::words::NoticeWords;
use crate::audit::{AuditError, Source, SourceKind};
use crate::model::reason::Reason;
use crate::schedule::Schedules;
use crate::schedule::notify::{Event, Notify};
use crate::time::zone::Zone;

impl NoticePlanner {
    pub(super) async fn tell_unreadable(
        &mut self,
        schedules: &Schedules,
    ) -> Result<(), AuditError> {
        let asks = |notify: &&Notify| notify.on.contains(&Event::Unreadable);
        if !schedules.notify.iter().any(|notify| asks(&notify)) {
            return Ok(());
        }
        let sources = self.context.reader.sources().await?;
        for notify in schedules.notify.iter().filter(asks) {
            if !self.since.contains_key(&Subscription::events(notify)) {
                continue;
            }
            for source in sources.iter().filter(|source| source.is_current) {
                let told = self.told_of(&notify.name, source).await?;
                let Some(news) = news(source, told.as_ref(), schedules) else { continue };
                let words = NoticeWords(notify.language);
                let digest = digest(words, source, news.clone(), schedules);
                // This notice covers no entry that another notice would tell.
                let through = self.context.reader.told_through(&notify.name).await?;
                let notices =
                    notice((notify, schedules.web.url.as_ref()), &digest, (None, through))
                        .into_iter()
                        .collect();
                self.send(&notify.name, notices).await?;
                let key = (notify.name.clone(), key_of(source));
                self.unreadable.0.insert(key, Some(news));
            }
        }
        Ok(())
    }

    /// A target's last notice about a source.
    async fn told_of(
        &mut self,
        target: &str,
        source: &Source,
    ) -> Result<Option<Unreadable>, AuditError> {
        let key = (target.to_owned(), key_of(source));
        if let Some(told) = self.unreadable.0.get(&key) {
            return Ok(told.clone());
        }
        let body = self.context.reader.last_told_of(target, source).await?;
        let told: Option<Unreadable> = body.and_then(|body| serde_json::from_str(&body).ok());
        self.unreadable.0.insert(key, told.clone());
        Ok(told)
    }
}

/// The news for a target whose last notice was `told`.
fn news(source: &Source, told: Option<&Unreadable>, schedules: &Schedules) -> Option<Unreadable> {
    let told = told.filter(|told| !told.over);
    let rules = || match source.kind {
        SourceKind::Calendar => schedules.looking_at(&source.name),
        SourceKind::Account | SourceKind::Region => Vec::new(),
    };
    match (&source.lost_at, told) {
        (Some(since), None) => Some(Unreadable {
            kind: source.kind.as_str().to_owned(),
            name: source.name.clone(),
            region: Some(source.region.clone()).filter(|region| !region.is_empty()),
            over: false,
            since: since.clone(),
            reason: source.reason.as_deref().map(long),
            rules: rules(),
        }),
        (None, Some(told)) => Some(Unreadable { over: true, ..told.clone() }),
        _ => None,
    }
}

fn digest(words: NoticeWords, source: &Source, news: Unreadable, schedules: &Schedules) -> Digest {
    let text = sentence(words, source, &news, schedules.timezone);
    let link = Some("/".to_owned());
    let body = Body { text, link, unreadable: Some(news), ..Body::default() };
    Digest { events: BTreeSet::from([Event::Unreadable]), body }
}

fn sentence(words: NoticeWords, source: &Source, news: &Unreadable, zone: Zone) -> String {
    let since = news.since.parse().map_or_else(
        |_| news.since.clone(),
        |since| zone.show(since).format("%Y-%m-%d %H:%M%:z").to_string(),
    );
    let name = long(&news.name);
    let what = match (&news.region, source.kind) {
        (Some(region), _) => words.region(region, &name),
        (None, SourceKind::Calendar) => words.calendar(&name),
        (None, _) => words.account(&name),
    };
    if news.over {
        return words.found(&what, &since);
    }
    let comes_of_it = match source.kind {
        SourceKind::Account => source.means(words.0),
        SourceKind::Calendar => words.rules_rest(&news.rules.join(", ")),
        SourceKind::Region => words.empty_region().to_owned(),
    };
    let why = Reason::told(news.reason.as_deref().unwrap_or_default(), words.0);
    words.lost(&what, &since, &why, &comes_of_it)
}

fn key_of(source: &Source) -> Key {
    (source.kind, source.name.clone(), source.region.clone())
}
