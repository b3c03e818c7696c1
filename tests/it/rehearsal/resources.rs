//! The Resource Manager.

use serde_json::{Value, json};

use super::wire::{Ask, Cloud};

const FLEET: &str = r#"
    regions = ["KR", "SGN"]
    [[servers]]
    name = "dev"
    no = "1"
    count = 2
    tags = { env = "dev", team = "a" }
    [[servers]]
    name = "prod"
    no = "3"
    tags = { env = "prod" }
    [[servers]]
    name = "far"
    no = "4"
    region = "SGN"
    tags = { env = "dev" }
    [[servers]]
    name = "classic"
    no = "5"
    platform = "classic"
    tags = { env = "dev" }
    [[servers]]
    name = "ghost"
    no = "6"
    stranger = true
    tags = { env = "dev" }
"#;

async fn ask(cloud: &Cloud, body: &Value) -> Value {
    cloud.send(&Ask::resources(&body.to_string())).await.json()
}

fn ids(answer: &Value) -> Vec<&str> {
    let items = answer["items"].as_array().expect("items");
    items.iter().map(|item| item["resourceId"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn tags_are_matched_exactly_and_all_must_hold() {
    let cloud = Cloud::of(FLEET).await;
    for (body, expected) in [
        (json!({}), &["1", "2", "3", "4", "6"][..]),
        (json!({"tag": [{"tagKey": "env"}]}), &["1", "2", "3", "4", "6"]),
        (json!({"tag": [{"tagKey": "env", "tagValue": "dev"}]}), &["1", "2", "4", "6"]),
        (json!({"tag": [{"tagKey": "env", "tagValue": "d*"}]}), &[]),
        (json!({"tag": [{"tagKey": "env", "tagValue": "dev"}, {"tagKey": "team"}]}), &["1", "2"]),
        (json!({"tag": [{"tagKey": "Env"}]}), &[]),
        (json!({"regionCode": "SGN", "tag": [{"tagKey": "env"}]}), &["4"]),
        (json!({"productName": "VPCServer", "resourceType": "Server", "resourceId": "3"}), &["3"]),
        (json!({"productName": "Server"}), &[]),
        (json!({"resourceName": "prod"}), &["3"]),
    ] {
        assert_eq!(ids(&ask(&cloud, &body).await), expected, "{body}");
    }
}

#[tokio::test]
async fn tags_are_told_only_when_asked_for_by_nrn() {
    let cloud = Cloud::of(FLEET).await;
    let found = ask(&cloud, &json!({"resourceId": "1"})).await;
    assert_eq!(found["items"][0]["tag"], Value::Null);
    let one = ask(&cloud, &json!({"nrn": found["items"][0]["nrn"]})).await;
    assert_eq!(
        one["items"][0]["tag"],
        json!([{"tagKey": "env", "tagValue": "dev"}, {"tagKey": "team", "tagValue": "a"}])
    );
    assert_eq!(ids(&one), ["1"]);
}

#[tokio::test]
async fn pages_begin_at_zero_and_say_whether_there_is_more() {
    let cloud = Cloud::of("[[servers]]\nname = \"a\"\nno = \"1\"\ncount = 21").await;
    for (body, count, more) in [
        (json!({}), 20, true),
        (json!({"page": 1}), 1, false),
        (json!({"page": 2}), 0, false),
        (json!({"page": 2, "size": 7}), 7, false),
        // What it does not know it does not heed.
        (json!({"pageIndex": 1, "pageSize": 10}), 20, true),
    ] {
        let answer = ask(&cloud, &body).await;
        assert_eq!(
            (&answer["itemCount"], &answer["hasMore"]),
            (&json!(count), &json!(more)),
            "{body}"
        );
        assert_eq!(ids(&answer).len(), count, "{body}");
    }
    for body in [r#"{"size": 0}"#, r#"{"size": 101}"#, "{", "", r#"{"tag": [{}]}"#] {
        let seen = cloud.send(&Ask::resources(body)).await;
        assert_eq!(
            (seen.status, &seen.json()["error"]["errorCode"]),
            (400, &json!("100")),
            "{body}"
        );
    }
}

#[tokio::test]
async fn its_calls_are_signed_like_all_others() {
    let cloud = Cloud::of(FLEET).await;
    let seen = cloud.send(&Ask::resources("{}").with_secret("wrong")).await;
    assert_eq!((seen.status, &seen.json()["error"]["errorCode"]), (401, &json!("200")));
}
