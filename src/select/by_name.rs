//! Finds the rules about a held thing from the file and the log, without the cloud.
//!
//! [`super::eligibility`] judges with tags, from a reading of the cloud.

use crate::model::instance::{Action, InstanceNo};
use crate::model::known_instance::{Directory, KnownInstance};
use crate::model::subject::Subject;
use crate::schedule::selector::{Description, Selector};
use crate::schedule::{Rule, Schedules};
use crate::select::eligibility::Eligibility;
use crate::text::normal_form::same;

/// Whether a rule means an instance whose tags are not known: by its number and name, and where
/// its tags decide, by whether the rule `had_it` before.
pub fn means(
    rule: &Rule,
    protect: &Selector,
    it: &Description<'_>,
    had_it: impl FnOnce() -> bool,
) -> bool {
    match Eligibility::of(rule, protect, it) {
        Eligibility::Chosen => true,
        eligibility => eligibility.is_unread() && had_it(),
    }
}

/// Whether its tags decide that a rule means an instance.
pub fn may_mean(rule: &Rule, protect: &Selector, it: &Description<'_>) -> bool {
    Eligibility::of(rule, protect, it).is_unread()
}

impl Directory {
    /// Adds an instance that the cloud has shown, with the rules that mean it.
    pub fn learn<'r>(
        &mut self,
        instance: KnownInstance,
        rules: impl IntoIterator<Item = &'r Rule>,
    ) {
        for rule in rules {
            let matched = self.matched.entry(rule.name.to_string()).or_default();
            matched.insert(instance.no.clone());
        }
        self.instances.push(instance);
    }

    /// The number of instances with this name or number.
    pub fn count(&self, name: &str) -> usize {
        self.called(name).count()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.instances.iter().map(|known| known.name.as_str())
    }

    /// The enabled rules about the held thing.
    pub fn rules_about<'s>(&self, subject: &Subject, schedules: &'s Schedules) -> Vec<&'s Rule> {
        let rules = schedules.rules.iter().map(AsRef::as_ref).filter(|rule: &&Rule| rule.enabled);
        rules.filter(|rule| self.is_about(rule, subject, schedules)).collect()
    }

    /// The enabled rules that start the held thing, or the servers that a held rule stops.
    pub fn starts_of<'s>(&self, subject: &Subject, schedules: &'s Schedules) -> Vec<&'s Rule> {
        let Subject::Rule(name) = subject else {
            let mut rules = self.rules_about(subject, schedules);
            rules.retain(|rule| rule.action == Action::Start);
            return rules;
        };
        let Some([held, ..]) = schedules.entry(name) else { return Vec::new() };
        let of = |name: &str| self.matched.get(name);
        let shares = |rule: &Rule| {
            let both = of(rule.name.as_str()).zip(of(name));
            both.is_some_and(|(one, other)| !one.is_disjoint(other))
        };
        let rules = schedules.rules.iter().map(AsRef::as_ref);
        let starts = rules.filter(|rule: &&Rule| rule.enabled && rule.action == Action::Start);
        let starts = starts.filter(|rule| rule.account == held.account);
        starts.filter(|rule| rule.select == held.select || shares(rule)).collect()
    }

    fn is_about(&self, rule: &Rule, subject: &Subject, schedules: &Schedules) -> bool {
        let means = |known: &KnownInstance| self.means(rule, known, schedules);
        match subject {
            Subject::Rule(name) => rule.name.as_str() == name,
            Subject::Tagged { account, no, name, .. } => means(&KnownInstance {
                account: account.clone(),
                no: no.clone(),
                name: name.clone(),
            }),
            Subject::Instance(name) if self.count(name) == 0 => {
                // Nobody has seen the instance yet, so its name and number are all that is known.
                let no = InstanceNo::new(name.as_str()).or_else(|_| InstanceNo::new("0"));
                let no = no.expect("digits are a number");
                means(&KnownInstance { account: rule.account.clone(), no, name: name.clone() })
            }
            Subject::Instance(name) => self.called(name).any(means),
        }
    }

    /// A rule that has not fired yet may mean whatever its tags let it mean.
    fn means(&self, rule: &Rule, known: &KnownInstance, schedules: &Schedules) -> bool {
        let matched = self.matched.get(rule.name.as_str());
        let had_it = || matched.is_none_or(|matched| matched.contains(&known.no));
        let it = Description::by_name(&known.no, &known.name);
        rule.account == known.account && means(rule, &schedules.protect, &it, had_it)
    }

    fn called<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a KnownInstance> {
        self.instances
            .iter()
            .filter(move |known| same(&known.name, name) || known.no.as_str() == name)
    }
}
