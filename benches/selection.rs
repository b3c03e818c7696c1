//! How long it takes to judge 100,000 instances by one rule, against a loop by hand: 50 ms are
//! 500 ns an instance and rule.
#![expect(clippy::print_stdout, reason = "a bench prints what it found")]

mod ratio;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use lightsout::clock::{Clock, Moment, SystemClock};
use lightsout::cloud::codes;
use lightsout::cloud::{Accepted, Answer, Cloud, Holders, Later, Limits, Listed, TagLists, Tags};
use lightsout::inventory::Reading;
use lightsout::model::instance::{Action, Instance, InstanceNo, Product, RegionCode};
use lightsout::schedule::Schedules;
use lightsout::schedule::selector::TagQuestion;
use lightsout::schedule::tag_questions::TagQuestions;
use lightsout::select::eligibility::Selection;

const INSTANCES: usize = 100_000;

const SCHEDULES: &str = r#"
timezone = "Asia/Seoul"
[accounts.main]
platform = "classic"
[protect]
names = ["*prod*", "db-[0-9]*"]
tags = { keep = "*" }
[[rules]]
name = "names"
action = "stop"
cron = "0 20 * * *"
select = { names = ["dev-*"] }
[[rules]]
name = "globs"
action = "stop"
cron = "0 20 * * *"
select = { names = ["*-{api,web}-*7", "team-?-[a-m]*-9*"] }
except = { names = ["*-99*"] }
[[rules]]
name = "tags"
action = "stop"
cron = "0 20 * * *"
select = { tags = { env = "dev" } }
except = { tags = { team = "p*" } }
[[rules]]
name = "everything-at-once"
action = "stop"
cron = "0 20 * * *"
select = { names = ["*-api-*", "*-web-*"], tags = { env = "{dev,qa}", team = "*" } }
except = { names = ["*-?"], tags = { team = "platform" } }
"#;

fn main() {
    let read = Schedules::parse(Path::new("schedules.toml"), SCHEDULES);
    let (schedules, _) = read.expect("a file without errors");
    let reading = reading(&schedules);
    for rule in &schedules.rules {
        let select = || {
            let selection = Selection::of(rule, &schedules.protect, &reading);
            assert!(selection.chosen().count() > 0);
        };
        // As somebody would write the simplest of the rules by hand.
        let floor = || {
            let all = reading.regions.iter().flat_map(|region| &region.instances);
            let chosen: Vec<&Instance> = all
                .filter(|it| it.name.starts_with("dev-") && !it.name.contains("prod"))
                .filter(|it| it.tags.iter().flatten().all(|(key, _)| key != "keep"))
                .collect();
            assert!(!chosen.is_empty());
        };
        let what = format!("{INSTANCES} instances by `{}`", rule.name);
        ratio::compare(&what, None, select, floor);
    }
}

/// What the scheduler would have read for all rules of the file.
fn reading(schedules: &Schedules) -> Reading {
    let region = RegionCode::new("KR").expect("a region code");
    let instances = (0..INSTANCES).map(|index| instance(index, &region)).collect();
    let cloud: Arc<dyn Cloud> = Arc::new(Given { region, instances });
    let clock: Arc<dyn Clock> = SystemClock::new();
    let questions = schedules.tag_questions(schedules.rules.iter().map(AsRef::as_ref));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let read = Reading::glance(&cloud, &clock, &questions, clock.moment());
    runtime.expect("a runtime").block_on(read).expect("a reading")
}

/// One of a fleet in which every kind of name meets every kind of tag.
fn instance(index: usize, region: &RegionCode) -> Instance {
    let owner = ["dev", "qa", "prod", "team-a-front", "team-b-개발"][index % 5];
    let part = ["api", "web", "db"][index / 5 % 3];
    let mut tags = BTreeMap::from([("env", ["dev", "qa", "prod"][index / 15 % 3])]);
    tags.extend(index.is_multiple_of(2).then_some(("team", ["platform", "search"][index / 2 % 2])));
    tags.extend(index.is_multiple_of(100).then_some(("keep", "yes")));
    Instance {
        no: InstanceNo::new((1_000_000 + index).to_string()).expect("digits"),
        name: format!("{owner}-{part}-{index}"),
        region: region.clone(),
        status: codes::status("RUN"),
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: Some(tags.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()),
    }
}

/// A cloud that knows the instances it was given.
#[derive(Debug)]
struct Given {
    region: RegionCode,
    instances: Vec<Instance>,
}

impl Cloud for Given {
    fn limits(&self) -> Limits {
        Limits {
            instances_a_request: 20,
            requests_at_once: 4,
            tags_at_once: 20,
            lists_lag: Duration::ZERO,
            lists_show_tags: false,
        }
    }

    fn regions(&self, _: Moment) -> Answer<'_, Vec<RegionCode>> {
        Box::pin(async { Ok(vec![self.region.clone()]) })
    }

    fn list<'a>(&'a self, _: &'a RegionCode, _: Moment) -> Answer<'a, Listed> {
        let listed = Listed { instances: self.instances.clone(), ..Listed::default() };
        Box::pin(async { Ok(listed) })
    }

    fn look_up<'a>(
        &'a self,
        _: &'a RegionCode,
        _: &'a [InstanceNo],
        _: Moment,
    ) -> Answer<'a, Listed> {
        unreachable!("a reading looks nothing up")
    }

    fn tag_lists<'a>(
        &'a self,
        _: &'a RegionCode,
        listed: &'a [Instance],
        questions: &'a TagQuestions,
        _: Moment,
    ) -> Later<'a, TagLists> {
        let holders = |question: &TagQuestion| {
            let tagged = listed
                .iter()
                .filter(|it| it.tags.as_ref().is_some_and(|tags| question.holds_for(tags)));
            let certain = tagged.map(|it| it.no.clone()).collect();
            (question.clone(), Ok(Holders { certain, ..Holders::default() }))
        };
        let selectors = questions.selectors.iter().map(holders).collect();
        Box::pin(async { TagLists { selectors, hold: None } })
    }

    fn tags_of<'a>(&'a self, _: &'a RegionCode, _: &'a Instance, _: Moment) -> Answer<'a, Tags> {
        unreachable!("its lists tell everything")
    }

    fn change<'a>(
        &'a self,
        _: Action,
        _: &'a RegionCode,
        _: &'a [InstanceNo],
    ) -> Answer<'a, Accepted> {
        unreachable!("a reading changes nothing")
    }
}
