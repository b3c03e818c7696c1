//! An account that can be read in part: its tags or a region cannot.

use serde_json::Value;

use super::super::shell::{ALL, ONE, Shell};
use super::super::web::pages::text;
use super::{Daemon, fault, status};
use crate::notice::ear::{Answer, Ear};
use crate::wait;

#[tokio::test]
async fn tags_that_cannot_be_read_are_said_at_once_and_everywhere_and_so_is_their_end() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let target = format!("[[notify]]\nurl = \"{}\"\non = [\"unreadable\"]\n", ear.url());
    let protect = "[protect]\ntags = { env = \"prod\" }\n";
    let shell = Shell::of(
        ONE,
        &format!("{}{target}", ALL.replace("[[rules]]", &format!("{protect}[[rules]]"))),
    )
    .await;
    shell.cloud.add_fault(fault("kind = \"forbidden\"\non = \"resources\"\n"));
    let mut daemon = Daemon::start(&shell).await;
    let error = daemon.says("account cannot be read: ").await;
    let means =
        "nothing can be stopped or started in `main` until its keys have the right to read tags";
    assert!(error["message"].as_str().unwrap().ends_with(means), "{error}");
    let reason = "its tags cannot be read from the Resource Manager: the keys lack the right to \
                  call `resources`, which `NCP_RESOURCE_MANAGER_VIEWER` grants";
    assert!(error["reason"].as_str().unwrap().starts_with(reason), "{error}");
    let told = status(&shell, 3).await;
    assert!(told.stdout.contains(means) && told.stdout.contains(reason), "{told:?}");
    let page = daemon.get("/").body;
    assert!(text(&page).contains("its tags cannot be read from the Resource Manager"), "{page}");
    let ready = daemon.get("/readyz");
    assert!(ready.body.contains("from the Resource Manager"), "{}", ready.body);
    let notice = ear.hear(1).await[0].json();
    assert_eq!(
        (&notice["unreadable"]["name"], &notice["unreadable"]["over"]),
        (&"main".into(), &false.into())
    );
    shell.cloud.clear_faults();
    daemon.hang_up();
    daemon.says("account can be read again").await;
    status(&shell, 0).await;
    assert_eq!(ear.hear(2).await[1].json()["unreadable"]["over"], true);
}

#[tokio::test]
async fn a_look_asks_about_tags_only_where_anything_does() {
    let by_tag = ALL.replace("names = [\"*\"]", "tags = { env = \"dev\" }");
    let other = ALL.split_once("[[rules]]").unwrap().1.replace("night", "by-name");
    for (rules, said) in [
        (ALL.to_owned(), None),
        (by_tag.clone(), Some("from the Resource Manager: ")),
        (
            format!("{by_tag}[[rules]]{other}"),
            Some("from the Resource Manager (rules without tags go on): "),
        ),
    ] {
        let shell = Shell::of(ONE, &rules).await;
        shell.cloud.add_fault(fault("kind = \"forbidden\"\non = \"resources\"\n"));
        let _daemon = Daemon::start(&shell).await;
        let code = if said.is_some() { 3 } else { 0 };
        status(&shell, code).await;
        let look = async || {
            let line = shell.json("status").await[0]["accounts"][0].clone();
            Some(line).filter(|line| !line["last_good_look"].is_null() || said.is_some())
        };
        let account = wait::until("it looks", look).await;
        let reason = account["reason"].as_str();
        assert_eq!(reason.is_some(), said.is_some(), "{account}");
        assert!(reason.unwrap_or_default().contains(said.unwrap_or_default()), "{account}");
        assert_eq!(shell.cloud.counts().requests_for("resources"), u64::from(said.is_some()));
    }
}

#[tokio::test]
async fn a_region_counts_only_where_a_server_was_ever_seen_in_it() {
    let ear = Ear::answering(&[Answer::Status("200 OK")]).await;
    let refused = |region: &str| {
        fault(&format!(
            "kind = \"refuse\"\non = \"getServerInstanceList\"\nregion = \"{region}\"\n\
             code = \"77777\"\nmessage = \"Not here.\"\n"
        ))
    };
    let rules = ALL.replace("0 20 * * *", "*/3 * * * * *");
    let target = format!("[[notify]]\nurl = \"{}\"\non = [\"unreadable\"]\n", ear.url());
    let fleet = format!("regions = [\"KR\", \"JPN\"]\n{ONE}region = \"KR\"\n");
    let shell = Shell::of(&fleet, &format!("{rules}{target}")).await;
    shell.cloud.add_fault(refused("JPN"));
    let mut daemon = Daemon::start(&shell).await;
    let warning = daemon.says("region cannot be listed; no server was ever in it").await;
    assert_eq!((&warning["region"], &warning["level"]), (&"JPN".into(), &"WARN".into()));
    super::super::daemon::stopped(&shell).await;
    assert_eq!(shell.json("history --outcome cloud_failed").await, [] as [Value; 0]);
    let told = status(&shell, 0).await;
    assert!(told.stdout.contains("region JPN cannot be listed; no server was ever"), "{told:?}");
    let first = ear.hear(1).await[0].json();
    assert_eq!(first["unreadable"]["region"], "JPN", "{first}");
    shell.cloud.add_fault(refused("KR"));
    shell.cloud.clear_faults();
    shell.cloud.add_fault(refused("KR"));
    let error = daemon.says("account cannot be read: ").await;
    let means = "nothing can be stopped or started in KR of `main` until its servers can be listed";
    assert!(error["message"].as_str().unwrap().ends_with(means), "{error}");
    status(&shell, 3).await;
    assert_eq!(ear.hear(2).await[1].json()["unreadable"]["kind"], "account");
}
