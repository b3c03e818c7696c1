//! Compares entries with the chain, one after the other, and notes the differences.
//!
//! Each row is compared with the stored hash of the row before it. So one changed row does not make
//! all later rows look changed. [`super::entry_reader`] reads the rows.

use super::entry_reader::Row;
use super::verification::Verification;
use crate::audit::store::entry_hash::EntryHash;
use crate::audit::store::finding::{Finding, Flaw};

/// The most findings in the list; the rest are counted.
const LISTED: usize = 1_000;

/// The newest prune: the place from which the chain goes on, and the hash there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PruneLine {
    pub(crate) below: i64,
    pub(crate) anchor: EntryHash,
    pub(crate) kept: EntryHash,
}

/// Takes rows in order and compares each with the one before.
#[derive(Debug)]
pub(crate) struct Checker {
    line: Option<PruneLine>,
    /// The hash over the rows below the line, as far as they were taken.
    kept: EntryHash,
    /// The last row and its stored hash.
    before: (i64, Option<EntryHash>),
    last_said: Option<i64>,
    found: Verification,
}

impl Checker {
    pub(crate) fn new(line: Option<PruneLine>, sought: Option<EntryHash>) -> Self {
        let anchor = line.map(|line| line.anchor);
        let sought_at = line.filter(|line| Some(line.anchor) == sought).map(|line| line.below - 1);
        Self {
            line,
            kept: anchor.unwrap_or(EntryHash::BEFORE_ALL),
            before: (0, Some(EntryHash::BEFORE_ALL)),
            last_said: None,
            found: Verification {
                sound: true,
                rows: 0,
                first: None,
                last: None,
                head: None,
                pruned_below: line.map(|line| line.below),
                sought,
                sought_at,
                problems: 0,
                findings: Vec::new(),
            },
        }
    }

    pub(crate) fn find(&mut self, finding: Finding) {
        self.found.problems += 1;
        if self.found.findings.len() < LISTED {
            self.found.findings.push(finding);
        }
    }

    pub(crate) fn take(&mut self, row: &Row) {
        let seq = row.seq;
        let Some(entry) = &row.entry else {
            return self.find(Finding::at(seq, None, Flaw::NoEntry));
        };
        let finding = |flaw| Finding::at(seq, Some(&entry.kind), flaw);
        if self.last_said.replace(seq) == Some(seq) {
            return self.find(finding(Flaw::SaidTwice));
        }
        self.found.rows += 1;
        self.found.first.get_or_insert(seq);
        self.found.last = Some(seq);
        self.found.head = entry.hash;
        if self.found.sought.is_some() && entry.hash == self.found.sought {
            self.found.sought_at = Some(seq);
        }
        let below = self.line.map_or(i64::MIN, |line| line.below);
        if let Some(line) = self.line
            && seq >= below
            && self.before.0 < below
        {
            self.before = (below - 1, Some(line.anchor));
        }
        let (last, before) = std::mem::replace(&mut self.before, (seq, entry.hash));
        if seq >= below && last != seq - 1 {
            self.find(finding(Flaw::Gap { from: last + 1 }));
        }
        let (Some(body), Some(hash)) = (&row.body, entry.hash) else {
            let flaw = if row.body.is_none() { Flaw::NothingSaid } else { Flaw::HashDiffers };
            return self.find(finding(flaw));
        };
        let said = entry.said(seq, body);
        if seq < below {
            self.kept = self.kept.keep(hash, said);
        }
        // A row without its neighbour can only be judged together with all others that were kept.
        let before = before.filter(|_| last == seq - 1);
        if before.is_some_and(|before| before.link(said) != hash) {
            self.find(finding(Flaw::HashDiffers));
        }
    }

    pub(crate) fn finish(mut self) -> Verification {
        if let Some(line) = self.line
            && line.kept != self.kept
        {
            self.find(Finding::overall(Flaw::KeptDiffer { below: line.below }));
        }
        let is_there = self.found.sought.is_none() || self.found.sought_at.is_some();
        self.found.sound = self.found.problems == 0 && is_there;
        self.found
    }
}

impl Verification {
    /// The result for a file that cannot be read to its end.
    pub fn of_damaged(damages: Vec<Finding>, sought: Option<EntryHash>) -> Self {
        let mut checker = Checker::new(None, sought);
        for damage in damages {
            checker.find(damage);
        }
        checker.finish()
    }
}
