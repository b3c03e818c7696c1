//! Finds selector entries that match nothing in the cloud: no server has that name, tag or number.
//!
//! Pure. [`Matching`] finds them in readings; [`Told`] remembers which ones were reported.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::inventory::{Reading, RegionReading};
use crate::model::ids::{FileId, FiringId};
use crate::model::instance::{AccountName, InstanceNo};
use crate::model::reason::Unlisted;
use crate::schedule::Rule;
use crate::schedule::selector::{Clause, Selector, Verdict};

/// The most lines of a firing about them.
const MOST_WORDS: usize = 100;

/// The most firings whose lines are remembered.
const MOST_REMARKS: usize = 1_000;

/// The most entries of one list that are named.
const MOST_NAMED: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// The file's name for the selector.
    of: &'static str,
    clause: Clause,
}

/// The findings about the entries of selectors.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    /// The unmatched entries so far, each with the instances whose tags could not be read.
    open: BTreeMap<Entry, BTreeSet<InstanceNo>>,
    met: BTreeSet<Entry>,
}

impl Matching {
    /// The entries of a rule's selectors.
    pub fn of_rule(rule: &Rule) -> Self {
        Self::of([("select", &rule.select), ("except", &rule.except)])
    }

    /// The entries of `[protect]`.
    pub fn of_protection(protect: &Selector) -> Self {
        Self::of([("[protect]", protect)])
    }

    fn of<'s>(selectors: impl IntoIterator<Item = (&'static str, &'s Selector)>) -> Self {
        let mut open = BTreeMap::new();
        for (of, selector) in selectors {
            let clauses = selector.clauses().cloned();
            open.extend(clauses.map(|clause| (Entry { of, clause }, BTreeSet::new())));
        }
        Self { open, met: BTreeSet::new() }
    }

    /// Takes in a reading.
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

    /// The unmatched entries as far as everything was read, in words, one line per list.
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
    /// Whether an instance of the region matches the entry. Updates the instances whose tags could
    /// not be read.
    fn is_met(&self, region: &RegionReading, unread: &mut BTreeSet<InstanceNo>) -> bool {
        (0..region.instances.len()).any(|index| {
            let verdict = region.described(index, |it| self.clause.judge(it));
            let no = &region.instances[index].no;
            if verdict == Verdict::Unreadable {
                unread.insert(no.clone());
            } else {
                unread.remove(no);
            }
            verdict == Verdict::Yes
        })
    }

    /// The server that each firing reports: it was selected by its number and is gone.
    fn server(&self) -> Option<&InstanceNo> {
        self.clause.server().filter(|_| self.of == "select")
    }

    fn text(&self) -> String {
        if self.clause.server().is_some() {
            self.clause.to_string()
        } else {
            format!("`{}`", self.clause)
        }
    }
}

/// A line for each list with such entries.
fn in_words(entries: &[&Entry]) -> Vec<String> {
    let mut lists: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for entry in entries {
        lists.entry((entry.of, entry.clause.key().as_str())).or_default().push(entry.text());
    }
    let line = |((of, key), mut texts): ((&str, &str), Vec<String>)| {
        let more = texts.len().saturating_sub(MOST_NAMED);
        texts.truncate(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("`{key}` of `{of}`: {}{more}", texts.join(", "))
    };
    lists.into_iter().map(line).collect()
}

/// A line that names all servers, because people search for each by its number.
fn unlisted(servers: &[InstanceNo]) -> Vec<Unlisted> {
    let some = |named: &[InstanceNo]| Unlisted { named: named.to_vec(), more: 0 };
    let mut words: Vec<_> = servers.chunks(MOST_NAMED).take(MOST_WORDS).map(some).collect();
    if let Some(last) = words.last_mut() {
        last.more = servers.len().saturating_sub(MOST_NAMED * MOST_WORDS);
    }
    words
}

/// The entries that a process has reported since it took a file into use. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Told(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    file: Option<FileId>,
    /// Each with its rule, if it belongs to one.
    entries: BTreeSet<(Option<String>, Entry)>,
    /// Entries that an observation reported and no firing has yet.
    untold: BTreeSet<(Option<String>, Entry)>,
    /// The unmatched entries of `[protect]` in each account that was read.
    protect: BTreeMap<AccountName, BTreeSet<Entry>>,
    /// The lines of the last firings.
    remarks: BTreeMap<FiringId, Vec<String>>,
}

/// New lines about unmatched entries, one per list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Servers that a rule selects by number and that no list has, ten at most to a line.
    pub servers: Vec<Unlisted>,
    pub others: Vec<String>,
}

impl Told {
    /// The lines of a firing of this process, without those about servers: these are in the log.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
    pub fn remarks(&self, firing: FiringId) -> Vec<String> {
        let said = self.0.lock().expect("nobody panics while holding it");
        said.remarks.get(&firing).cloned().unwrap_or_default()
    }
}

/// The data with which a firing reports such entries once per file.
#[derive(Clone, Debug)]
pub struct Telling {
    /// The entries reported so far.
    pub told: Told,
    pub file: FileId,
    /// The number of accounts in the file, since `[protect]` concerns all of them.
    pub accounts: usize,
}

impl Telling {
    /// The news after a complete reading of the rule's account. Missing servers are news each time.
    /// Other entries are news once per file, and again when they stop matching again. An
    /// observation's report does not replace the firing's.
    ///
    /// # Panics
    /// When another thread has panicked meanwhile.
    pub fn news(&self, (firing, rule): (FiringId, &Rule), [own, protect]: &[Matching; 2]) -> News {
        let mut said = self.said();
        let name = Some(rule.name.to_string());
        let servers: Vec<_> =
            own.known_open().filter_map(|entry| entry.server()).cloned().collect();
        let mut fresh = said.fresh_of_rule(name.as_ref(), own);
        fresh.retain(|entry| entry.server().is_none());
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
        News { servers: unlisted(&servers), others }
    }

    /// The news for each rule after a complete observation of an account: once per file, and again
    /// when an entry stops matching again. Firings report them as well.
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
            // A firing leaves a row about missing servers.
            let others = fresh.into_iter().filter(|entry| entry.server().is_none());
            said.untold.extend(others.map(|entry| (name.clone(), entry)));
        }
        let mut protect = Matching::of_protection(look.protect);
        protect.take(look.reading);
        let fresh = said.fresh_of_protection(self.accounts, account, &protect);
        words.extend(in_words(&fresh.iter().collect::<Vec<_>>()));
        said.untold.extend(fresh.into_iter().map(|entry| (None, entry)));
        words
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        let mut said = self.told.0.lock().expect("nobody panics while holding it");
        if said.file != Some(self.file) {
            let remarks = std::mem::take(&mut said.remarks);
            *said = Said { file: Some(self.file), remarks, ..Said::default() };
        }
        said
    }
}

/// A complete observation of an account.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub reading: &'a Reading,
    /// `[protect]`.
    pub protect: &'a Selector,
}

impl Said {
    /// The unmatched entries of a rule that were not reported yet; marks them as reported.
    fn fresh_of_rule(&mut self, name: Option<&String>, own: &Matching) -> Vec<Entry> {
        self.forget(|of, entry| of == name && own.met.contains(entry));
        self.take_fresh(name, own.known_open())
    }

    /// The same for `[protect]`, as soon as all accounts are known.
    fn fresh_of_protection(
        &mut self,
        accounts: usize,
        account: &AccountName,
        protect: &Matching,
    ) -> Vec<Entry> {
        self.forget(|of, entry| of.is_none() && protect.met.contains(entry));
        let mut open: BTreeSet<Entry> = protect.known_open().cloned().collect();
        // Entries that were not asked about this time keep their state.
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

    /// An entry that matches again is reported again when it stops.
    fn forget(&mut self, is_met: impl Fn(Option<&String>, &Entry) -> bool) {
        self.entries.retain(|(of, entry)| !is_met(of.as_ref(), entry));
        self.untold.retain(|(of, entry)| !is_met(of.as_ref(), entry));
    }
}
