//! Lists of tags with many pages, of which several are asked for at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use lightsout::cloud::Cloud;
use lightsout::cloud::codes;
use lightsout::model::instance::{Instance, InstanceNo, Product};
use lightsout::model::platform::Platform;
use lightsout::schedule::glob::Glob;
use lightsout::schedule::selector::{Clause, Selector, TagQuestion};
use lightsout::schedule::tag_questions::TagQuestions;
use serde_json::{Value, json};

use super::far::{Far, later, numbers, ok, region, status};

fn asked_page(body: &str) -> u32 {
    let asked: Value = serde_json::from_str(body).unwrap();
    asked["page"].as_u64().unwrap().try_into().unwrap()
}

fn server(no: InstanceNo) -> Instance {
    Instance {
        name: format!("dev-{no}"),
        no,
        region: region("KR"),
        status: codes::status("RUN"),
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    }
}

#[tokio::test]
async fn many_pages_are_one_list_whatever_lies_beyond_the_last() {
    let held = Arc::new(AtomicU32::new(1_250));
    let shown = Arc::clone(&held);
    let far = Far::new(move |request| {
        let (page, held) = (asked_page(&request.body), shown.load(Ordering::Relaxed));
        let numbers = page * 100 + 1..=held.min(page * 100 + 100);
        if numbers.is_empty() {
            return status(400, "there is no such page");
        }
        let row = |no: u32| {
            json!({
                "nrn": format!("nrn:PUB:VPCServer:KR:1:Server/{no}"),
                "productName": "VPCServer",
                "regionCode": "KR",
                "resourceType": "Server",
                "resourceId": no.to_string(),
            })
        };
        let has_more = *numbers.end() < held;
        let items: Vec<_> = numbers.map(row).collect();
        ok(json!({ "page": page, "hasMore": has_more, "items": items }).to_string())
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    let question = TagQuestion { key: "env".to_owned(), value: Glob::new("dev").unwrap() };
    let protect = Selector::of([Clause::Tag(question.clone())]);
    let questions = TagQuestions::of([], &Arc::new(protect), None);
    let listed: Vec<Instance> = numbers(1..=2_000).into_iter().map(server).collect();
    let mut before = 0;
    // It is read for the first time, then with as many pages, with fewer and with more.
    for (servers, at_most) in [(1_250, 22), (1_250, 13), (820, 13), (1_010, 20)] {
        held.store(servers, Ordering::Relaxed);
        let lists = client.tag_lists(&region("KR"), &listed, &questions, later(&clock)).await;
        let holders = lists.selectors[&question].clone().unwrap();
        let all: BTreeSet<InstanceNo> = numbers(1..=servers).into_iter().collect();
        assert!(holders.certain == all && holders.candidates.is_empty(), "{servers} servers");
        let asked: Vec<u32> =
            far.received()[before..].iter().map(|it| asked_page(&it.body)).collect();
        before += asked.len();
        assert!(asked.len() <= at_most, "{servers} servers: pages {asked:?}");
    }
}
