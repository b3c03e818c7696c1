//! Finds the zone of a `TZID`: programs use other names than the IANA database.
//!
//! `own_zone` finds zones that only the file describes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::time::zone::{Zone, at_offset};

/// Microsoft's names. The file names its sources.
static WINDOWS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    toml::from_str(include_str!("windows.toml")).expect("a test reads all that is built in")
});

/// The zone of this name; `None` if only the file itself can describe it.
pub(super) fn zone(name: &str) -> Option<Zone> {
    // A slash in front marks a name that every program knows.
    let known = || Zone::named(name.trim_start_matches('/'));
    let exchange = || (name == "tzone://Microsoft/Utc").then_some(Zone::UTC);
    known()
        .or_else(|| at_the_end(name))
        .or_else(|| windows(name))
        .or_else(|| offset(name))
        .or_else(exchange)
}

/// `/freeassociation.sourceforge.net/Asia/Seoul`.
fn at_the_end(name: &str) -> Option<Zone> {
    let ends = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
    ends.filter(|end| end.contains('/')).find_map(Zone::named)
}

/// `Korea Standard Time`.
fn windows(name: &str) -> Option<Zone> {
    Zone::named(WINDOWS.get(name)?)
}

/// `GMT+0900`, which is east of Greenwich.
fn offset(name: &str) -> Option<Zone> {
    of_offset(name.strip_prefix("GMT")?)
}

/// The zone of an offset. `+0900` is `Etc/GMT-9` in the IANA database. That database has only whole
/// hours, so other offsets become a place.
pub(super) fn of_offset(text: &str) -> Option<Zone> {
    let (sign, digits) = text.split_at_checked(1)?;
    let (turned, sign) = match sign {
        "+" => ('-', 1),
        "-" => ('+', -1),
        _ => return None,
    };
    let is_number = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit());
    let number: i32 = digits.parse().ok().filter(|_| is_number)?;
    let (hours, minutes) = (number / 100, number % 100);
    if minutes == 0 {
        return Zone::named(&format!("Etc/GMT{turned}{hours}"));
    }
    Zone::named(at_offset(sign * (hours * 60 + minutes))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_programs_are_understood_or_refused() {
        for (name, expected) in [
            ("Asia/Seoul", Some("Asia/Seoul")),
            ("/Asia/Seoul", Some("Asia/Seoul")),
            ("/freeassociation.sourceforge.net/Asia/Seoul", Some("Asia/Seoul")),
            ("/mozilla.org/1/America/Indiana/Knox", Some("America/Indiana/Knox")),
            ("/example.org/Seoul", None),
            ("/example.org/Asia/Seoul/", None),
            ("Korea Standard Time", Some("Asia/Seoul")),
            ("W. Europe Standard Time", Some("Europe/Berlin")),
            ("Customized Time Zone", None),
            ("(UTC+09:00) Seoul", None),
            ("GMT+0900", Some("Etc/GMT-9")),
            ("GMT-0500", Some("Etc/GMT+5")),
            ("GMT+0000", Some("Etc/GMT-0")),
            ("GMT+0530", Some("Asia/Kolkata")),
            ("GMT+0507", None),
            ("GMT+1500", None),
            ("GMT+900", None),
            ("GMT휴00", None),
            ("", None),
        ] {
            assert_eq!(zone(name).map(Zone::name), expected, "{name}");
        }
    }

    #[test]
    fn every_zone_of_the_table_is_one() {
        assert_eq!(WINDOWS.len(), 142);
        let unknown = WINDOWS.keys().filter(|name| windows(name).is_none());
        assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&&str>::new());
    }
}
