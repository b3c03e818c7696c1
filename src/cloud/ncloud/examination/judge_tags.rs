//! Judges the Resource Manager: where it is, how servers look there, and how it finds tags.

use std::collections::BTreeSet;

use super::facts::{Facts, Resource};
use super::judged::Judged;
use super::tag_questions::MOST_RESOURCES;
use super::words::{count, of_failure, shape, tally, word};
use crate::cloud::CloudError;
use crate::cloud::ncloud::response::resources::{PRODUCT_NAME, RESOURCE_TYPE};
use crate::model::instance::InstanceNo;

pub(super) fn resource_manager(facts: &Facts) -> Judged {
    match &facts.resources.any {
        None => not_asked(),
        Some(Ok(rows)) => Judged::seen(format!("it answers: {}", count(rows.len(), "resource"))),
        Some(Err(error @ CloudError::Forbidden { .. })) => {
            Judged::seen(format!("it answers: {}", of_failure(error)))
        }
        Some(Err(
            error @ (CloudError::NotSent(_)
            | CloudError::Refused { .. }
            | CloudError::Unreadable { .. }),
        )) => Judged::different(of_failure(error)),
        Some(Err(error)) => Judged::unread(error),
    }
}

/// The rows of an answer, or the reason why there are none.
fn rows(asked: Option<&Result<Vec<Resource>, CloudError>>) -> Result<&[Resource], Judged> {
    match asked {
        None => Err(not_asked()),
        Some(Ok(rows)) => Ok(rows),
        Some(Err(error)) => Err(Judged::unread(error)),
    }
}

fn not_asked() -> Judged {
    Judged::not_seen("not asked")
}

fn listed_no<'f>(facts: &'f Facts, row: &Resource) -> Option<&'f InstanceNo> {
    let no = InstanceNo::new(row.id.as_str()).ok()?;
    facts.resources.listed.get_key_value(&no).map(|(no, _)| no)
}

pub(super) fn resource_type(facts: &Facts) -> Judged {
    let any = match rows(facts.resources.any.as_ref()) {
        Ok(any) => any,
        Err(judged) => return judged,
    };
    let servers: Vec<&Resource> =
        any.iter().filter(|row| listed_no(facts, row).is_some()).collect();
    let is_ours = |row: &&Resource| row.product == PRODUCT_NAME && row.kind == RESOURCE_TYPE;
    let types = |row: &&Resource| format!("{}/{}", word(&row.product), word(&row.kind));
    let said = tally(servers.iter().map(types));
    if servers.is_empty() {
        return none_known(facts, any);
    }
    if servers.iter().all(is_ours) { Judged::seen(said) } else { Judged::different(said) }
}

/// None of the resources has the number of a server.
fn none_known(facts: &Facts, resources: &[Resource]) -> Judged {
    let servers = count(facts.resources.listed.len(), "server");
    let resources = count(resources.len(), "resource");
    Judged::not_seen(format!("{servers}, and none of them among {resources}"))
}

pub(super) fn resource_list(facts: &Facts) -> Judged {
    let any = match rows(facts.resources.any.as_ref()) {
        Ok(any) => any,
        Err(judged) => return judged,
    };
    let ours = facts.resources.ours.iter().flatten().flatten();
    let found: BTreeSet<_> =
        any.iter().chain(ours).filter_map(|row| listed_no(facts, row)).collect();
    let listed = &facts.resources.listed;
    let said = format!("{} of {}", found.len(), count(listed.len(), "server"));
    if listed.is_empty() {
        return Judged::not_seen("there is no server");
    }
    if found.len() == listed.len() {
        return Judged::seen(said);
    }
    if any.len() >= MOST_RESOURCES {
        return Judged::not_seen(format!("{said} among the first {MOST_RESOURCES} resources"));
    }
    let missing = listed.iter().filter(|(no, _)| !found.contains(no));
    let names = missing.map(|(no, name)| format!("{name} ({no})")).collect();
    Judged::different(said).about(names)
}

pub(super) fn resource_id(facts: &Facts) -> Judged {
    let ours = match rows(facts.resources.ours.as_ref()) {
        Ok(ours) => ours,
        Err(judged) => return judged,
    };
    if ours.is_empty() {
        return Judged::not_seen("there is no resource of that type");
    }
    if facts.resources.listed.len() < facts.pages.servers {
        return Judged::not_seen("the list of servers is not whole");
    }
    let strangers: Vec<&Resource> =
        ours.iter().filter(|row| listed_no(facts, row).is_none()).collect();
    let Some(first) = strangers.first() else {
        return Judged::seen(format!("{}, all in the list", count(ours.len(), "number")));
    };
    let of = format!("{} of {}", strangers.len(), count(ours.len(), "resource"));
    let is_number = |row: &&&Resource| InstanceNo::new(row.id.as_str()).is_ok();
    if strangers.iter().filter(is_number).count() == strangers.len() {
        let said = format!("{of} with a number that the list does not have");
        return Judged::different(said).about(strangers.iter().map(|row| row.id.clone()).collect());
    }
    Judged::different(format!("{of} with an id such as `{}`", shape(&first.id)))
}

pub(super) fn resource_pages(facts: &Facts) -> Judged {
    let [first, second] = match &facts.resources.pages {
        None if facts.resources.any.is_none() => return not_asked(),
        None => return Judged::not_seen("there are fewer than two servers"),
        Some(Err(error)) => return Judged::unread(error),
        Some(Ok(pages)) => pages,
    };
    match (&first.rows[..], &second.rows[..]) {
        ([one], [other]) if one != other => Judged::seen("two pages of 1 show two servers"),
        ([_], [_]) => Judged::different("two pages of 1 show the same server"),
        (one, other) => {
            Judged::different(format!("two pages of 1 show {} and {}", one.len(), other.len()))
        }
    }
}

pub(super) fn tags_by_nrn(facts: &Facts) -> Judged {
    let ours = match rows(facts.resources.ours.as_ref()) {
        Ok(ours) => ours,
        Err(judged) => return judged,
    };
    let tagged = ours.iter().filter(|row| !row.tags.is_empty()).count();
    if tagged > 0 {
        let of = count(ours.len(), "row");
        return Judged::different(format!("{tagged} of {of} show tags in a list"));
    }
    match &facts.resources.own {
        None => Judged::not_seen("there is no resource to ask for"),
        Some(Err(error @ CloudError::Refused { .. })) => Judged::different(of_failure(error)),
        Some(Err(error)) => Judged::unread(error),
        Some(Ok(own)) => {
            let Some(tags) = own.iter().find(|tags| !tags.is_empty()) else {
                let asked = count(own.len(), "server");
                return Judged::not_seen(format!("no tag in lists, and none of {asked} by `nrn`"));
            };
            Judged::seen(format!("no tag in lists, {} by `nrn`", tags.len()))
        }
    }
}

pub(super) fn tag_filter(facts: &Facts) -> Judged {
    let filter = match &facts.resources.filter {
        None if facts.resources.any.is_none() => return not_asked(),
        None => return Judged::not_seen("there is no tag to ask by"),
        Some(Err(error)) => return Judged::unread(error),
        Some(Ok(filter)) => filter,
    };
    let wrong = [
        (!filter.key, "a tag's key does not find its server"),
        (!filter.value, "a tag's value does not find its server"),
        (filter.part == Some(true), "a part of a value finds it too"),
        (filter.other_case == Some(true), "a value in other case finds it too"),
    ];
    let wrong: Vec<&str> = wrong.iter().filter(|(is, _)| *is).map(|(_, said)| *said).collect();
    if wrong.is_empty() {
        return Judged::seen("key and value find a server; a part or other case does not");
    }
    Judged::different(wrong.join("; "))
}
