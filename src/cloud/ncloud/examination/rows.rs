//! Reads answers into facts: as the client reads them, and beside that how they are written.

use super::facts::{Form, Forms, List, Resource, ResourcePage, TagForm};
use super::words::shape;
use crate::cloud::ncloud::Generation;
use crate::cloud::ncloud::response::instances;
use crate::cloud::ncloud::response::tree::{Element, Malformed};
use crate::model::instance::RegionCode;

/// Reads an answer of `getServerInstanceList`.
pub(super) fn list(
    answer: &Element<'_>,
    generation: Generation,
    region: &RegionCode,
) -> Result<List, Malformed> {
    let page = instances::page(answer, generation, region)?;
    Ok(List { page, forms: answer.rows("serverInstanceList").iter().map(forms).collect() })
}

fn forms(row: &Element<'_>) -> Forms {
    let tags = match row.child("instanceTagList") {
        None => TagForm::Missing,
        Some(list) if list.children().is_empty() => TagForm::Empty,
        Some(_) if instances::tags(row, "instanceTagList").is_none() => TagForm::Keyless,
        Some(_) => TagForm::Tags,
    };
    Forms { created: form(row.word("createDate")), booted: form(row.word("uptime")), tags }
}

fn form(text: Option<&str>) -> Form {
    match text {
        None => Form::Missing,
        Some(text) if instances::time(text).is_some() => Form::Time,
        Some(text) => Form::Other(shape(text)),
    }
}

/// Reads an answer of the Resource Manager.
pub(super) fn resources(answer: &Element<'_>) -> Result<ResourcePage, Malformed> {
    if answer.child("items").is_none() {
        return Err(Malformed::Unexpected("there are no items in it".to_owned()));
    }
    let word = |row: &Element<'_>, name| row.word(name).unwrap_or_default().to_owned();
    let resource = |row: &Element<'_>| Resource {
        id: word(row, "resourceId"),
        product: word(row, "productName"),
        kind: word(row, "resourceType"),
        nrn: row.word("nrn").map(ToOwned::to_owned),
        tags: instances::tags(row, "tag").unwrap_or_default(),
    };
    Ok(ResourcePage {
        rows: answer.rows("items").iter().map(resource).collect(),
        has_more: answer.word("hasMore") == Some("true"),
    })
}
