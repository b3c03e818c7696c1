//! Finds the selectors that may mean an instance, by the beginnings of their patterns, so that not
//! all have to be tried.

use std::collections::{BTreeSet, HashMap};

use crate::model::instance::{Instance, InstanceNo};
use crate::schedule::selector::Selector;
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
            // All criteria must hold, so one of them is enough for the search.
            if !selector.instances.is_empty() {
                for number in &selector.instances {
                    all.numbers.entry(number.clone()).or_default().push(place);
                }
            } else if !selector.names.is_empty() {
                for name in &selector.names {
                    all.names.add(name.beginning(), place);
                }
            } else if let Some(tag) = selector.tags.first() {
                let values = all.tags.entry(tag.key.clone()).or_default();
                values.add(tag.value.beginning(), place);
            }
        }
        all
    }

    /// The indexes of all selectors that may mean an instance. If its tags are unknown, each
    /// selector with tags may.
    pub fn for_instance(&self, instance: &Instance) -> BTreeSet<usize> {
        let mut places = BTreeSet::new();
        places.extend(self.numbers.get(&instance.no).into_iter().flatten());
        self.names.find(&nfc(&instance.name), &mut places);
        let Some(tags) = &instance.tags else {
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
    use crate::model::instance::{Operation, Product, RegionCode, Status};
    use crate::schedule::glob::Glob;
    use crate::schedule::selector::TagQuestion;

    type Tags = &'static [(&'static str, &'static str)];

    fn instance(no: &str, name: &str, tags: Option<Tags>) -> Instance {
        let text = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Instance {
            no: InstanceNo::new(no).unwrap(),
            name: name.to_owned(),
            region: RegionCode::new("KR").unwrap(),
            status: Status::Run,
            operation: Operation::null(),
            booted_at: None,
            product: Product::default(),
            tags: tags.map(|tags| tags.iter().map(text).collect()),
        }
    }

    fn selector(names: &[&str], tags: Tags, instances: &[&str]) -> Selector {
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
            let found = candidates.for_instance(&instance(no, name, tags));
            assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{no} {name} {tags:?}");
        }
        let korean = Candidates::of(&[selector(&["개발*"], &[], &[])]);
        assert_eq!(korean.for_instance(&instance("1", decomposed, None)).len(), 1);
    }
}
