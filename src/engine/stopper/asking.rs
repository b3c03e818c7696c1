//! Asks the program of `ask` about servers before they are requested, and takes in its answers.
//!
//! A program answers on its standard output:
//!
//! - `busy`, `busy, because …` or `busy because …`: all servers that it was asked about are in use;
//! - `busy NAME-or-NUMBER, because …`: this one is, if it was asked about;
//! - anything else, or nothing: no server is.
//!
//! A program that cannot be run, takes too long, or ends with anything but 0 gives no answer.

use std::collections::BTreeMap;

use tracing::{info, warn};

use super::approval::Approval;
use super::execution::Execution;
use super::questions::{Answer, Asked, AskedServer, Question};
use super::target::STALE_AFTER;
use crate::model::instance::{InstanceNo, RegionCode};
use crate::model::reason::Reason;
use crate::program::{self, Output, Program};
use crate::schedule::pace::{AskCommand, AskSilence};

/// The most programs that run at once for one firing.
const MOST_AT_ONCE: usize = 4;

impl Execution<'_> {
    /// Asks about the servers that could be requested now, in the sizes of requests.
    pub(crate) fn ask_first(&mut self) {
        let firing = self.firing;
        let Some(ask) = firing.rule.pace.ask.as_ref().filter(|_| !self.must_stop_asking()) else {
            return;
        };
        let now = self.stopper.clock.moment();
        let mut places: BTreeMap<&RegionCode, Asked> = BTreeMap::new();
        for target in self.targets.iter().filter(|it| self.is_ready(it, now)) {
            if target.approval.is_to_be_asked(now) {
                let server = (target.instance.no.clone(), target.instance.name.clone());
                places.entry(&target.instance.region).or_default().push(server);
            }
        }
        let size = self.limits.instances_a_request;
        let mut asked = Vec::new();
        for (region, servers) in places {
            for batch in servers.chunks(size) {
                if self.questions.under_way.len() + asked.len() < MOST_AT_ONCE {
                    asked.push((region.clone(), batch.to_vec()));
                }
            }
        }
        for (region, batch) in asked {
            let numbers: Vec<InstanceNo> = batch.iter().map(|(no, _)| no.clone()).collect();
            self.with(&numbers, |target| {
                target.approval = Approval::Asked(target.approval.refusal().cloned());
                target.take_turn(now);
            });
            let question = self.question(&region, &batch);
            let (program, limit) = (program_of(ask, &firing.secrets), ask.timeout);
            self.questions.under_way.spawn(async move {
                let answer = match program::run(&program, &question, limit).await {
                    Ok(ended) if ended.status.success() => Answer::Said(ended.said),
                    Ok(ended) => Answer::Silence(format!("it ended with {}", ended.status)),
                    Err(error) => Answer::Silence(error.to_string()),
                };
                (batch, answer)
            });
        }
    }

    fn question(&self, region: &RegionCode, batch: &Asked) -> String {
        let rule = &self.firing.rule;
        let servers = batch
            .iter()
            .map(|(no, name)| AskedServer { instance_no: no.clone(), instance_name: name.clone() });
        let question = Question {
            rule: rule.name.clone(),
            action: rule.action,
            firing: self.firing.id,
            account: rule.account.clone(),
            region: region.clone(),
            servers: servers.collect(),
        };
        serde_json::to_string(&question).expect("a question is plain data")
    }

    /// Takes in an answer.
    pub(crate) fn hear(&mut self, (asked, answer): (Asked, Answer)) {
        let (firing, now) = (self.firing, self.stopper.clock.moment());
        let Some(ask) = &firing.rule.pace.ask else { return };
        let program = || ask.name();
        let mut silence = None;
        let busy: BTreeMap<InstanceNo, Reason> = match &answer {
            Answer::Said(lines) => {
                let busy = busy(&asked, lines).into_iter();
                busy.map(|(no, why)| (no, Reason::SaidBusy { program: program(), why })).collect()
            }
            Answer::Silence(why) => {
                let (rule, number) = (&firing.rule.name, i64::from(firing.id));
                let means = ask.silence.as_str();
                warn!(%rule, firing = number, program = program(), why, "no answer, which means {means}");
                let reason = Reason::AskSilent { program: program(), why: why.clone() };
                match ask.silence {
                    AskSilence::Skip => {
                        asked.iter().map(|(no, _)| (no.clone(), reason.clone())).collect()
                    }
                    AskSilence::Go => {
                        silence = Some(reason);
                        BTreeMap::new()
                    }
                }
            }
        };
        for (no, name) in asked {
            let reason = busy.get(&no);
            if let Some(reason) = reason {
                let (rule, number) = (&firing.rule.name, i64::from(firing.id));
                info!(%rule, firing = number, instance = %no, name, %reason, "left for now");
            }
            let again_at = now + self.patience.checked_div(10).unwrap_or_default().min(STALE_AFTER);
            self.with(&[no], |target| {
                target.approval = if let Some(reason) = reason {
                    target.not_before = again_at;
                    Approval::Refused(reason.clone())
                } else {
                    let until = now + STALE_AFTER;
                    Approval::Given { until, silence: silence.clone() }
                };
            });
        }
    }
}

fn program_of(ask: &AskCommand, secrets: &[String]) -> Program {
    Program {
        path: ask.program.clone(),
        arguments: ask.arguments.clone(),
        folder: ask.folder.clone(),
        without: secrets.to_vec(),
        output: Output::Kept,
    }
}

/// The servers that are in use by these lines, with the reason.
fn busy(asked: &Asked, lines: &[String]) -> BTreeMap<InstanceNo, String> {
    let mut busy = BTreeMap::new();
    for line in lines {
        let line = line.trim();
        let Some(rest) = line.get(..4).filter(|it| it.eq_ignore_ascii_case("busy")) else {
            continue;
        };
        let rest = &line[rest.len()..];
        if rest.starts_with(|c: char| c.is_alphanumeric()) {
            continue;
        }
        let (whom, why) = rest.split_once([',', ':']).unwrap_or((rest, ""));
        let (whom, is_about_all) = (whom.trim(), whom.trim().is_empty() || begins_because(rest));
        let why =
            because(if is_about_all { rest.trim_start_matches([',', ':', ' ']) } else { why });
        let named =
            asked.iter().filter(|(no, name)| is_about_all || no.as_str() == whom || name == whom);
        busy.extend(named.map(|(no, _)| (no.clone(), why.clone())));
    }
    busy
}

fn begins_because(words: &str) -> bool {
    words.trim_start().get(..8).is_some_and(|it| it.eq_ignore_ascii_case("because "))
}

/// The reason without `because`.
fn because(why: &str) -> String {
    let why = why.trim();
    let why = if begins_because(why) { &why[8..] } else { why };
    why.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_busy_by_the_words_of_the_program() {
        let no = |no| InstanceNo::new(no).expect("digits");
        let asked = vec![(no("1"), "dev-a".to_owned()), (no("2"), "개발 b".to_owned())];
        for (said, expected) in [
            ("", ""),
            ("all is quiet", ""),
            ("busybox runs", ""),
            ("busy", "1= 2="),
            ("BUSY, because a release runs", "1=a release runs 2=a release runs"),
            ("busy because of Kim", "1=of Kim 2=of Kim"),
            ("busy dev-a, because a test runs", "1=a test runs"),
            ("busy 2: 배포 중", "2=배포 중"),
            ("busy 개발 b", "2="),
            ("checked\nbusy 1\nbusy 2, night build", "1= 2=night build"),
            ("busy: everybody", "1=everybody 2=everybody"),
            // Somebody else's server.
            ("busy 3, a backup runs", ""),
            ("busy dev-c", ""),
        ] {
            let lines: Vec<String> = said.lines().map(ToOwned::to_owned).collect();
            let busy = busy(&asked, &lines).into_iter().map(|(no, why)| format!("{no}={why}"));
            assert_eq!(busy.collect::<Vec<_>>().join(" "), expected, "{said}");
        }
    }
}
