//! A company whose dev servers go off every night: 25 teams of 45 servers, a rule to stop and a
//! rule to start for each.

use std::fmt::Write;

use lightsout::cloud::codes;
use lightsout::model::instance::{
    Action, BadIdentity, Instance, InstanceNo, Product, RegionCode, RuleName,
};

/// How many teams there are, with two rules each.
pub(crate) const TEAMS: u32 = 25;
/// The team that is dissolved after the first months, with its rules.
pub(crate) const DISSOLVED: u32 = TEAMS - 1;
/// How many servers a team has: three requests full.
pub(crate) const SERVERS: u32 = 45;
/// Every ninth server is replaced by another one of the same name every that many working days.
const REPLACED_AFTER: u32 = 250;

/// The text of schedules.toml; it is edited now and then, so that each revision is another.
pub(crate) fn file_text(revision: u32) -> String {
    let mut text = format!(
        "# revision {revision}\ntimezone = \"Asia/Seoul\"\n\n[accounts.main]\nplatform = \"vpc\"\n\n\
         [protect]\nnames = [\"*-prod-*\"]\n"
    );
    for (team, action) in (0..TEAMS).flat_map(|team| [(team, Action::Stop), (team, Action::Start)])
    {
        let hour = if action == Action::Stop { 20 } else { 8 };
        let name = rule_name(team, action);
        write!(
            text,
            "\n[[rules]]\nname = \"{name}\"\naction = \"{}\"\ncron = \"0 {hour} * * MON-FRI\"\n\
             select = {{ names = [\"dev-{team:02}-*\"] }}\n",
            action.as_str()
        )
        .expect("a string takes everything");
    }
    write!(
        text,
        "\n[[rules]]\nname = \"{EVERY_MINUTE}\"\naction = \"stop\"\ncron = \"* 8-19 * * MON-FRI\"\n\
         select = {{ tags = {{ watch = \"on\" }} }}\n"
    )
    .expect("a string takes everything");
    text
}

/// A rule that fires every minute, about a server that is off already.
pub(crate) const EVERY_MINUTE: &str = "every-minute";
/// That server.
pub(crate) const WATCHED: &str = "20000000";

/// The name of a team's rule.
pub(crate) fn rule_name(team: u32, action: Action) -> String {
    format!("team-{team:02}-{}", action.as_str())
}

/// The same, as the log wants it.
pub(crate) fn rule(team: u32, action: Action) -> Result<RuleName, BadIdentity> {
    RuleName::new(rule_name(team, action))
}

/// The number of a server on some working day.
pub(crate) fn number(team: u32, place: u32, day: u32) -> String {
    let generation = if place % 9 == 8 { day / REPLACED_AFTER } else { 0 };
    format!("{}", 10_000_000 + team * 100_000 + place * 1_000 + generation)
}

/// The name of a server. The first of a team is protected by its name.
pub(crate) fn name(team: u32, place: u32) -> String {
    let part = if place == 0 { "prod" } else { "web" };
    format!("dev-{team:02}-{part}-{place}")
}

/// A team's servers on some working day, all in this state.
pub(crate) fn servers(team: u32, day: u32, status: &str) -> Result<Vec<Instance>, BadIdentity> {
    let region = if team % 5 == 4 { "SGN" } else { "KR" };
    let one = |place| server(number(team, place, day), name(team, place), region, status);
    (0..SERVERS).map(one).collect()
}

/// The server of the rule that fires every minute.
pub(crate) fn watched(status: &str) -> Result<Instance, BadIdentity> {
    server(WATCHED.to_owned(), "watched".to_owned(), "KR", status)
}

fn server(no: String, name: String, region: &str, status: &str) -> Result<Instance, BadIdentity> {
    Ok(Instance {
        no: InstanceNo::new(no)?,
        name,
        region: RegionCode::new(region)?,
        status: codes::status(status),
        operation: codes::operation("NULL"),
        booted_at: None,
        created_at: None,
        product: Product::default(),
        tags: None,
    })
}
