//! `lightsout servers`: lists every server ever seen, as it is now.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;
use schemars::JsonSchema;
use serde::Serialize;

use super::listing::{self, Columns, Listing, column, painted};
use super::local_time::Spoken;
use super::naming::ServerFlag;
use super::paint::Painted;
use super::session::{self, LogPlace};
use super::{Exit, Global, completions, output};
use crate::clock::{Clock, SystemClock};
use crate::model::instance::Action;
use crate::model::language::Language;
use crate::model::mark::Mark;
use crate::servers::{
    self, Identities, NearLimit, NextFiring, Only, ServerHold, ServerNow, Wanted, in_order,
};
use crate::state_history::State;
use crate::stop_limit::days;
use crate::time::zone::Zone;
use crate::verdict::{self, Troubled};

const NOT_KNOWN_YET: &str = "not known yet: its tags are read when a rule fires";

const EXAMPLES: &str = "\
Examples:
  lightsout servers
  lightsout servers 'dev-*' --state running
  lightsout servers --trouble -o csv";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Servers {
    /// Only servers with this part in their names, in any case and with globs; or a number
    #[arg(value_name = "SERVER", add = ArgValueCandidates::new(completions::servers))]
    server: Option<String>,
    #[command(flatten)]
    named: ServerFlag,
    /// Only servers in this state
    #[arg(long, value_enum)]
    state: Option<InState>,
    /// Only servers that did not stop last night or tonight
    #[arg(long)]
    trouble: bool,
    /// Only servers that a hold keeps as they are
    #[arg(long)]
    held: bool,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InState {
    Running,
    Off,
    Unknown,
}

/// A server that was ever seen. Times are in the file's zone.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ServerLine {
    account: String,
    region: String,
    instance_no: String,
    /// The last name that was seen.
    instance_name: String,
    /// `unknown` when nobody has looked at it for an hour.
    state: State,
    /// Since when it is so; null when that is not known.
    since: Option<String>,
    /// The last state that was seen, however long ago.
    last_state: Option<State>,
    /// When that was.
    last_seen_at: Option<String>,
    /// The next action of a rule about it.
    #[schemars(with = "Option<Action>")]
    next_action: Option<&'static str>,
    next_at: Option<String>,
    next_rule: Option<String>,
    /// Its next stop, which may come after a start.
    next_stop_at: Option<String>,
    /// The rules that mean it, with commas between; null when that is not known.
    rules: Option<String>,
    /// The rules that may mean it by its tags, which no firing has read yet; with commas between.
    perhaps: Option<String>,
    held_until: Option<String>,
    /// Who set the hold.
    held_by: Option<String>,
    /// What the hold is for.
    held_why: Option<String>,
    /// The rule that is held; null when the server itself is.
    held_rule: Option<String>,
    /// The limit of the stop budget that is near, in words: `in a row` or `in 12 months`.
    near_limit: Option<String>,
    /// The days off that count for this limit.
    near_limit_days: Option<f64>,
    /// The days off that the limit allows.
    near_limit_of: Option<u32>,
    /// How its last stop ended, last night or tonight, if that needs somebody; in words.
    trouble: Option<String>,
}

impl Servers {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, schedules) = self.place.glimpse(global)?;
        let (zone, now) = (file.timezone, SystemClock::new().now());
        let mut lines = Vec::new();
        if let Some(log) = session::log(&file.log).await? {
            let mut known = log.instances_by_last_name().await?;
            if let Some(name) = self.named.or(self.server.as_ref()) {
                let wanted = Wanted::new(name);
                known.retain(|it| wanted.is(it));
            }
            let known = in_order(known);
            let mut found = servers::read(&log, &known, schedules.as_ref(), now).await?;
            let troubled = Troubled::now(&log, (now, zone)).await?;
            log.close().await?;
            let troubled: HashMap<_, _> =
                troubled.into_iter().map(|it| (it.identity(), it)).collect();
            let identities: Identities = troubled.keys().cloned().collect();
            let asked = self.asked();
            found.retain(|server| asked.iter().all(|only| only.is(server, &identities)));
            let with_trouble = |server: ServerNow| {
                let trouble = troubled.get(&(server.account.clone(), server.no.clone()));
                line(server, trouble, zone)
            };
            lines = found.into_iter().map(with_trouble).collect();
            if lines.is_empty() {
                self.say_none();
            }
        }
        let (spoken, format) = (Spoken { zone, now }, self.listing.format);
        listing::print(format, &lines, &columns(spoken))?;
        spoken.below_table(format, lines.len()).map(|()| Exit::Ok)
    }

    fn asked(&self) -> Vec<Only> {
        let state = self.state.map(|state| match state {
            InState::Running => Only::Running,
            InState::Off => Only::Off,
            InState::Unknown => Only::Unknown,
        });
        let trouble = self.trouble.then_some(Only::Trouble);
        [state, trouble, self.held.then_some(Only::Held)].into_iter().flatten().collect()
    }

    fn say_none(&self) {
        if !self.asked().is_empty() {
            output::say("no server is so now");
            output::hint("`lightsout servers` shows all that the log knows");
        } else if let Some(name) = self.named.or(self.server.as_ref()) {
            output::say(&format!("the log has never seen a server with `{name}` in its name"));
            output::hint("`lightsout servers` shows all that it knows");
        } else {
            output::say("the log has never seen a server");
            output::hint("`lightsout run` and `lightsout fire` look at the accounts");
        }
    }
}

fn line(server: ServerNow, trouble: Option<&Troubled>, zone: Zone) -> ServerLine {
    let shown = |at: DateTime<Utc>| zone.show(at).to_rfc3339_opts(SecondsFormat::Secs, false);
    let next = server.next().cloned();
    let perhaps = Some(server.perhaps.join(", ")).filter(|names| !names.is_empty());
    let stop = server.next_stop.as_ref().map(|stop| shown(stop.at));
    let (next_action, next_at, next_rule) = match next {
        Some(NextFiring { at, action, rule }) => {
            (Some(action.as_str()), Some(shown(at)), Some(rule))
        }
        None => (None, None, None),
    };
    let (held_until, held_by, held_why, held_rule) = match server.held {
        Some(ServerHold { until, by, why, with_rule, .. }) => {
            (Some(shown(until)), Some(by), why, with_rule)
        }
        None => (None, None, None, None),
    };
    let (last_state, last_seen_at) = server.last_seen.unzip();
    let near = server.near_limit;
    ServerLine {
        account: server.account.to_string(),
        region: server.region,
        instance_no: server.no.to_string(),
        instance_name: server.name,
        state: server.state,
        since: server.since.map(shown),
        last_state,
        last_seen_at: last_seen_at.map(shown),
        next_action,
        next_at,
        next_rule,
        next_stop_at: stop,
        rules: server.rules.map(|rules| rules.join(", ")),
        perhaps,
        held_until,
        held_by,
        held_why,
        held_rule,
        near_limit: near.map(|near| near.limit.to_string()),
        near_limit_days: near.map(|NearLimit { spent, .. }| days(spent.at_least())),
        near_limit_of: near.map(|near| near.allowed),
        trouble: trouble.map(|it| verdict::Words(Language::English).end_of(it)),
    }
}

fn columns<'c>(spoken: Spoken) -> Columns<'c, ServerLine> {
    let time = move |at: &Option<String>| at.as_ref().map(|at| spoken.of(at)).unwrap_or_default();
    let next = move |line: &ServerLine| match (line.next_action, &line.next_rule, &line.rules) {
        (Some(action), Some(rule), _) => format!("{action} {} ({rule})", time(&line.next_at)),
        _ if line.perhaps.is_some() => NOT_KNOWN_YET.to_owned(),
        (_, _, Some(rules)) if rules.is_empty() => "no rule means it".to_owned(),
        (_, _, None) => "unknown".to_owned(),
        _ => "nothing to come".to_owned(),
    };
    let held = move |line: &ServerLine| {
        let Some(by) = &line.held_by else { return String::new() };
        let with = line.held_rule.as_ref().map(|rule| format!(", with rule {rule}"));
        format!("until {} by {by}{}", time(&line.held_until), with.unwrap_or_default())
    };
    let budget =
        |line: &ServerLine| match (line.near_limit_days, line.near_limit_of, &line.near_limit) {
            (Some(days), Some(of), Some(limit)) => {
                Painted::marked(Mark::Trouble, &format!("{days} of {of} days off {limit}"))
            }
            _ => Painted::default(),
        };
    vec![
        vec![
            column("name", |line: &ServerLine| line.instance_name.clone()),
            column("number", |line: &ServerLine| line.instance_no.clone()),
            column("account", |line: &ServerLine| format!("{}/{}", line.account, line.region)),
            painted("state", state),
            column("since", move |line: &ServerLine| time(&line.since)),
        ],
        vec![column("next", next), column("held", held), painted("budget", budget)],
    ]
}

/// The state, and how the last stop ended if that needs somebody.
fn state(line: &ServerLine) -> Painted {
    let state = match line.state {
        State::Running => Painted::plain("running"),
        State::Off => Painted::marked(Mark::Good, "off"),
        State::Unknown => Painted::marked(Mark::Quiet, "unknown"),
    };
    let trouble = line.trouble.as_ref().map(|outcome| Painted::marked(Mark::Trouble, outcome));
    Painted::joined([state].into_iter().chain(trouble), ", ")
}
