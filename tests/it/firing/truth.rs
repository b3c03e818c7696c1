//! What must hold of a firing whatever went wrong: the log against the rehearsal cloud's own
//! state and count.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use lightsout::audit::HistoryLine;
use lightsout::cloud::rehearsal::Record;
use lightsout::model::instance::InstanceNo;

use super::world::World;

const STOP: &str = "stopServerInstances";
/// What the rules of the matrix mean, in its fleet.
const MEANT: [(&str, &[&str]); 2] =
    [("by-name", &["1", "2", "4", "5", "6"]), ("by-tag", &["1", "2", "3", "4", "6", "7"])];
const PROTECTED: [&str; 2] = ["3", "4"];

/// What came of it all.
pub(super) struct Judge<'a> {
    label: &'a str,
    world: &'a World,
    lines: Vec<HistoryLine>,
    requests: Vec<Record>,
}

impl<'a> Judge<'a> {
    /// Collects what came of a world's firings.
    pub(super) async fn of(world: &'a World, label: &'a str) -> Self {
        let (lines, requests) = (world.history().await, world.cloud.requests());
        Self { label, world, lines, requests }
    }

    /// Fails where any of it does not hold.
    pub(super) fn judge(&self) {
        self.every_instance_meant_has_one_outcome();
        self.every_outcome_is_true();
        self.nothing_is_asked_that_need_not_be();
        self.the_rate_holds();
        self.refused_keys_are_not_used_again();
    }

    fn every_instance_meant_has_one_outcome(&self) {
        for (rule, meant) in MEANT {
            let lines: Vec<_> = self.lines.iter().filter(|line| line.rule == rule).collect();
            let failed = |region: Option<&str>| {
                lines.iter().any(|line| {
                    line.outcome.as_deref() == Some("cloud_failed")
                        && line.region.as_deref() == region
                })
            };
            let mut named: Vec<&str> =
                lines.iter().filter_map(|line| line.instance_no.as_deref()).collect();
            named.sort_unstable();
            for no in meant {
                let region = if ["6", "7"].contains(no) { "SGN" } else { "KR" };
                let excused = failed(None) || failed(Some(region)) || self.status(no).is_none();
                assert!(named.contains(no) || excused, "{}", self.tell(no, "left out"));
            }
            let distinct: BTreeSet<&str> = named.iter().copied().collect();
            assert_eq!(distinct.len(), named.len(), "{}: {named:?}", self.label);
            let meant: BTreeSet<&str> = meant.iter().copied().collect();
            assert!(distinct.is_subset(&meant), "{}: {named:?}", self.label);
        }
    }

    fn every_outcome_is_true(&self) {
        let mut told: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in &self.lines {
            let (Some(no), outcome) = (line.instance_no.as_deref(), line.outcome.as_deref()) else {
                continue;
            };
            told.entry(no).or_default().push(outcome.unwrap_or("open"));
        }
        for line in &self.lines {
            let Some(no) = line.instance_no.as_deref() else { continue };
            let (_, stops) = self.world.stops_of(no);
            let is_down = self.status(no).is_none_or(|status| status == "NSTOP");
            let was_asked = line.requested_at.is_some();
            // Of two firings, the one that stopped it may not have come to see that.
            let admits = ["stopped", "timed_out", "unknown"];
            let admitted = told[no].iter().any(|it| admits.contains(it));
            let is_true = match line.outcome.as_deref().unwrap_or("open") {
                "stopped" => was_asked && stops == 1 && is_down,
                "already" => is_down,
                "skipped" => !was_asked,
                "refused" => was_asked && (stops == 0 || admitted),
                "timed_out" => was_asked && stops == 1,
                "unknown" => {
                    was_asked || self.first_denial().is_some() || self.status(no).is_none()
                }
                _ => false,
            };
            assert!(is_true, "{}", self.tell(no, "not true"));
            assert!(stops == 0 || admitted, "{}", self.tell(no, "a stop that nobody admits to"));
        }
    }

    fn nothing_is_asked_that_need_not_be(&self) {
        for no in PROTECTED {
            assert_eq!(self.world.stops_of(no), (0, 0), "{}", self.tell(no, "protected"));
        }
        let total = self.world.cloud.counts().total();
        assert_eq!(total.needless_stops, 0, "{}", self.tell("", "asked again"));
        for no in ["1", "2", "6", "7"] {
            let naming = self.requests.iter().filter(|request| is_stop_of(request, no));
            let effects: Vec<bool> = naming.map(|request| !request.effects.is_empty()).collect();
            let first = effects.iter().position(|effect| *effect);
            assert!(
                first.is_none_or(|first| first + 1 == effects.len()),
                "{}",
                self.tell(no, "asked again after its stop")
            );
            assert!(effects.len() <= 12, "{}", self.tell(no, "asked too often"));
        }
    }

    /// Twenty at once, and ten a second. What arrives has left before, by what a second of the
    /// rehearsal allows for.
    fn the_rate_holds(&self) {
        for (at, request) in self.requests.iter().enumerate() {
            let passed = request.at - self.requests[0].at + TimeDelta::seconds(1);
            let allowed = 20 + passed.num_milliseconds() / 100;
            assert!(i64::try_from(at).unwrap() <= allowed, "{}: {at} calls", self.label);
        }
    }

    /// Both firings, and all regions of each, may have had calls under way.
    fn refused_keys_are_not_used_again(&self) {
        let denied = self.requests.iter().filter(|request| is_denied(request));
        let denied = denied.count();
        assert!(denied <= 5, "{}: {denied} calls were answered by 401", self.label);
        let failed = self.lines.iter().any(|line| line.outcome.as_deref() == Some("cloud_failed"));
        assert!(failed || denied == 0, "{}", self.label);
    }

    fn first_denial(&self) -> Option<usize> {
        self.requests.iter().position(is_denied)
    }

    fn status(&self, no: &str) -> Option<String> {
        let server = self.world.cloud.server(&InstanceNo::new(no).unwrap());
        server.map(|server| server.status.to_string())
    }

    fn tell(&self, no: &str, what: &str) -> String {
        let show = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let lines = self.lines.iter().map(|line| {
            let reason = line.reason.as_ref().map(ToString::to_string);
            let what = [&line.region, &line.instance_no, &line.outcome, &reason].map(show);
            format!("{} {}", line.rule, what.join(" "))
        });
        let calls = self.requests.iter().map(|call| {
            let (named, done) = (show_all(&call.instances), show_all(&call.effects));
            let (at, answer) = (call.at.time(), call.http_status.unwrap_or_default());
            let fault = call.fault.map(|kind| format!("{kind:?}")).unwrap_or_default();
            let region = show(&call.region);
            format!("{at} {} {region} [{named}] did [{done}] {answer} {fault}", call.action)
        });
        let all: Vec<String> = lines.chain(calls).collect();
        format!("{}: {no}: {what}\n{}", self.label, all.join("\n"))
    }
}

fn show_all(instances: &[InstanceNo]) -> String {
    instances.iter().map(InstanceNo::as_str).collect::<Vec<_>>().join(" ")
}

/// Whether the keys were refused: not a right that they lack.
fn is_denied(request: &Record) -> bool {
    request.http_status == Some(401) && request.return_code.as_deref() == Some("200")
}

fn is_stop_of(request: &Record, no: &str) -> bool {
    request.action == STOP && request.instances.iter().any(|named| named.as_str() == no)
}
