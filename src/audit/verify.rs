//! Computes the chain anew and says where a log is not as it was written.

use serde::Serialize;
use sqlx::{Connection, SqliteConnection};

use super::blueprint;
use super::chain::EntryHash;
use super::error::AuditError;
use super::flaw::{Finding, Flaw};
use super::reader::AuditReader;
use super::rows::{Row, Rows};

/// How many findings are listed; the others are counted.
const LISTED: usize = 1_000;

/// What a look through the whole log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether everything is as it was written, and the hash that was looked for is there.
    pub sound: bool,
    /// How many entries there are.
    pub rows: u64,
    /// The number of the first entry.
    pub first: Option<i64>,
    /// The number of the last entry.
    pub last: Option<i64>,
    /// The hash of the last entry.
    pub head: Option<EntryHash>,
    /// The line of the last prune: below it only what was still needed is left.
    pub pruned_below: Option<i64>,
    /// The hash that was looked for.
    pub sought: Option<EntryHash>,
    /// The number of the entry with that hash.
    pub sought_at: Option<i64>,
    /// How many things are wrong.
    pub problems: u64,
    /// The first thousand of them.
    pub findings: Vec<Finding>,
}

/// The newest prune: where the chain goes on, and from which hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct PruneLine {
    pub(super) below: i64,
    pub(super) anchor: EntryHash,
    pub(super) kept: EntryHash,
}

/// Takes rows in order and holds each against the one before.
#[derive(Debug)]
pub(super) struct Checker {
    line: Option<PruneLine>,
    /// The hash over the rows below the line, as far as they were taken.
    kept: EntryHash,
    /// The row that was taken last, and its hash as the table has it.
    before: (i64, Option<EntryHash>),
    last_said: Option<i64>,
    found: Verification,
}

impl AuditReader {
    /// Looks through the whole log. `sought` is a hash that the log is known to have had: where
    /// it is not in the chain, the tail was cut off or the chain computed anew.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn verify(&self, sought: Option<EntryHash>) -> Result<Verification, AuditError> {
        let mut guard = self.connection().await;
        // One transaction, so that all of it is of one moment.
        let connection = &mut *guard.begin().await?;
        let deviations = blueprint::deviations(connection).await?;
        if deviations.unreadable {
            let mut checker = Checker::new(None, sought);
            deviations.findings.into_iter().for_each(|finding| checker.find(finding));
            return Ok(checker.finish());
        }
        let mut checker = Checker::new(newest_line(connection).await?, sought);
        deviations.findings.into_iter().for_each(|finding| checker.find(finding));
        let mut rows = Rows::between(i64::MIN, i64::MAX);
        while let Some(rows) = rows.next(connection).await? {
            for row in &rows {
                checker.take(row);
            }
        }
        for finding in stray_instances(connection).await? {
            checker.find(finding);
        }
        Ok(checker.finish())
    }
}

impl Checker {
    pub(super) fn new(line: Option<PruneLine>, sought: Option<EntryHash>) -> Self {
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

    pub(super) fn find(&mut self, finding: Finding) {
        self.found.problems += 1;
        if self.found.findings.len() < LISTED {
            self.found.findings.push(finding);
        }
    }

    pub(super) fn take(&mut self, row: &Row) {
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
        // A row whose neighbour is gone can only be judged with all others that were kept.
        let before = before.filter(|_| last == seq - 1);
        if before.is_some_and(|before| before.link(said) != hash) {
            self.find(finding(Flaw::HashDiffers));
        }
    }

    pub(super) fn finish(mut self) -> Verification {
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

/// The newest prune of a log, be it genuine or not.
pub(super) async fn newest_line(
    connection: &mut SqliteConnection,
) -> Result<Option<PruneLine>, sqlx::Error> {
    let line: Option<(i64, String, String)> = sqlx::query_as(
        "SELECT below, anchor, kept
        FROM prune
        ORDER BY below DESC, seq DESC
        LIMIT 1",
    )
    .fetch_optional(connection)
    .await?;
    // A text that is no hash was not written by us, and no row fits what stands for it.
    let hash = |text: String| text.parse().unwrap_or(EntryHash::BEFORE_ALL);
    Ok(line.map(|(below, anchor, kept)| PruneLine {
        below,
        anchor: hash(anchor),
        kept: hash(kept),
    }))
}

/// The hash of an entry that must be there.
pub(super) async fn hash_of(
    connection: &mut SqliteConnection,
    seq: i64,
) -> Result<EntryHash, AuditError> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM entry WHERE seq = ?1")
        .bind(seq)
        .fetch_optional(connection)
        .await?;
    let hash = hash.and_then(|hash| EntryHash::from_bytes(&hash));
    let missing = || Finding::at(seq + 1, None, Flaw::Gap { from: seq });
    hash.ok_or_else(|| AuditError::Unsound(missing().into()))
}

/// What the view `body` cannot show of the instances of requests.
pub(super) async fn stray_instances(
    connection: &mut SqliteConnection,
) -> Result<Vec<Finding>, sqlx::Error> {
    let stray: Vec<(i64, bool)> = sqlx::query_as(
        "SELECT named.request, request.seq IS NULL
        FROM request_instance AS named
        LEFT JOIN request ON request.seq = named.request
        GROUP BY named.request
        HAVING request.seq IS NULL OR min(named.account) <> max(named.account)
        ORDER BY named.request",
    )
    .fetch_all(connection)
    .await?;
    let finding = |(request, is_lost)| {
        let flaw = if is_lost { Flaw::NoRequest } else { Flaw::SeveralAccounts };
        Finding::at(request, Some("request"), flaw)
    };
    Ok(stray.into_iter().map(finding).collect())
}
