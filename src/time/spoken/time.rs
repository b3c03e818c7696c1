//! Times of a day, and spans between two of them.

use super::{ends, plain};

/// A time of day. 24:00 is allowed only as the end of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: u8,
    pub(crate) minute: u8,
}

/// The part of the day in which an hour counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Morning,
    Afternoon,
    Night,
    /// Early or late, but not noon or midnight: people have other words for those.
    Early,
    Evening,
}

const PARTS: [(&str, Part); 12] = [
    ("오전", Part::Morning),
    ("새벽", Part::Early),
    ("아침", Part::Early),
    ("오후", Part::Afternoon),
    ("저녁", Part::Evening),
    ("밤", Part::Night),
    ("a.m.", Part::Morning),
    ("am", Part::Morning),
    ("a.m", Part::Morning),
    ("p.m.", Part::Afternoon),
    ("pm", Part::Afternoon),
    ("p.m", Part::Afternoon),
];

/// Words before the end of a span that passes midnight.
const NEXT_DAY: [&str; 5] = ["다음날", "다음 날", "익일", "翌日", "翌"];

/// The parts of a time, before the choice between 12 and 24 hours.
struct Read {
    hour: u8,
    minute: u8,
    part: Option<Part>,
    /// Whether the minutes, a second digit or the hour itself prove that hours count to 24.
    is_sure: bool,
    /// Whether one word gave the whole time.
    is_word: bool,
}

/// A time of day that is clear by itself: `8pm`, `20.00`, `20시`, `오후 8시 30분`.
pub(crate) fn time(text: &str) -> Option<Clock> {
    let read = read(text).filter(|read| read.is_sure)?;
    read.clock().filter(|clock| clock.hour < 24)
}

/// A span in the form of a window: `8pm-8am`, `20~08`, `20.00–8.00`.
pub(crate) fn span(text: &str) -> Option<String> {
    let text = plain(text).to_lowercase();
    let (first, last) = ends(&text).or_else(|| side_by_side(&text))?;
    let first = first.trim_end_matches("에서");
    let last = NEXT_DAY.iter().find_map(|next| last.strip_prefix(next)).unwrap_or(last).trim();
    let (from, until) = (or_bare(first)?, or_bare(last)?);
    // In `8-10pm` the eight may be morning or evening. In `9-6` both may.
    let agree = from.is_word || until.is_word || from.part.is_some() == until.part.is_some();
    let is_sure = agree && (from.is_sure || until.is_sure);
    let (mut from, mut until) = (from.clock()?, until.clock()?);
    from.hour %= 24;
    if until.hour == 0 && until.minute == 0 {
        until.hour = 24;
    }
    let is_all_day = from == (Clock { hour: 0, minute: 0 }) && until.hour == 24;
    let is_span = is_sure && !is_all_day && from != until && (until.hour < 24 || until.minute == 0);
    let written = |clock: Clock| format!("{:02}:{:02}", clock.hour, clock.minute);
    is_span.then(|| format!("{}-{}", written(from), written(until)))
}

/// `20:00 08:00`
fn side_by_side(text: &str) -> Option<(&str, &str)> {
    let (first, last) = text.trim().split_once([',', '/', ' '])?;
    let (first, last) = (first.trim(), last.trim());
    (first.contains(':') && last.contains(':')).then_some((first, last))
}

/// The two times that an hour between 1 and 12 can mean.
pub(crate) fn either_half(text: &str) -> Option<[Clock; 2]> {
    let read = read(text).filter(|read| !read.is_sure && (1..=12).contains(&read.hour))?;
    let clock = |hour| Clock { hour, minute: read.minute };
    Some([clock(read.hour % 12), clock(read.hour % 12 + 12)])
}

/// A time, or digits alone: `20`, `08`, `2000`.
fn or_bare(text: &str) -> Option<Read> {
    let digits = |text: &str| text.parse::<u8>().ok();
    let (hour, minute) = match text.len() {
        _ if !text.bytes().all(|b| b.is_ascii_digit()) => return read(text),
        1 | 2 => (digits(text)?, 0),
        4 => (digits(&text[..2])?, digits(&text[2..])?),
        _ => return None,
    };
    let is_sure = hour > 12 || text.len() == 4 || text.starts_with('0');
    Some(Read { hour, minute, part: None, is_sure, is_word: false })
}

fn read(text: &str) -> Option<Read> {
    let text = plain(text).to_lowercase();
    let text = text.trim().trim_end_matches("에").trim_end_matches("정각").trim();
    match text {
        "noon" | "정오" => return Some(Read::sure(12)),
        "midnight" | "자정" => return Some(Read::sure(0)),
        _ => {}
    }
    let found = PARTS.into_iter().find_map(|(word, part)| {
        let rest = text.strip_prefix(word).or_else(|| text.strip_suffix(word))?;
        Some((rest.trim(), part))
    });
    let (rest, part) = found.map_or((text, None), |(rest, part)| (rest, Some(part)));
    let (hour, minute, has_minutes) = numbers(rest, part.is_some())?;
    let is_sure = part.is_some() || has_minutes || hour > 12;
    Some(Read { hour, minute, part, is_sure, is_word: false })
}

/// The hours, the minutes, and whether their form proves a count to 24.
fn numbers(text: &str, may_be_bare: bool) -> Option<(u8, u8, bool)> {
    let number = |text: &str| {
        let is_number = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u8>().ok().filter(|_| is_number)
    };
    if let Some((hour, rest)) = text.split_once('시') {
        let minute = match rest.trim() {
            "" => 0,
            "반" => 30,
            rest => number(rest.strip_suffix('분')?.trim())?,
        };
        return Some((number(hour.trim())?, minute, false));
    }
    // Up to 12, the number may be a length of time.
    if let Some(hour) = text.strip_suffix("hrs").or_else(|| text.strip_suffix('h')) {
        return Some((number(hour.trim())?, 0, false));
    }
    for mark in [':', '.', 'h'] {
        if let Some((hour, minute)) = text.split_once(mark) {
            let minute = minute.strip_suffix(":00").unwrap_or(minute);
            let minute = number(minute).filter(|_| minute.len() == 2)?;
            return Some((number(hour)?, minute, true));
        }
    }
    number(text).filter(|_| may_be_bare).map(|hour| (hour, 0, false))
}

impl Read {
    fn sure(hour: u8) -> Self {
        Self { hour, minute: 0, part: None, is_sure: true, is_word: true }
    }

    /// The time with hours counted to 24; `None` if there is no such time.
    fn clock(&self) -> Option<Clock> {
        let hour = match (self.part, self.hour) {
            (Some(Part::Morning | Part::Night), 12) => 0,
            (Some(Part::Afternoon | Part::Evening), hour @ 1..=11)
            | (Some(Part::Night), hour @ 6..=11) => hour + 12,
            (None, hour @ 0..=24)
            | (Some(Part::Morning | Part::Early), hour @ 0..=11)
            | (Some(Part::Afternoon), hour @ 12..=23)
            | (Some(Part::Evening), hour @ 17..=23)
            | (Some(Part::Night), hour @ 18..=23) => hour,
            _ => return None,
        };
        let is_time = self.minute < 60 && (hour < 24 || self.minute == 0);
        is_time.then_some(Clock { hour, minute: self.minute })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_understood_where_it_can_mean_one_thing_only() {
        for (text, expected) in [
            ("8pm", Some((20, 0))),
            ("8 PM", Some((20, 0))),
            ("8:30 p.m.", Some((20, 30))),
            ("12am", Some((0, 0))),
            ("12pm", Some((12, 0))),
            ("20:00pm", Some((20, 0))),
            ("20.00", Some((20, 0))),
            ("20h", Some((20, 0))),
            ("20h30", Some((20, 30))),
            ("20:00:00", Some((20, 0))),
            ("２０：００", Some((20, 0))),
            ("오후 8시", Some((20, 0))),
            ("오후8시30분", Some((20, 30))),
            ("저녁 8시 반에", Some((20, 30))),
            ("오전 12시", Some((0, 0))),
            ("밤 12시", Some((0, 0))),
            ("밤 10시", Some((22, 0))),
            ("20시", Some((20, 0))),
            ("자정", Some((0, 0))),
            ("8시", None),
            ("8", None),
            ("밤 1시", None),
            ("저녁 12시", None),
            ("아침 12시", None),
            ("새벽 2시", Some((2, 0))),
            ("13am", None),
            ("24:00", None),
            ("25:00", None),
            ("20:60", None),
            ("", None),
        ] {
            let found = time(text).map(|clock| (clock.hour, clock.minute));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_span_is_understood_where_it_can_mean_one_thing_only() {
        for (text, expected) in [
            ("20:00–08:00", Some("20:00-08:00")),
            ("20:00 ~ 08:00", Some("20:00-08:00")),
            ("20:00..8:00", Some("20:00-08:00")),
            ("from 8pm to 8am", Some("20:00-08:00")),
            ("20-8", Some("20:00-08:00")),
            ("2000-0800", Some("20:00-08:00")),
            ("20시부터 8시까지", Some("20:00-08:00")),
            ("오후 8시 ~ 오전 8시", Some("20:00-08:00")),
            ("24:00-08:00", Some("00:00-08:00")),
            ("20:00-00:00", Some("20:00-24:00")),
            ("between 8pm and 8am", Some("20:00-08:00")),
            ("20:00 -> 08:00", Some("20:00-08:00")),
            ("20:00, 08:00", Some("20:00-08:00")),
            ("20:00~다음날 08:00", Some("20:00-08:00")),
            ("midnight-8am", Some("00:00-08:00")),
            ("자정~오전 6시", Some("00:00-06:00")),
            ("9-6", None),
            ("8-10pm", None),
            ("20:00", None),
            ("20:00-20:00", None),
            ("20:00-25:00", None),
        ] {
            assert_eq!(span(text).as_deref(), expected, "{text}");
        }
    }
}
