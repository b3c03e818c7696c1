//! Finds the selectors that may mean an instance, by the beginnings of their patterns, so that not
//! all have to be tried.

use std::collections::{BTreeSet, HashMap};

use crate::model::instance::{Instance, InstanceNo};
use crate::schedule::selector::{Clause, Criterion, Lookup, Selector};
use crate::text::normal_form::nfc;

/// Selectors, each by its index.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// By the beginnings of the names that they match.
    names: Beginnings,
    numbers: HashMap<InstanceNo, Vec<usize>>,
    /// By the key and the beginning of the value of a tag.
    tags: HashMap<String, Beginnings>,
}

/// The beginnings of the texts that certain selectors match.
#[derive(Clone, Debug, Default)]
struct Beginnings {
    places: HashMap<String, Vec<usize>>,
    lengths: BTreeSet<usize>,
}

impl Candidates {
    pub fn of<'s>(selectors: impl IntoIterator<Item = &'s Selector>) -> Self {
        let mut all = Self::default();
        for (place, selector) in selectors.into_iter().enumerate() {
            // All criteria must hold, so the narrowest is enough for the search.
            let lookups = selector.criteria().iter().map(lookups);
            let narrowest = lookups.min_by(|one, other| one.first().cmp(&other.first()));
            for lookup in narrowest.into_iter().flatten() {
                all.add(lookup, place);
            }
        }
        all
    }

    fn add(&mut self, lookup: Lookup, place: usize) {
        match lookup {
            Lookup::Number(number) => self.numbers.entry(number).or_default().push(place),
            Lookup::Name(beginning) => self.names.add(beginning, place),
            Lookup::Tag(key, beginning) => {
                self.tags.entry(key).or_default().add(beginning, place);
            }
        }
    }

    /// The indexes of all selectors that may mean an instance of a list.
    pub fn for_instance(&self, instance: &Instance) -> BTreeSet<usize> {
        self.of_instance((&instance.no, &instance.name), instance.tags.as_deref())
    }

    /// The indexes of all selectors that may mean an instance. If its tags are unknown, each
    /// selector with tags may.
    pub fn of_instance(
        &self,
        (no, name): (&InstanceNo, &str),
        tags: Option<&[(String, String)]>,
    ) -> BTreeSet<usize> {
        let mut places = BTreeSet::new();
        places.extend(self.numbers.get(no).into_iter().flatten());
        self.names.find(&nfc(name), &mut places);
        let Some(tags) = tags else {
            let of_tags = self.tags.values().flat_map(|values| values.places.values());
            places.extend(of_tags.flatten());
            return places;
        };
        for (key, value) in tags {
            if let Some(values) = self.tags.get(&*nfc(key)) {
                values.find(&nfc(value), &mut places);
            }
        }
        places
    }
}

/// All that a criterion is to be looked up by.
fn lookups(criterion: &Criterion) -> Vec<Lookup> {
    let lookups = criterion.clauses.iter().map(Clause::lookup);
    if criterion.key.is_any_enough() {
        lookups.collect()
    } else {
        lookups.min().into_iter().collect()
    }
}

impl Beginnings {
    fn add(&mut self, beginning: String, place: usize) {
        self.lengths.insert(beginning.len());
        self.places.entry(beginning).or_default().push(place);
    }

    /// Adds every index whose beginning the text has.
    fn find(&self, text: &str, places: &mut BTreeSet<usize>) {
        let begins = self.lengths.iter().filter_map(|length| self.places.get(text.get(..*length)?));
        places.extend(begins.flatten());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::glob::Glob;
    use crate::schedule::selector::TagQuestion;

    type Tags = &'static [(&'static str, &'static str)];

    fn found(candidates: &Candidates, no: &str, name: &str, tags: Option<Tags>) -> Vec<usize> {
        let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let tags: Option<Vec<_>> = tags.map(|tags| tags.iter().map(text).collect());
        let no = InstanceNo::new(no).unwrap();
        candidates.of_instance((&no, name), tags.as_deref()).into_iter().collect()
    }

    fn selector(names: &[&str], tags: Tags, instances: &[&str]) -> Selector {
        let names = names.iter().map(|name| Clause::Name(Glob::new(name).unwrap()));
        let question = |(key, value): &(&str, &str)| TagQuestion {
            key: (*key).to_owned(),
            value: Glob::new(value).unwrap(),
        };
        let tags = tags.iter().map(|tag| Clause::Tag(question(tag)));
        let numbers = instances.iter().map(|no| Clause::Number(InstanceNo::new(*no).unwrap()));
        Selector::of(names.chain(tags).chain(numbers))
    }

    #[test]
    fn whatever_may_mean_an_instance_is_found_and_what_begins_otherwise_is_not() {
        let candidates = Candidates::of(&[
            selector(&["dev-1"], &[], &[]),
            selector(&["qa", "dev-*"], &[], &[]),
            selector(&["*-1"], &[], &[]),
            selector(&["{dev,qa}-1"], &[], &[]),
            selector(&[], &[("env", "dev")], &[]),
            selector(&[], &[("env", "d*"), ("team", "a")], &[]),
            selector(&[], &[], &["7", "8"]),
            selector(&["개발*"], &[], &["7"]),
            selector(&[], &[], &[]),
        ]);
        let decomposed = "\u{1100}\u{1162}\u{1107}\u{1161}\u{11af}-1";
        for (no, name, tags, expected) in [
            ("1", "dev-1", None, &[0, 1, 2, 3, 4, 5][..]),
            ("1", "dev-12", Some(&[] as Tags), &[0, 1, 2, 3]),
            ("1", "qa", Some(&[("env", "dev")]), &[1, 2, 3, 4, 5]),
            ("7", "q", Some(&[("env", "d"), ("Env", "dev")]), &[2, 3, 5, 6, 7]),
            ("1", decomposed, Some(&[("팀", "dev")]), &[2, 3]),
            ("1", "", Some(&[]), &[2, 3]),
        ] {
            assert_eq!(found(&candidates, no, name, tags), expected, "{no} {name} {tags:?}");
        }
        let korean = Candidates::of(&[selector(&["개발*"], &[], &[])]);
        assert_eq!(found(&korean, "1", decomposed, None), [0]);
    }
}
