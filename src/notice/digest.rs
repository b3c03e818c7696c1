//! Makes one digest of a firing, or of several missed firings: never one message per server.
//!
//! [`super::event`] decides which outcome is whose event. [`super::sentence`] makes the sentence.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Body, Digest, FiringDigest, MOST_NAMED, MissedFiring, Trouble, counts, long};
use super::event::{event, event_of, unmatched};
use super::sentence;
use super::words::NoticeWords;
use crate::audit::{EndedInShort, FiringStory, HistoryLine, Missed};
use crate::model::ids::FiringId;
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::notify::Event;
use crate::time::zone::Zone;

/// The digest of a firing that has ended. `about` is the purpose of its rule.
pub(super) fn of_firing(
    words: NoticeWords,
    number: FiringId,
    story: &FiringStory,
    (about, remarks): (Option<&str>, &[String]),
) -> Digest {
    let trouble: Vec<&HistoryLine> =
        story.lines.iter().filter(|line| event(line).is_some()).collect();
    let mut events: BTreeSet<Event> = trouble.iter().filter_map(|line| event(line)).collect();
    events.insert(Event::Summary);
    let first = &story.lines[0];
    let digest = FiringDigest {
        firing: number,
        rule: first.rule.clone(),
        about: about.map(long),
        action: first.action.clone(),
        account: first.account.clone(),
        trigger: first.trigger.clone(),
        scheduled_at: first.scheduled_at.clone(),
        started_at: first.started_at.clone(),
        ended_at: story.ended_at.clone(),
        dry_run: story.dry_run,
        host: story.session.host.as_deref().map(long),
        counts: counts(&story.lines),
        trouble: trouble.iter().take(MOST_NAMED).map(|line| told(line)).collect(),
        trouble_left_out: trouble.len().saturating_sub(MOST_NAMED),
    };
    let in_log = story.lines.iter().flat_map(unmatched).map(ToString::to_string);
    let unmatched = in_log.chain(remarks.iter().cloned());
    let unmatched: Vec<String> = unmatched.map(|said| Reason::told(&said, words.0)).collect();
    let text = sentence::of_firing(words, &digest, (&story.lines, &trouble), &unmatched);
    Digest {
        events,
        body: Body {
            text,
            link: Some(format!("/firings/{number}")),
            firing: Some(digest),
            ..Body::default()
        },
    }
}

/// The digest of a firing of which only the outcomes were read. It has no sentence, and each of its
/// troubles stands for all with the same reason.
pub(super) fn in_short(ended: &EndedInShort, about: Option<&str>) -> Digest {
    let mut events = BTreeSet::from([Event::Summary]);
    let (mut counts, mut trouble, mut troubles) = (BTreeMap::new(), Vec::new(), 0);
    for (word, why, servers, words) in &ended.outcomes {
        let Ok(outcome) = word.parse::<Outcome>() else { continue };
        // What matches nothing, and what was left out, is said beside what became of the servers.
        let words = if outcome.is_of_server() { 0 } else { *words };
        if servers + words > 0 {
            *counts.entry(word.clone()).or_default() += servers + words;
        }
        let reason = why.clone().map(Reason::from);
        if let Some(event) = event_of(outcome, reason.as_ref()) {
            events.insert(event);
            troubles += servers + words;
            let reason = reason.map(|reason| long(&reason.to_string()));
            trouble.push(Trouble { outcome: word.clone(), reason, ..Trouble::default() });
        }
    }
    trouble.truncate(MOST_NAMED);
    let firing = FiringDigest {
        firing: ended.firing,
        rule: ended.rule.clone(),
        about: about.map(long),
        action: ended.action.clone(),
        account: ended.account.clone(),
        trigger: ended.trigger.clone(),
        scheduled_at: ended.scheduled_at.clone(),
        started_at: ended.started_at.clone(),
        ended_at: None,
        dry_run: ended.dry_run,
        host: None,
        counts,
        trouble_left_out: troubles.saturating_sub(trouble.len()),
        trouble,
    };
    Digest { events, body: Body { firing: Some(firing), ..Body::default() } }
}

/// The digest of missed firings; `None` when there are none.
pub(super) fn of_missed(words: NoticeWords, missed: &[Missed], zone: Zone) -> Option<Digest> {
    if missed.is_empty() {
        return None;
    }
    let text = sentence::of_missed(words, missed, zone);
    let missed_left_out = missed.len().saturating_sub(MOST_NAMED);
    let one = |missed: &Missed| MissedFiring {
        firing: missed.firing,
        rule: missed.rule.clone(),
        action: missed.action.clone(),
        scheduled_at: zone.show(missed.scheduled_at).to_rfc3339(),
        reason: missed.reason.as_deref().map(long),
    };
    let missed = missed.iter().take(MOST_NAMED).map(one).collect();
    let events = BTreeSet::from([Event::Missed, Event::Summary]);
    Some(Digest {
        events,
        body: Body {
            text,
            link: Some("/history?outcome=missed".to_owned()),
            missed,
            missed_left_out,
            ..Body::default()
        },
    })
}

/// The notice that tries a target out.
pub fn of_test(target: &str, language: Language) -> Body {
    let text = sentence::of_test(NoticeWords(language), target);
    Body { event: "test", text, ..Body::default() }
}

fn told(line: &HistoryLine) -> Trouble {
    let said = |text: &Option<String>| text.as_deref().map(long);
    Trouble {
        outcome: line.outcome.clone().unwrap_or_default(),
        reason: line.reason.as_ref().map(|reason| long(&reason.to_string())),
        region: line.region.clone(),
        instance_no: line.instance_no.clone(),
        instance_name: said(&line.instance_name),
        status_before: said(&line.status_before),
        status_after: said(&line.status_after),
        request_id: said(&line.request_id),
        return_code: said(&line.return_code),
    }
}
