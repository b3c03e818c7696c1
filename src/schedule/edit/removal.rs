//! Takes a rule out of the text, and its name out of the overrides.
//!
//! With the rule go the comments that stand directly above and below it. All else stays as it is:
//! the result is compared, entry by entry, with the text before.

use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Value};

use super::{EditError, Splice, extent, line_end, line_start, spliced, tables};

/// A text without a rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Removed {
    pub text: String,
    /// The lines of the rule, with its comments.
    pub lines: String,
    /// The overrides that were about this rule alone, and went with it.
    pub overrides: usize,
    /// The overrides that are now about the other rules that they name.
    pub shortened: usize,
}

/// The text without a rule.
///
/// # Errors
/// The text is no TOML, has its rules as a list in brackets, or has no such rule; the rule is the
/// last one; or its lines stand between lines of something else.
pub fn remove(text: &str, name: &str) -> Result<Removed, EditError> {
    let root = DeTable::parse(text)?;
    let rules = tables("rules", text, root.get_ref())?;
    let is_meant = |rule: &&DeTable<'_>| text_of(rule, "name") == Some(name);
    let place = rules.iter().position(is_meant);
    let place = place.ok_or_else(|| EditError::NoRule(name.to_owned()))?;
    if rules.len() == 1 {
        return Err(EditError::LastRule(name.to_owned()));
    }
    let entangled = || EditError::Entangled(name.to_owned());
    let lines = block(text, rules[place]).ok_or_else(entangled)?;
    let mut splices = vec![(with_blank_lines(text, lines.clone()), String::new())];
    let mut removed = Removed {
        text: String::new(),
        lines: text[lines].trim_end().to_owned(),
        overrides: 0,
        shortened: 0,
    };
    let mut kept = Vec::new();
    for changed in tables("overrides", text, root.get_ref())? {
        let Some(names) = changed.get("rules").and_then(|names| names.get_ref().as_array()) else {
            kept.push(true);
            continue;
        };
        let is_other = |it: &Spanned<DeValue<'_>>| it.get_ref().as_str() != Some(name);
        let others = names.iter().filter(|it| is_other(it)).count();
        kept.push(others > 0 || names.is_empty());
        if others == names.len() {
            continue;
        }
        if others == 0 {
            let lines = block(text, changed).ok_or_else(entangled)?;
            splices.push((with_blank_lines(text, lines), String::new()));
            removed.overrides += 1;
        } else {
            splices.extend(without_items(names, &is_other));
            removed.shortened += 1;
        }
    }
    removed.text = spliced(text, splices);
    let meant = meant(text, name, place, &kept).ok_or_else(entangled)?;
    let is_right = removed.text.parse::<toml::Table>().is_ok_and(|now| now == meant);
    is_right.then_some(removed).ok_or_else(entangled)
}

fn text_of<'t>(table: &'t DeTable<'_>, key: &str) -> Option<&'t str> {
    table.get(key).and_then(|value| value.get_ref().as_str())
}

/// The content that the text should have then.
fn meant(text: &str, name: &str, place: usize, kept: &[bool]) -> Option<toml::Table> {
    let mut root: toml::Table = text.parse().ok()?;
    root.get_mut("rules")?.as_array_mut()?.remove(place);
    let Some(overrides) = root.get_mut("overrides").and_then(Value::as_array_mut) else {
        return Some(root);
    };
    let mut kept = kept.iter();
    overrides.retain(|_| kept.next().is_none_or(|is_kept| *is_kept));
    for changed in &mut *overrides {
        if let Some(names) = changed.get_mut("rules").and_then(Value::as_array_mut) {
            names.retain(|it| it.as_str() != Some(name));
        }
    }
    if overrides.is_empty() {
        root.remove("overrides");
    }
    Some(root)
}

/// The lines of a table of a list, from the comments above its head to those below its last key.
fn block(text: &str, table: &DeTable<'_>) -> Option<Range<usize>> {
    let (first, last) = extent(table)?;
    let mut start = line_start(text, first);
    while !text[start..].trim_start_matches([' ', '\t']).starts_with("[[") {
        start = line_start(text, start.checked_sub(1)?);
    }
    while let Some(above) = start.checked_sub(1).map(|end| line_start(text, end))
        && is_comment(&text[above..start])
    {
        start = above;
    }
    let mut end = line_end(text, last);
    let mut below = end;
    while below < text.len() && is_comment(&text[below..line_end(text, below)]) {
        below = line_end(text, below);
    }
    // A comment directly above another head belongs to that one.
    if below == text.len() || text[below..line_end(text, below)].trim().is_empty() {
        end = below;
    }
    Some(start..end)
}

/// Whether a line is a comment. The line for editors at the top of a file belongs to no rule.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') && !line.starts_with("#:")
}

/// The lines with the empty ones that would be left over.
fn with_blank_lines(text: &str, mut lines: Range<usize>) -> Range<usize> {
    let is_blank = |from: usize, to: usize| text[from..to].trim().is_empty();
    let above = lines.start.checked_sub(1).map(|end| line_start(text, end));
    let stands_apart = above.is_none_or(|above| is_blank(above, lines.start));
    while stands_apart && lines.end < text.len() && is_blank(lines.end, line_end(text, lines.end)) {
        lines.end = line_end(text, lines.end);
    }
    if lines.end == text.len() {
        while let Some(above) = lines.start.checked_sub(1).map(|end| line_start(text, end))
            && is_blank(above, lines.start)
        {
            lines.start = above;
        }
    }
    lines
}

/// Removes items of a list, each with one comma.
fn without_items(
    items: &[Spanned<DeValue<'_>>],
    is_kept: &impl Fn(&Spanned<DeValue<'_>>) -> bool,
) -> Vec<Splice> {
    let last_kept = items.iter().rposition(is_kept).unwrap_or_default();
    let gone = items.iter().enumerate().filter(|(_, item)| !is_kept(item));
    gone.map(|(place, item)| {
        let range = if place < last_kept {
            item.span().start..items[place + 1].span().start
        } else {
            items[place - 1].span().end..item.span().end
        };
        (range, String::new())
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = r#"#:schema ./schedules.schema.json
[accounts.main]
platform = "vpc"

# The evening.
[[rules]]
name = "a" # first
action = "stop"
cron = "0 20 * * *"
select = { names = ["*"] }
# dry_run = true

# The morning.
[[rules]]
name = "b"
off = "20:00-08:00"
[rules.select]
names = ["dev-*"]
# Not of b.
[[rules]]
name = "c"
off = "20:00-08:00"
select.names = ["qa-*"]

[[overrides]]
rules = ["b"]
from = "2026-12-07"
skip = true

[[overrides]]
rules = ["a", "b", "c"]
from = "2026-12-08"
skip = true
"#;

    fn removed(name: &str) -> Removed {
        remove(THREE, name).unwrap()
    }

    #[test]
    fn a_rule_goes_with_its_comments_and_the_rest_stays() {
        let a = removed("a");
        assert!(a.lines.starts_with("# The evening.\n[[rules]]\nname = \"a\" # first\n"), "{a:?}");
        assert!(a.lines.ends_with("\n# dry_run = true"), "{a:?}");
        let rest = THREE.replace(&format!("{}\n\n", a.lines), "").replace("[\"a\", ", "[");
        assert_eq!(a.text, rest);
        assert_eq!((a.overrides, a.shortened), (0, 1));
        let b = removed("b");
        assert!(b.lines.ends_with("[rules.select]\nnames = [\"dev-*\"]"), "{b:?}");
        assert!(b.text.contains("\n\n# Not of b.\n[[rules]]\nname = \"c\"\n"), "{}", b.text);
        assert!(!b.text.contains("2026-12-07"), "{}", b.text);
        assert!(b.text.contains("rules = [\"a\", \"c\"]"), "{}", b.text);
        assert_eq!((b.overrides, b.shortened), (1, 1));
        let c = removed("c");
        assert!(c.text.contains("rules = [\"a\", \"b\"]"), "{}", c.text);
        assert!(c.text.contains("names = [\"dev-*\"]\n\n[[overrides]]"), "{}", c.text);
    }

    #[test]
    fn line_ends_of_windows_stay_and_the_end_of_the_file_is_left_clean() {
        let text = THREE.replace('\n', "\r\n");
        let without = remove(&text, "a").unwrap().text;
        assert_eq!(without, removed("a").text.replace('\n', "\r\n"));
        let (rules, _) = THREE.split_once("\n[[overrides]]").unwrap();
        let without = remove(rules, "c").unwrap().text;
        assert!(without.ends_with("names = [\"dev-*\"]\n"), "{without}");
    }

    #[test]
    fn what_cannot_be_taken_out_alone_is_left() {
        let one = "[[rules]]\nname = \"a\"\n";
        let two = "[[rules]]\nname = \"a\"\n[[rules]]\nname = \"b\"\n";
        let torn = format!("{two}[protect]\nnames = [\"x\"]\n[rules.select]\nnames = [\"y\"]\n");
        let list = "rules = [{ name = \"a\" }, { name = \"b\" }]\n";
        for (text, name, error) in [
            (one, "a", "`a` is the last rule"),
            (two, "c", "there is no rule `c`"),
            (&torn, "b", "lines of something else stand between those of rule `b`"),
            (list, "a", "the rules are not written as `[[rules]]`"),
        ] {
            assert_eq!(remove(text, name).unwrap_err().to_string(), error);
        }
        assert!(remove(&torn, "a").is_ok());
    }
}
