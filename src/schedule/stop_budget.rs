//! Owns `stop-budget`: the rule, in no file, by which a daemon starts servers that have been off
//! for too long.
//!
//! The engine decides on the servers.

use std::time::Duration;

use super::budget::AtLimit;
use super::calendar::Days;
use super::cron::Cron;
use super::observe::OnManualStart;
use super::overrides::Overrides;
use super::pace::Pace;
use super::rule::{Disabled, Drift, Rule, Schedules, Start};
use super::selector::{Clause, Selector};
use super::times::{Pattern, Times};
use crate::model::instance::{AccountName, Action, InstanceNo, RuleName};

/// Its name in the log. No rule of a file may have this name.
pub const STOP_BUDGET: &str = "stop-budget";

const PATIENCE: Duration = Duration::from_secs(10 * 60);

impl Schedules {
    /// The rule that starts these servers of an account; enabled if `[budget] at_limit` says so.
    pub fn stop_budget(&self, account: &AccountName, instances: Vec<InstanceNo>) -> Rule {
        let hourly = "@hourly".parse::<Cron>().expect("it is a cron expression");
        Rule {
            name: RuleName::new(STOP_BUDGET).expect("letters and a dash"),
            action: Action::Start,
            times: Times {
                pattern: Pattern::Cron(hourly),
                days: Days::default(),
                overrides: Overrides::NONE,
            },
            timezone: self.timezone,
            account: account.clone(),
            select: Selector::of(instances.into_iter().map(Clause::Number)),
            except: Selector::default(),
            patience: PATIENCE,
            late: Duration::ZERO,
            max_instances: self.max_instances,
            enabled: self.budget.at_limit == AtLimit::Start,
            about: None,
            disabled: Disabled::default(),
            dry_run: false,
            // The rule starts few servers at a time, whichever have been off for long.
            drift: Drift::Allow,
            on_manual_start: OnManualStart::Leave,
            start: Start::All,
            pace: Pace::default(),
        }
    }
}
