//! The register of everything that lightsout says in JSON. docs/json.md and its tests are made from
//! it.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::{apart, form};
use crate::audit::{ChangeLine, FiringStory, HistoryLine, Verification};
use crate::cli::{
    accounts, diff, doctor, firings, hold, next, notify, plan, report, rules, servers, status,
    test, version, week, why,
};
use crate::engine::stopper::Question;
use crate::report::lines::Line as ReportLine;
use crate::schedule::Problem;

/// One form of JSON: an object a line. Where another output holds such objects, the definition there
/// has the same name.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Its name for `lightsout schema`, and that of its file in docs/json.
    pub name: &'static str,
    /// The commands that print it, as they are typed; none for what is no listing.
    pub commands: &'static [&'static str],
    made: fn(SchemaGenerator) -> Schema,
}

/// Every output.
pub const OUTPUTS: [Output; 27] = [
    Output::of::<accounts::AccountLine>("accounts", &["accounts"]),
    Output::of::<apart::Exported>("audit-export", &["audit export"]),
    Output::of::<Verification>("audit-verify", &["audit verify"]),
    Output::of::<ChangeLine>("changes", &["history --changes"]),
    Output::of::<Problem>("check", &["check"]),
    Output::of::<diff::DiffLine>("diff", &["diff"]),
    Output::of::<doctor::FindingLine>("doctor", &["doctor"]),
    Output::of::<firings::FiringLine>("firings", &["history --firings"]),
    Output::of::<HistoryLine>("history", &["history", "fire"]),
    Output::of::<hold::HoldLine>("holds", &["holds"]),
    Output::of::<next::NextLine>("next", &["next"]),
    Output::of::<notify::Tested>("notify-test", &["notify test"]),
    Output::of::<plan::PlanLine>("plan", &["plan"]),
    Output::of::<ReportLine>("report", &["report"]),
    Output::of::<report::BudgetLine>("report-budget", &["report budget"]),
    Output::of::<rules::WholeRule>("rule", &["rules NAME"]),
    Output::of::<rules::RuleLine>("rules", &["rules"]),
    Output::of::<servers::ServerLine>("servers", &["servers"]),
    Output::of::<FiringStory>("show", &["show"]),
    Output::of::<status::Standing>("status", &["status"]),
    Output::of::<test::TestLine>("test", &["test"]),
    Output::of::<version::VersionLine>("version", &["version"]),
    Output::of::<week::DayLine>("week", &["week"]),
    Output::of::<why::Lines>("why", &["why"]),
    Output::of::<apart::Notice>("notice", &[]),
    Output::of::<Question>("ask", &[]),
    Output::of::<apart::LogEvent>("log-line", &[]),
];

impl Output {
    const fn of<T: JsonSchema>(name: &'static str, commands: &'static [&'static str]) -> Self {
        Self { name, commands, made: |generator| generator.into_root_schema_for::<T>() }
    }

    /// The JSON Schema of one line.
    pub fn schema(&self) -> Value {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let mut schema = (self.made)(settings.into_generator()).to_value();
        form::give(&mut schema);
        schema["title"] = format!("lightsout {}", self.name).into();
        let first = ["$schema", "title", "description"];
        let head = first.map(|key| (key.to_owned(), schema[key].take()));
        let rest = schema.as_object().into_iter().flatten();
        let rest = rest.filter(|(key, _)| !first.contains(&key.as_str()));
        head.into_iter().chain(rest.map(|(key, value)| (key.clone(), value.clone()))).collect()
    }

    /// The same as text.
    pub fn schema_json(&self) -> String {
        format!("{:#}\n", self.schema())
    }
}
