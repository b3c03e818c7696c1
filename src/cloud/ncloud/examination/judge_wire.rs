//! Judges the clock, the rights, the regions, and the form of errors.

use std::collections::BTreeSet;

use super::facts::{Facts, RegionLists};
use super::judged::Judged;
use super::words::{count, of_failure, word};
use crate::cloud::CloudError;
use crate::cloud::ncloud::Generation;
use crate::model::instance::RegionCode;

/// Firings would be off by as much, and nobody would notice.
const MOST_SECONDS_OFF: i64 = 60;

/// The digits of the service's return codes, as far as any are known. Those of the gateway have
/// three.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=7;
const GATEWAY_DIGITS: usize = 3;

pub(super) fn clock(facts: &Facts) -> Judged {
    let Some(ahead) = facts.ahead else {
        return Judged::not_seen("no answer has a `Date`");
    };
    let seconds = ahead.unsigned_abs();
    let said = match ahead {
        0 => "less than a second off".to_owned(),
        ..0 => format!("{seconds} s behind the cloud's"),
        1.. => format!("{seconds} s ahead of the cloud's"),
    };
    if ahead.abs() < MOST_SECONDS_OFF { Judged::seen(said) } else { Judged::different(said) }
}

pub(super) fn rights(facts: &Facts) -> Judged {
    let needed: &[&str] = match facts.generation {
        Generation::Vpc => &["getRegionList", "getServerInstanceList", "resources"],
        Generation::Classic => &["getRegionList", "getZoneList", "getServerInstanceList"],
    };
    let lacking: BTreeSet<String> = facts
        .failed
        .iter()
        .filter(|failed| matches!(failed.error, CloudError::Forbidden { .. }))
        .map(|failed| format!("{}: {}", failed.call, of_failure(&failed.error)))
        .collect();
    if !lacking.is_empty() {
        return Judged::different(joined(lacking));
    }
    let (answered, missing): (Vec<&str>, Vec<&str>) =
        needed.iter().partition(|call| facts.answered.contains(**call));
    if missing.is_empty() {
        return Judged::seen(format!("answered: {}", answered.join(", ")));
    }
    Judged::not_seen(format!("not answered: {}", missing.join(", ")))
}

pub(super) fn region_list(facts: &Facts) -> Judged {
    let named = match &facts.regions {
        Ok(regions) => regions.iter().map(|region| &region.code).collect::<Vec<_>>(),
        Err(error) => return Judged::unread(error),
    };
    let missing: Vec<&RegionCode> =
        facts.wanted.iter().filter(|wanted| !named.contains(wanted)).collect();
    if !missing.is_empty() {
        let (missing, named) = (joined(missing), joined(named));
        return Judged::different(format!("the file names {missing}, the cloud {named}"));
    }
    let failed = facts.lists.iter().filter_map(|it| Some((it, it.lists.as_ref().err()?)));
    let failed: Vec<(&RegionLists, &CloudError)> = failed.collect();
    let of_one = |(it, error): &(&RegionLists, &CloudError)| {
        format!("{} cannot be listed: {}", it.region, of_failure(error))
    };
    let said: Vec<String> = failed.iter().map(of_one).collect();
    if failed.len() == facts.lists.len() {
        return Judged::not_seen(said.join("; "));
    }
    if !failed.is_empty() {
        return Judged::different(said.join("; "));
    }
    let regions = count(named.len(), "region");
    let servers = count(facts.rows(), "server");
    Judged::seen(format!("{regions}: {}; {servers}", joined(named)))
}

pub(super) fn gateway_error(facts: &Facts) -> Judged {
    let Some((error, is_xml)) = &facts.nothing else {
        return Judged::not_seen("not asked");
    };
    let Some(error) = error else {
        return Judged::different("a call that does not exist was answered");
    };
    let form = if *is_xml { "XML" } else { "JSON" };
    match error.refusal() {
        Some(refusal) if refusal.return_code.is_some() => {
            Judged::seen(format!("{}, as {form}", of_failure(error)))
        }
        Some(_) => Judged::different(format!("{}, and no code", of_failure(error))),
        None if matches!(error, CloudError::Unreadable { .. }) => {
            Judged::different(of_failure(error))
        }
        None => Judged::unread(error),
    }
}

pub(super) fn return_codes(facts: &Facts) -> Judged {
    let others = [&facts.pages.unknown, &facts.pages.largest];
    let others = others.into_iter().flatten().filter_map(|asked| asked.as_ref().err());
    let all = facts.failed.iter().map(|failed| &failed.error).chain(others);
    let codes: BTreeSet<&str> = all
        .filter_map(|error| error.refusal()?.return_code.as_deref())
        .filter(|code| !(is_digits(code) && code.len() == GATEWAY_DIGITS))
        .collect();
    let odd = |code: &&&str| !(is_digits(code) && DIGITS.contains(&code.len()));
    let said = joined(codes.iter().map(|code| word(code)));
    match codes.iter().find(odd) {
        Some(_) => Judged::different(said),
        None if codes.is_empty() => Judged::not_seen("nothing was refused"),
        None => Judged::seen(said),
    }
}

fn is_digits(code: &str) -> bool {
    code.chars().all(|c| c.is_ascii_digit())
}

fn joined<T: ToString>(parts: impl IntoIterator<Item = T>) -> String {
    let parts: Vec<String> = parts.into_iter().map(|part| part.to_string()).collect();
    parts.join(", ")
}
