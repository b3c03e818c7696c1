//! Finds the instances that are newly matched, or no longer: reads each account once, and judges
//! the reading by the rules of both files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::line::{Change, DiffLine};
use crate::cli::{Exit, output, plan, session};
use crate::clock::{Clock, SystemClock};
use crate::cloud::Environment;
use crate::inventory::Reading;
use crate::model::instance::{AccountName, Instance, InstanceNo};
use crate::schedule::diff::Difference;
use crate::schedule::tag_questions::TagQuestions;
use crate::schedule::{RuleEntry, Schedules};
use crate::select::eligibility::Selection;

/// A rule before and after. Both halves of a window mean the same instances.
type Pair<'a> = (Option<&'a RuleEntry>, Option<&'a RuleEntry>);

/// The instances that a rule may act on, by account and number.
type Chosen<'a> = BTreeMap<(&'a AccountName, &'a InstanceNo), &'a Instance>;

/// Adds a line for each instance that a rule may act on in only one of the two files.
pub(super) async fn instances(
    old: &Schedules,
    new: &Schedules,
    difference: &Difference<'_>,
    lines: &mut Vec<DiffLine>,
) -> anyhow::Result<Exit> {
    let pairs = pairs(old, new, difference);
    let clock: Arc<dyn Clock> = SystemClock::new();
    let clouds = session::connect(new, &Environment::of_process(), &clock)?;
    let mut readings = BTreeMap::new();
    let mut exit = Exit::Ok;
    for (account, questions) in questions(old, new, &pairs) {
        if !clouds.contains_key(account) {
            let message = format!("account `{account}` is only in the old file: it is not read");
            output::warn(&message, Some("what rules matched there is not known"));
            continue;
        }
        match plan::read(account, &clouds, &clock, &questions).await {
            Ok(reading) => {
                exit = exit.max(plan::about_reading(account, &reading));
                readings.insert(account, reading);
            }
            Err(error) => {
                let message = format!("could not read account `{account}`: {error}");
                output::error(&message, output::about_cloud(&error));
                exit = exit.max(Exit::CloudFailed);
            }
        }
    }
    for (before, after) in pairs {
        let then = chosen(before, old, &readings);
        let now = chosen(after, new, &readings);
        lines.extend(only_in(&now, &then, after, Change::Matched));
        lines.extend(only_in(&then, &now, before, Change::Unmatched));
    }
    Ok(exit)
}

/// The rules to judge: those that differ, or all of them when `[protect]` differs.
fn pairs<'a>(old: &'a Schedules, new: &'a Schedules, difference: &Difference<'a>) -> Vec<Pair<'a>> {
    let differ: Vec<Pair<'a>> =
        difference.rules.iter().map(|rule| (rule.change.before(), rule.change.after())).collect();
    if old.protect == new.protect {
        return differ;
    }
    let told: BTreeSet<_> =
        differ.iter().filter_map(|(_, after)| after.map(|entry| &entry[0].name)).collect();
    let same = new.entries().filter(|entry| !told.contains(&entry[0].name));
    let by_name: BTreeMap<_, &RuleEntry> =
        old.entries().map(|entry| (&entry[0].name, entry)).collect();
    let pair = |entry: &'a RuleEntry| (by_name.get(&entry[0].name).copied(), Some(entry));
    let same: Vec<Pair<'a>> = same.map(pair).collect();
    differ.into_iter().chain(same).collect()
}

/// The questions about tags for each account to read.
fn questions<'a>(
    old: &'a Schedules,
    new: &'a Schedules,
    pairs: &[Pair<'a>],
) -> BTreeMap<&'a AccountName, TagQuestions> {
    let mut questions: BTreeMap<&AccountName, TagQuestions> = BTreeMap::new();
    let before = pairs.iter().filter_map(|(before, _)| Some((old, (*before)?)));
    let after = pairs.iter().filter_map(|(_, after)| Some((new, (*after)?)));
    for (file, entry) in before.chain(after) {
        let rule = &*entry[0];
        // Holds are left out, since a held instance still matches.
        let mut asked = file.tag_questions([rule]);
        asked.hold = None;
        questions.entry(&rule.account).or_default().extend(asked);
    }
    questions
}

/// The instances that a rule may act on; none for a disabled rule.
fn chosen<'a>(
    entry: Option<&'a RuleEntry>,
    file: &Schedules,
    readings: &'a BTreeMap<&'a AccountName, Reading>,
) -> Chosen<'a> {
    let rule = entry.map(|entry| &*entry[0]).filter(|rule| rule.enabled);
    let reading = rule.and_then(|rule| readings.get(&rule.account));
    let Some((rule, reading)) = rule.zip(reading) else { return Chosen::new() };
    let selection = Selection::of(rule, &file.protect, reading);
    selection.chosen().map(|instance| ((&rule.account, &instance.no), instance)).collect()
}

fn only_in(
    here: &Chosen<'_>,
    there: &Chosen<'_>,
    entry: Option<&RuleEntry>,
    change: Change,
) -> Vec<DiffLine> {
    let only = here.iter().filter(|(key, _)| !there.contains_key(*key));
    let line = |((account, _), instance): (&(&AccountName, _), &&Instance)| {
        Some(DiffLine::of_instance(entry?, change, account, instance))
    };
    only.filter_map(line).collect()
}
