//! Judges lists of servers: their pages, their rows, and their zones.

use std::collections::BTreeSet;

use super::facts::{Facts, Form, Forms, List, TagForm};
use super::judged::Judged;
use super::words::{count, of_failure, tally, word};
use crate::cloud::ncloud::codes::OPERATIONS;
use crate::cloud::ncloud::limits::LARGEST_PAGE;
use crate::cloud::{CloudError, Meaning};
use crate::model::instance::{Instance, InstanceNo, PowerState};

/// There was nothing to look at.
fn no_server(facts: &Facts) -> Judged {
    Judged::not_seen(match facts.unread() {
        Some(_) => "no list could be read",
        None => "there is no server",
    })
}

pub(super) fn whole_list(facts: &Facts) -> Judged {
    let short = facts.read().find(|list| list.total() > list.rows());
    if let Some(list) = short {
        return Judged::different(format!("{} of {} shown", list.rows(), list.total()));
    }
    let is_counted = |list: &List| list.page.total.is_some();
    match facts.read().find(|list| list.rows() > 0 && !is_counted(list)) {
        Some(_) => Judged::different("a list has no `totalRows`"),
        None if facts.rows() == 0 => no_server(facts),
        None => Judged::seen(format!("{0} of {0} shown", facts.rows())),
    }
}

pub(super) fn page_size(facts: &Facts) -> Judged {
    let servers = facts.pages.servers;
    let Some(largest) = &facts.pages.largest else { return no_server(facts) };
    let list = match largest {
        Ok(list) => list,
        Err(error) => return refused_or_unread(error),
    };
    let said = format!("{LARGEST_PAGE} asked for, {} of {servers} shown", list.rows());
    if list.rows() < servers.min(LARGEST_PAGE) {
        return Judged::different(said);
    }
    if servers < LARGEST_PAGE {
        return Judged::not_seen(format!("{said}: too few to meet a bound"));
    }
    Judged::seen(said)
}

pub(super) fn page_numbers(facts: &Facts) -> Judged {
    let (first, second) = match (&facts.pages.first, &facts.pages.second) {
        (Some(Ok(first)), Some(Ok(second))) => (first, second),
        (Some(Err(error)), _) | (_, Some(Err(error))) => return refused_or_unread(error),
        _ if facts.rows() == 0 => return no_server(facts),
        _ => return Judged::not_seen("there are fewer than two servers"),
    };
    if (first.rows(), second.rows()) != (1, 1) {
        let rows = format!("{} and {}", first.rows(), second.rows());
        return Judged::different(format!("two pages of 1 server show {rows}"));
    }
    if first.numbers() == second.numbers() {
        return Judged::different("two pages of 1 server show the same one");
    }
    Judged::seen("two pages of 1 server show two servers")
}

/// A question that the cloud refuses is no longer open.
fn refused_or_unread(error: &CloudError) -> Judged {
    match error {
        CloudError::Refused { .. } => Judged::different(of_failure(error)),
        _ => Judged::unread(error),
    }
}

pub(super) fn unknown_number(facts: &Facts) -> Judged {
    match &facts.pages.unknown {
        None => Judged::not_seen("not asked"),
        Some(Ok(list)) if list.rows() == 0 => Judged::seen("left out"),
        Some(Ok(list)) => {
            let shown = count(list.rows(), "server");
            Judged::different(format!("a number of no server shows {shown}"))
        }
        Some(Err(
            error @ (CloudError::Forbidden { .. }
            | CloudError::Refused { meaning: Meaning::NoSuchInstance, .. }),
        )) => Judged::seen(of_failure(error)),
        Some(Err(error)) => refused_or_unread(error),
    }
}

pub(super) fn list_rows(facts: &Facts) -> Judged {
    let odd: Vec<&str> =
        facts.read().flat_map(|list| &list.page.odd).map(|row| row.id.as_str()).collect();
    let rows = facts.rows();
    match odd.len() {
        0 if rows == 0 => no_server(facts),
        0 => Judged::seen(count(rows, "row")),
        bad => Judged::different(format!("{bad} of {} cannot be read", count(rows, "row")))
            .about(odd.into_iter().map(ToOwned::to_owned).collect()),
    }
}

pub(super) fn codes_known(facts: &Facts) -> Judged {
    let is_other = |it: &&Instance| it.status.power() == PowerState::Other;
    let is_unknown = |it: &&Instance| {
        let operation = &it.operation;
        let code = operation.code();
        !(operation.is_none() || code.is_empty() || OPERATIONS.contains(&code))
    };
    let others: Vec<&Instance> = facts.instances().filter(is_other).collect();
    let unknown: Vec<&Instance> = facts.instances().filter(is_unknown).collect();
    let statuses = |of: &[&Instance]| tally(of.iter().map(|it| word(it.status.code())));
    let operations = |of: &[&Instance]| {
        let said = of.iter().filter(|it| !it.operation.code().is_empty());
        tally(said.map(|it| word(it.operation.code())))
    };
    let all: Vec<&Instance> = facts.instances().collect();
    if all.is_empty() {
        return no_server(facts);
    }
    if others.is_empty() && unknown.is_empty() {
        let (statuses, operations) = (statuses(&all), operations(&all));
        return Judged::seen(format!("status {statuses}; operation {operations}"));
    }
    let said = [("status", statuses(&others)), ("operation", operations(&unknown))];
    let said = said.iter().filter(|(_, codes)| !codes.is_empty());
    let said: Vec<String> = said.map(|(kind, codes)| format!("unknown {kind} {codes}")).collect();
    Judged::different(said.join("; ")).about(names(others.into_iter().chain(unknown)))
}

pub(super) fn operation_shown(facts: &Facts) -> Judged {
    let all = facts.instances().count();
    let without: Vec<&Instance> =
        facts.instances().filter(|it| it.operation.code().is_empty()).collect();
    match without.len() {
        0 if all == 0 => no_server(facts),
        0 => Judged::seen(count(all, "server")),
        missing => Judged::different(format!("{missing} of {} say none", count(all, "server")))
            .about(names(without)),
    }
}

pub(super) fn create_date(facts: &Facts) -> Judged {
    time_form(facts, |forms| &forms.created)
}

pub(super) fn uptime_form(facts: &Facts) -> Judged {
    time_form(facts, |forms| &forms.booted)
}

fn time_form(facts: &Facts, of: fn(&Forms) -> &Form) -> Judged {
    let forms: Vec<&Form> = facts.read().flat_map(|list| &list.forms).map(of).collect();
    let odd = forms.iter().find_map(|form| match form {
        Form::Other(shape) => Some(shape),
        Form::Missing | Form::Time => None,
    });
    if let Some(shape) = odd {
        return Judged::different(format!("of the form `{shape}`"));
    }
    let times = forms.iter().filter(|form| ***form == Form::Time).count();
    let said = format!("in {times} of {}", count(forms.len(), "row"));
    match times {
        _ if forms.is_empty() => no_server(facts),
        0 => Judged::different(said),
        _ => Judged::seen(said),
    }
}

pub(super) fn zone_left_out(facts: &Facts) -> Judged {
    if facts.rows() == 0 {
        return no_server(facts);
    }
    let mut judged = Judged::not_seen("no region has servers in two zones");
    for region in &facts.lists {
        let (Ok(zones), Some(asked)) = (&region.lists, &region.without_zone) else { continue };
        let numbers: Vec<BTreeSet<&InstanceNo>> =
            zones.iter().map(|(_, list)| list.numbers()).collect();
        let all: BTreeSet<&InstanceNo> = numbers.iter().flatten().copied().collect();
        let Some(first) = numbers.first().filter(|first| **first != all) else { continue };
        let shown = match asked {
            Ok(list) => list.numbers(),
            Err(error) => {
                judged = refused_or_unread(error);
                continue;
            }
        };
        let (shown_count, all_count) = (shown.len(), all.len());
        let said = format!("{shown_count} of {}", count(all_count, "server"));
        if shown != *first {
            let zones = if shown == all { "all zones" } else { "neither one zone nor all" };
            return Judged::different(format!("{zones}: {said}"));
        }
        judged = Judged::seen(format!("the first zone: {said}"));
    }
    judged
}

pub(super) fn classic_tags(facts: &Facts) -> Judged {
    let (tagged, keyless) = (having(facts, TagForm::Tags), having(facts, TagForm::Keyless));
    let rows = count(facts.rows(), "server");
    match (tagged, keyless) {
        (_, 1..) => Judged::different(format!("{keyless} of {rows} have a tag without a key")),
        (0, _) if facts.rows() == 0 => no_server(facts),
        (0, _) => Judged::not_seen(format!("none of {rows} shows a tag")),
        _ => Judged::seen(format!("{tagged} of {rows} show tags")),
    }
}

pub(super) fn tags_in_list(facts: &Facts) -> Judged {
    let tagged = having(facts, TagForm::Tags) + having(facts, TagForm::Keyless);
    let rows = count(facts.rows(), "server");
    match tagged {
        _ if facts.rows() == 0 => no_server(facts),
        0 => Judged::seen(format!("none of {rows} shows a tag")),
        _ => Judged::different(format!("{tagged} of {rows} show tags")),
    }
}

fn having(facts: &Facts, form: TagForm) -> usize {
    facts.read().flat_map(|list| &list.forms).filter(|forms| forms.tags == form).count()
}

fn names<'a>(servers: impl IntoIterator<Item = &'a Instance>) -> Vec<String> {
    servers.into_iter().map(|it| format!("{} ({})", it.name, it.no)).collect()
}
