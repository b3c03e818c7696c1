//! Forecasts without the cloud the state to which the rules lead an instance by a time.
//!
//! Follows the daemon's own rules and cron. Assumes that this file was always in use, that every
//! firing succeeded at once, and that nobody else acted. So a start of `ours` brings back whatever
//! a stop selected. Ignores facts that only the cloud or the log has: `max_instances`, `drift`, a
//! busy server.

mod look;
mod outlook;
mod words;

use outlook::restrain;

use self::look::RuleSearch;
use crate::schedule::expect::{Expectation, ExpectedInstance};
use crate::schedule::rule::{Rule, Schedules};
use crate::schedule::selector::{Description, TagQuestion};
use crate::select::eligibility::Eligibility;

pub use outlook::{Foresight, LOOK_BACK, LastFiring, Outlook, Restraint};

impl Schedules {
    /// Passes the forecast for each expectation to `tell`; returns the results in the file's order.
    pub fn foresee<'s, T>(
        &'s self,
        mut tell: impl FnMut(&'s Expectation, Foresight<'s>) -> T,
    ) -> Vec<T> {
        let mut expected: Vec<_> = self.expect.iter().enumerate().collect();
        // In the order of time, so that no rule is followed twice.
        expected.sort_by_key(|(_, expectation)| expectation.at);
        let mut look = RuleSearch::into(self);
        let told = |(place, expectation): (usize, &'s Expectation)| {
            (place, tell(expectation, look.foresee(expectation)))
        };
        let mut told: Vec<(usize, T)> = expected.into_iter().map(told).collect();
        told.sort_by_key(|(place, _)| *place);
        told.into_iter().map(|(_, told)| told).collect()
    }
}

impl Expectation {
    /// Whether a rule that selects the instance acts on it; `None` when it does not select it.
    fn acts<'s>(&self, rule: &Rule, file: &Schedules) -> Option<Result<(), Restraint<'s>>> {
        if rule.account != self.account {
            return None;
        }
        let ExpectedInstance { no, name, tags } = &self.instance;
        let tags = |question: &TagQuestion| question.holds_for(tags).into();
        let it = Description::by_name(no, name).with_tags(&tags);
        Some(match Eligibility::of(rule, &file.protect, &it) {
            Eligibility::Unselected | Eligibility::SelectionUnread => return None,
            Eligibility::Protected | Eligibility::ProtectionUnread => Err(Restraint::Protected),
            Eligibility::Excepted | Eligibility::ExceptionUnread => Err(Restraint::Excepted),
            Eligibility::Chosen | Eligibility::HoldUnread if !rule.enabled => {
                Err(Restraint::Disabled)
            }
            Eligibility::Chosen | Eligibility::HoldUnread if rule.dry_run => Err(Restraint::DryRun),
            Eligibility::Chosen | Eligibility::HoldUnread => Ok(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::expect::ExpectedState;
    use crate::schedule::times::Skipped;
    use std::path::Path;

    const HEAD: &str = "timezone = \"Asia/Seoul\"\naccounts.main.platform = \"vpc\"\n";

    /// A rule of every day, with some more lines.
    fn rule(name: &str, action: &str, cron: &str, more: &str) -> String {
        format!(
            "[[rules]]\nname = \"{name}\"\naction = \"{action}\"\ncron = \"{cron}\"\n\
             select = {{ tags = {{ env = \"dev\" }} }}\n{more}\n"
        )
    }

    /// The forecast for `dev-a`, tagged `env = dev`, at a time: the state, the rules that lead to
    /// it, and the restrained rules.
    fn foreseen(rules: &[String], at: &str, instance: &str) -> String {
        let expect = format!("[[expect]]\nat = \"{at}\"\nstate = \"stopped\"\n{instance}\n");
        let text = format!("{HEAD}{}{expect}", rules.concat());
        let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
        let foresight = &file.foresee(|_, foresight| foresight)[0];
        let shown = |last: &LastFiring<'_>| {
            let at = last.rule.timezone.show(last.occurrence.at);
            format!("{} {}", last.rule.name, at.format("%m-%d %H:%M"))
        };
        let outlook = match &foresight.outlook {
            Outlook::Left(last) => shown(last),
            Outlook::Torn { stop, start } => format!("{} or {}", shown(stop), shown(start)),
            Outlook::Untouched => String::new(),
        };
        let state = foresight.outlook.state().map_or("undecided", ExpectedState::as_str);
        let kept = |(rule, why): &(&Rule, Restraint<'_>)| match why {
            Restraint::Skipped(Skipped { occurrence, skip }) => {
                let at = rule.timezone.show(occurrence.at);
                format!("; {} skips {} ({skip})", rule.name, at.format("%m-%d %H:%M"))
            }
            why => format!("; {} {why:?}", rule.name),
        };
        let kept: String = foresight.restrained.iter().map(kept).collect();
        format!("{state} {outlook}{kept}")
    }

    const DEV: &str = "instance = { name = \"dev-a\", tags = { env = \"dev\" } }";

    #[test]
    fn the_last_firing_about_an_instance_decides_what_it_is() {
        let night = rule("night", "stop", "0 20 * * MON-FRI", "");
        let morning = rule("morning", "start", "30 8 * * MON-FRI", "");
        let yearly = rule("yearly", "stop", "0 0 1 1 *", "");
        let file = [night.clone(), morning.clone()];
        for (rules, at, expected) in [
            (&file[..], "2026-12-24 22:05", "stopped night 12-24 20:00"),
            (&file, "2026-12-24 20:00", "stopped night 12-24 20:00"),
            (&file, "2026-12-24 19:59:59", "running morning 12-24 08:30"),
            (&file, "2026-12-27 12:00", "stopped night 12-25 20:00"),
            (&file, "2026-12-24T13:05:00Z", "stopped night 12-24 20:00"),
            (&[], "2026-12-24 22:05", "untouched "),
            (&[yearly], "2026-12-31 22:05", "stopped yearly 01-01 00:00"),
        ] {
            assert_eq!(foreseen(rules, at, DEV), expected, "{at}");
        }
    }

    #[test]
    fn a_firing_that_a_holiday_prevented_is_named_where_it_would_have_decided() {
        let night = rule("night", "stop", "0 20 * * *", "skip_on = [\"builtin:kr\"]");
        let morning = rule("morning", "start", "0 8 * * *", "on = \"workdays:builtin:kr\"");
        let rules = [night, morning];
        for (at, expected) in [
            ("2026-12-24 22:05", "stopped night 12-24 20:00"),
            ("2026-12-25 07:00", "stopped night 12-24 20:00"),
            (
                "2026-12-25 22:05",
                "stopped night 12-24 20:00; night skips 12-25 20:00 (builtin:kr: Christmas); \
                 morning skips 12-25 08:00 (builtin:kr: Christmas)",
            ),
            ("2026-12-26 22:05", "stopped night 12-26 20:00"),
        ] {
            assert_eq!(foreseen(&rules, at, DEV), expected, "{at}");
        }
    }

    #[test]
    fn a_stop_and_a_start_at_one_instant_decide_nothing() {
        let rules = [
            rule("one", "stop", "0 20 * * *", ""),
            rule("two", "stop", "0 20 * * *", ""),
            rule("on", "start", "0 20 * * *", ""),
        ];
        let torn = "undecided one 12-24 20:00 or on 12-24 20:00";
        assert_eq!(foreseen(&rules, "2026-12-24 22:05", DEV), torn);
        assert_eq!(
            foreseen(&rules[..2], "2026-12-24 22:05", DEV),
            "stopped one 12-24 20:00",
            "two stops agree"
        );
    }

    #[test]
    fn a_rule_of_another_account_is_about_other_instances() {
        let second = "[accounts.two]\nplatform = \"vpc\"\n";
        let night = rule("night", "stop", "0 20 * * *", "account = \"two\"") + second;
        for (account, expected) in [("main", "untouched "), ("two", "stopped night 12-24 20:00")] {
            let instance = DEV.replace("name", &format!("account = \"{account}\", name"));
            assert_eq!(
                foreseen(std::slice::from_ref(&night), "2026-12-24 22:05", &instance),
                expected
            );
        }
    }

    #[test]
    fn a_rule_that_would_not_act_is_named_with_what_keeps_it() {
        let night = |more: &str| [rule("night", "stop", "0 20 * * *", more)];
        let protect = "[protect]\nnames = [\"dev-*\"]\n";
        let tagged = |tag: &str| format!("instance = {{ name = \"dev-a\", tags = {{ {tag} }} }}");
        let numbered = rule("night", "stop", "0 20 * * *", "")
            .replace("tags = { env = \"dev\" }", "instances = [7]");
        for (rules, instance, expected) in [
            (night("enabled = false"), DEV.to_owned(), "untouched ; night Disabled"),
            (night("dry_run = true"), DEV.to_owned(), "untouched ; night DryRun"),
            (night(protect), DEV.to_owned(), "untouched ; night Protected"),
            (night("except = { names = [\"*-a\"] }"), DEV.to_owned(), "untouched ; night Excepted"),
            (night(""), tagged("env = \"qa\""), "untouched "),
            (night(""), "instance = { name = \"dev-a\" }".to_owned(), "untouched "),
            ([numbered.clone()], DEV.to_owned(), "untouched "),
            (
                [numbered],
                "instance = { name = \"dev-a\", no = 7 }".to_owned(),
                "stopped night 12-24 20:00",
            ),
        ] {
            assert_eq!(foreseen(&rules, "2026-12-24 22:05", &instance), expected, "{rules:?}");
        }
    }

    #[test]
    fn a_rule_that_starts_only_ours_needs_a_stop_before() {
        let morning = rule("morning", "start", "30 8 * * *", "start = \"ours\"");
        let night = |more: &str| rule("night", "stop", "0 20 * * *", more);
        for (rules, expected) in [
            (vec![morning.clone()], "untouched ; morning NotOurs"),
            (vec![night(""), morning.clone()], "running morning 12-24 08:30"),
            (
                vec![night("dry_run = true"), morning.clone()],
                "untouched ; night DryRun; morning NotOurs",
            ),
        ] {
            assert_eq!(foreseen(&rules, "2026-12-24 12:00", DEV), expected, "{rules:?}");
        }
    }
}
