//! `lightsout history --firings`: lists firings, each with the sum of its outcomes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::listing::{self, Columns, Format, column, painted};
use super::local_time::Spoken;
use super::paint::Painted;
use crate::audit::FiringSummary;
use crate::model::instance::Action;
use crate::model::mark::Mark;
use crate::time::zone::Zone;

/// A firing. The time is in the file's zone.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "firings")]
pub(super) struct FiringLine {
    pub(super) firing: i64,
    rule: String,
    #[schemars(with = "Action")]
    action: String,
    #[schemars(extend("x-words" = ["schedule", "late", "manual"]))]
    trigger: String,
    /// The due time; for a firing by hand, its beginning.
    pub(super) at: String,
    /// Nothing was to be sent.
    dry_run: bool,
    /// Something is left to do or to follow.
    open: bool,
    /// The number of servers, and of words about the whole firing, that need somebody.
    trouble: u64,
    /// The sum by outcome, in words.
    pub(super) result: String,
    /// How often each outcome came, by its word.
    outcomes: BTreeMap<&'static str, u64>,
    /// The same in words, with colours.
    #[serde(skip)]
    pub(super) painted: Painted,
}

impl FiringLine {
    pub(super) fn of(firing: &FiringSummary, zone: Zone) -> Self {
        let mut outcomes = BTreeMap::new();
        for ((outcome, _), times) in &firing.counts {
            *outcomes.entry(outcome.as_str()).or_default() += times;
        }
        Self {
            firing: firing.firing.into(),
            rule: firing.rule.clone(),
            action: firing.action.clone(),
            trigger: firing.trigger.clone(),
            at: zone.show(firing.due_at).to_rfc3339(),
            dry_run: firing.dry_run,
            open: firing.is_open,
            trouble: firing.troubles(),
            result: parts(firing).map(|(_, text)| text).collect::<Vec<_>>().join(", "),
            outcomes,
            painted: Painted::joined(
                parts(firing).map(|(mark, text)| Painted::marked(mark, &text)),
                ", ",
            ),
        }
    }
}

/// `52 stopped` and `1 refused`, each with its mark.
fn parts(firing: &FiringSummary) -> impl Iterator<Item = (Option<Mark>, String)> {
    let open = firing.is_open.then(|| (None, "in progress".to_owned()));
    let sums = firing.sums().into_iter().map(|sum| {
        let text = match sum.outcome {
            outcome if outcome.is_of_server() => format!("{} {}", sum.times, sum.word()),
            outcome => outcome.to_string(),
        };
        (Some(sum.mark()), text)
    });
    open.into_iter().chain(sums.collect::<Vec<_>>())
}

pub(super) fn print(
    firings: &[FiringSummary],
    spoken: Spoken,
    format: Format,
) -> anyhow::Result<()> {
    let lines: Vec<FiringLine> = firings.iter().map(|it| FiringLine::of(it, spoken.zone)).collect();
    listing::print(format, &lines, &columns(spoken))
}

pub(super) fn columns<'c>(spoken: Spoken) -> Columns<'c, FiringLine> {
    let trigger = |line: &FiringLine| {
        let dry_run = if line.dry_run { ", dry run" } else { "" };
        format!("{}{dry_run}", line.trigger)
    };
    vec![
        vec![
            column("firing", |line: &FiringLine| line.firing.to_string()),
            column("when", move |line: &FiringLine| spoken.of(&line.at)),
            column("rule", |line: &FiringLine| line.rule.clone()),
            column("action", |line: &FiringLine| line.action.clone()),
            column("trigger", trigger),
        ],
        vec![painted("result", |line: &FiringLine| line.painted.clone())],
    ]
}
