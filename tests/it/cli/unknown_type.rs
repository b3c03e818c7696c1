//! A Resource Manager that calls servers by another type than lightsout asks for.

use super::shell::{ALL, Shell};

const OTHER: &str = "resource_type = \"Instance\"\n";
const TWO: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"0s\"\n\
    tags = { env = \"prod\" }\n\
    [[servers]]\nname = \"dev-b\"\nno = \"2\"\nstop_takes = \"0s\"\n";

fn protecting() -> String {
    ALL.replace("[[rules]]", "[protect]\ntags = { env = \"prod\" }\n[[rules]]").replace("30s", "1s")
}

#[tokio::test]
async fn a_tag_that_no_question_finds_protects_all_the_same() {
    let shell = Shell::of(&format!("{OTHER}{TWO}"), &protecting()).await;
    let plan = shell.run("plan -o json").await;
    let skipped = |line: &serde_json::Value| line["reason_code"] == "protect_unread";
    assert!(plan.lines().len() == 2 && plan.lines().iter().all(skipped), "{plan:?}");
    assert!(plan.stderr.contains("it knows none of 2 servers as VPCServer/Server"), "{plan:?}");
    let fired = shell.run("fire night --yes").await;
    assert_ne!(fired.code, Some(0), "{fired:?}");
    assert_eq!(shell.stop_requests(), 0);
}

#[tokio::test]
async fn where_nobody_has_the_tag_one_more_question_shows_that_tags_can_be_read() {
    let nobody = TWO.replace("tags = { env = \"prod\" }\n", "");
    let shell = Shell::of(&nobody, &protecting()).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    assert_eq!(shell.stop_requests(), 1);
}
