//! Who holds which tags: from the Resource Manager on VPC, from the list itself on Classic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lightsout::clock::{Clock, Moment};
use lightsout::cloud::codes;
use lightsout::cloud::ncloud::Ncloud;
use lightsout::cloud::{Cloud, CloudError};
use lightsout::model::instance::{Instance, InstanceNo, Product};
use lightsout::model::platform::Platform;
use lightsout::schedule::Account;
use lightsout::schedule::glob::Glob;
use lightsout::schedule::selector::{Clause, Selector, TagQuestion};
use lightsout::schedule::tag_questions::TagQuestions;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;

use super::far::{
    Far, Received, Reply, account, client, later, numbered, numbers, ok, region, status,
};

/// Server 9 is in another region, server 5 is not in the list.
const TAGS: [(u32, &str, &str); 7] = [
    (1, "환경", "개발"),
    (2, "환경", "개발-2"),
    (3, "환경", "운영"),
    (5, "환경", "개발-5"),
    (9, "환경", "개발"),
    (1, "owner", "ana"),
    (2, "owner", "개발"),
];

fn resource(no: u32, tags: &[(u32, &str, &str)], with_tags: bool) -> Value {
    let mut row = json!({
        "nrn": format!("nrn:PUB:VPCServer:KR:1:Server/{no}"),
        "productName": "VPCServer",
        "regionCode": if no == 9 { "SGN" } else { "KR" },
        "resourceType": "Server",
        "resourceId": no.to_string(),
    });
    if with_tags {
        let own = tags.iter().filter(|tag| tag.0 == no);
        row["tag"] = own.map(|tag| json!({ "tagKey": tag.1, "tagValue": tag.2 })).collect();
    }
    row
}

/// Answers like the Resource Manager does, with two rows a page.
fn resources(request: &Received) -> Reply {
    assert_eq!((&*request.method, &*request.target), ("POST", "/api/v1/resources"));
    let asked: Value = serde_json::from_str(&request.body).unwrap();
    if let Some(nrn) = asked["nrn"].as_str() {
        let no = nrn.rsplit('/').next().unwrap().parse().unwrap();
        return ok(json!({ "hasMore": false, "items": [resource(no, &TAGS, true)] }).to_string());
    }
    assert_eq!(asked["productName"], "VPCServer");
    assert_eq!((&asked["resourceType"], &asked["regionCode"]), (&json!("Server"), &json!("KR")));
    assert_eq!(asked["size"], 100);
    if asked["tag"].is_null() {
        let items = [1, 2, 3].map(|no| resource(no, &TAGS, false));
        return ok(json!({ "hasMore": false, "items": items }).to_string());
    }
    let tag = &asked["tag"][0];
    let holds = |it: &&(u32, &str, &str)| {
        tag["tagKey"] == it.1 && (tag["tagValue"].is_null() || tag["tagValue"] == it.2)
    };
    let found: Vec<_> = TAGS.iter().filter(holds).map(|it| resource(it.0, &TAGS, false)).collect();
    let page = usize::try_from(asked["page"].as_u64().unwrap()).unwrap();
    let items: Vec<_> = found.iter().skip(page * 2).take(2).collect();
    let has_more = found.len() > page * 2 + 2;
    ok(json!({ "page": page, "hasMore": has_more, "items": items }).to_string())
}

fn listed(tags: Option<&[(u32, &str, &str)]>) -> Vec<Instance> {
    let instance = |no: u32| Instance {
        no: numbers([no]).remove(0),
        name: format!("dev-{no}"),
        region: region("KR"),
        status: codes::status("RUN"),
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: tags.map(|tags| {
            let own = tags.iter().filter(|tag| tag.0 == no);
            own.map(|tag| (tag.1.to_owned(), tag.2.to_owned())).collect()
        }),
    };
    [1, 2, 3, 4].map(instance).into()
}

fn question(key: &str, value: &str) -> TagQuestion {
    TagQuestion { key: key.to_owned(), value: Glob::new(value).unwrap() }
}

/// What is known of each question once every candidate was read, and why what is not is not.
async fn answers(
    client: &Ncloud,
    listed: &[Instance],
    questions: &[TagQuestion],
    until: Moment,
) -> Vec<Result<BTreeSet<InstanceNo>, CloudError>> {
    let (kr, asked) = (region("KR"), asked(questions));
    let lists = client.tag_lists(&kr, listed, &asked, until).await;
    let all = lists.selectors.values().flatten();
    let candidates: BTreeSet<_> = all.flat_map(|it| &it.candidates).cloned().collect();
    let mut tags = BTreeMap::new();
    for instance in listed.iter().filter(|it| candidates.contains(&it.no)) {
        tags.insert(&instance.no, client.tags_of(&kr, instance, until).await);
    }
    let answer = |question: &TagQuestion| {
        let mut holders = lists.selectors[question].clone()?;
        for candidate in holders.candidates {
            if question.holds_for(tags[&candidate].as_ref().map_err(Clone::clone)?) {
                holders.certain.insert(candidate);
            }
        }
        Ok(holders.certain)
    };
    questions.iter().map(answer).collect()
}

fn asked(questions: &[TagQuestion]) -> TagQuestions {
    let protect = Selector::of(questions.iter().cloned().map(Clause::Tag));
    TagQuestions::of([], &Arc::new(protect), None)
}

/// How many queries and how many readings by nrn a far side was asked.
fn queries(far: &Far) -> (usize, usize) {
    let by_nrn = far.received().iter().filter(|it| it.body.contains("\"nrn\"")).count();
    (far.received().len() - by_nrn, by_nrn)
}

#[tokio::test]
async fn each_kind_of_glob_is_asked_with_as_few_calls_as_it_takes() {
    // Hangul is asked for composed and decomposed, be it key or value; who has the key and is in
    // none of these lists may have the value in a mixed form.
    for (questions, expected, calls) in [
        (vec![question("환경", "개발")], vec![Ok(numbered([1]))], (8, 2)),
        (vec![question("환경", "{운영,개발-2}")], vec![Ok(numbered([2, 3]))], (12, 1)),
        (vec![question("환경", "*")], vec![Ok(numbered([1, 2, 3, 5]))], (4, 0)),
        (vec![question("환경", "개발-*")], vec![Ok(numbered([2]))], (4, 3)),
        (
            vec![question("환경", "개발-*"), question("환경", "운*"), question("owner", "?*")],
            vec![Ok(numbered([2])), Ok(numbered([3])), Ok(numbered([1, 2]))],
            (5, 3),
        ),
        // No value might be taken for any value, so it is not asked for.
        (vec![question("환경", "{개발,}")], vec![Ok(numbered([1]))], (4, 3)),
        // Where nobody is found, one more query shows that the servers are known at all.
        (vec![question("env", "*")], vec![Ok(numbered([]))], (2, 0)),
        (vec![question("owner", "{ana,bo}")], vec![Ok(numbered([1]))], (2, 0)),
    ] {
        let far = Far::new(resources).await;
        let (client, clock) = far.client(Platform::Vpc);
        let listed = listed(None);
        let answers = answers(&client, &listed, &questions, later(&clock)).await;
        assert_eq!((answers, queries(&far)), (expected, calls), "{questions:?}");
    }
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_leaves_the_others_alone() {
    let far = Far::new(|request| {
        if request.body.contains("owner") {
            status(400, "{\"error\":{\"errorCode\":\"100\"}}")
        } else {
            resources(request)
        }
    })
    .await;
    let (client, clock) = far.client(Platform::Vpc);
    let questions = [question("owner", "ana"), question("환경", "개발")];
    let listed = listed(None);
    let answers = answers(&client, &listed, &questions, later(&clock)).await;
    let refusal = answers[0].as_ref().unwrap_err().refusal().unwrap();
    assert_eq!(refusal.return_code.as_deref(), Some("100"));
    assert_eq!(answers[1], Ok(numbered([1])));
}

#[tokio::test]
async fn an_answer_that_cannot_be_trusted_is_no_answer() {
    let candidate = resource(1, &TAGS, false);
    let foreign = resource(9, &TAGS, false);
    let keyless = json!({ "resourceId": "2", "tag": [{ "tagValue": "개발" }] });
    let nameless = json!({ "resourceType": "Server", "resourceId": "dev-1" });
    let nrnless = json!({ "resourceId": "1" });
    let with = |field: &str, word: &str| {
        let mut odd = candidate.clone();
        odd[field] = json!(word);
        odd
    };
    for (body, expected) in [
        (json!({ "page": 0 }), "there are no items in it"),
        (json!({ "page": 0, "items": null }), "there are no items in it"),
        (json!({ "items": [nameless] }), "the resourceId `dev-1` is no server's"),
        (json!({ "items": [candidate, keyless] }), "server 2 has a tag without a key"),
        (json!({ "items": [candidate], "hasMore": "maybe" }), "its hasMore is `maybe`"),
        (json!({ "items": [candidate], "itemCount": "few" }), "its itemCount is `few`"),
        (json!({ "items": [], "itemCount": 1 }), "its itemCount is 1, and it shows 0"),
        (json!({ "items": [candidate], "itemCount": 2 }), "its itemCount is 2, and it shows 1"),
        (json!({ "items": [candidate], "itemCount": 0 }), "its itemCount is 0, and it shows 1"),
        (json!({ "items": [], "page": 3 }), "it is page 3, and page 0 was asked for"),
        (json!({ "items": [candidate, candidate] }), "its pages repeat themselves"),
        (json!({ "items": [candidate, nrnless] }), "server 1 is in it twice"),
        (json!({ "items": [with("regionCode", "kr")] }), "the regionCode of server 1 is `kr`"),
        (json!({ "items": [with("regionCode", "SGN")] }), "the regionCode of server 1 is `SGN`"),
        (json!({ "items": [with("resourceType", "server")] }), "resourceType of server 1 is"),
        (json!({ "items": [with("productName", "Server")] }), "productName of server 1 is"),
        (json!({ "items": [with("resourceId", "2")] }), "that of server 2 and of server 1"),
        (json!({ "hasMore": true, "items": [candidate] }), "its pages repeat themselves"),
        (json!({ "hasMore": true, "items": [foreign] }), "its pages repeat themselves"),
        (json!({ "hasMore": true, "items": [] }), "its pages repeat themselves"),
        (json!({ "items": [candidate] }), "the tags of server 1 are not in it"),
    ] {
        let body = body.to_string();
        let far = Far::new(move |_| ok(body.clone())).await;
        let (client, clock) = far.client(Platform::Vpc);
        let until = clock.moment();
        let (listed, questions) = (listed(None), [question("환경", "개발-*")]);
        let answers = answers(&client, &listed, &questions, until).await;
        let error = answers[0].as_ref().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn pages_that_contradict_each_other_are_read_again_and_then_are_no_answer() {
    let page = |items: &[u32], has_more: bool, count: Option<usize>| {
        let items: Vec<_> = items.iter().map(|no| resource(*no, &TAGS, false)).collect();
        json!({ "hasMore": has_more, "items": items, "itemCount": count })
    };
    let sound = |count| vec![page(&[1, 2], true, count), page(&[3], false, count)];
    let odd = vec![page(&[1, 2], true, None), page(&[2], false, None)];
    let short = vec![page(&[1, 2], true, Some(3)), page(&[], false, Some(3))];
    let torn = vec![page(&[1, 2], true, None), page(&[], true, None), page(&[3], false, None)];
    let own = vec![page(&[1, 2], true, Some(2)), page(&[3], false, Some(1))];
    let empty_end = vec![page(&[1, 2, 3], true, Some(3)), page(&[], false, Some(0))];
    let all = Ok(numbered([1, 2, 3]));
    for (readings, expected) in [
        (vec![sound(None)], all.clone()),
        (vec![sound(Some(3))], all.clone()),
        (vec![own], all.clone()),
        (vec![empty_end], all.clone()),
        // Something came or went meanwhile.
        (vec![odd.clone(), short.clone(), sound(Some(3))], all.clone()),
        (vec![odd.clone(), odd.clone(), odd], Err("its pages repeat themselves")),
        (vec![torn.clone(), torn.clone(), torn], Err("its pages repeat themselves")),
        (vec![short.clone(), short.clone(), short], Err("its itemCount is 3, and it shows 2")),
    ] {
        let (shown, read) = (readings.clone(), AtomicUsize::new(0));
        let far = Far::new(move |request| {
            let asked: Value = serde_json::from_str(&request.body).unwrap();
            let index = usize::try_from(asked["page"].as_u64().unwrap()).unwrap();
            if index == 0 {
                read.fetch_add(1, Ordering::Relaxed);
            }
            ok(shown[read.load(Ordering::Relaxed) - 1][index].to_string())
        })
        .await;
        let (client, clock) = far.client(Platform::Vpc);
        let (listed, questions) = (listed(None), [question("env", "dev")]);
        let answers = answers(&client, &listed, &questions, later(&clock)).await;
        match expected {
            Ok(numbers) => assert_eq!(answers, [Ok(numbers)], "{readings:?}"),
            Err(why) => {
                let error = answers[0].as_ref().unwrap_err().to_string();
                assert!(error.contains(why), "{error}: {readings:?}");
            }
        }
    }
}

#[tokio::test]
async fn tags_that_a_row_carries_are_believed_more_than_the_filter() {
    let both = [resource(1, &TAGS, true), resource(3, &TAGS, true)];
    let body = json!({ "hasMore": false, "items": both }).to_string();
    let far = Far::new(move |_| ok(body.clone())).await;
    let (client, clock) = far.client(Platform::Vpc);
    let (listed, questions) = (listed(None), [question("환경", "개발")]);
    let answers = answers(&client, &listed, &questions, later(&clock)).await;
    assert_eq!(answers, [Ok(numbered([1]))]);
}

#[tokio::test]
async fn classic_answers_from_its_list_without_a_call() {
    let far = Far::new(|_| panic!("nothing is to be asked")).await;
    let (client, clock) = far.client(Platform::Classic);
    let listed = listed(Some(&TAGS));
    let questions = [question("환경", "개발*"), question("owner", "*"), question("env", "*")];
    let answers = answers(&client, &listed, &questions, later(&clock)).await;
    assert_eq!(answers, [Ok(numbered([1, 2])), Ok(numbered([1, 2])), Ok(numbered([]))]);
    assert!(far.received().is_empty());
}

#[tokio::test]
async fn a_resource_manager_with_a_path_is_asked_there_for_pages_from_zero() {
    let far = Far::new(|request| {
        assert_eq!(request.target, "/api/v2/resources");
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let page = body["page"].as_u64().unwrap();
        let items = [resource(u32::try_from(page + 1).unwrap(), &TAGS, false)];
        ok(json!({ "page": page, "hasMore": page < 2, "items": items }).to_string())
    })
    .await;
    let resource_manager = Some(format!("{}/api/v2/", far.url));
    let account = Account { resource_manager, ..account(&far.url, Platform::Vpc) };
    let (client, clock) = client(&account);
    let (listed, questions) = (listed(None), [question("환경", "*")]);
    let answers = answers(&client, &listed, &questions, later(&clock)).await;
    assert_eq!(answers, [Ok(numbered([1, 2, 3]))]);
    let fields: BTreeMap<String, Value> = serde_json::from_str(&far.received()[0].body).unwrap();
    let known = ["page", "productName", "regionCode", "resourceType", "size", "tag"];
    assert!(fields.keys().eq(known), "{fields:?}");
}

#[tokio::test]
async fn a_tag_is_found_in_whichever_form_it_was_written() {
    let decomposed = |text: &str| text.nfd().collect::<String>();
    for (key, value) in [
        ("환경".to_owned(), decomposed("개발")),
        (decomposed("환경"), "개발".to_owned()),
        (decomposed("환경"), decomposed("개발")),
        ("환경".to_owned(), format!("개{}", decomposed("발"))),
        ("환경".to_owned(), "개바\u{11af}".to_owned()),
    ] {
        let tags = [(3, &*key, &*value)];
        let shown = [resource(3, &tags, true).to_string(), resource(3, &tags, false).to_string()];
        let (key, value) = (json!(key), json!(value));
        let far = Far::new(move |request| {
            let asked: Value = serde_json::from_str(&request.body).unwrap();
            let tag = &asked["tag"][0];
            let is_found = asked["nrn"].is_string()
                || tag["tagKey"] == key && (tag["tagValue"].is_null() || tag["tagValue"] == value);
            let item = if asked["nrn"].is_string() { &shown[0] } else { &shown[1] };
            let items = if is_found { item } else { "" };
            ok(format!("{{\"hasMore\":false,\"items\":[{items}]}}"))
        })
        .await;
        let (client, clock) = far.client(Platform::Vpc);
        let listed = listed(None);
        for glob in ["개발", "개*", "*"] {
            let questions = [question("환경", glob)];
            let answers = answers(&client, &listed, &questions, later(&clock)).await;
            assert_eq!(answers, [Ok(numbered([3]))], "{glob}");
        }
    }
}
