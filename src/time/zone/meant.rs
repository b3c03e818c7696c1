//! Finds the zone that a wrong name probably means: `KST`, `GMT+9`, `seoul`, `Asia/Soul`.
//!
//! A guess serves hints only. `calendar::ics` also takes the place for an offset from here.

use chrono_tz::TZ_VARIANTS;

use crate::text::did_you_mean::nearest;
use crate::time::spoken::plain;

/// Other names for zones, with the zone that each one mostly means.
const OTHER_NAMES: [(&str, &str); 66] = [
    ("KST", "Asia/Seoul"),
    ("KST+9", "Asia/Seoul"),
    ("KST-9", "Asia/Seoul"),
    ("KDT", "Asia/Seoul"),
    ("KR", "Asia/Seoul"),
    ("Korea", "Asia/Seoul"),
    ("South_Korea", "Asia/Seoul"),
    ("Republic_of_Korea", "Asia/Seoul"),
    ("Korea/Seoul", "Asia/Seoul"),
    ("Asia/Korea", "Asia/Seoul"),
    ("Busan", "Asia/Seoul"),
    ("Asia/Busan", "Asia/Seoul"),
    ("Incheon", "Asia/Seoul"),
    ("Pangyo", "Asia/Seoul"),
    ("Korea_Standard_Time", "Asia/Seoul"),
    ("Korean_Standard_Time", "Asia/Seoul"),
    ("한국", "Asia/Seoul"),
    ("대한민국", "Asia/Seoul"),
    ("한국_시간", "Asia/Seoul"),
    ("한국시간", "Asia/Seoul"),
    ("한국표준시", "Asia/Seoul"),
    ("한국_표준시", "Asia/Seoul"),
    ("대한민국_표준시", "Asia/Seoul"),
    ("서울", "Asia/Seoul"),
    ("부산", "Asia/Seoul"),
    ("Asia/서울", "Asia/Seoul"),
    ("아시아/서울", "Asia/Seoul"),
    ("JST", "Asia/Tokyo"),
    ("Tokyo_Standard_Time", "Asia/Tokyo"),
    ("일본", "Asia/Tokyo"),
    ("도쿄", "Asia/Tokyo"),
    ("Osaka", "Asia/Tokyo"),
    ("SGT", "Asia/Singapore"),
    ("싱가포르", "Asia/Singapore"),
    ("HKT", "Asia/Hong_Kong"),
    ("China", "Asia/Shanghai"),
    ("Beijing", "Asia/Shanghai"),
    ("Asia/Beijing", "Asia/Shanghai"),
    ("China_Standard_Time", "Asia/Shanghai"),
    ("Taiwan", "Asia/Taipei"),
    ("Hanoi", "Asia/Ho_Chi_Minh"),
    ("Asia/Hanoi", "Asia/Ho_Chi_Minh"),
    ("Vietnam", "Asia/Ho_Chi_Minh"),
    ("ICT", "Asia/Bangkok"),
    ("IST", "Asia/Kolkata"),
    ("India", "Asia/Kolkata"),
    ("Mumbai", "Asia/Kolkata"),
    ("Asia/Mumbai", "Asia/Kolkata"),
    ("Bangalore", "Asia/Kolkata"),
    ("Asia/Bangalore", "Asia/Kolkata"),
    ("Delhi", "Asia/Kolkata"),
    ("Asia/Delhi", "Asia/Kolkata"),
    ("MSK", "Europe/Moscow"),
    ("AEST", "Australia/Brisbane"),
    ("PST", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("San_Francisco", "America/Los_Angeles"),
    ("Seattle", "America/Los_Angeles"),
    ("California", "America/Los_Angeles"),
    ("EDT", "America/New_York"),
    ("Germany", "Europe/Berlin"),
    ("CEST", "Europe/Berlin"),
    ("BST", "Europe/London"),
    ("Z", "UTC"),
    ("Zulu", "UTC"),
    ("협정_세계시", "UTC"),
];

/// One place for each offset that is in use all year, in minutes.
const PLACES: [(i32, &str); 33] = [
    (-660, "Pacific/Pago_Pago"),
    (-600, "Pacific/Honolulu"),
    (-570, "Pacific/Marquesas"),
    (-540, "Pacific/Gambier"),
    (-480, "Pacific/Pitcairn"),
    (-420, "America/Phoenix"),
    (-360, "America/Costa_Rica"),
    (-300, "America/Bogota"),
    (-240, "America/Puerto_Rico"),
    (-180, "America/Argentina/Buenos_Aires"),
    (-120, "America/Noronha"),
    (-60, "Atlantic/Cape_Verde"),
    (0, "UTC"),
    (60, "Africa/Lagos"),
    (120, "Africa/Johannesburg"),
    (180, "Africa/Nairobi"),
    (210, "Asia/Tehran"),
    (240, "Asia/Dubai"),
    (270, "Asia/Kabul"),
    (300, "Asia/Karachi"),
    (330, "Asia/Kolkata"),
    (345, "Asia/Kathmandu"),
    (360, "Asia/Dhaka"),
    (390, "Asia/Yangon"),
    (420, "Asia/Bangkok"),
    (480, "Asia/Singapore"),
    (540, "Asia/Seoul"),
    (570, "Australia/Darwin"),
    (600, "Australia/Brisbane"),
    (660, "Pacific/Guadalcanal"),
    (720, "Pacific/Tarawa"),
    (780, "Pacific/Tongatapu"),
    (840, "Pacific/Kiritimati"),
];

/// The zone that a name probably means. The candidates are (1) another name for a zone, (2) a place
/// at the offset, (3) the same name in other letter case, (4) a city, (5) the most similar name.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    let wanted = plain(name).trim().replace(' ', "_").replace('\\', "/");
    let wanted = FOLDERS
        .iter()
        .find_map(|folder| wanted.split_once(folder))
        .map_or(wanted.as_str(), |(_, zone)| zone);
    one(wanted).or_else(|| together(wanted))
}

/// The folders in which systems keep their zones.
const FOLDERS: [&str; 3] = ["zoneinfo/", "posix/", "right/"];

/// Several names of one zone in one text: `KST (UTC+9)`, `Seoul/Asia`.
fn together(wanted: &str) -> Option<&'static str> {
    let is_mark = |c: char| matches!(c, '_' | '(' | ')' | ',' | '/');
    let parts: Vec<&str> = wanted.split(is_mark).filter(|part| !part.is_empty()).collect();
    if let [city, area] = parts.as_slice() {
        let turned = format!("{area}/{city}");
        if let Some(zone) = names().find(|zone| zone.eq_ignore_ascii_case(&turned)) {
            return Some(zone);
        }
    }
    if let Some((zone, _)) = wanted
        .split_once(['_', '('])
        .filter(|(zone, _)| zone.contains('/') && !zone.ends_with("GMT"))
        && let Some(zone) = names().find(|known| known.eq_ignore_ascii_case(zone))
    {
        return Some(zone);
    }
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let zones: Vec<&'static str> = parts
        .into_iter()
        .map(|part| one(part).filter(|zone| *zone != "UTC"))
        .collect::<Option<_>>()?;
    zones.iter().all(|zone| *zone == zones[0]).then_some(zones[0])
}

/// Whether a name differs by one letter or was cut off. A city that only sounds alike may lie
/// anywhere.
fn is_one_slip(wanted: &str, known: &str) -> bool {
    let (wanted, known) = (wanted.to_lowercase(), known.to_lowercase());
    known.starts_with(&wanted) || strsim::osa_distance(&wanted, &known) <= 1
}

fn names() -> impl Iterator<Item = &'static str> {
    TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|it| !is_signed(it))
}

/// The same as [`meant`], for a text with one name.
fn one(wanted: &str) -> Option<&'static str> {
    // `(UTC+09:00) Seoul`
    if let Some((_, place)) = wanted.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        return one(place.trim_matches('_'));
    }
    let other = OTHER_NAMES.iter().find(|(other, _)| other.eq_ignore_ascii_case(wanted));
    if let Some((_, zone)) = other {
        return Some(zone);
    }
    if let Some(offset) = offset(wanted) {
        return at_offset(offset);
    }
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_owned();
    // Short abbreviations such as `KST` mean another zone after the change of one letter.
    let is_name = wanted.len() > 5 && !wanted.contains(char::is_numeric);
    names()
        .find(|zone| zone.eq_ignore_ascii_case(wanted))
        .or_else(|| names().find(|zone| city(zone).eq_ignore_ascii_case(wanted)))
        .or_else(|| nearest(wanted, names()).filter(|near| is_name && is_one_slip(wanted, near)))
}

/// A place whose clocks have this offset from UTC all year.
pub(crate) fn at_offset(minutes: i32) -> Option<&'static str> {
    PLACES.iter().find(|(offset, _)| *offset == minutes).map(|(_, zone)| *zone)
}

/// The offset of `Etc/GMT+9` and its like, in minutes; `None` for all other names.
pub(crate) fn etc_offset(name: &str) -> Option<i32> {
    let hours: i32 = name.strip_prefix("Etc/GMT")?.parse().ok()?;
    Some(hours * -60).filter(|_| hours != 0)
}

/// Whether the sign in a name is inverted, as in `Etc/GMT+9`.
fn is_signed(name: &str) -> bool {
    name.contains("GMT") && name.contains(['+', '-'])
}

/// The offset from UTC in minutes that `UTC+9`, `GMT+09:00` or `+0900` gives.
fn offset(text: &str) -> Option<i32> {
    let text: String = text.to_ascii_uppercase().chars().filter(|c| *c != '_').collect();
    let prefix = ["UTC", "GMT", "UT"].into_iter().find(|prefix| text.starts_with(prefix));
    let signed = &text[prefix.map_or(0, str::len)..];
    let sign = match signed.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = signed[1..].replace(':', "");
    let (hours, minutes) = match digits.len() {
        _ if !digits.bytes().all(|b| b.is_ascii_digit()) => return None,
        1 | 2 => (digits.as_str(), "0"),
        3 | 4 => digits.split_at(digits.len() - 2),
        _ => return None,
    };
    Some(sign * (hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::*;
    use crate::time::zone::Zone;

    #[test]
    fn an_unknown_zone_comes_with_the_one_that_was_meant() {
        for (name, near) in [
            ("Asia/Soul", Some("Asia/Seoul")),
            ("asia/seoul", Some("Asia/Seoul")),
            ("Seoul", Some("Asia/Seoul")),
            ("new york", Some("America/New_York")),
            ("KST", Some("Asia/Seoul")),
            ("Europe/Brelin", Some("Europe/Berlin")),
            ("GMT+9", Some("Asia/Seoul")),
            ("UTC+9", Some("Asia/Seoul")),
            ("UTC +09:00", Some("Asia/Seoul")),
            ("GMT+0900", Some("Asia/Seoul")),
            ("+09:00", Some("Asia/Seoul")),
            ("UTC+5:30", Some("Asia/Kolkata")),
            ("GMT-5", Some("America/Bogota")),
            ("gmt−5", Some("America/Bogota")),
            ("(UTC+09:00) Seoul", Some("Asia/Seoul")),
            ("Korea Standard Time", Some("Asia/Seoul")),
            ("서울", Some("Asia/Seoul")),
            ("KST (UTC+9)", Some("Asia/Seoul")),
            ("UTC+09:00 (Seoul)", Some("Asia/Seoul")),
            ("Asia/Seoul KST", Some("Asia/Seoul")),
            ("Seoul/Asia", Some("Asia/Seoul")),
            ("/usr/share/zoneinfo/Asia/Seoul", Some("Asia/Seoul")),
            ("UTC+14", Some("Pacific/Kiritimati")),
            ("MSK", Some("Europe/Moscow")),
            ("Asia/Seoul, Asia/Tokyo", None),
            ("Tokyo, Seoul", None),
            ("CST", None),
            ("Asia/Mumbai", Some("Asia/Kolkata")),
            ("Asia/Medan", None),
            ("Etc/GMT +9", None),
            ("AKDT", None),
            ("UTC+00:00", Some("UTC")),
            ("etc/gmt+9", None),
            ("UTC+9:07", None),
            ("GMT+15", None),
            ("UTC9", None),
            ("", None),
        ] {
            assert_eq!(name.parse::<Zone>().unwrap_err().near(), near, "{name}");
        }
    }

    #[test]
    fn clocks_of_the_place_for_an_offset_have_it_all_year_round() {
        let first: DateTime<Utc> = "2026-11-28T00:00:00Z".parse().unwrap();
        for (minutes, name) in PLACES {
            let zone: Zone = name.parse().unwrap();
            for month in 0..24 {
                let shown = zone.show(first + TimeDelta::days(30 * month));
                assert_eq!(shown.offset().local_minus_utc(), minutes * 60, "{name}");
            }
        }
    }

    #[test]
    fn the_signs_of_these_names_are_turned_round() {
        for (name, minutes) in [
            ("Etc/GMT+9", Some(-540)),
            ("Etc/GMT-9", Some(540)),
            ("Etc/GMT+0", None),
            ("Etc/GMT", None),
            ("Asia/Seoul", None),
        ] {
            assert_eq!(etc_offset(name), minutes, "{name}");
        }
    }
}
