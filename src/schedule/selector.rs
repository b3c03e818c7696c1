//! Judges instances: which ones a rule means.
//!
//! Tags may be unknown (the Resource Manager was asked and could not answer), so a judgement
//! has three values, and each caller decides which way the third one falls: a selection takes
//! only [`Verdict::Yes`], a protection lets go only on [`Verdict::No`].

use std::collections::BTreeSet;

use super::glob::Glob;
use crate::instance::{Instance, InstanceNo};
use crate::normal::same;

/// Whether an instance is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Yes,
    /// It is not.
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
    /// Answers the question from tags that are at hand.
    #[must_use]
    pub fn holds_for(&self, tags: &[(String, String)]) -> bool {
        tags.iter().any(|(key, value)| same(key, &self.key) && self.value.matches(value))
    }
}

/// Everything that must be known of tags to judge instances.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagQuestions {
    /// What selectors ask: who has which tag with which value.
    pub selectors: BTreeSet<TagQuestion>,
    /// The key of the tag that holds instances, whose value is asked for.
    pub hold: Option<String>,
}

/// `select`, `except` and `[protect]`: names, tags and instance numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Any of these may match the name.
    pub names: Vec<Glob>,
    /// All of these must hold.
    pub tags: Vec<TagQuestion>,
    /// Any of these may be the number.
    pub instances: Vec<InstanceNo>,
}

impl Selector {
    /// Whether it names nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.tags.is_empty() && self.instances.is_empty()
    }

    /// Whether every key that is given holds: how `select` and `except` are meant. An empty
    /// selector means nothing.
    pub fn all_of(&self, instance: &Instance, tags: impl Fn(&TagQuestion) -> Verdict) -> Verdict {
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

    /// One verdict for each key that is given.
    fn parts(
        &self,
        instance: &Instance,
        tags: impl Fn(&TagQuestion) -> Verdict,
    ) -> [Option<Verdict>; 3] {
        let yes_if = |holds: bool| if holds { Verdict::Yes } else { Verdict::No };
        let instances =
            (!self.instances.is_empty()).then(|| yes_if(self.instances.contains(&instance.no)));
        let names = (!self.names.is_empty())
            .then(|| yes_if(self.names.iter().any(|glob| glob.matches(&instance.name))));
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
    use crate::instance::{Operation, Product, RegionCode, Status};

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
