//! The tags that servers carry, for people who look for the right one. No decision rests on them.

use std::collections::BTreeMap;

/// The most values of a key, or keys, that a sentence names.
const MOST_NAMED: usize = 8;

/// Keys, their values, and on how many of the servers each value was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagsInUse {
    pub keys: BTreeMap<String, BTreeMap<String, usize>>,
    /// The number of servers whose tags were read.
    pub servers: usize,
}

impl TagsInUse {
    /// Adds the tags of one server.
    pub fn add<'t>(&mut self, tags: impl IntoIterator<Item = &'t (String, String)>) {
        self.servers += 1;
        for (key, value) in tags {
            let values = self.keys.entry(key.clone()).or_default();
            *values.entry(value.clone()).or_default() += 1;
        }
    }

    /// The values of a key, the most frequent first: `dev (12), prod (3)`.
    pub fn values(&self, key: &str) -> Option<String> {
        let mut values: Vec<(&String, &usize)> = self.keys.get(key)?.iter().collect();
        values.sort_by(|one, other| other.1.cmp(one.1).then_with(|| one.0.cmp(other.0)));
        Some(listed(values.into_iter().map(|(value, times)| format!("{value} ({times})"))))
    }

    /// The keys: `env, owner`.
    pub fn keys(&self) -> String {
        listed(self.keys.keys().cloned())
    }
}

/// The first of these texts, and how many more there are.
fn listed(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.collect();
    if let left @ 1.. = texts.len().saturating_sub(MOST_NAMED) {
        texts.truncate(MOST_NAMED);
        texts.push(format!("and {left} more"));
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_by_their_number_and_a_long_list_is_cut() {
        let mut tags = TagsInUse::default();
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        for place in 0..12 {
            tags.add(&[tag("env", "dev"), tag("owner", &format!("team-{place:02}"))]);
        }
        tags.add(&[tag("env", "prod")]);
        tags.add(&[]);
        assert_eq!((tags.servers, tags.keys()), (14, "env, owner".to_owned()));
        assert_eq!(tags.values("env").as_deref(), Some("dev (12), prod (1)"));
        assert!(tags.values("owner").unwrap().ends_with("team-07 (1), and 4 more"));
        assert_eq!(tags.values("evn"), None);
    }
}
