//! Tests of judgements on answers that the rehearsal cloud never gives.

use std::collections::BTreeSet;

use super::facts::{Failed, Filter, Pages, RegionLists, Resource, ResourcePage, Resources};
use super::*;
use crate::cloud::ncloud::query::Query;
use crate::cloud::ncloud::response::element::read;
use crate::cloud::{CloudError, Denial, Judgement, Meaning, Refusal, Right};
use crate::model::instance::InstanceNo;

const SEEN: Judgement = Judgement::Seen;
const NOT_SEEN: Judgement = Judgement::NotSeen;
const DIFFERENT: Judgement = Judgement::Different;

/// A list with these rows, and with this after them.
fn list(generation: Generation, rows: &str, rest: &str) -> facts::List {
    let body = format!("<r><serverInstanceList>{rows}</serverInstanceList>{rest}</r>");
    let document = read(&body).unwrap();
    rows::list(&document.children()[0], generation, &kr()).unwrap()
}

fn kr() -> RegionCode {
    RegionCode::new("KR").unwrap()
}

/// A row of the list: a server of this number, and these fields.
fn row(no: &str, fields: &str) -> String {
    format!(
        "<serverInstance><serverInstanceNo>{no}</serverInstanceNo>\
         <serverInstanceStatus><code>RUN</code></serverInstanceStatus>{fields}</serverInstance>"
    )
}

fn nothing(generation: Generation) -> Facts {
    Facts {
        generation,
        wanted: Vec::new(),
        regions: Ok(Vec::new()),
        ahead: None,
        nothing: None,
        lists: Vec::new(),
        pages: Pages::default(),
        resources: Resources::default(),
        answered: BTreeSet::new(),
        failed: Vec::new(),
    }
}

/// The facts of an account whose region has these lists.
fn listed(generation: Generation, lists: Vec<facts::List>) -> Facts {
    let lists = Ok(lists.into_iter().map(|list| (Query::default(), list)).collect());
    let region = RegionLists { region: kr(), lists, without_zone: None };
    Facts { lists: vec![region], ..nothing(generation) }
}

fn found(facts: &Facts, code: &str) -> (Judgement, String) {
    let finding = judge(facts).into_iter().find(|it| it.code == code).unwrap();
    (finding.judgement, finding.seen)
}

fn refusal(http_status: u16, code: Option<&str>) -> Refusal {
    let return_message = Some("server dev-secret of account 2500000".to_owned());
    let return_code = code.map(ToOwned::to_owned);
    Refusal { http_status, return_code, return_message, ..Refusal::default() }
}

fn refused(code: &str) -> CloudError {
    CloudError::Refused { refusal: refusal(400, Some(code)), meaning: Meaning::Unknown }
}

#[test]
fn a_time_in_another_form_is_shown_by_its_shape() {
    for (field, code) in [("createDate", "create_date"), ("uptime", "uptime_form")] {
        for (text, judgement, seen) in [
            ("2018-10-22T16:19:50+0900", SEEN, "in 1 of 1 row"),
            ("2018-10-22T16:19:50+09:00", SEEN, "in 1 of 1 row"),
            ("2018-10-22 16:19:50", DIFFERENT, "of the form `9999-99-99 99:99:99`"),
            ("1540192790000", DIFFERENT, "of the form `9999999999999`"),
            ("어제 Noon", DIFFERENT, "of the form `?? Aaaa`"),
            ("", DIFFERENT, "in 0 of 1 row"),
        ] {
            let rows = row("1", &format!("<{field}>{text}</{field}>"));
            let facts = listed(Generation::Vpc, vec![list(Generation::Vpc, &rows, "")]);
            assert_eq!(found(&facts, code), (judgement, seen.to_owned()), "{text}");
        }
    }
}

#[test]
fn a_row_without_an_operation_is_no_row_with_none() {
    let null = "<serverInstanceOperation><code>NULL</code></serverInstanceOperation>";
    let facts = |rows: &str| listed(Generation::Vpc, vec![list(Generation::Vpc, rows, "")]);
    let both = facts(&format!("{}{}", row("1", null), row("2", "")));
    let expected = (DIFFERENT, "1 of 2 servers say none".to_owned());
    assert_eq!(found(&both, "operation_shown"), expected);
    assert_eq!(found(&facts(&row("1", null)), "operation_shown").0, SEEN);
    assert_eq!(found(&facts(""), "operation_shown").0, NOT_SEEN);
}

#[test]
fn tags_of_classic_are_seen_only_where_a_server_has_some() {
    let tag = "<instanceTagList><instanceTag><tagKey>env</tagKey></instanceTag></instanceTagList>";
    let keyless = tag.replace("tagKey", "tagValue");
    for (fields, judgement) in
        [(tag, SEEN), ("<instanceTagList/>", NOT_SEEN), ("", NOT_SEEN), (&*keyless, DIFFERENT)]
    {
        let rows = list(Generation::Classic, &row("1", fields), "");
        let facts = listed(Generation::Classic, vec![rows]);
        assert_eq!(found(&facts, "classic_tags").0, judgement, "{fields}");
    }
}

#[test]
fn a_list_must_count_its_servers() {
    for (rest, judgement) in [
        ("<totalRows>1</totalRows>", SEEN),
        ("<totalRows>3</totalRows>", DIFFERENT),
        ("", DIFFERENT),
    ] {
        let rows = list(Generation::Vpc, &row("1", ""), rest);
        let facts = listed(Generation::Vpc, vec![rows]);
        assert_eq!(found(&facts, "whole_list").0, judgement, "{rest}");
    }
}

#[test]
fn a_clock_is_off_from_a_minute_on() {
    for (ahead, expected) in [
        (Some(0), (SEEN, "less than a second off")),
        (None, (NOT_SEEN, "no answer has a `Date`")),
        (Some(-59), (SEEN, "59 s behind the cloud's")),
        (Some(60), (DIFFERENT, "60 s ahead of the cloud's")),
        (Some(-200), (DIFFERENT, "200 s behind the cloud's")),
    ] {
        let facts = Facts { ahead, ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "clock"), (expected.0, expected.1.to_owned()));
    }
}

#[test]
fn an_error_of_the_gateway_needs_a_code() {
    let html = CloudError::Unreadable { detail: "dev-secret".to_owned(), http_status: 404 };
    let bare = CloudError::Forbidden {
        refusal: refusal(403, None),
        right: Right { call: "x", granted_by: None },
    };
    let lost = CloudError::Unanswered { detail: "dev-secret".to_owned(), http_status: None };
    for (error, is_xml, expected) in [
        (Some(refused("300")), true, (SEEN, "refused, HTTP 400, code 300, as XML")),
        (Some(refused("300")), false, (SEEN, "refused, HTTP 400, code 300, as JSON")),
        (Some(bare), true, (DIFFERENT, "no right, HTTP 403, and no code")),
        (Some(html), true, (DIFFERENT, "an answer that cannot be read, HTTP 404")),
        (Some(lost), true, (NOT_SEEN, "no answer in time")),
        (None, true, (DIFFERENT, "a call that does not exist was answered")),
    ] {
        let facts = Facts { nothing: Some((error, is_xml)), ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "gateway_error"), (expected.0, expected.1.to_owned()));
    }
}

#[test]
fn an_unknown_number_may_be_left_out_or_refused_by_its_own_code() {
    let empty = list(Generation::Vpc, "", "<totalRows>0</totalRows>");
    let other = list(Generation::Vpc, &row("1", ""), "");
    let gone = CloudError::Refused {
        refusal: refusal(400, Some("24109")),
        meaning: Meaning::NoSuchInstance,
    };
    for (unknown, judgement, codes) in [
        (Ok(empty), SEEN, NOT_SEEN),
        (Ok(other), DIFFERENT, NOT_SEEN),
        (Err(gone), SEEN, SEEN),
        (Err(refused("1100042")), DIFFERENT, SEEN),
        (Err(refused("E-17")), DIFFERENT, DIFFERENT),
    ] {
        let pages = Pages { unknown: Some(unknown), ..Pages::default() };
        let facts = Facts { pages, ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "unknown_number").0, judgement, "{:?}", facts.pages);
        assert_eq!(found(&facts, "return_codes").0, codes, "{:?}", facts.pages);
    }
}

fn resource(id: &str) -> Resource {
    let (product, kind) = ("VPCServer".to_owned(), "Server".to_owned());
    Resource { id: id.to_owned(), product, kind, ..Resource::default() }
}

#[test]
fn ids_of_resources_are_compared_with_a_list_that_is_whole() {
    let name = |no: &str| (InstanceNo::new(no).unwrap(), "a".to_owned());
    for (ids, servers, expected) in [
        (&["1", "2"][..], 2, (SEEN, "2 numbers, all in the list")),
        (&["1", "9"], 2, (DIFFERENT, "1 of 2 resources with a number that the list does not have")),
        (&["i-0a1"], 2, (DIFFERENT, "1 of 1 resource with an id such as `a-9a9`")),
        (&["1", "9"], 3, (NOT_SEEN, "the list of servers is not whole")),
        (&[], 2, (NOT_SEEN, "there is no resource of that type")),
    ] {
        let ours = Some(Ok(ids.iter().map(|id| resource(id)).collect()));
        let listed = [name("1"), name("2")].into();
        let resources = Resources { listed, ours, ..Resources::default() };
        let pages = Pages { servers, ..Pages::default() };
        let facts = Facts { pages, resources, ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "resource_id"), (expected.0, expected.1.to_owned()));
    }
}

#[test]
fn a_server_that_no_list_of_resources_has_is_different() {
    let name = |no: &str| (InstanceNo::new(no).unwrap(), "a".to_owned());
    for (ids, expected) in [
        (&["2", "1", "77"][..], (SEEN, "2 of 2 servers")),
        (&["2", "77"], (DIFFERENT, "1 of 2 servers")),
        (&[], (DIFFERENT, "0 of 2 servers")),
    ] {
        let any = Some(Ok(ids.iter().map(|id| resource(id)).collect()));
        let listed = [name("1"), name("2")].into();
        let resources = Resources { listed, any, ..Resources::default() };
        let facts = Facts { resources, ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "resource_list"), (expected.0, expected.1.to_owned()));
    }
}

#[test]
fn pages_of_resources_must_be_obeyed() {
    let page = |ids: &[&str]| ResourcePage {
        rows: ids.iter().map(|id| resource(id)).collect(),
        has_more: true,
    };
    for (first, second, judgement) in [
        (page(&["1"]), page(&["2"]), SEEN),
        (page(&["1"]), page(&["1"]), DIFFERENT),
        (page(&["1", "2"]), page(&["1", "2"]), DIFFERENT),
        (page(&["1"]), page(&[]), DIFFERENT),
    ] {
        let pages = Some(Ok([first, second]));
        let resources = Resources { pages, ..Resources::default() };
        let facts = Facts { resources, ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "resource_pages").0, judgement, "{:?}", facts.resources.pages);
    }
}

#[test]
fn a_filter_that_finds_too_much_or_too_little_is_different() {
    let exact = Filter { key: true, value: true, part: Some(false), other_case: Some(false) };
    for (filter, judgement) in [
        (exact, SEEN),
        (Filter { part: None, other_case: None, ..exact }, SEEN),
        (Filter { key: false, ..exact }, DIFFERENT),
        (Filter { value: false, ..exact }, DIFFERENT),
        (Filter { part: Some(true), ..exact }, DIFFERENT),
        (Filter { other_case: Some(true), ..exact }, DIFFERENT),
    ] {
        let resources = Resources { filter: Some(Ok(filter)), ..Resources::default() };
        let facts = Facts { resources, ..nothing(Generation::Vpc) };
        assert_eq!(found(&facts, "tag_filter").0, judgement, "{filter:?}");
    }
}

/// Whatever fails, the words of the cloud and of libraries stay out of every finding.
#[test]
fn no_failure_takes_a_word_of_the_cloud_into_the_report() {
    let secret = || "dev-secret of account 2500000".to_owned();
    let right = Right { call: "resources", granted_by: None };
    let failures = [
        CloudError::NotSent(secret()),
        CloudError::Unanswered { detail: secret(), http_status: Some(503) },
        CloudError::Throttled { refusal: refusal(429, None), retry_after: None },
        CloudError::Denied { refusal: refusal(401, Some("200")), because: Denial::Keys },
        CloudError::Denied {
            refusal: refusal(401, Some("200")),
            because: Denial::Clock { ahead: 900 },
        },
        CloudError::Forbidden { refusal: refusal(401, Some("dev-secret 2500000 [key]")), right },
        refused("dev-secret 2500000"),
        CloudError::Unreadable { detail: secret(), http_status: 200 },
    ];
    for error in failures {
        for generation in [Generation::Vpc, Generation::Classic] {
            let asked = || Some(Err(error.clone()));
            let listed = list(generation, &row("1", ""), "");
            let facts = Facts {
                regions: Err(error.clone()),
                nothing: Some((Some(error.clone()), true)),
                lists: vec![RegionLists {
                    region: kr(),
                    lists: Err(error.clone()),
                    without_zone: Some(Ok(listed)),
                }],
                pages: Pages {
                    servers: 2,
                    largest: asked(),
                    first: asked(),
                    second: asked(),
                    unknown: asked(),
                },
                resources: Resources {
                    any: Some(Err(error.clone())),
                    ours: Some(Err(error.clone())),
                    own: Some(Err(error.clone())),
                    filter: Some(Err(error.clone())),
                    pages: Some(Err(error.clone())),
                    ..Resources::default()
                },
                failed: vec![Failed { call: "resources", error: error.clone() }],
                ..nothing(generation)
            };
            let unread = words::of_failure(facts.unread().unwrap());
            let said = format!("{:?} {unread}", judge(&facts));
            assert!(!said.contains("secret") && !said.contains("2500000"), "{error:?}: {said}");
        }
    }
}
