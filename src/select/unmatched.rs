//! Entries of selectors that match nothing on the cloud: what was to be protected, left out or
//! selected, and is not there under that name, with that tag, or by that number.
//!
//! Pure. [`Matching`] finds them in readings, [`Told`] remembers which ones were told of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::inventory::{Reading, RegionReading};
use crate::model::ids::{FileId, FiringId};
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::outcome::UNLISTED;
use crate::schedule::Rule;
use crate::schedule::glob::Glob;
use crate::schedule::selector::{Selector, TagQuestion, Verdict};

/// How many such words a firing leaves at most.
const MOST_WORDS: usize = 100;

/// Of how many firings it is remembered what they told of.
const MOST_REMARKS: usize = 1_000;

/// How many entries of one list are named.
const MOST_NAMED: usize = 10;

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
    met: BTreeSet<Entry>,
}

impl Matching {
    /// The entries of a rule's selectors.
    pub fn of_rule(rule: &Rule) -> Self {
        Self::of([("select", &rule.select), ("except", &rule.except)])
    }

    /// Those of `[protect]`.
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
    pub fn unmatched(&self) -> Vec<String> {
        in_words(&self.known_open().collect::<Vec<_>>())
    }

    fn is_unknown(&self, entry: &Entry) -> bool {
        self.open.get(entry).is_some_and(|unread| !unread.is_empty())
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

/// The same of servers, all of which are named: each is looked for by its number.
fn servers_in_words(servers: &[&Entry]) -> Vec<String> {
    let texts: Vec<String> = servers.iter().map(|entry| entry.text()).collect();
    let mut words: Vec<String> = texts
        .chunks(MOST_NAMED)
        .take(MOST_WORDS)
        .map(|some| format!("{UNLISTED}{}", some.join(", ")))
        .collect();
    let more = texts.len().saturating_sub(MOST_NAMED * MOST_WORDS);
    if more > 0
        && let Some(last) = words.last_mut()
    {
        *last = format!("{last} and {more} more");
    }
    words
}

/// What a process has told of since it took a file into use. A clone knows the same.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    file: Option<FileId>,
    /// Each with the rule that it stands in, where it is of one.
    entries: BTreeSet<(Option<String>, Entry)>,
    /// Those of them that a look said and no firing has told of yet.
    untold: BTreeSet<(Option<String>, Entry)>,
    /// What of `[protect]` matches nothing in each account that was read.
    protect: BTreeMap<AccountName, BTreeSet<Entry>>,
    /// What the last firings told of.
    remarks: BTreeMap<FiringId, Vec<String>>,
}

/// What is to be said of entries that match nothing, a line each list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Servers that a rule selects by their numbers and that no list has, ten at most to a word.
    pub servers: Vec<String>,
    pub others: Vec<String>,
}

impl Told {
    /// What a firing of this process told of, servers aside: those are in the log.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
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
    pub file: FileId,
    /// How many accounts the file has: `[protect]` is for all of them.
    pub accounts: usize,
}

impl Telling {
    /// What is to be said after a whole reading of the rule's account: servers that are not there
    /// each time, all else once a file, and again when it matches nothing any more. What a look
    /// said before is told of by the firing as well.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
    pub fn news(&self, (firing, rule): (FiringId, &Rule), [own, protect]: &[Matching; 2]) -> News {
        let mut said = self.said();
        let name = Some(rule.name.to_string());
        let servers: Vec<&Entry> = own.known_open().filter(|entry| entry.is_a_server()).collect();
        let mut fresh = said.fresh_of_rule(name.as_ref(), own);
        fresh.retain(|entry| !entry.is_a_server());
        fresh.extend(said.fresh_of_protection(self.accounts, &rule.account, protect));
        let of_this = |(of, _): &(Option<String>, Entry)| of.is_none() || *of == name;
        let (untold, later): (BTreeSet<_>, _) =
            std::mem::take(&mut said.untold).into_iter().partition(of_this);
        said.untold = later;
        let told: BTreeSet<&Entry> = untold.iter().map(|(_, entry)| entry).chain(&fresh).collect();
        let remarks = in_words(&told.into_iter().collect::<Vec<_>>());
        if !remarks.is_empty() {
            said.remarks.insert(firing, remarks);
            if said.remarks.len() > MOST_REMARKS {
                said.remarks.pop_first();
            }
        }
        let others = in_words(&fresh.iter().collect::<Vec<_>>());
        News { servers: servers_in_words(&servers), others }
    }

    /// What is to be said after a whole look at an account, for each of its rules: once a file,
    /// and again when it matches nothing any more. Firings tell of it as well.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
    pub fn seen(&self, account: &AccountName, rules: &[&Rule], look: &Look<'_>) -> Vec<String> {
        let mut said = self.said();
        let mut words = Vec::new();
        for rule in rules {
            let mut own = Matching::of_rule(rule);
            own.take(look.reading);
            let name = Some(rule.name.to_string());
            let fresh = said.fresh_of_rule(name.as_ref(), &own);
            words.extend(in_words(&fresh.iter().collect::<Vec<_>>()));
            // A firing leaves a row about servers that are not there.
            let others = fresh.into_iter().filter(|entry| !entry.is_a_server());
            said.untold.extend(others.map(|entry| (name.clone(), entry)));
        }
        let mut protect = Matching::of_protection(look.protect);
        protect.take(look.reading);
        let fresh = said.fresh_of_protection(self.accounts, account, &protect);
        words.extend(in_words(&fresh.iter().collect::<Vec<_>>()));
        said.untold.extend(fresh.into_iter().map(|entry| (None, entry)));
        words
    }

    /// What was said so far under the file.
    fn said(&self) -> MutexGuard<'_, Said> {
        let mut said = self.told.0.lock().expect("nobody panics while holding it");
        if said.file != Some(self.file) {
            let remarks = std::mem::take(&mut said.remarks);
            *said = Said { file: Some(self.file), remarks, ..Said::default() };
        }
        said
    }
}

/// What a look at a whole account showed.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub reading: &'a Reading,
    /// `[protect]`.
    pub protect: &'a Selector,
}

impl Said {
    /// What of a rule matches nothing and was not said to; from now on it was.
    fn fresh_of_rule(&mut self, name: Option<&String>, own: &Matching) -> Vec<Entry> {
        self.forget(|of, entry| of == name && own.met.contains(entry));
        self.take_fresh(name, own.known_open())
    }

    /// The same of `[protect]`, once it is known of all accounts.
    fn fresh_of_protection(
        &mut self,
        accounts: usize,
        account: &AccountName,
        protect: &Matching,
    ) -> Vec<Entry> {
        self.forget(|of, entry| of.is_none() && protect.met.contains(entry));
        let mut open: BTreeSet<Entry> = protect.known_open().cloned().collect();
        // What was not asked this time is as it was.
        let before = self.protect.remove(account).unwrap_or_default();
        open.extend(before.into_iter().filter(|entry| protect.is_unknown(entry)));
        self.protect.insert(account.clone(), open.clone());
        if self.protect.len() < accounts {
            return Vec::new();
        }
        let everywhere = |entry: &&Entry| self.protect.values().all(|open| open.contains(entry));
        let nowhere: Vec<Entry> = open.iter().filter(everywhere).cloned().collect();
        self.take_fresh(None, nowhere.iter())
    }

    fn take_fresh<'e>(
        &mut self,
        of: Option<&String>,
        open: impl Iterator<Item = &'e Entry>,
    ) -> Vec<Entry> {
        open.filter(|entry| self.entries.insert((of.cloned(), (*entry).clone()))).cloned().collect()
    }

    /// What matches something again is said again when it does not.
    fn forget(&mut self, is_met: impl Fn(Option<&String>, &Entry) -> bool) {
        self.entries.retain(|(of, entry)| !is_met(of.as_ref(), entry));
        self.untold.retain(|(of, entry)| !is_met(of.as_ref(), entry));
    }
}
