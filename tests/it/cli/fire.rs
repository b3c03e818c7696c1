//! `lightsout fire`, and what can be read of it afterwards.

use std::process::{Command, Stdio};

use lightsout::cloud::rehearsal::{Fault, FaultKind};

use super::shell::{ALL, ONE, Shell, bare, finish};
use crate::wait::{self, LONG};

#[tokio::test]
async fn a_rule_fired_by_hand_stops_a_server_and_leaves_the_proof() {
    let shell = Shell::of(ONE, ALL).await;
    let done = shell.run("fire night --yes").await;
    assert_eq!(done.code, Some(0), "{done:?}");
    let lines = shell.json("history").await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = &lines[0];
    assert_eq!(
        (&line["outcome"], &line["return_code"], &line["http_status"], &line["trigger"]),
        (&"stopped".into(), &"0".into(), &200.into(), &"manual".into())
    );
    let asked = shell.cloud.requests();
    let asked = asked.iter().find(|request| request.action == "stopServerInstances").unwrap();
    assert_eq!(line["request_id"].as_str(), asked.request_id.as_deref());
    assert!(line["request_id"].is_string(), "{line}");
    let story = shell.json(&format!("show {}", line["firing"])).await;
    assert_eq!(story[0]["requests"][0]["request_id"], line["request_id"]);
    assert_eq!(story[0]["requests"][0]["instances"], serde_json::json!(["1"]));
    let shown = shell.run(&format!("show {}", line["firing"])).await;
    assert_eq!(shown.code, Some(0));
    assert!(shown.stdout.contains(line["request_id"].as_str().unwrap()), "{}", shown.stdout);
    let status = shell.json("status").await;
    assert_eq!(
        (&status[0]["daemon"], &status[0]["in_flight"]),
        (&serde_json::Value::Null, &serde_json::json!([]))
    );
}

#[tokio::test]
async fn without_yes_nothing_is_sent_where_nobody_can_be_asked() {
    let shell = Shell::of(ONE, ALL).await;
    let done = shell.run("fire night").await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
    assert!(done.stderr.contains("--yes"), "{}", done.stderr);
    assert_eq!(shell.cloud.requests().len(), 0);
}

#[tokio::test]
async fn exit_codes_say_what_went_wrong() {
    let refused = format!("{ONE}refuse = {{ code = \"77777\", message = \"no.\" }}\n");
    let two = format!("{ONE}[[servers]]\nname = \"b\"\nno = \"2\"\n");
    let guarded = format!("{ALL}max_instances = 1\n");
    let protected = ALL.replace("[[rules]]", "[protect]\nnames = [\"*\"]\n[[rules]]");
    let nothing = ALL.replace("[\"*\"]", "[\"qa\"]");
    for (fleet, schedules, code, outcome, requests) in [
        (refused.as_str(), ALL, 1, "refused", 4),
        (&two, &guarded, 4, "too_many", 0),
        (ONE, &protected, 0, "skipped", 0),
        (ONE, &nothing, 0, "nothing_matched", 0),
    ] {
        let shell = Shell::of(fleet, schedules).await;
        let done = shell.run("fire night --yes").await;
        assert_eq!(done.code, Some(code), "{outcome}: {done:?}");
        assert!(done.stdout.contains(outcome), "{outcome}: {done:?}");
        let lines = shell.json("history").await;
        assert_eq!((lines.len(), &lines[0]["outcome"]), (1, &outcome.into()), "{lines:?}");
        assert_eq!(shell.stop_requests(), requests, "{outcome}");
    }
}

#[tokio::test]
async fn a_server_that_is_left_alone_since_its_tags_could_not_be_read_is_trouble() {
    let fault = "[[faults]]\nkind = \"error_before\"\non = \"resources\"\n";
    let rule = ALL.replace("30s", "1s");
    for (asks, why) in [
        ("[protect]\ntags = { env = \"prod\" }\n", "protected"),
        ("[holds]\ntag = \"keep\"\n", "held"),
    ] {
        let rules = rule.replace("[[rules]]", &format!("{asks}[[rules]]"));
        let shell = Shell::of(&format!("{ONE}{fault}"), &rules).await;
        let done = shell.run("fire night --yes").await;
        assert_eq!(done.code, Some(3), "nothing was tried: {done:?}");
        assert!(
            done.stderr.contains("region KR: its tags could not be read: no answer"),
            "{done:?}"
        );
        let reason = format!("{why}: its tags could not be read");
        let lines = shell.json("history --outcome skipped").await;
        assert_eq!((lines.len(), &lines[0]["reason"]), (1, &reason.as_str().into()), "{lines:?}");
        assert_eq!(shell.stop_requests(), 0);
        // One that is off is where it shall be, whatever its tags say.
        let off = format!("{ONE}status = \"NSTOP\"\n{fault}");
        let done = Shell::of(&off, &rules).await.run("fire night --yes").await;
        assert_eq!(done.code, Some(0), "{done:?}");
    }
}

#[tokio::test]
async fn revoked_keys_and_a_gateway_that_is_away_exit_3() {
    let shell = Shell::of(ONE, &ALL.replace("30s", "1s")).await;
    shell.cloud.revoke_keys();
    let revoked = shell.run("fire night --yes").await;
    assert_eq!(revoked.code, Some(3), "{revoked:?}");
    assert_eq!(shell.run("plan").await.silent(), (Some(3), ""));
    // Nobody listens on a port that was just given back.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let away = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut command = shell.command("fire night --yes");
    command.env("NCLOUD_API_GW", away);
    let unreachable = finish(command).await;
    assert_eq!(unreachable.code, Some(3), "{unreachable:?}");
    let outcomes: Vec<_> =
        shell.json("history").await.into_iter().map(|line| line["outcome"].clone()).collect();
    assert_eq!(outcomes, ["cloud_failed", "cloud_failed"]);
}

#[tokio::test]
async fn missing_keys_exit_2_and_the_variables_are_named() {
    let shell = Shell::of(ONE, ALL).await;
    for arguments in ["fire night --yes", "plan", "run"] {
        let done = finish(bare(shell.path(), arguments)).await;
        assert_eq!(done.silent(), (Some(2), ""), "{arguments}: {done:?}");
        for variable in ["NCLOUD_ACCESS_KEY", "NCLOUD_SECRET_KEY"] {
            assert!(done.stderr.contains(variable), "{arguments}: {}", done.stderr);
        }
    }
    let done = shell.run("fire no-such-rule --yes").await;
    assert_eq!(done.silent(), (Some(2), ""), "{done:?}");
}

#[tokio::test]
async fn a_request_that_was_refused_is_not_said_to_be_a_reading_that_failed() {
    for (kind, code, parts) in [
        ("forbidden", 1, ["lack the right to call `stopServerInstances`", "`NCP_VPC_SERVER_MANAG"]),
        ("denied", 3, ["request was refused: the keys were refused", "`credentials` of account"]),
    ] {
        let fault = format!("{ONE}[[faults]]\nkind = \"{kind}\"\non = \"stopServerInstances\"\n");
        let shell = Shell::of(&fault, ALL).await;
        let done = shell.run("fire night --yes").await;
        assert_eq!(done.code, Some(code), "{kind}: {done:?}");
        for part in parts {
            let is_said = done.stderr.contains(part) || done.stdout.contains(part);
            assert!(is_said, "{kind}: {done:?}");
        }
        assert!(!done.stderr.contains("could not read account"), "{kind}: {done:?}");
    }
}

#[tokio::test]
async fn the_gateways_details_are_shown_and_logged_and_keys_in_them_are_not() {
    let fault = "[[faults]]\nkind = \"forbidden\"\non = \"stopServerInstances\"\nstatus = 403\n";
    let shell = Shell::of(&format!("{ONE}{fault}"), ALL).await;
    let (access, secret) = (shell.cloud.access_key(), shell.cloud.secret_key());
    let keys = [access.to_owned(), secret.to_owned()];
    let message = Some(format!("No subscription for {access} ({secret})."));
    shell.cloud.clear_faults();
    let stop = Fault::new("stopServerInstances", FaultKind::Forbidden);
    shell.cloud.add_fault(Fault { message, status: Some(403), ..stop });
    let mut fire = shell.command("fire night --yes");
    fire.env("RUST_LOG", "lightsout=debug");
    let fired = finish(fire).await;
    let history = shell.run("history --format json").await;
    let firing = &history.lines()[0]["firing"];
    let shown = shell.run(&format!("show {firing}")).await;
    for done in [&fired, &history, &shown] {
        let text = format!("{}{}", done.stdout, done.stderr);
        assert!(text.contains("No subscription for [key] ([key])."), "{done:?}");
        assert!(keys.iter().all(|key| !text.contains(key)), "{done:?}");
    }
    for file in std::fs::read_dir(shell.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for key in &keys {
            assert!(!bytes.windows(key.len()).any(|part| part == key.as_bytes()));
        }
    }
}

/// A server that takes long to stop, and a rule that waits for as long.
const SLOW: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"1h\"\n";

#[tokio::test]
async fn a_firing_beside_another_of_its_rule_says_so_and_one_that_is_told_to_end_says_what_goes_on()
{
    let shell = Shell::of(SLOW, ALL).await;
    let mut command = shell.command("fire night --yes");
    let first = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let asked = async || (shell.stop_requests() > 0).then_some(());
    wait::until("the stop is sent", asked).await;
    let firing = shell.json("history").await[0]["firing"].to_string();
    let second = shell.command("fire night --yes").stderr(Stdio::piped()).spawn().unwrap();
    let two = async || (shell.json("history").await.len() > 1).then_some(());
    wait::until("the second firing has begun", two).await;
    for (child, said) in [
        (first, "a request that was sent goes on in the cloud all the same".to_owned()),
        (second, format!("warning: firing {firing} of rule `night` is in flight already")),
    ] {
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let ended = tokio::time::timeout(LONG, ended).await.unwrap().unwrap();
        let stderr = String::from_utf8(ended.stderr).unwrap();
        assert!(stderr.contains(&said), "{stderr}");
        assert!(!stderr.contains("next start"), "{stderr}");
    }
    assert_eq!(shell.stop_requests(), 1);
}
