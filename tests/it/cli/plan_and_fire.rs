//! `lightsout plan` and `lightsout fire --dry-run` decide the same about every server, in worlds
//! made at random.
//!
//! The worlds lack a few things, since time passes between the two commands, and only `fire`
//! writes to the log:
//!
//! 1. servers that others stop: the reason tells when they were last seen;
//! 2. values of the hold tag that are no time, or a time beyond `max_hold`: the hold ends so long
//!    after the reading;
//! 3. times without an offset in the hold tag: the zone of the first rule that fires counts for
//!    all.

mod worlds;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use lightsout::model::instance::InstanceNo;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use super::shell::{Done, Shell, finish};
use worlds::{World, worlds};

/// By the rule, its action and the server: the decision, the reason and its code, and the server.
type Decisions = BTreeMap<[String; 3], [Value; 6]>;

fn words<const N: usize>(line: &Value, keys: [&str; N]) -> [String; N] {
    keys.map(|key| line[key].as_str().unwrap_or_default().to_owned())
}

fn decisions(lines: &[Value], decision: &str, status: &str) -> Decisions {
    let of = |line: &Value| {
        let said = [decision, "reason", "reason_code", "instance_name", "region", status];
        (words(line, ["rule", "action", "instance_no"]), said.map(|key| line[key].clone()))
    };
    lines.iter().map(of).collect()
}

/// The words of a plan in those of a log.
fn planned(lines: &[Value]) -> Decisions {
    let mut planned = decisions(lines, "would", "status");
    for said in planned.values_mut() {
        said[0] = match said[0].as_str() {
            Some("stop" | "start") => "dry_run".into(),
            Some("skip") => "skipped".into(),
            _ => said[0].clone(),
        };
    }
    planned
}

/// The remarks that a rule matches nothing, or that a guard stops it. A firing does not wait for
/// tags that cannot make its servers few enough, so the numbers differ.
fn remarks(done: &[Done]) -> BTreeSet<(&str, bool)> {
    let remark = |line| {
        let (rule, remark) = str::strip_prefix(line, "warning: rule `")?.split_once("` ")?;
        let is_guarded = remark.contains(", so nothing is sent: ");
        (is_guarded || remark == "matched no server").then_some((rule, is_guarded))
    };
    done.iter().flat_map(|done| done.stderr.lines().filter_map(remark)).collect()
}

impl World {
    async fn begin(&self) -> Shell {
        let shell = Shell::of(&self.fleet, &self.schedules).await;
        if let Some(gained) = &self.gained {
            let fired = shell.run("fire grows --yes").await;
            assert!(fired.code != Some(2), "{fired:?}");
            for no in gained {
                shell.cloud.rename(&InstanceNo::new(no.clone()).unwrap(), &format!("dev-x{no}"));
            }
        }
        for subject in &self.holds {
            let mut hold = shell.command("hold --until 30h --");
            hold.arg(subject).env("USER", "kim");
            let done = finish(hold).await;
            let is_unknown = done.stderr.contains("is neither a rule nor");
            assert!(done.code == Some(0) || is_unknown, "{done:?}");
        }
        shell
    }

    /// Plans and fires. Both must say the same. Adds the words that they use to `seen`.
    async fn is_decided(&self, seen: &RefCell<BTreeSet<String>>) -> Result<(), TestCaseError> {
        let shell = self.begin().await;
        let plan = shell.run("plan --format json").await;
        prop_assert!(matches!(plan.code, Some(0 | 3 | 4)), "{plan:?}");
        let mut fired = Vec::new();
        for arguments in &self.firings {
            fired.push(shell.run(&format!("fire {arguments} --dry-run --yes")).await);
        }
        let mut history = shell.json("history --limit 1000").await;
        let first = history.iter().filter_map(|line| line["firing"].as_i64()).min();
        history.retain(|line| self.gained.is_none() || line["firing"].as_i64() != first);
        let (of_servers, of_firings): (Vec<_>, Vec<_>) =
            history.into_iter().partition(|line| line["instance_no"].is_string());
        let mut planned = planned(&plan.lines());
        seen.borrow_mut().extend(planned.values().flat_map(|said| {
            [&said[0], &said[2]].map(|word| word.as_str().unwrap_or_default().to_owned())
        }));
        let decided = decisions(&of_servers, "outcome", "status_after");
        // The log of a firing that a guard stops has one line for all servers.
        for line in of_firings {
            let [rule, action, outcome] = words(&line, ["rule", "action", "outcome"]);
            if outcome != "too_many" && outcome != "drifted" {
                continue;
            }
            seen.borrow_mut().insert(outcome.clone());
            let its = |key: &[String; 3]| key[..2] == [rule.clone(), action.clone()];
            for (key, said) in planned.iter().filter(|(key, _)| its(key)) {
                prop_assert!(said[0] != "dry_run", "{outcome} {key:?} {said:?}");
            }
            planned.retain(|key, _| !its(key));
        }
        let keys: BTreeSet<_> = planned.keys().chain(decided.keys()).collect();
        let both = keys.into_iter().map(|key| (key, planned.get(key), decided.get(key)));
        let different: Vec<_> = both.filter(|(_, one, other)| one != other).collect();
        prop_assert!(
            different.is_empty(),
            "server, plan, firing: {different:#?} {} {self:#?}",
            plan.stderr
        );
        let remarked = (remarks(std::slice::from_ref(&plan)), remarks(&fired));
        prop_assert!(remarked.0 == remarked.1, "{remarked:?} {}", plan.stderr);
        Ok(())
    }
}

#[test]
fn a_firing_decides_about_every_server_as_the_plan_says() {
    let seen = RefCell::default();
    // Worlds mostly wait: a client reads the tags of ten servers a second.
    let config = ProptestConfig { max_shrink_iters: 0, ..ProptestConfig::with_cases(3) };
    proptest!(config, |(worlds in vec(worlds(), 9))| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let decided = worlds.iter().map(|world| world.is_decided(&seen));
        for result in runtime.block_on(join_all(decided)) {
            result?;
        }
    });
    let seen = seen.into_inner();
    for word in
        ["dry_run", "already", "skipped", "protected", "excepted", "held", "busy", "too_many"]
    {
        assert!(seen.contains(word), "no world had {word}: {seen:?}");
    }
}
