//! Puts a digest into one sentence that fits into any chat, mail subject or log line: `dev-nightly
//! stopped 11 of 12: 1 refused (web-3: …); lightsout show 1234`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::body::FiringDigest;
use super::event::{event, outcome};
use super::words::{brief, counted};
use crate::audit::{HistoryLine, Missed, Restart, Rise, WrongClock};
use crate::model::language::Language;
use crate::model::outcome::Outcome;
use crate::model::reason::Reason;
use crate::schedule::beside;
use crate::stop_limit::days;
use crate::time::duration::written;
use crate::time::zone::Zone;

/// The most examples that are named for one outcome.
const MOST_NAMED: usize = 2;
/// The longest list of trouble. The whole sentence then fits into Discord's 2,000 characters.
const LONGEST_TROUBLE: usize = 1_500;
/// The longest name or reason, in characters.
const LONGEST_NAME: usize = 50;
const LONGEST_REASON: usize = 120;
/// The longest list of entries that match nothing.
const LONGEST_UNMATCHED: usize = 300;

/// The result of a firing. `trouble` holds its lines that need a person. `unmatched` holds entries
/// of schedules.toml that match nothing.
pub(super) fn of_firing(
    digest: &FiringDigest,
    lines: &[HistoryLine],
    trouble: &[&HistoryLine],
    unmatched: &[String],
) -> String {
    let mut parts = groups(trouble);
    if let Some(already) = digest.counts.get(Outcome::Already.as_str()) {
        parts.push(format!("{already} already so"));
    }
    let parts = brief(&parts.join(", "), LONGEST_TROUBLE);
    let parts = if parts.is_empty() { parts } else { format!(": {parts}") };
    let rule = beside(&brief(&digest.rule, LONGEST_NAME), digest.about.as_deref());
    let unmatched = match &*unmatched.join("; ") {
        "" => String::new(),
        said => format!("; matches nothing: {}", brief(said, LONGEST_UNMATCHED)),
    };
    let left_out = lines.iter().filter_map(|line| line.reason.as_ref());
    let left_out = left_out.filter(|reason| matches!(reason, Reason::LeftOut(_)));
    let left_out: Vec<String> = left_out.map(ToString::to_string).collect();
    let left_out = match &*left_out.join("; ") {
        "" => String::new(),
        said => format!("; {}", brief(said, LONGEST_UNMATCHED)),
    };
    let reached = reached(digest, lines);
    format!("{rule} {reached}{parts}{unmatched}{left_out}; lightsout show {}", digest.firing)
}

/// Missed firings, one or more.
pub(super) fn of_missed(missed: &[Missed], zone: Zone) -> String {
    let mut due: Vec<_> = missed.iter().map(|missed| missed.scheduled_at).collect();
    due.sort_unstable();
    let shown = |at: Option<&_>| at.map(|at| zone.show(*at).to_rfc3339()).unwrap_or_default();
    let (first, last) = (shown(due.first()), shown(due.last()));
    let when =
        if first == last { format!("at {first}") } else { format!("from {first} to {last}") };
    let rules: BTreeSet<&str> = missed.iter().map(|missed| missed.rule.as_str()).collect();
    let rules = some(rules.iter().map(|rule| brief(rule, LONGEST_NAME)), ", ");
    let why = missed.first().and_then(|missed| missed.reason.as_deref());
    let why = why.map(|reason| format!(" ({})", brief(reason, LONGEST_REASON)));
    let was = if missed.len() == 1 { "was" } else { "were" };
    format!(
        "{} {was} missed: {rules}, due {when}{}; lightsout history --outcome missed",
        counted(missed.len(), "firing"),
        why.unwrap_or_default()
    )
}

/// Servers that somebody started after a rule had stopped them, one or more.
pub(super) fn of_restarted(rule: &str, zone: Zone, restarts: &[&Restart]) -> String {
    let named = |restart: &&Restart| {
        let name = brief(&restart.instance_name, LONGEST_NAME);
        format!("{name} between {}", zone.between(restart.unseen_since, restart.seen_at))
    };
    let rule = brief(rule, LONGEST_NAME);
    format!(
        "somebody started {} that {rule} had stopped: {}; lightsout history --changes",
        counted(restarts.len(), "server"),
        some(restarts.iter().map(named), ", "),
    )
}

/// Servers that have come near a limit, one or more.
pub(super) fn of_near_limits(risen: &[Rise]) -> String {
    let named = |rise: &Rise| {
        let name = brief(&rise.instance_name, LONGEST_NAME);
        let least = if rise.is_least { "at least " } else { "" };
        let in_days = |milliseconds| days(TimeDelta::milliseconds(milliseconds));
        let (spent, allowed) = (in_days(rise.spent), in_days(rise.allowed));
        let limit = rise.against.replace('_', " ");
        format!("{name} was off for {least}{spent} of {allowed} days {limit}")
    };
    let servers: BTreeSet<_> =
        risen.iter().map(|rise| (&rise.account, &rise.instance_no)).collect();
    let are = if servers.len() == 1 { "is" } else { "are" };
    format!(
        "{} {are} near a limit (unconfirmed) beyond which NAVER Cloud may return a stopped \
         server: {}; lightsout report budget",
        counted(servers.len(), "server"),
        some(risen.iter().map(named), ", "),
    )
}

/// A clock ran ahead, and what that means for firings.
pub(super) fn of_clock(clock: &WrongClock, zone: Zone) -> String {
    let host = clock.host.as_deref().map(|host| format!(" of {}", brief(host, LONGEST_NAME)));
    let ahead = written((clock.ahead_at - clock.real_at).to_std().unwrap_or_default());
    let at = zone.show(clock.real_at).to_rfc3339();
    let what = match (clock.are_void, clock.claims) {
        (false, _) => "what it fired is not fired again".to_owned(),
        (true, 0) => "nothing was fired too early by it".to_owned(),
        (true, 1) => {
            "1 firing that it began too early takes place once more at its time".to_owned()
        }
        (true, n) => {
            format!("{n} firings that it began too early take place once more at their times")
        }
    };
    format!("the clock{} was {ahead} ahead until {at}; {what}", host.unwrap_or_default())
}

/// A target is being tried out.
pub(super) fn of_test(target: &str) -> String {
    let target = brief(target, LONGEST_NAME);
    format!("this is a test: lightsout will tell `{target}` of what it asked for")
}

fn reached(digest: &FiringDigest, lines: &[HistoryLine]) -> String {
    let count = |outcome: Outcome| digest.counts.get(outcome.as_str()).copied().unwrap_or_default();
    let is_wanted = |line: &&HistoryLine| {
        let is_by_choice =
            outcome(line).is_some_and(|outcome| outcome.is_by_choice(line.reason.as_ref()));
        line.instance_no.is_some() && !is_by_choice
    };
    let wanted = lines.iter().filter(is_wanted).count();
    let done = if digest.action == "start" { Outcome::Started } else { Outcome::Stopped };
    match wanted {
        _ if count(Outcome::NothingMatched) > 0 => "matched no server".to_owned(),
        0 if lines.iter().any(|line| event(line).is_some()) => format!("{done} nothing"),
        0 => format!("had nothing to {}", digest.action),
        _ if digest.dry_run => {
            let would = count(Outcome::DryRun);
            format!("would have asked {would} of {wanted} to {} (dry run)", digest.action)
        }
        _ => format!("{done} {} of {wanted}", count(done)),
    }
}

/// The trouble, grouped by outcome: `1 refused (web-3: …)`.
fn groups(trouble: &[&HistoryLine]) -> Vec<String> {
    let mut groups: BTreeMap<Outcome, Vec<&HistoryLine>> = BTreeMap::new();
    for line in trouble {
        if let Some(outcome) = outcome(line) {
            groups.entry(outcome).or_default().push(line);
        }
    }
    let group = |(outcome, lines): (&Outcome, &Vec<&HistoryLine>)| {
        let named = some(lines.iter().map(|line| example(line)), "; ");
        let named = if named.is_empty() { named } else { format!(" ({named})") };
        let word = outcome.in_language(Language::English);
        match lines.iter().filter(|line| line.instance_no.is_some()).count() {
            0 => format!("{word}{named}"),
            instances => format!("{instances} {word}{named}"),
        }
    };
    groups.iter().map(group).collect()
}

/// One example: which server, and why.
fn example(line: &HistoryLine) -> String {
    let name = line.instance_name.as_ref().or(line.instance_no.as_ref());
    let who = name.or(line.region.as_ref()).map(|name| brief(name, LONGEST_NAME));
    let why = line.reason.as_ref().map(|it| brief(&it.to_string(), LONGEST_REASON));
    who.into_iter().chain(why).collect::<Vec<_>>().join(": ")
}

/// The first few, and the number of the others.
fn some(all: impl ExactSizeIterator<Item = String>, between: &str) -> String {
    let more = all.len().saturating_sub(MOST_NAMED);
    let mut named: Vec<String> = all.take(MOST_NAMED).filter(|one| !one.is_empty()).collect();
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    named.join(between)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::{FiringStory, SessionLine};
    use crate::model::ids::FiringId;
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

    fn told(lines: Vec<HistoryLine>, dry_run: bool) -> String {
        digest::of_firing(FiringId::from(7), &story(lines, dry_run), (None, &[])).body.text
    }

    #[test]
    fn what_a_rule_is_for_stands_beside_its_name() {
        let story = story(vec![line("", Outcome::Stopped)], false);
        let told = digest::of_firing(FiringId::from(7), &story, (Some("검색팀 야간"), &[]));
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

    proptest! {
        #[test]
        fn whatever_happened_is_told_in_one_line_that_fits(
            lines in prop::collection::vec(
                (".{0,300}", prop::sample::select(Outcome::ALL.to_vec())), 1..60
            ),
        ) {
            let lines = lines.iter().map(|(said, outcome)| line(said, *outcome)).collect();
            let text = told(lines, false);
            prop_assert!(text.chars().count() <= 2_000, "{} characters", text.chars().count());
            prop_assert!(!text.contains(char::is_control), "{text:?}");
        }
    }
}
