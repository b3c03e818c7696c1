//! Prints a report as CSV: one line for each server, or for each rule.

use serde::Serialize;
use serde_json::Value;

use crate::report::{Report, lines};
use crate::text::csv::cell as csv_cell;

/// The heads of a line of CSV about an instance, each with its place in the JSON.
const OF_INSTANCE: [(&str, &str); 31] = [
    ("account", "/account"),
    ("region", "/region"),
    ("instance_no", "/instance_no"),
    ("instance_name", "/instance_name"),
    ("product_code", "/product_code"),
    ("spec_code", "/spec_code"),
    ("server_type", "/server_type"),
    ("meant", "/meant"),
    ("stopped", "/outcomes/stopped"),
    ("started", "/outcomes/started"),
    ("already", "/outcomes/already"),
    ("dry_run", "/outcomes/dry_run"),
    ("refused", "/outcomes/refused"),
    ("timed_out", "/outcomes/timed_out"),
    ("unknown", "/outcomes/unknown"),
    ("held", "/outcomes/held"),
    ("left_alone", "/outcomes/left_alone"),
    ("busy", "/outcomes/busy"),
    ("unsettled", "/outcomes/unsettled"),
    ("nights_off", "/nights/off"),
    ("nights_running", "/nights/running"),
    ("nights_unknown", "/nights/unknown"),
    ("hours_running", "/hours/running"),
    ("hours_off", "/hours/off"),
    ("hours_off_by_us", "/hours/off_by_us"),
    ("hours_unknown", "/hours/unknown"),
    ("saved", "/saved"),
    ("saved_by_us", "/saved_by_us"),
    ("unpriced_hours", "/unpriced_hours"),
    ("currency", "/currency"),
    ("known", "/known"),
];

const OF_RULE: [(&str, &str); 29] = [
    ("rule", "/rule"),
    ("action", "/action"),
    ("due", "/firings/due"),
    ("on_time", "/firings/on_time"),
    ("late", "/firings/late"),
    ("missed", "/firings/missed"),
    ("came_true", "/firings/came_true"),
    ("fell_short", "/firings/fell_short"),
    ("guarded", "/firings/guarded"),
    ("failed", "/firings/failed"),
    ("overlapped", "/firings/overlapped"),
    ("empty", "/firings/empty"),
    ("dry_run", "/firings/dry_run"),
    ("open", "/firings/open"),
    ("skipped", "/firings/skipped"),
    ("held", "/firings/held"),
    ("made_up", "/firings/made_up"),
    ("by_hand", "/firings/by_hand"),
    ("instances_stopped", "/outcomes/stopped"),
    ("instances_started", "/outcomes/started"),
    ("instances_already", "/outcomes/already"),
    ("instances_dry_run", "/outcomes/dry_run"),
    ("instances_refused", "/outcomes/refused"),
    ("instances_timed_out", "/outcomes/timed_out"),
    ("instances_unknown", "/outcomes/unknown"),
    ("instances_held", "/outcomes/held"),
    ("instances_left_alone", "/outcomes/left_alone"),
    ("instances_busy", "/outcomes/busy"),
    ("instances_unsettled", "/outcomes/unsettled"),
];

/// CSV about each rule, or about each instance.
pub(super) fn bytes(report: &Report, is_by_rule: bool) -> anyhow::Result<Vec<u8>> {
    if is_by_rule {
        return of(&OF_RULE, report.rules.iter().map(lines::rule));
    }
    of(&OF_INSTANCE, report.instances.iter().map(|one| lines::instance(one, report)))
}

fn of(
    heads: &[(&str, &str)],
    about: impl Iterator<Item = impl Serialize>,
) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(heads.iter().map(|(head, _)| head))?;
    for line in about {
        let line = serde_json::to_value(line)?;
        let cell =
            |(_, place): &(&str, &str)| csv_cell(line.pointer(place).unwrap_or(&Value::Null));
        writer.write_record(heads.iter().map(cell))?;
    }
    Ok(writer.into_inner()?)
}
