//! Entries of selectors that match nothing on the cloud: what was to be protected, left out or
//! selected, and is not there under that name, with that tag, or by that number.
//!
//! Pure. [`Matching`] finds them in readings, [`Told`] remembers which ones were told of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use crate::audit::{FileId, FiringId};
use crate::inventory::{Reading, RegionReading};
use crate::model::instance::{AccountName, InstanceNo};
use crate::schedule::Rule;
use crate::schedule::glob::Glob;
use crate::schedule::selector::{Selector, TagQuestion, Verdict};

/// How the reason begins for which nothing was done about an entry that matches nothing.
pub const MATCHES_NOTHING: &str = "matches nothing: ";

/// Of how many firings it is remembered what they told of.
const MOST_REMARKS: usize = 1_000;

/// How many entries of one list are named.
const MOST_NAMED: usize = 10;

/// One entry of a selector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// The selector, as the file calls it.
    of: &'static str,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Name(Glob),
    Tag(TagQuestion),
    Number(InstanceNo),
}

/// What has been found out about the entries of selectors.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    /// Those that match nothing so far, each with the instances whose tags could not be read.
    open: BTreeMap<Entry, BTreeSet<InstanceNo>>,
    /// Those that match something.
    met: BTreeSet<Entry>,
}

impl Matching {
    /// The entries of a rule's selectors.
    #[must_use]
    pub fn of_rule(rule: &Rule) -> Self {
        Self::of([("select", &rule.select), ("except", &rule.except)])
    }

    /// Those of `[protect]`.
    #[must_use]
    pub fn of_protection(protect: &Selector) -> Self {
        Self::of([("[protect]", protect)])
    }

    fn of<'s>(selectors: impl IntoIterator<Item = (&'static str, &'s Selector)>) -> Self {
        let mut open = BTreeMap::new();
        for (of, selector) in selectors {
            let names = selector.names.iter().cloned().map(What::Name);
            let tags = selector.tags.iter().cloned().map(What::Tag);
            let numbers = selector.instances.iter().cloned().map(What::Number);
            let all = names.chain(tags).chain(numbers);
            open.extend(all.map(|what| (Entry { of, what }, BTreeSet::new())));
        }
        Self { open, met: BTreeSet::new() }
    }

    /// Takes in what a reading shows.
    pub fn take(&mut self, reading: &Reading) {
        for region in &reading.regions {
            let met = &mut self.met;
            self.open.retain(|entry, unread| {
                let is_open = !entry.is_met(region, unread);
                if !is_open {
                    met.insert(entry.clone());
                }
                is_open
            });
        }
    }

    /// The entries that match nothing, as far as all was read; in words, a list each.
    #[must_use]
    pub fn unmatched(&self) -> Vec<String> {
        in_words(&self.known_open().collect::<Vec<_>>())
    }

    fn known_open(&self) -> impl Iterator<Item = &Entry> {
        self.open.iter().filter(|(_, unread)| unread.is_empty()).map(|(entry, _)| entry)
    }
}

impl Entry {
    /// Whether an instance of the region matches it. Notes whose tags could not be read, and no
    /// longer those whose tags came to be known.
    fn is_met(&self, region: &RegionReading, unread: &mut BTreeSet<InstanceNo>) -> bool {
        let mut instances = region.instances.iter();
        match &self.what {
            What::Name(glob) => instances.any(|it| glob.matches(&it.name)),
            What::Number(no) => instances.any(|it| it.no == *no),
            What::Tag(question) => instances.enumerate().any(|(index, it)| {
                let verdict = region.verdict(question, index);
                if verdict == Verdict::Unreadable {
                    unread.insert(it.no.clone());
                } else {
                    unread.remove(&it.no);
                }
                verdict == Verdict::Yes
            }),
        }
    }

    fn key(&self) -> &'static str {
        match self.what {
            What::Name(_) => "names",
            What::Tag(_) => "tags",
            What::Number(_) => "instances",
        }
    }

    /// Whether it is told of at each firing: a server that was meant by its number was returned.
    fn is_a_server(&self) -> bool {
        self.of == "select" && matches!(self.what, What::Number(_))
    }

    fn text(&self) -> String {
        match &self.what {
            What::Name(glob) => format!("`{glob}`"),
            What::Tag(tag) => format!("`{}={}`", tag.key, tag.value),
            What::Number(no) => no.to_string(),
        }
    }
}

/// A line for each list that has such entries.
fn in_words(entries: &[&Entry]) -> Vec<String> {
    let mut lists: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for entry in entries {
        lists.entry((entry.of, entry.key())).or_default().push(entry.text());
    }
    let line = |((of, key), mut texts): ((&str, &str), Vec<String>)| {
        let more = texts.len().saturating_sub(MOST_NAMED);
        texts.truncate(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("`{key}` of `{of}`: {}{more}", texts.join(", "))
    };
    lists.into_iter().map(line).collect()
}

/// What a process has told of since it took a file into use. A clone knows the same.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    file: Option<FileId>,
    /// Each with the rule that it stands in, where it is of one.
    entries: BTreeSet<(Option<String>, Entry)>,
    /// What of `[protect]` matches nothing in each account that was read.
    protect: BTreeMap<AccountName, BTreeSet<Entry>>,
    /// What the last firings told of.
    remarks: BTreeMap<FiringId, Vec<String>>,
}

/// What is to be said of entries that match nothing, a line each list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Servers that a rule selects by their numbers and that no list has.
    pub servers: Vec<String>,
    /// All else.
    pub others: Vec<String>,
}

impl Told {
    /// What a firing of this process told of, servers aside: those are in the log.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
    #[must_use]
    pub fn remarks(&self, firing: FiringId) -> Vec<String> {
        let said = self.0.lock().expect("nobody panics while holding it");
        said.remarks.get(&firing).cloned().unwrap_or_default()
    }
}

/// What one firing has to know to tell of such entries once a file.
#[derive(Clone, Debug)]
pub struct Telling {
    /// What was told of so far.
    pub told: Told,
    /// The file in use.
    pub file: FileId,
    /// How many accounts the file has: `[protect]` is for all of them.
    pub accounts: usize,
}

impl Telling {
    /// What is to be said after a whole reading of the rule's account: servers that are not there
    /// each time, all else once a file, and again when it matches nothing any more.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
    #[must_use]
    pub fn news(&self, (firing, rule): (FiringId, &Rule), [own, protect]: &[Matching; 2]) -> News {
        let mut said = self.told.0.lock().expect("nobody panics while holding it");
        if said.file != Some(self.file) {
            let remarks = std::mem::take(&mut said.remarks);
            *said = Said { file: Some(self.file), remarks, ..Said::default() };
        }
        let name = Some(rule.name.to_string());
        said.entries.retain(|(of, entry)| *of != name || !own.met.contains(entry));
        let (servers, own): (Vec<&Entry>, Vec<&Entry>) =
            own.known_open().partition(|entry| entry.is_a_server());
        let mut others: Vec<Entry> =
            own.into_iter().filter(|it| said.is_fresh(name.as_ref(), it)).cloned().collect();
        said.entries.extend(others.iter().map(|entry| (name.clone(), entry.clone())));
        let open: BTreeSet<Entry> = protect.known_open().cloned().collect();
        said.protect.insert(rule.account.clone(), open);
        let nowhere: BTreeSet<Entry> = if said.protect.len() < self.accounts {
            BTreeSet::new()
        } else {
            let everywhere =
                |entry: &&Entry| said.protect.values().all(|open| open.contains(entry));
            said.protect[&rule.account].iter().filter(everywhere).cloned().collect()
        };
        said.entries.retain(|(of, entry)| of.is_some() || !protect.met.contains(entry));
        let fresh: Vec<Entry> =
            nowhere.into_iter().filter(|entry| said.is_fresh(None, entry)).collect();
        said.entries.extend(fresh.iter().map(|entry| (None, entry.clone())));
        others.extend(fresh);
        let others = in_words(&others.iter().collect::<Vec<_>>());
        if !others.is_empty() {
            said.remarks.insert(firing, others.clone());
            if said.remarks.len() > MOST_REMARKS {
                said.remarks.pop_first();
            }
        }
        News { servers: in_words(&servers), others }
    }
}

impl Said {
    fn is_fresh(&self, rule: Option<&String>, entry: &Entry) -> bool {
        !self.entries.contains(&(rule.cloned(), entry.clone()))
    }
}
