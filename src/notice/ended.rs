//! Finds the firings that have ended, and gathers those of one account into one notice.
//!
//! The first few are told one by one, each at once. Of an account where more end, the others wait,
//! and are then told together. So a storm is a few notices. [`super::reach`] says who waits,
//! [`super::together`] makes the digest of several.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::body::Digest;
use super::planner::{NoticePlanner, notice};
use super::reach::{Reach, Tells};
use super::words::NoticeWords;
use super::{digest, together};
use crate::audit::{AuditError, Ended, EndedInShort, NewNotice, Through};
use crate::model::ids::FiringId;
use crate::model::language::Language;
use crate::schedule::notify::{Event, Notify};
use crate::time::zone::Zone;

/// The digests of one look, so that several targets of one language share them.
pub(super) type Digests = HashMap<(FiringId, Language), Digest>;

/// The events of firings that need somebody.
const NEED_SOMEBODY: [Event; 3] = [Event::Failure, Event::Drift, Event::Missed];

/// Whether a target asked for more than that firings end.
pub(super) fn awaits_trouble(notify: &Notify) -> bool {
    notify.on.iter().any(|event| NEED_SOMEBODY.contains(event))
}

impl NoticePlanner {
    /// The notices that a target is owed about firings that ended by an entry.
    pub(super) async fn owed_firings(
        &self,
        (notify, zone): (&Notify, Zone),
        (told, newest): (&mut Reach, Through),
        digests: &mut Digests,
    ) -> Result<Vec<NewNotice>, AuditError> {
        let page = self.schedules.as_ref().and_then(|schedules| schedules.web.url.as_ref());
        let (words, now) = (NoticeWords(notify.language), self.context.clock.now());
        let mut ended: BTreeMap<String, Vec<Ended>> = BTreeMap::new();
        for it in self.context.reader.ended_between(told.oldest(), newest).await? {
            if it.entry > told.through_of(&it.account) {
                ended.entry(it.account.clone()).or_default().push(it);
            }
        }
        let waits = |account: &str, count| !self.is_last && told.waits(account, count, now);
        let waiting = ended.iter().filter(|(account, ended)| waits(account, ended.len()));
        let waiting: HashSet<String> = waiting.map(|(account, _)| account.clone()).collect();
        let mut owed = Vec::new();
        for (account, ended) in ended.iter().filter(|(account, _)| !waiting.contains(*account)) {
            let short = self.in_short(ended).await?;
            let news = ended.iter().filter_map(|it| Some((it, short.get(&it.firing)?)));
            let news: Vec<(&Ended, &Digest)> =
                news.filter(|(_, digest)| !digest.events.is_disjoint(&notify.on)).collect();
            if news.len() <= told.room(account, now).max(1) {
                for (it, _) in news {
                    let digest = self.read(words, it.firing, digests).await?;
                    let notice = digest.and_then(|digest| {
                        notice((notify, page), digest, (Some(it.firing), it.entry))
                    });
                    owed.extend(notice);
                    told.note(account, now, Tells::One);
                }
                continue;
            }
            let Some((last, _)) = news.last() else { continue };
            let all: Vec<&Digest> = news.iter().map(|(_, digest)| *digest).collect();
            let all = together::gravest_first(&all);
            let firsts = all.iter().filter_map(|it| Some(it.body.firing.as_ref()?.firing));
            let firsts: Vec<FiringId> = firsts.take(together::MOST_DETAILED).collect();
            for firing in &firsts {
                self.read(words, *firing, digests).await?;
            }
            let in_full: Vec<&Digest> =
                firsts.iter().filter_map(|firing| digests.get(&(*firing, words.0))).collect();
            let several = together::digest(words, (account, zone), (&all, &in_full));
            owed.extend(notice((notify, page), &several, (Some(last.firing), last.entry)));
            let mut asked = several.events.intersection(&notify.on);
            let is_trouble = asked.any(|event| NEED_SOMEBODY.contains(event));
            let tells = if is_trouble || !awaits_trouble(notify) {
                Tells::SeveralInTrouble
            } else {
                Tells::SeveralWell
            };
            told.note(account, now, tells);
        }
        told.advance(newest, &waiting);
        Ok(owed)
    }

    /// Reads the outcomes of firings.
    async fn in_short(&self, ended: &[Ended]) -> Result<HashMap<FiringId, Digest>, AuditError> {
        let short = self.context.reader.ended_in_short(ended).await?;
        let rules = self.schedules.iter().flat_map(|schedules| &schedules.rules);
        let about: HashMap<&str, &str> =
            rules.filter_map(|rule| Some((rule.name.as_str(), rule.about.as_deref()?))).collect();
        let digest = |it: &EndedInShort| {
            let about = about.get(it.rule.as_str()).copied();
            (it.firing, digest::in_short(it, about))
        };
        Ok(short.iter().map(digest).collect())
    }

    /// Reads the story of a firing, and makes its digest.
    async fn read<'d>(
        &self,
        words: NoticeWords,
        firing: FiringId,
        digests: &'d mut Digests,
    ) -> Result<Option<&'d Digest>, AuditError> {
        Ok(match digests.entry((firing, words.0)) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(unread) => {
                let Some(story) = self.context.reader.show(firing).await? else { return Ok(None) };
                let remarks = self.remarks.remarks(firing);
                let about = self.about(&story.lines[0].rule);
                Some(unread.insert(digest::of_firing(words, firing, &story, (about, &remarks))))
            }
        })
    }

    /// The purpose of a rule, from the file in use.
    fn about(&self, rule: &str) -> Option<&str> {
        let rules = &self.schedules.as_ref()?.rules;
        rules.iter().find(|known| known.name.as_str() == rule)?.about.as_deref()
    }
}
