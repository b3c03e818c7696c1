//! Puts a digest into one sentence that fits into any chat, mail subject or log line: `dev-nightly
//! stopped 11 of 12: 1 refused (web-3: …); lightsout show 1234`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::body::FiringDigest;
use super::brief::brief;
use super::event::{event, outcome};
use super::words::NoticeWords;
use crate::audit::{HistoryLine, Missed, Restart, Rise, WrongClock};
use crate::model::instance::Action;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::report::number;
use crate::schedule::beside;
use crate::stop_limit::days;
use crate::time::zone::Zone;

/// The most examples that are named for one outcome.
const MOST_NAMED: usize = 2;
/// The longest list of trouble. The whole sentence then fits into Discord's 2,000 characters.
const LONGEST_TROUBLE: usize = 1_500;
/// The longest name or reason, in characters.
pub(super) const LONGEST_NAME: usize = 50;
pub(super) const LONGEST_REASON: usize = 120;
/// The longest list of entries that match nothing.
const LONGEST_UNMATCHED: usize = 300;

/// The result of a firing. `trouble` holds its lines that need a person. `unmatched` holds entries
/// of schedules.toml that match nothing.
pub(super) fn of_firing(
    words: NoticeWords,
    digest: &FiringDigest,
    (lines, trouble): (&[HistoryLine], &[&HistoryLine]),
    unmatched: &[String],
) -> String {
    let mut parts = groups(words, trouble);
    if let Some(already) = digest.counts.get(Outcome::Already.as_str()) {
        parts.push(words.already(*already));
    }
    let parts = brief(&parts.join(", "), LONGEST_TROUBLE);
    let parts = if parts.is_empty() { parts } else { format!(": {parts}") };
    let rule = beside(&brief(&digest.rule, LONGEST_NAME), digest.about.as_deref());
    let mut said = vec![format!("{}{parts}", reached(words, &rule, digest, lines))];
    if !unmatched.is_empty() {
        said.push(words.matches_nothing(&brief(&unmatched.join("; "), LONGEST_UNMATCHED)));
    }
    let left_out = lines.iter().filter_map(|line| line.reason.as_ref());
    let left_out = left_out.filter(|reason| matches!(reason, Reason::LeftOut(_)));
    let left_out: Vec<String> = left_out.map(|reason| reason.in_language(words.0)).collect();
    if !left_out.is_empty() {
        said.push(brief(&left_out.join("; "), LONGEST_UNMATCHED));
    }
    said.push(format!("lightsout show {}", digest.firing));
    said.join("; ")
}

/// Missed firings, one or more.
pub(super) fn of_missed(words: NoticeWords, missed: &[Missed], zone: Zone) -> String {
    let mut due: Vec<_> = missed.iter().map(|missed| missed.scheduled_at).collect();
    due.sort_unstable();
    let shown = |at: Option<&_>| at.map(|at| words.time(zone, *at)).unwrap_or_default();
    let (first, last) = (shown(due.first()), shown(due.last()));
    let due = if first == last { words.due_at(&first) } else { words.due_from(&first, &last) };
    let rules: BTreeSet<&str> = missed.iter().map(|missed| missed.rule.as_str()).collect();
    let rules = rules.iter().map(|rule| brief(rule, LONGEST_NAME));
    let rules = some(words, rules, (MOST_NAMED, ", ", NoticeWords::more_rules));
    let why = missed.first().and_then(|missed| missed.reason.as_deref()).unwrap_or_default();
    let why = brief(&Reason::told(why, words.0), LONGEST_REASON);
    words.missed(missed.len(), &rules, &words.beside(&due, &why))
}

/// Servers that somebody started after a rule had stopped them, one or more.
pub(super) fn of_restarted(
    words: NoticeWords,
    rule: &str,
    zone: Zone,
    restarts: &[&Restart],
) -> String {
    let named = |restart: &&Restart| {
        let name = brief(&restart.instance_name, LONGEST_NAME);
        words.started_between(&name, &zone.between(restart.unseen_since, restart.seen_at))
    };
    let servers =
        some(words, restarts.iter().map(named), (MOST_NAMED, ", ", NoticeWords::more_servers));
    words.restarted(restarts.len(), &brief(rule, LONGEST_NAME), &servers)
}

/// Servers that have come near a limit, one or more.
pub(super) fn of_near_limits(words: NoticeWords, risen: &[Rise]) -> String {
    let named = |rise: &Rise| {
        let name = brief(&rise.instance_name, LONGEST_NAME);
        let in_days = |milliseconds| days(TimeDelta::milliseconds(milliseconds));
        let (spent, allowed) = (in_days(rise.spent), in_days(rise.allowed));
        let limit = words.limit(&rise.against);
        if rise.is_least {
            words.was_off_at_least(&name, spent, allowed, &limit)
        } else {
            words.was_off(&name, spent, allowed, &limit)
        }
    };
    let servers: BTreeSet<_> =
        risen.iter().map(|rise| (&rise.account, &rise.instance_no)).collect();
    let named = some(words, risen.iter().map(named), (MOST_NAMED, ", ", NoticeWords::more_servers));
    words.near_limits(servers.len(), &named)
}

/// A clock ran ahead, and what that means for firings.
pub(super) fn of_clock(words: NoticeWords, clock: &WrongClock, zone: Zone) -> String {
    let host = clock.host.as_deref().map(|host| brief(host, LONGEST_NAME));
    let ahead = words.length((clock.ahead_at - clock.real_at).to_std().unwrap_or_default());
    let until = words.time(zone, clock.real_at);
    let what = if clock.are_void {
        words.fired_once_more(clock.claims)
    } else {
        words.not_fired_again().to_owned()
    };
    words.clock(host.as_deref(), &ahead, &until, &what)
}

/// A target is being tried out.
pub(super) fn of_test(words: NoticeWords, target: &str) -> String {
    words.test(&brief(target, LONGEST_NAME))
}

fn reached(words: NoticeWords, rule: &str, digest: &FiringDigest, lines: &[HistoryLine]) -> String {
    let count = |outcome: Outcome| digest.counts.get(outcome.as_str()).copied().unwrap_or_default();
    let is_wanted = |line: &&HistoryLine| {
        let is_by_choice =
            outcome(line).is_some_and(|outcome| outcome.is_by_choice(line.reason.as_ref()));
        line.instance_no.is_some() && !is_by_choice
    };
    let wanted = lines.iter().filter(is_wanted).count();
    let action = Action::from_word(&digest.action).unwrap_or(Action::Stop);
    let done = match action {
        Action::Stop => Outcome::Stopped,
        Action::Start => Outcome::Started,
    };
    match wanted {
        _ if count(Outcome::NothingMatched) > 0 => words.matched_none(rule),
        0 if lines.iter().any(|line| event(line).is_some()) => words.turned_none(rule, action),
        0 => words.nothing_to_do(rule, action),
        _ if digest.dry_run => words.rehearsed(rule, action, count(Outcome::DryRun), wanted),
        _ => words.turned(rule, action, count(done), wanted),
    }
}

/// The trouble, grouped by outcome: `1 refused (web-3: …)`.
fn groups(words: NoticeWords, trouble: &[&HistoryLine]) -> Vec<String> {
    let mut groups: BTreeMap<Outcome, Vec<&HistoryLine>> = BTreeMap::new();
    for line in trouble {
        if let Some(outcome) = outcome(line) {
            groups.entry(outcome).or_default().push(line);
        }
    }
    let group = |(outcome, lines): (&Outcome, &Vec<&HistoryLine>)| {
        let named = lines.iter().map(|line| example(words, line));
        let named = some(words, named, (MOST_NAMED, "; ", NoticeWords::more_servers));
        let word = outcome.in_language(words.0);
        match lines.iter().filter(|line| line.instance_no.is_some()).count() {
            0 => words.beside(word, &named),
            servers => words.beside(&words.servers(servers, word), &named),
        }
    };
    groups.iter().map(group).collect()
}

/// One example: which server, and why.
fn example(words: NoticeWords, line: &HistoryLine) -> String {
    let name = line.instance_name.as_ref().or(line.instance_no.as_ref());
    let who = name.or(line.region.as_ref()).map(|name| brief(name, LONGEST_NAME));
    let why = line.reason.as_ref().map(|it| brief(&it.in_language(words.0), LONGEST_REASON));
    who.into_iter().chain(why).collect::<Vec<_>>().join(": ")
}

/// The first few, and the number of the others.
pub(super) fn some(
    words: NoticeWords,
    all: impl ExactSizeIterator<Item = String>,
    (most, between, others): (usize, &str, fn(NoticeWords, &str) -> String),
) -> String {
    let more = all.len().saturating_sub(most);
    let named: Vec<String> = all.take(most).filter(|one| !one.is_empty()).collect();
    let named = named.join(between);
    if more == 0 {
        named
    } else {
        words.and_more(&named, between, &others(words, &number(more as u64)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::{FiringStory, SessionLine};
    use crate::model::ids::FiringId;
    use crate::model::language::Language;
    use crate::notice::digest;

    fn line(said: &str, outcome: Outcome) -> HistoryLine {
        let said = || Some(said.to_owned());
        HistoryLine {
            firing: 7,
            rule: "dev-nightly".to_owned(),
            action: "stop".to_owned(),
            trigger: "schedule".to_owned(),
            scheduled_at: None,
            started_at: String::new(),
            account: "main".to_owned(),
            region: Some("KR".to_owned()),
            instance_no: Some("1".to_owned()),
            instance_name: said(),
            requested_at: None,
            request_id: said(),
            http_status: None,
            return_code: said(),
            return_message: said(),
            status_before: None,
            status_after: None,
            outcome: Some(outcome.as_str().to_owned()),
            reason: said().map(Reason::from),
            settled_at: None,
            reason_code: None,
            changed: None,
            line: 0,
        }
    }

    fn story(lines: Vec<HistoryLine>, dry_run: bool) -> FiringStory {
        let session = SessionLine {
            session: 1,
            writer: "daemon".to_owned(),
            version: String::new(),
            pid: 1,
            host: None,
        };
        FiringStory {
            lines,
            requests: Vec::new(),
            dry_run,
            file_sha256: String::new(),
            once_more: None,
            makes_up_for: Vec::new(),
            made_up_by: Vec::new(),
            patience_ms: 0,
            ended_at: None,
            session,
            taken_over_by: Vec::new(),
        }
    }

    fn told_in(language: Language, lines: Vec<HistoryLine>, dry_run: bool) -> String {
        let (words, story) = (NoticeWords(language), story(lines, dry_run));
        digest::of_firing(words, FiringId::from(7), &story, (None, &[])).body.text
    }

    fn told(lines: Vec<HistoryLine>, dry_run: bool) -> String {
        told_in(Language::English, lines, dry_run)
    }

    #[test]
    fn what_a_rule_is_for_stands_beside_its_name() {
        let story = story(vec![line("", Outcome::Stopped)], false);
        let told = digest::of_firing(
            NoticeWords(Language::English),
            FiringId::from(7),
            &story,
            (Some("검색팀 야간"), &[]),
        );
        assert!(told.body.text.contains(" (검색팀 야간) stopped 1 of 1"), "{}", told.body.text);
    }

    #[test]
    fn a_firing_is_told_in_a_sentence() {
        use Outcome::{Already, DryRun, Refused, Skipped, Stopped};
        let all = |said: &str, outcome, count| vec![line(said, outcome); count];
        let whole = |outcome| {
            let mut line = line("why", outcome);
            (line.region, line.instance_no, line.instance_name) = (None, None, None);
            vec![line]
        };
        for (lines, dry_run, sentence) in [
            (all("", Stopped, 2), false, "stopped 2 of 2"),
            (
                [all("", Stopped, 9), all("a", Refused, 3), all("", Already, 1)].concat(),
                false,
                "stopped 9 of 13: 3 refused (a: a; a: a; and 1 more), 1 already so",
            ),
            (
                [all("", DryRun, 2), all("busy", Skipped, 1)].concat(),
                true,
                "would have asked 2 of 3 to stop (dry run): 1 skipped (busy: busy)",
            ),
            (all("protected", Skipped, 4), false, "had nothing to stop"),
            (whole(Outcome::NothingMatched), false, "matched no server"),
            (whole(Outcome::TooMany), false, "stopped nothing: too many (why)"),
        ] {
            let expected = format!("dev-nightly {sentence}; lightsout show 7");
            assert_eq!(told(lines, dry_run), expected);
        }
    }

    #[test]
    fn korean_counts_after_the_nouns() {
        use Outcome::{Already, DryRun, Refused, Skipped, Stopped};
        let all = |said: &str, outcome, count| vec![line(said, outcome); count];
        for (lines, dry_run, sentence) in [
            (all("", Stopped, 2), false, "서버 2대 중 2대 정지"),
            (
                [all("", Stopped, 9), all("a", Refused, 3), all("", Already, 1)].concat(),
                false,
                "서버 13대 중 9대 정지: 거부됨 3대(a: a; a: a 외 1대), 이미 그 상태 1대",
            ),
            (all("", DryRun, 2), true, "모의 실행, 서버 2대 중 정지 대상 2대"),
            (all("protected", Skipped, 4), false, "정지할 서버 없음"),
        ] {
            let expected = format!("dev-nightly: {sentence}; lightsout show 7");
            assert_eq!(told_in(Language::Korean, lines, dry_run), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_happened_is_told_in_one_line_that_fits(
            lines in prop::collection::vec(
                (".{0,300}", prop::sample::select(Outcome::ALL.to_vec())), 1..60
            ),
        ) {
            for language in [Language::English, Language::Korean] {
                let lines = lines.iter().map(|(said, outcome)| line(said, *outcome)).collect();
                let text = told_in(language, lines, false);
                prop_assert!(text.chars().count() <= 2_000, "{} characters", text.chars().count());
                prop_assert!(!text.contains(char::is_control), "{text:?}");
            }
        }
    }
}
