//! Makes a report of the facts in the log.
//!
//! [`super::firings`], [`super::nights`] and [`super::hours`] count; `audit` reads the facts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::counts::{Ends, Firings, Nights};
use super::gap::Gap;
use super::hours::Clockwork;
use super::missed::Promised;
use super::nights::{self, Whose};
use super::{InstanceReport, Report, RuleReport, Total};
use crate::audit::report_facts::{Fired, LONGEST_NIGHT, ReportFacts};
use crate::model::instance::{Action, Product};
use crate::schedule::prices::Prices;
use crate::state_history::{Seen, Sightings};
use crate::time::zone::Zone;

impl Report {
    /// The report. Days and hours are those of `zone`; without prices, money is unknown.
    pub fn of(mut facts: ReportFacts, zone: Zone, prices: Option<&Prices>) -> Self {
        let promised = Promised::of(&facts.fired);
        facts.fired.firings.extend(promised.silent.iter().cloned());
        facts.fired.firings.sort_by_key(|fired| fired.due_at);
        let mut total = Total::default();
        let rules = rules(&facts, &promised, &mut total);
        let mut clockwork = Clockwork::new(facts.fired.span, zone);
        let mut instances = instances(&facts, &mut clockwork, prices.unwrap_or(&Prices::default()));
        instances.sort_by_cached_key(|one| {
            (Reverse(one.is_meant), Reverse(one.troubles()), one.name.clone(), one.no.clone())
        });
        for one in &instances {
            total.servers += 1;
            total.meant += u64::from(one.is_meant);
            total.nights += one.nights;
            total.spent += one.spent;
            total.saved += one.saved;
            total.unpriced += u64::from(one.saved.whole().is_none());
        }
        Self {
            span: facts.fired.span,
            zone,
            currency: prices.map(|prices| prices.currency.clone()),
            total,
            rules,
            instances,
            unknown: unknown(&facts, &promised),
            weeks: clockwork.weeks,
            hours: clockwork.hours,
        }
    }
}

/// Each rule, and the sums of all rules.
fn rules(facts: &ReportFacts, promised: &Promised, total: &mut Total) -> Vec<RuleReport> {
    let mut rules: BTreeMap<(String, Action), (Firings, Ends)> = BTreeMap::new();
    for fired in facts.fired.firings.iter().filter(|fired| facts.fired.span.contains(fired.due_at))
    {
        let (firings, ends) = rules.entry((fired.rule.clone(), fired.action)).or_default();
        *firings += fired.count();
        *ends += fired.ends();
    }
    for (rule, days) in &promised.skipped {
        rules.entry(rule.clone()).or_default().0.skipped += days;
    }
    for ((_, action), (firings, ends)) in &rules {
        *match action {
            Action::Stop => &mut total.stops,
            Action::Start => &mut total.starts,
        } += *firings;
        total.ends += *ends;
    }
    let report = |((rule, action), (firings, ends))| RuleReport { rule, action, firings, ends };
    rules.into_iter().map(report).collect()
}

fn instances(
    facts: &ReportFacts,
    clockwork: &mut Clockwork,
    prices: &Prices,
) -> Vec<InstanceReport> {
    let ends = ends(facts);
    let nights = nights::nights(&facts.fired.firings, facts.fired.span);
    let mut products: HashMap<Whose<'_>, Vec<_>> = HashMap::new();
    for kept in &facts.products {
        products.entry((&kept.account, &kept.no)).or_default().push((kept.at, &kept.what));
    }
    let mut known: BTreeMap<Whose<'_>, _> = BTreeMap::new();
    known.extend(ends.keys().chain(nights.keys()).map(|whose| (*whose, None)));
    let seen = facts.seen.iter().map(|seen| ((&seen.account, &seen.no), Some(seen)));
    known.extend(seen.filter(|(whose, seen)| {
        let is_meant = ends.contains_key(whose) || nights.contains_key(whose);
        is_meant || seen.is_some_and(|seen| facts.saw(&seen.sightings))
    }));
    let unseen = Sightings::default();
    let before =
        facts.fired.span.from.checked_sub_signed(LONGEST_NIGHT).unwrap_or(facts.fired.span.from);
    let instance = |(whose, seen): (Whose<'_>, Option<&Seen>)| {
        let sold = products.get(&whose).map(Vec::as_slice).unwrap_or_default();
        let sightings = seen.map_or(&unseen, |seen| &seen.sightings);
        // A night may begin before the period.
        let intervals = sightings.intervals((before, facts.fired.span.until), &facts.fired.watch);
        let (spent, saved) = clockwork.take(&intervals, sold, (whose.0, prices));
        let mut judged = Nights::default();
        for night in nights.get(&whose).into_iter().flatten() {
            judged += Nights::judged(&intervals, *night);
        }
        let (account, no) = whose;
        InstanceReport {
            account: account.clone(),
            no: no.clone(),
            name: seen.map(|seen| seen.name.clone()).unwrap_or_default(),
            region: seen.map(|seen| seen.region.clone()).unwrap_or_default(),
            product: sold.last().map_or_else(Product::default, |(_, what)| (*what).clone()),
            is_meant: ends.contains_key(&whose) || nights.contains_key(&whose),
            ends: ends.get(&whose).copied().unwrap_or_default(),
            nights: judged,
            spent,
            saved,
        }
    };
    known.into_iter().map(instance).collect()
}

/// The outcomes of each instance that a firing was about.
fn ends(facts: &ReportFacts) -> HashMap<Whose<'_>, Ends> {
    let mut ends: HashMap<Whose<'_>, Ends> = HashMap::new();
    let ours = |fired: &&Fired| facts.fired.span.contains(fired.due_at);
    for fired in facts.fired.firings.iter().filter(ours) {
        for ended in &fired.ended {
            for no in &ended.instances {
                *ended.kind(ends.entry((&fired.account, no)).or_default()) += 1;
            }
        }
    }
    ends
}

impl ReportFacts {
    /// Whether the log saw the instance in the period. Both must hold: (1) an observation in the
    /// period or after it, (2) a first observation before its end.
    fn saw(&self, sightings: &Sightings) -> bool {
        let first = sightings.looks.first().map(|look| look.at);
        let last = sightings.looked_at.max(sightings.looks.last().map(|look| look.at));
        first.is_some_and(|first| first < self.fired.span.until)
            && last >= Some(self.fired.span.from)
    }
}

fn unknown(facts: &ReportFacts, promised: &Promised) -> Vec<Gap> {
    let is_late = |at: &DateTime<Utc>| *at > facts.fired.span.from;
    let pruned = facts.fired.watch.pruned_before;
    let before = match (pruned, facts.fired.begins_at) {
        (Some(at), _) => is_late(&at).then_some(Gap::PrunedBefore(at)),
        (None, begins_at) => begins_at.filter(is_late).map(Gap::BeginsAt),
    };
    let texts = (promised.unreadable > 0).then_some(Gap::UnreadableTexts(promised.unreadable));
    before.into_iter().chain(texts).collect()
}
