//! Reads the rows of a list of servers into instances.
//!
//! `list` joins the pages.

use std::sync::LazyLock;

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, Utc};

use super::tree::{Element, Malformed};
use super::unexpected;
use crate::cloud::ncloud::Generation;
use crate::cloud::ncloud::codes;
use crate::model::instance::{Instance, InstanceNo, Product, RegionCode};

/// `2018-10-22T16:19:50+0900`: no colon in the offset, so not RFC 3339. The format is parsed once,
/// not for every server.
static TIME: LazyLock<Vec<Item<'static>>> = LazyLock::new(|| {
    StrftimeItems::new("%Y-%m-%dT%H:%M:%S%.f%z").parse().expect("a format that chrono knows")
});

/// One answer of `getServerInstanceList`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub instances: Vec<Instance>,
    /// Rows that cannot be read.
    pub odd: Vec<OddRow>,
    /// `totalRows`: the number of rows on all pages.
    pub total: Option<usize>,
}

/// A row without a number or a status, or with a tag that has no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OddRow {
    /// The number of the server, if the row has a valid one.
    pub no: Option<InstanceNo>,
    /// The number and the name as written, by which such rows differ.
    pub id: String,
    pub what: String,
}

/// Reads one answer of `getServerInstanceList` for a region.
///
/// A row that cannot be read is kept apart and spoils no other row. A row without an operation
/// counts as one that may be busy.
///
/// # Errors
/// `totalRows` is no number.
pub fn page(
    list: &Element<'_>,
    platform: Generation,
    region: &RegionCode,
) -> Result<Page, Malformed> {
    let total = list.word("totalRows").map(|total| {
        total.parse().map_err(|_| unexpected(format!("totalRows is `{}`", total.escape_debug())))
    });
    let (mut instances, mut odd) = (Vec::new(), Vec::new());
    for row in list.rows("serverInstanceList") {
        match instance(row, platform, region) {
            Ok(instance) => instances.push(instance),
            Err(what) => odd.push(odd_row(row, what)),
        }
    }
    Ok(Page { instances, odd, total: total.transpose()? })
}

fn instance(
    row: &Element<'_>,
    platform: Generation,
    region: &RegionCode,
) -> Result<Instance, &'static str> {
    let no = row.word("serverInstanceNo").and_then(|no| InstanceNo::new(no).ok());
    let status = code(row, "serverInstanceStatus").ok_or("no serverInstanceStatus")?;
    Ok(Instance {
        no: no.ok_or("no serverInstanceNo that is one")?,
        name: row.text("serverName").unwrap_or_default().to_owned(),
        region: region.clone(),
        status: codes::status(status),
        operation: codes::operation(code(row, "serverInstanceOperation").unwrap_or_default()),
        booted_at: row.word("uptime").and_then(time),
        created_at: row.word("createDate").and_then(time),
        product: product(row),
        tags: match platform {
            Generation::Classic => {
                Some(tags(row, "instanceTagList").ok_or("a tag without a tagKey")?)
            }
            Generation::Vpc => None,
        },
    })
}

fn odd_row(row: &Element<'_>, what: &str) -> OddRow {
    let said = |name| row.text(name).unwrap_or_default();
    let (no, name) = (said("serverInstanceNo"), said("serverName"));
    OddRow {
        no: InstanceNo::new(no.trim()).ok(),
        id: format!("{no} {name}"),
        what: format!(
            "server `{}` (`{}`) of the list has {what}",
            no.escape_debug(),
            name.escape_debug()
        ),
    }
}

fn product(row: &Element<'_>) -> Product {
    Product {
        product_code: row.word("serverProductCode").map(ToOwned::to_owned),
        spec_code: row.word("serverSpecCode").map(ToOwned::to_owned),
        server_type: code(row, "serverInstanceType").map(ToOwned::to_owned),
    }
}

fn code<'a>(row: &'a Element<'_>, name: &str) -> Option<&'a str> {
    row.child(name)?.word("code")
}

/// The tags in a list of a row; `None` if a tag has no key. A missing list means no tags.
pub fn tags(row: &Element<'_>, list: &str) -> Option<Vec<(String, String)>> {
    let tag = |row: &Element<'_>| {
        let value = row.text("tagValue").unwrap_or_default();
        Some((row.text("tagKey")?.to_owned(), value.to_owned()))
    };
    row.rows(list).iter().map(tag).collect()
}

/// A time in the form of lists.
pub fn time(text: &str) -> Option<DateTime<Utc>> {
    let mut parsed = Parsed::new();
    chrono::format::parse(&mut parsed, text, TIME.iter()).ok()?;
    parsed.to_datetime().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::ncloud::response::element::read;

    fn read_page(body: &str, platform: Generation) -> Result<Page, Malformed> {
        let document = read(body).unwrap();
        page(&document.children()[0], platform, &RegionCode::new("KR").unwrap())
    }

    fn dev() -> Instance {
        Instance {
            no: InstanceNo::new("1021003").unwrap(),
            name: "개발-api 1".to_owned(),
            region: RegionCode::new("KR").unwrap(),
            status: codes::status("RUN"),
            operation: codes::operation("NULL"),
            booted_at: Some("2018-11-23T08:38:44Z".parse().unwrap()),
            created_at: Some("2018-11-20T01:02:03Z".parse().unwrap()),
            product: Product {
                product_code: Some("SPSVRSSD00000003".to_owned()),
                spec_code: Some("s2-g2-s50".to_owned()),
                server_type: Some("STAND".to_owned()),
            },
            tags: None,
        }
    }

    #[test]
    fn a_server_is_read_from_xml_and_json_with_everything_the_reference_warns_of() {
        let xml = "<r><serverInstanceList><serverInstance><serverName>개발-api 1</serverName>\
            <serverInstanceStatus><codeName>서버 RUN 상태</codeName><code>RUN</code>\
            </serverInstanceStatus><publicIp> </publicIp><isNew>true</isNew><serverInstanceOperation>\
            <code>NULL</code></serverInstanceOperation><uptime>2018-11-23T17:38:44+0900</uptime>\
            <createDate>2018-11-20T10:02:03+0900</createDate>\
            <userData></userData><serverProductCode>SPSVRSSD00000003</serverProductCode>\
            <serverSpecCode>s2-g2-s50</serverSpecCode><serverInstanceType><code>STAND</code>\
            <codeName>Standard</codeName></serverInstanceType>\
            <instanceTagList/><serverInstanceNo>1021003</serverInstanceNo></serverInstance>\
            </serverInstanceList><totalRows>1</totalRows></r>";
        let json = r#"{"r":{"totalRows":1,"serverInstanceList":[{"serverInstanceNo":1021003,
            "serverName":"개발-api 1","publicIp":"","newField":{"code":[1,2]},
            "serverInstanceStatus":{"code":"RUN"},"serverInstanceOperation":{"code":"NULL"},
            "uptime":"2018-11-23T17:38:44.000+09:00",
            "createDate":"2018-11-20T10:02:03+0900","serverProductCode":"SPSVRSSD00000003",
            "serverInstanceType":{"codeName":"Standard","code":"STAND"},
            "serverSpecCode":"s2-g2-s50"}]}}"#;
        for body in [xml, json] {
            let vpc = Page { instances: vec![dev()], odd: Vec::new(), total: Some(1) };
            assert_eq!(read_page(body, Generation::Vpc), Ok(vpc));
            let tagless = Instance { tags: Some(Vec::new()), ..dev() };
            let classic = Page { instances: vec![tagless], odd: Vec::new(), total: Some(1) };
            assert_eq!(read_page(body, Generation::Classic), Ok(classic));
        }
    }

    #[test]
    fn tags_of_classic_are_kept_with_their_blanks_and_korean() {
        let body = r#"{"r":{"serverInstanceList":[{"serverInstanceNo":"1",
            "serverInstanceStatus":{"code":"NEW_CODE"},"uptime":"yesterday","instanceTagList":[
            {"tagKey":"환경","tagValue":"개발 "},{"tagKey":"empty","tagValue":""},
            {"tagKey":"none"}]}]}}"#;
        let pairs = [("환경", "개발 "), ("empty", ""), ("none", "")];
        let expected = Instance {
            no: InstanceNo::new("1").unwrap(),
            name: String::new(),
            status: codes::status("NEW_CODE"),
            operation: codes::operation(""),
            booted_at: None,
            created_at: None,
            product: Product::default(),
            tags: Some(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()),
            ..dev()
        };
        let page = read_page(body, Generation::Classic);
        assert_eq!(page, Ok(Page { instances: vec![expected], odd: Vec::new(), total: None }));
    }

    #[test]
    fn a_row_that_cannot_be_read_is_kept_apart_and_named() {
        let good = r#"{"serverInstanceNo":"1","serverInstanceStatus":{"code":"RUN"}}"#;
        let run = r#""serverInstanceStatus":{"code":"RUN"}"#;
        for (bad, no, expected) in [
            (
                r#"{"serverName":"x"}"#,
                None,
                "server `` (`x`) of the list has no serverInstanceStatus",
            ),
            (&*format!(r#"{{"serverInstanceNo":"x\u001b",{run}}}"#), None, "server `x\\u{1b}` ("),
            (&format!(r#"{{{run},"serverName":"x"}}"#), None, "has no serverInstanceNo that is"),
            (r#"{"serverInstanceNo":"7"}"#, Some("7"), "server `7` (``) of the list has no server"),
            (
                r#"{"serverInstanceNo":"7","serverInstanceStatus":{"code":" "}}"#,
                Some("7"),
                "has no serverInstanceStatus",
            ),
            (
                &format!(
                    r#"{{"serverInstanceNo":7,{run},"instanceTagList":[{{"tagValue":"x"}}]}}"#
                ),
                Some("7"),
                "has a tag without a tagKey",
            ),
            ("null", None, "has no serverInstanceStatus"),
        ] {
            let body = format!(r#"{{"r":{{"serverInstanceList":[{bad},{good}]}}}}"#);
            let page = read_page(&body, Generation::Classic).unwrap();
            assert_eq!((page.instances.len(), page.odd.len()), (1, 1), "{bad}");
            let odd = &page.odd[0];
            assert_eq!(odd.no.as_ref().map(InstanceNo::as_str), no, "{bad}");
            assert!(odd.what.contains(expected), "{}", odd.what);
        }
        let error = read_page(r#"{"r":{"totalRows":"many"}}"#, Generation::Vpc).unwrap_err();
        assert_eq!(error.to_string(), "totalRows is `many`");
    }
}
