//! `/rehearsal/…`: the world's own side door.

use serde_json::{Value, json};

use super::wire::{Ask, Cloud, Seen};
use super::{STOP_1, codes};

const ONE: &str = "[[servers]]\nname = \"a\"\nno = \"1\"\ntags = { env = \"dev\" }\n";

fn lines(seen: &Seen) -> Vec<Value> {
    seen.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn look(cloud: &Cloud, what: &str) -> Seen {
    cloud.send(&Ask::get(&format!("/rehearsal/{what}")).unsigned()).await
}

#[tokio::test]
async fn counts_requests_and_servers_can_be_read() {
    let cloud = Cloud::of(ONE).await;
    cloud.get(STOP_1).await;
    let counts = look(&cloud, "counts").await.json();
    assert_eq!(counts["requests"], json!({"stopServerInstances": 1}));
    assert_eq!(counts["instances"]["1"]["stop_requests"], 1);
    let requests = lines(&look(&cloud, "requests").await);
    assert_eq!((requests.len(), &requests[0]["effects"]), (1, &json!(["1"])));
    let servers = lines(&look(&cloud, "servers").await);
    assert_eq!((&servers[0]["status"], &servers[0]["operation"]), (&json!("RUN"), &json!("SHTDN")));
}

#[tokio::test]
async fn a_server_can_be_patched_and_removed() {
    let cloud = Cloud::of(ONE).await;
    let patch = |body: &str| Ask::post("/rehearsal/servers/1", body).unsigned();
    let status = async |ask: Ask| cloud.send(&ask).await.status;
    assert_eq!(status(patch(r#"{"status": "NSTOP"}"#)).await, 200);
    assert_eq!(cloud.state("1"), "NSTOP/NULL");
    assert_eq!(
        status(patch(r#"{"operation": "CHNG", "name": "b", "tags": {"x": "y"}}"#)).await,
        200
    );
    assert_eq!(cloud.state("1"), "NSTOP/CHNG");
    let server = &cloud.cloud.servers()[0];
    assert_eq!(
        (server.name.as_str(), &server.tags[..]),
        ("b", &[("x".to_owned(), "y".to_owned())][..])
    );
    assert_eq!(status(patch(r#"{"state": "RUN"}"#)).await, 400);
    assert_eq!(status(Ask::delete("/rehearsal/servers/1")).await, 200);
    assert_eq!(status(Ask::delete("/rehearsal/servers/1")).await, 400);
    assert!(cloud.cloud.servers().is_empty());
}

#[tokio::test]
async fn faults_come_as_toml_or_json_and_go() {
    let cloud = Cloud::of(ONE).await;
    for (fault, status) in [
        ("on = \"stopServerInstances\"\nkind = \"throttle\"\n", 200),
        (r#"{"on": "stopServerInstances", "kind": "throttle"}"#, 200),
        ("kind = \"slow\"\n", 400),
        (r#"{"kind": "sloth"}"#, 400),
    ] {
        let seen = cloud.send(&Ask::post("/rehearsal/faults", fault).unsigned()).await;
        assert_eq!(seen.status, status, "{fault}: {}", seen.text());
    }
    assert_eq!(codes(&cloud.get(STOP_1).await), (429, Some("410".to_owned())));
    assert_eq!(cloud.send(&Ask::delete("/rehearsal/faults")).await.status, 200);
    assert_eq!(cloud.get(STOP_1).await.status, 200);
    assert_eq!(cloud.cloud.counts().requests_for("unknown"), 0, "the side door is not counted");
    assert_eq!(look(&cloud, "elsewhere").await.status, 404);
}
