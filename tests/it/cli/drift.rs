//! A rule that suddenly matches far more than it used to.

use lightsout::model::instance::InstanceNo;

use super::shell::{ALL, Done, Shell};

/// Servers that are off already, so that a firing goes ahead and has nothing to wait for.
const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\ncount = 3\nstatus = \"NSTOP\"\n\
    [[servers]]\nname = \"qa\"\nno = \"11\"\ncount = 9\nstatus = \"NSTOP\"\n";

/// A shell whose rule has gone ahead once, with three servers.
async fn after_a_first_night(more: &str) -> Shell {
    let shell = Shell::of(FLEET, &(ALL.replace("\"*\"", "\"dev*\"") + more)).await;
    let first = fire(&shell, "").await;
    assert_eq!(first.code, Some(0), "a first firing has no past: {first:?}");
    shell
}

async fn fire(shell: &Shell, with: &str) -> Done {
    shell.run(&format!("fire night --yes {with}")).await
}

/// Names that many of the other servers so that the rule matches them as well.
fn widen(shell: &Shell, by: u32) {
    for no in 11..11 + by {
        shell.cloud.rename(&InstanceNo::new(no.to_string()).unwrap(), &format!("dev-{no}"));
    }
}

#[tokio::test]
async fn a_firing_that_matches_far_more_than_ever_sends_nothing_until_it_is_allowed() {
    let shell = after_a_first_night("").await;
    widen(&shell, 5);
    for _ in 0..2 {
        let drifted = fire(&shell, "").await;
        assert_eq!(drifted.code, Some(4), "a drifted firing is no measure: {drifted:?}");
        let line = &shell.json("history --limit 1").await[0];
        assert_eq!(
            (&line["outcome"], &line["reason"]),
            (&"drifted".into(), &"8 instances, 3 at most in its last firings".into())
        );
    }
    assert_eq!(fire(&shell, "--allow-drift").await.code, Some(0));
    assert_eq!(fire(&shell, "").await.code, Some(0), "what was allowed is the new measure");
}

#[tokio::test]
async fn a_few_more_than_ever_are_no_drift() {
    let shell = after_a_first_night("").await;
    widen(&shell, 4);
    assert_eq!(fire(&shell, "").await.code, Some(0));
}

#[tokio::test]
async fn a_rule_may_say_that_it_drifts() {
    let shell = after_a_first_night("drift = \"allow\"\n").await;
    widen(&shell, 9);
    assert_eq!(fire(&shell, "").await.code, Some(0));
}

#[tokio::test]
async fn a_dry_run_says_that_the_rule_has_drifted_and_is_no_measure_itself() {
    let shell = after_a_first_night("").await;
    widen(&shell, 5);
    assert_eq!(fire(&shell, "--dry-run").await.code, Some(4));
    assert_eq!(fire(&shell, "--dry-run --allow-drift").await.code, Some(0));
    assert_eq!(fire(&shell, "").await.code, Some(4));
}

#[tokio::test]
async fn a_rule_that_matches_nothing_though_it_used_to_says_so() {
    let shell = after_a_first_night("").await;
    for no in 1..=3 {
        shell.cloud.rename(&InstanceNo::new(no.to_string()).unwrap(), &format!("gone-{no}"));
    }
    assert_eq!(fire(&shell, "").await.code, Some(0));
    let line = &shell.json("history --limit 1").await[0];
    assert_eq!(
        (&line["outcome"], &line["reason"]),
        (&"nothing_matched".into(), &"up to 3 in its last firings".into())
    );
}
