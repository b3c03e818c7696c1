//! One firing of a team's rule, from what it matched to its end.

use std::sync::Arc;
use std::time::Duration;

use lightsout::audit::{Ask, AuditLog, AuditReader, NewNotice, NoticeResult, Through};
use lightsout::clock::{Clock, RehearsalClock};
use lightsout::cloud::codes;
use lightsout::cloud::{Accepted, CloudError, Meaning, Refusal};
use lightsout::model::ids::FiringId;
use lightsout::model::instance::{AccountName, Action, Instance};
use lightsout::model::outcome::Outcome;
use lightsout::model::reason::Reason;
use lightsout::model::settlement::Settlement;

use super::company::{rule_name, servers, watched};
use super::dice::Dice;
use super::later::{Hand, Said};

/// How many instances go into a request.
const BATCH: usize = 20;

pub(crate) struct Night<'a> {
    pub(crate) log: &'a AuditLog,
    pub(crate) clock: &'a Arc<RehearsalClock>,
    pub(crate) hand: &'a mut Hand,
    pub(crate) dice: &'a mut Dice,
    pub(crate) team: u32,
    pub(crate) action: Action,
    pub(crate) day: u32,
}

impl Night<'_> {
    /// A firing as most of them are; a few come to nothing as a whole.
    pub(crate) async fn fire(&mut self, firing: FiringId) -> anyhow::Result<()> {
        let whole = match self.dice.below(1_000) {
            0 => Some((Outcome::NothingMatched, "no instance has such a name")),
            1 => Some((Outcome::CloudFailed, "KR: could not be listed: no answer: HTTP 503")),
            2 => Some((Outcome::Drifted, "140 instances, 45 at most in its last firings")),
            3 => Some((Outcome::Overlapped, "the rule's last firing is still being followed")),
            _ => None,
        };
        if let Some((outcome, reason)) = whole {
            let word = Settlement::of_firing(outcome, Reason::from(reason.to_owned()));
            self.log.settle(firing, &[word]).await?;
            return Ok(self.log.end_firing(firing).await?);
        }
        let found = self.found(usize::MAX)?;
        self.chase(firing, &found).await
    }

    /// A firing about a server that is off already, but for the first of all.
    pub(crate) async fn watch(&mut self, firing: FiringId, is_first: bool) -> anyhow::Result<()> {
        if is_first {
            let found = [watched("RUN")?];
            self.see(&found, "RUN", "NULL").await?;
            self.log.targets(firing, &[&found[0]], &[]).await?;
            return self.follow(firing, &found).await;
        }
        let found = watched("NSTOP")?;
        self.log.targets(firing, &[&found], &[word(&found, Outcome::Already, None)]).await?;
        Ok(self.log.end_firing(firing).await?)
    }

    /// A firing about the first instances only.
    pub(crate) async fn make_up(&mut self, firing: FiringId, count: usize) -> anyhow::Result<()> {
        let found = self.found(count)?;
        self.chase(firing, &found).await
    }

    /// A firing whose rule is held: everything is skipped, and owed. The first entry that says
    /// so, and how many do.
    pub(crate) async fn held(&mut self, firing: FiringId) -> anyhow::Result<(i64, usize)> {
        let now = self.clock.now();
        let rule = rule_name(self.team, self.action);
        let until = now.timestamp_millis() + 7_200_000;
        let hold = Said::Hold {
            what: "rule",
            subject: rule.clone(),
            until,
            skip: 0,
            why: Some("release night"),
            who: "kim",
            via: "command",
            account: None,
            instance_no: None,
            tag_value: None,
        };
        let hold = self.hand.write(now, &[hold]).await?;
        let found = self.found(usize::MAX)?;
        let words: Vec<_> = found
            .iter()
            .map(|it| word(it, Outcome::Skipped, Some("held: release night")))
            .collect();
        self.log.targets(firing, &found.iter().collect::<Vec<_>>(), &words).await?;
        let owed = |instance: &Instance| Said::Deferred {
            firing: firing.into(),
            rule: rule.clone(),
            action: self.action.as_str(),
            account: "main",
            instance_no: instance.no.to_string(),
            wanted_at: now.timestamp_millis(),
            hold: Some(hold),
            due_at: None,
        };
        let owed: Vec<_> = found.iter().map(owed).collect();
        let first = self.hand.write(now, &owed).await?;
        self.log.end_firing(firing).await?;
        if self.dice.below(3) == 0 {
            self.hand.write(now, &[Said::HoldEnd { hold, who: "lee" }]).await?;
        }
        Ok((first, owed.len()))
    }

    /// A few servers are started at the console late in the evening, which a look finds. The
    /// first entry that says what is owed from then on, and how many do.
    pub(crate) async fn somebody_starts_some(&mut self) -> anyhow::Result<(i64, usize)> {
        self.clock.skip(Duration::from_secs(3_600));
        let (now, count) = (self.clock.now(), 3);
        let found = self.found(count)?;
        self.see(&found, "RUN", "NULL").await?;
        let changed = |instance: &Instance| Said::Change {
            account: "main",
            region: "KR",
            instance_no: instance.no.to_string(),
            instance_name: instance.name.clone(),
            status_before: "NSTOP",
            status_after: "RUN",
            unseen_since: now.timestamp_millis() - 600_000,
            seen_at: now.timestamp_millis(),
        };
        let changed: Vec<_> = found.iter().map(changed).collect();
        let seen = self.hand.write(now, &changed).await?;
        let owed = |instance: &Instance| Said::Deferred {
            firing: seen,
            rule: rule_name(self.team, self.action),
            action: self.action.as_str(),
            account: "main",
            instance_no: instance.no.to_string(),
            wanted_at: now.timestamp_millis(),
            hold: None,
            due_at: Some(now.timestamp_millis() + 7_200_000),
        };
        let owed: Vec<_> = found.iter().map(owed).collect();
        Ok((self.hand.write(now, &owed).await?, count))
    }

    /// Records what was found, asks what can be asked, and follows to the end.
    async fn chase(&mut self, firing: FiringId, found: &[Instance]) -> anyhow::Result<()> {
        let all: Vec<&Instance> = found.iter().collect();
        let mut open: Vec<Instance> = Vec::new();
        let mut words = Vec::new();
        for (place, instance) in found.iter().enumerate() {
            match self.dice.below(200) {
                _ if place == 0 => words.push(word(instance, Outcome::Skipped, Some("protected"))),
                0..8 => words.push(word(instance, Outcome::Already, None)),
                _ => open.push(instance.clone()),
            }
        }
        self.see(found, goal(self.action.opposite()), "NULL").await?;
        self.log.targets(firing, &all, &words).await?;
        self.follow(firing, &open).await
    }

    /// Asks in batches, and follows to the end.
    async fn follow(&mut self, firing: FiringId, open: &[Instance]) -> anyhow::Result<()> {
        let account = AccountName::new("main")?;
        let mut outcomes = Vec::new();
        let mut left = Vec::new();
        for batch in open.chunks(BATCH) {
            let numbers: Vec<_> = batch.iter().map(|instance| instance.no.clone()).collect();
            let (action, region) = (self.action, &batch[0].region);
            let ask = Ask { action, region, seen: Through::from(i64::MAX) };
            let asked = self.log.request(firing, &account, ask, &numbers).await?;
            let Some((request, _)) = asked.request else { continue };
            let refused = self.dice.below(1_000) == 0;
            self.log.answer(request, &answer(refused, i64::from(firing))).await?;
            if refused {
                let reason = "asked once; HTTP 400, return code 1101234 (in operation.)";
                outcomes.extend(batch.iter().map(|it| word(it, Outcome::Refused, Some(reason))));
            } else {
                left.extend_from_slice(batch);
            }
        }
        self.clock.skip(Duration::from_secs(2));
        let operation = if self.action == Action::Stop { "SHTDN" } else { "START" };
        self.see(&left, goal(self.action.opposite()), operation).await?;
        self.clock.skip(Duration::from_secs(30));
        self.see(&left, goal(self.action), "NULL").await?;
        for instance in &left {
            outcomes.push(self.settled(instance));
        }
        self.log.settle(firing, &outcomes).await?;
        Ok(self.log.end_firing(firing).await?)
    }

    fn settled(&mut self, instance: &Instance) -> Settlement {
        let done = if self.action == Action::Stop { Outcome::Stopped } else { Outcome::Started };
        match self.dice.below(100_000) {
            0 => word(instance, Outcome::Unknown, Some("no answer, and then still RUN")),
            1..30 => word(instance, Outcome::TimedOut, Some("accepted, and still RUN")),
            _ => Settlement {
                status_after: Some(goal(self.action).to_owned()),
                ..word(instance, done, None)
            },
        }
    }

    /// The first of the team's servers, as the action finds them.
    fn found(&self, count: usize) -> anyhow::Result<Vec<Instance>> {
        let mut found = servers(self.team, self.day, goal(self.action.opposite()))?;
        found.truncate(count);
        Ok(found)
    }

    async fn see(&self, found: &[Instance], status: &str, op: &str) -> anyhow::Result<()> {
        let mut seen = found.to_vec();
        for instance in &mut seen {
            instance.status = codes::status(status);
            instance.operation = codes::operation(op);
        }
        let now = self.clock.now();
        let account = AccountName::new("main")?;
        Ok(self.log.seen(&account, &seen.iter().collect::<Vec<_>>(), now).await?)
    }
}

fn word(instance: &Instance, outcome: Outcome, reason: Option<&str>) -> Settlement {
    Settlement {
        instance: Some(instance.no.clone()),
        region: Some(instance.region.clone()),
        outcome,
        reason: reason.map(|words| Reason::from(words.to_owned())),
        status_after: Some(instance.status.code().to_owned()),
        hold: None,
    }
}

fn answer(refused: bool, firing: i64) -> Result<Accepted, CloudError> {
    let request_id = Some(format!("4e2f0c1a-71d3-4b52-9c1e-{firing:012}"));
    if refused {
        let refusal = Refusal {
            http_status: 400,
            request_id,
            return_code: Some("1101234".to_owned()),
            return_message: Some("The storage assigned to the server is in operation.".to_owned()),
        };
        return Err(CloudError::Refused { refusal, meaning: Meaning::Unknown });
    }
    Ok(Accepted {
        http_status: 200,
        request_id,
        return_code: "0".to_owned(),
        return_message: Some("success".to_owned()),
    })
}

/// What somebody is told of a day.
pub(crate) async fn digest(log: &AuditLog, day: u32) -> anyhow::Result<()> {
    let reader = AuditReader::open(log.path()).await?;
    let through = reader.newest().await?;
    let body = format!("{{\"event\":\"digest\",\"day\":{day},\"stopped\":1032,\"refused\":0}}");
    let notice =
        NewNotice { target: "ops".to_owned(), event: "digest", firing: None, through, body };
    log.notices(vec![notice]).await?;
    for open in reader.open_notices().await? {
        log.end_notice(open.id, NoticeResult::Delivered, "HTTP 200").await?;
    }
    reader.close().await?;
    Ok(())
}

/// The code of where an action leads.
fn goal(action: Action) -> &'static str {
    codes::of(&[action.goal()])[0]
}
