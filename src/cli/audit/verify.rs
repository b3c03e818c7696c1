//! `lightsout audit verify`: says whether the log is as it was written, and where it differs.

use clap::Args;

use crate::audit::{AuditReader, EntryHash, Finding, Trouble, Verification};
use crate::cli::listing::{self, Format, Listing, column, optional};
use crate::cli::session::LogPlace;
use crate::cli::{Exit, Global, output};

/// The reason why a hash of the log may be missing.
const CUT: &str = "the tail was cut off, or the chain computed anew";

/// The help for a file that SQLite finds damaged.
const REMEDY: &str = "\
a daemon makes damaged indexes anew when it meets one, and `sqlite3 LOG REINDEX` while no daemon \
runs does so too; where a table is damaged, stop the daemon and put the last `audit backup` in the \
log's place: docs/log.md says how";

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lightsout audit verify")]
pub(in super::super) struct Verify {
    /// Look for this hash, which the log is known to have had: the daemon logs it as `head`
    #[arg(long, value_name = "HASH")]
    head: Option<EntryHash>,
    #[command(flatten)]
    listing: Listing,
    #[command(flatten)]
    place: LogPlace,
}

impl Verify {
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (file, _) = self.place.glimpse(global)?;
        let found = match AuditReader::open(&file.log).await {
            Ok(reader) => reader.verify(self.head).await?,
            Err(error) if matches!(error.trouble(), Trouble::Damage | Trouble::Misshapen) => {
                let said = output::story(&error.into());
                Verification::of_damaged(vec![Finding::of_damage(said)], self.head)
            }
            Err(error) => return Err(error.into()),
        };
        match self.listing.format {
            Format::Json => listing::json(&[&found])?,
            Format::Table => {
                output::out(&format!("{}\n", summary(&found)))?;
                tell(&found.findings)?;
            }
            // The findings alone make a table.
            Format::Csv => {
                output::say(&summary(&found));
                listing::csv(&found.findings)?;
            }
        }
        if found.is_damaged() {
            output::hint(REMEDY);
        }
        Ok(if found.sound { Exit::Ok } else { Exit::Incomplete })
    }
}

fn summary(found: &Verification) -> String {
    let verdict = match found.problems {
        _ if found.sound => "sound: as it was written".to_owned(),
        0 => "not the one that had the hash".to_owned(),
        1 => "not as it was written: 1 problem".to_owned(),
        problems => format!("not as it was written: {problems} problems"),
    };
    let mut lines = vec![format!("log     {verdict}")];
    if let (Some(first), Some(last)) = (found.first, found.last) {
        lines.push(format!("rows    {}, from {first} to {last}", found.rows));
    }
    lines.extend(found.pruned_below.map(|below| format!("pruned  below {below}")));
    lines.extend(found.head.map(|head| format!("head    {head}")));
    if found.sought.is_some() {
        lines.push(match (found.sought_at, found.pruned_below) {
            (Some(at), _) => format!("sought  found: it is the hash of entry {at}"),
            (None, None) => format!("sought  not found: {CUT}"),
            (None, Some(_)) => format!("sought  not found: {CUT}, or it was pruned"),
        });
    }
    lines.join("\n")
}

fn tell(findings: &[Finding]) -> anyhow::Result<()> {
    if !findings.is_empty() {
        output::out("\n")?;
    }
    let seq = |finding: &Finding| finding.seq.map(|seq| seq.to_string());
    let columns = vec![
        vec![
            column("entry", move |finding: &Finding| seq(finding).unwrap_or_default()),
            optional("kind", |finding: &Finding| finding.kind.as_ref()),
        ],
        vec![column("problem", |finding: &Finding| finding.problem.to_string())],
    ];
    listing::print(Format::Table, findings, &columns)
}
