//! Tags that are read server by server: what is known is acted on while the rest is being read.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lightsout::clock::{Clock, Moment};
use lightsout::cloud::{
    Accepted, Answer, Cloud, CloudError, Later, Limits, Listed, Refusal, Right, TagLists, Tags,
};
use lightsout::model::instance::{Action, Instance, InstanceNo, RegionCode};
use lightsout::schedule::tag_questions::TagQuestions;

use super::world::World;
use super::{ALL, patient};

const PROTECT: &str = "[protect]\ntags = { env = \"prod*\" }\n";

fn fleet(dev: usize, live: usize) -> String {
    format!(
        "[[servers]]\nname = \"dev\"\nno = \"1001\"\ncount = {dev}\nstop_takes = \"5s\"\n\
         tags = {{ env = \"dev\" }}\n\
         [[servers]]\nname = \"live\"\ncount = {live}\ntags = {{ env = \"production\" }}\n"
    )
}

fn counted(words: &[String], ending: &str) -> usize {
    words.iter().filter(|word| word.ends_with(ending)).count()
}

fn calls(world: &World, action: &str) -> usize {
    usize::try_from(world.cloud.counts().requests_for(action)).unwrap()
}

#[tokio::test]
async fn hundreds_of_servers_under_a_tag_glob_are_stopped_while_their_tags_are_read() {
    // Reading them takes over a minute at the account's rate: longer than a state stays fresh,
    // and longer than the rule's patience.
    let rules = format!("{PROTECT}{}max_instances = 720\n", ALL.replace("5m", "30s"));
    let world = World::at(100, "vpc", &fleet(690, 30), &rules).await;
    let words = world.fire().await;
    assert_eq!(counted(&words, "stopped NSTOP"), 690, "{words:?}");
    assert_eq!(counted(&words, "skipped RUN: protected"), 30);

    let requests = world.cloud.requests();
    let first_stop = requests.iter().position(|it| it.action == "stopServerInstances").unwrap();
    let before = requests[..first_stop].iter().filter(|it| it.action == "resources").count();
    assert!(before < 8 + 360, "{before} pages and tags were read before the first stop");
    // Eight pages of the key, and one reading a server.
    let tags = calls(&world, "resources");
    assert!((8 + 720..8 + 2 * 720).contains(&tags), "{tags} pages and tags");
    let stops = calls(&world, "stopServerInstances");
    assert!((35..=3 * 35).contains(&stops), "{stops} requests to stop");
    assert_eq!(world.cloud.counts().total().needless_stops, 0);
}

#[tokio::test]
async fn two_rules_of_one_instant_read_the_tags_of_a_server_once() {
    let second = ALL.replace("night", "late-night").replace("\"*\"", "\"dev-1\", \"dev-2\"");
    let world = World::of(&fleet(6, 2), &format!("{PROTECT}{ALL}{second}")).await;
    let words = world.fire().await;
    assert_eq!(counted(&words, "stopped NSTOP"), 6, "{words:?}");
    assert_eq!(calls(&world, "resources"), 1 + 8);
}

#[tokio::test]
async fn tags_that_no_rule_depends_on_are_not_read() {
    let rule = ALL.replace("names = [\"*\"]", "names = [\"dev-*\"], tags = { env = \"dev\" }");
    let fleet = format!("{}[[servers]]\nname = \"qa\"\ntags = {{ env = \"qa\" }}\n", fleet(3, 4));
    let world = World::of(&fleet, &format!("{PROTECT}{rule}")).await;
    let words = world.fire().await;
    assert_eq!(counted(&words, "stopped NSTOP"), 3, "{words:?}");
    assert_eq!(calls(&world, "resources"), 2 + 3, "two lists, and the tags of those selected");
}

#[tokio::test]
async fn a_guard_that_may_yet_hold_the_firing_back_is_waited_for() {
    for (most, stopped, said) in
        [(40, 40, None), (39, 0, Some("all too_many: 40 instances, max_instances = 39"))]
    {
        let rules = format!("{PROTECT}{ALL}max_instances = {most}\n");
        let world = World::of(&fleet(40, 30), &rules).await;
        let words = world.fire().await;
        assert_eq!(counted(&words, "stopped NSTOP"), stopped, "{most}: {words:?}");
        let is_asked = calls(&world, "stopServerInstances") > 0;
        assert_eq!(is_asked, stopped > 0, "{most}: nothing is asked before that is known");
        let whole = words.iter().find(|word| word.starts_with("all"));
        assert_eq!(whole.map(String::as_str), said, "{most}");
    }
}

#[tokio::test]
async fn tags_of_one_server_that_cannot_be_read_hold_up_that_server_alone() {
    let rule = ALL.replace("5m", "30s");
    for (select, expected) in [
        ("names = [\"*\"]", "1001 skipped RUN: protected: its tags could not be read"),
        (
            "tags = { env = \"de?\" }",
            "KR cloud_failed: its tags could not be read: \
             the answer cannot be read: torn",
        ),
    ] {
        let rules = format!("{PROTECT}{}", rule.replace("names = [\"*\"]", select));
        let world = World::with(&fleet(3, 0), &rules, |cloud, _| Arc::new(Torn::of(cloud))).await;
        let words = world.fire().await;
        assert_eq!(counted(&words, "stopped NSTOP"), 2, "{select}: {words:?}");
        assert!(words.iter().any(|word| word == expected), "{select}: {words:?}");
        assert_eq!(world.stops_of("1001"), (0, 0), "{select}");
    }
}

#[tokio::test]
async fn a_server_that_a_look_leaves_out_is_not_asked_before_a_look_shows_it() {
    let lagging = Arc::new(Mutex::new(None));
    let rules = format!("{PROTECT}{ALL}");
    let world = World::with(&fleet(1, 0), &rules, |cloud, clock| {
        let torn = Torn { lag: Some(Arc::clone(clock)), ..Torn::of(cloud) };
        let torn = Arc::new(torn);
        *lagging.lock().unwrap() = Some(Arc::clone(&torn));
        torn
    })
    .await;
    assert_eq!(world.fire().await, ["1001 stopped NSTOP"]);
    let torn = lagging.lock().unwrap().take().unwrap();
    let looks = torn.looks_before_change.load(Ordering::Relaxed);
    assert!(looks >= 2, "asked after {looks} looks, the first of which did not show it");
}

#[tokio::test]
async fn tags_that_take_long_to_read_are_not_read_again_and_again_until_patience_ends() {
    // The guard lets nothing be asked before the last is read, and by then the first are old.
    let rules = format!("{PROTECT}{}max_instances = 65\n", patient());
    let world = World::with(&fleet(60, 10), &rules, |cloud, clock| {
        Arc::new(Torn { slow: Some(Arc::clone(clock)), ..Torn::of(cloud) })
    })
    .await;
    let words = world.fire().await;
    assert_eq!(counted(&words, "stopped NSTOP"), 60, "{words:?}");
    assert_eq!(counted(&words, "skipped RUN: protected"), 10, "{words:?}");
}

#[tokio::test]
async fn looks_that_fail_before_anything_was_asked_use_up_patience() {
    let rules = format!("{PROTECT}{}", ALL.replace("5m", "30s"));
    let world = World::with(&fleet(1, 0), &rules, |cloud, clock| {
        let (lag, is_blind) = (Some(Arc::clone(clock)), true);
        Arc::new(Torn { lag, is_blind, ..Torn::of(cloud) })
    })
    .await;
    let words = tokio::time::timeout(Duration::from_secs(60), world.fire()).await;
    let reason = "its state could not be read again before it was asked";
    assert_eq!(words.expect("it ends"), [format!("1001 skipped RUN: {reason}")]);
    assert_eq!(world.stop_requests(), 0);
}

#[tokio::test]
async fn one_that_is_chosen_later_counts_for_max_instances() {
    let rules = format!("{PROTECT}{}max_instances = 1\n", patient());
    let world = World::with(&fleet(2, 0), &rules, |cloud, _| {
        Arc::new(Torn { unread_for: 3, ..Torn::of(cloud) })
    })
    .await;
    let words = world.fire().await;
    let said = "too_many: 2 instances, max_instances = 1";
    assert!(words.contains(&format!("all {said}")), "{words:?}");
    assert!(words.contains(&format!("1001 skipped RUN: {said}")), "{words:?}");
    assert_eq!(world.stops_of("1001"), (0, 0));
}

#[tokio::test]
async fn tags_that_may_not_be_read_of_some_hold_up_those_alone() {
    let rules = format!("{PROTECT}{ALL}");
    let world = World::with(&fleet(45, 0), &rules, |cloud, _| {
        Arc::new(Torn { forbidden: 40, ..Torn::of(cloud) })
    })
    .await;
    let words = world.fire().await;
    assert_eq!(counted(&words, "stopped NSTOP"), 5, "{words:?}");
    assert_eq!(counted(&words, "protected: its tags could not be read"), 40, "{words:?}");
}

/// A cloud that never answers with the tags of server 1001; or one that does so when the list has
/// become old, and whose first look leaves everything out; or as its fields say.
#[derive(Debug)]
struct Torn {
    cloud: Arc<dyn Cloud>,
    lag: Option<Arc<dyn Clock>>,
    /// Each reading of tags takes 25 s.
    slow: Option<Arc<dyn Clock>>,
    /// No look is answered.
    is_blind: bool,
    /// So often the tags of server 1001 are not answered.
    unread_for: usize,
    /// The tags of so many of the first servers may not be read.
    forbidden: u32,
    reads: AtomicUsize,
    looks: AtomicUsize,
    looks_before_change: AtomicUsize,
}

impl Torn {
    fn of(cloud: Arc<dyn Cloud>) -> Self {
        let none = || AtomicUsize::new(0);
        let (reads, looks, looks_before_change) = (none(), none(), none());
        let (slow, is_blind, unread_for, forbidden) = (None, false, usize::MAX, 0);
        Self {
            cloud,
            lag: None,
            slow,
            is_blind,
            unread_for,
            forbidden,
            reads,
            looks,
            looks_before_change,
        }
    }
}

impl Cloud for Torn {
    fn limits(&self) -> Limits {
        self.cloud.limits()
    }

    fn regions(&self, until: Moment) -> Answer<'_, Vec<RegionCode>> {
        self.cloud.regions(until)
    }

    fn list<'a>(&'a self, region: &'a RegionCode, until: Moment) -> Answer<'a, Listed> {
        self.cloud.list(region, until)
    }

    fn look_up<'a>(
        &'a self,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
        until: Moment,
    ) -> Answer<'a, Listed> {
        if self.is_blind {
            return Box::pin(async { Err(CloudError::NotSent("nobody listens".to_owned())) });
        }
        if self.lag.is_some() && self.looks.fetch_add(1, Ordering::Relaxed) == 0 {
            return Box::pin(async { Ok(Listed::default()) });
        }
        self.cloud.look_up(region, instances, until)
    }

    fn tag_lists<'a>(
        &'a self,
        region: &'a RegionCode,
        listed: &'a [Instance],
        questions: &'a TagQuestions,
        until: Moment,
    ) -> Later<'a, TagLists> {
        self.cloud.tag_lists(region, listed, questions, until)
    }

    fn tags_of<'a>(
        &'a self,
        region: &'a RegionCode,
        instance: &'a Instance,
        until: Moment,
    ) -> Answer<'a, Tags> {
        if let Some(clock) = &self.lag
            && self.reads.fetch_add(1, Ordering::Relaxed) == 0
        {
            return Box::pin(async move {
                clock.sleep(Duration::from_secs(70)).await;
                self.cloud.tags_of(region, instance, clock.moment() + Duration::from_secs(10)).await
            });
        }
        if let Some(clock) = &self.slow {
            return Box::pin(async move {
                clock.sleep(Duration::from_secs(25)).await;
                self.cloud.tags_of(region, instance, clock.moment() + Duration::from_secs(10)).await
            });
        }
        if instance.no.as_str().parse::<u32>().unwrap() <= 1000 + self.forbidden {
            let right = Right { call: "resources", granted_by: None };
            let refusal = Refusal::default();
            return Box::pin(async move { Err(CloudError::Forbidden { refusal, right }) });
        }
        let is_torn = self.lag.is_none() && self.forbidden == 0 && instance.no.as_str() == "1001";
        if is_torn && self.reads.fetch_add(1, Ordering::Relaxed) < self.unread_for {
            let (detail, http_status) = ("torn".to_owned(), 200);
            return Box::pin(async move { Err(CloudError::Unreadable { detail, http_status }) });
        }
        self.cloud.tags_of(region, instance, until)
    }

    fn change<'a>(
        &'a self,
        action: Action,
        region: &'a RegionCode,
        instances: &'a [InstanceNo],
    ) -> Answer<'a, Accepted> {
        self.looks_before_change.store(self.looks.load(Ordering::Relaxed), Ordering::Relaxed);
        self.cloud.change(action, region, instances)
    }
}
