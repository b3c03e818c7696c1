//! Judges instances: which ones a rule means.
//!
//! Tags may be unknown (the Resource Manager was asked and could not answer), so a eligibility
//! has three values, and each caller decides which way the third one falls: a selection takes
//! only [`Verdict::Yes`], a protection lets go only on [`Verdict::No`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::glob::Glob;
use crate::model::instance::{Action, Instance, InstanceNo};
use crate::text::normal_form::same;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes,
    No,
    /// It depends on tags that could not be read.
    Unreadable,
}

/// What one entry of `tags = { key = "glob" }` asks of an instance: whether it has that tag
/// with a value that the glob matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagQuestion {
    /// The tag's key, compared as it is, in normal form C.
    pub key: String,
    /// What its value must match; `*` only asks for the key.
    pub value: Glob,
}

impl TagQuestion {
    /// Whether no list answers it where lists show no tags (on VPC): each server that has the
    /// key has to be read by itself.
    pub fn costs_a_call_each(&self) -> bool {
        let is_listed = |values: Vec<String>| !values.iter().any(String::is_empty);
        !self.value.matches_everything() && !self.value.literals().is_some_and(is_listed)
    }

    /// Answers the question from tags that are at hand.
    pub fn holds_for(&self, tags: &[(String, String)]) -> bool {
        tags.iter().any(|(key, value)| same(key, &self.key) && self.value.matches(value))
    }
}

/// Everything that must be known of tags to judge instances, and for whose sake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagQuestions {
    /// What selectors ask: who has which tag with which value.
    pub selectors: BTreeSet<TagQuestion>,
    /// The key of the tag that holds instances, whose value is asked for.
    pub hold: Option<String>,
    askers: Vec<Asker>,
}

/// A rule that asks about tags.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Asker {
    action: Action,
    select: Selector,
    except: Selector,
    protect: Arc<Selector>,
}

/// How much the tags of one instance matter that no list tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// No rule is judged otherwise by them.
    None,
    /// A rule is, but would ask nothing of the instance as it is.
    Later,
    /// A rule waits for them before it asks.
    Now,
}

impl TagQuestions {
    pub fn are_none(&self) -> bool {
        self.selectors.is_empty() && self.hold.is_none()
    }

    /// Whether servers have to be read one by one for any of it, where lists show no tags.
    pub fn cost_a_call_each(&self) -> bool {
        self.hold.is_some() || self.selectors.iter().any(TagQuestion::costs_a_call_each)
    }

    /// What `rules` ask about tags, each given as its action, `select` and `except`; with what
    /// `protect` asks, and the key of the tag that holds.
    pub fn of<'a>(
        rules: impl IntoIterator<Item = (Action, &'a Selector, &'a Selector)>,
        protect: &Arc<Selector>,
        hold: Option<String>,
    ) -> Self {
        let asker = |(action, select, except): (Action, &Selector, &Selector)| {
            let (select, except) = (select.clone(), except.clone());
            Asker { action, select, except, protect: Arc::clone(protect) }
        };
        let askers: Vec<Asker> = rules.into_iter().map(asker).collect();
        let own = askers.iter().flat_map(|asker| [&asker.select, &asker.except]);
        let selectors = own.chain([&**protect]).flat_map(|it| &it.tags).cloned().collect();
        Self { selectors, hold, askers }
    }

    /// Asks what another set asks as well.
    pub fn extend(&mut self, other: Self) {
        self.selectors.extend(other.selectors);
        self.askers.extend(other.askers);
        self.hold = self.hold.take().or(other.hold);
    }

    /// How much it matters to read the tags of an instance, given the verdicts that lists give.
    pub fn need(
        &self,
        instance: &Instance,
        may_be_held: bool,
        verdict: impl Fn(&TagQuestion) -> Verdict,
    ) -> Need {
        let need = |asker: &Asker| {
            let is_open = match asker.select.all_of(instance, &verdict) {
                Verdict::No => false,
                Verdict::Unreadable => true,
                Verdict::Yes => match asker.protect.any_of(instance, &verdict) {
                    Verdict::Yes => false,
                    Verdict::Unreadable => true,
                    Verdict::No => match asker.except.all_of(instance, &verdict) {
                        Verdict::Yes => false,
                        Verdict::Unreadable => true,
                        Verdict::No => may_be_held,
                    },
                },
            };
            match is_open {
                true if instance.is_ready_for(asker.action) => Need::Now,
                true => Need::Later,
                false => Need::None,
            }
        };
        let mut most = Need::None;
        for asker in &self.askers {
            most = most.max(need(asker));
            if most == Need::Now {
                break;
            }
        }
        most
    }
}

/// `select`, `except` and `[protect]`: names, tags and instance numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Any of these may match the name.
    pub names: Vec<Glob>,
    pub tags: Vec<TagQuestion>,
    /// Any of these may be the number.
    pub instances: Vec<InstanceNo>,
}

impl Selector {
    /// Whether it names nothing at all.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.tags.is_empty() && self.instances.is_empty()
    }

    /// Whether every key that is given holds: how `select` and `except` are meant. An empty
    /// selector means nothing.
    pub fn all_of(&self, instance: &Instance, tags: impl Fn(&TagQuestion) -> Verdict) -> Verdict {
        // What the name settles takes no look at the tags: most instances are not meant.
        if !self.names.is_empty() && !self.is_named(instance) {
            return Verdict::No;
        }
        let parts = self.parts(instance, tags);
        match () {
            () if self.is_empty() || parts.contains(&Some(Verdict::No)) => Verdict::No,
            () if parts.contains(&Some(Verdict::Unreadable)) => Verdict::Unreadable,
            () => Verdict::Yes,
        }
    }

    /// Whether any key that is given holds: how `[protect]` is meant, since a name on the list
    /// must protect also where the tag is missing.
    pub fn any_of(&self, instance: &Instance, tags: impl Fn(&TagQuestion) -> Verdict) -> Verdict {
        let parts = self.parts(instance, tags);
        match () {
            () if parts.contains(&Some(Verdict::Yes)) => Verdict::Yes,
            () if parts.contains(&Some(Verdict::Unreadable)) => Verdict::Unreadable,
            () => Verdict::No,
        }
    }

    fn is_named(&self, instance: &Instance) -> bool {
        self.names.iter().any(|glob| glob.matches(&instance.name))
    }

    /// One verdict for each key that is given.
    fn parts(
        &self,
        instance: &Instance,
        tags: impl Fn(&TagQuestion) -> Verdict,
    ) -> [Option<Verdict>; 3] {
        let yes_if = |holds: bool| if holds { Verdict::Yes } else { Verdict::No };
        let instances =
            (!self.instances.is_empty()).then(|| yes_if(self.instances.contains(&instance.no)));
        let names = (!self.names.is_empty()).then(|| yes_if(self.is_named(instance)));
        let tags = (!self.tags.is_empty()).then(|| every(self.tags.iter().map(tags)));
        [instances, names, tags]
    }
}

fn every(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut all = Verdict::Yes;
    for verdict in verdicts {
        match verdict {
            Verdict::No => return Verdict::No,
            Verdict::Unreadable => all = Verdict::Unreadable,
            Verdict::Yes => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::instance::{Operation, Product, RegionCode, Status};

    fn instance(no: &str, name: &str) -> Instance {
        Instance {
            no: InstanceNo::new(no).unwrap(),
            name: name.to_owned(),
            region: RegionCode::new("KR").unwrap(),
            status: Status::Run,
            operation: Operation::null(),
            booted_at: None,
            product: Product::default(),
            tags: None,
        }
    }

    fn selector(names: &[&str], tags: &[(&str, &str)], instances: &[&str]) -> Selector {
        let question = |(key, value): &(&str, &str)| TagQuestion {
            key: (*key).to_owned(),
            value: Glob::new(value).unwrap(),
        };
        Selector {
            names: names.iter().map(|name| Glob::new(name).unwrap()).collect(),
            tags: tags.iter().map(question).collect(),
            instances: instances.iter().map(|no| InstanceNo::new(*no).unwrap()).collect(),
        }
    }

    #[test]
    fn a_tag_must_be_there_and_match_in_case() {
        let tags = vec![("env".to_owned(), "dev".to_owned()), ("팀".to_owned(), String::new())];
        for (key, value, expected) in [
            ("env", "dev", true),
            ("env", "Dev", false),
            ("Env", "dev", false),
            ("env", "*", true),
            ("팀", "*", true),
            ("팀", "?*", false),
            ("owner", "*", false),
            ("\u{1110}\u{1175}\u{11b7}", "*", true),
        ] {
            let question = &selector(&[], &[(key, value)], &[]).tags[0];
            assert_eq!(question.holds_for(&tags), expected, "{key}={value}");
        }
    }

    #[test]
    fn keys_of_a_selector_must_all_hold_and_keys_of_a_protection_need_not() {
        use Verdict::{No, Unreadable, Yes};
        let dev = instance("1021003", "dev-api-1");
        for (names, has_tags, instances, tag, all, any) in [
            (&["dev-*"][..], false, &[][..], No, Yes, Yes),
            (&["qa-*", "dev-*"], false, &[], No, Yes, Yes),
            (&["dev-*"], true, &[], Yes, Yes, Yes),
            (&["dev-*"], true, &[], No, No, Yes),
            (&["qa-*"], true, &[], Yes, No, Yes),
            (&["dev-*"], true, &[], Unreadable, Unreadable, Yes),
            (&["qa-*"], true, &[], Unreadable, No, Unreadable),
            (&[], false, &["1021003"], No, Yes, Yes),
            (&["dev-*"], false, &["937507"], No, No, Yes),
            (&[], false, &[], Yes, No, No),
        ] {
            let tags: &[_] = if has_tags { &[("env", "dev")] } else { &[] };
            let selector = selector(names, tags, instances);
            assert_eq!(selector.all_of(&dev, |_| tag), all, "all of {selector:?}, tag {tag:?}");
            assert_eq!(selector.any_of(&dev, |_| tag), any, "any of {selector:?}, tag {tag:?}");
        }
    }
}
