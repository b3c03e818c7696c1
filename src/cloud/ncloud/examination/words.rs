//! Says facts without secrets: no key, no number of an account, no name, no message of the cloud.

use std::collections::BTreeMap;

use crate::cloud::{CloudError, Denial, Refusal};

/// The longest word of the cloud that is shown as it is: a code, or the name of a type.
const LONGEST_WORD: usize = 24;

/// The longest shape.
const LONGEST_SHAPE: usize = 40;

/// A failure, without the cloud's own words: those may name servers and accounts.
pub(super) fn of_failure(error: &CloudError) -> String {
    match error {
        CloudError::NotSent(_) => "could not be reached".to_owned(),
        CloudError::Unanswered { http_status: Some(status), .. } => {
            format!("no answer, HTTP {status}")
        }
        CloudError::Unanswered { http_status: None, .. } => "no answer in time".to_owned(),
        CloudError::Throttled { refusal, .. } => format!("throttled, {}", codes(refusal)),
        CloudError::Denied { refusal, because: Denial::Keys } => {
            format!("the keys were refused, {}", codes(refusal))
        }
        CloudError::Denied { refusal, because } => format!("{because}, {}", codes(refusal)),
        CloudError::Forbidden { refusal, .. } => format!("no right, {}", codes(refusal)),
        CloudError::Refused { refusal, .. } => format!("refused, {}", codes(refusal)),
        CloudError::Unreadable { http_status, .. } => {
            format!("an answer that cannot be read, HTTP {http_status}")
        }
    }
}

fn codes(refusal: &Refusal) -> String {
    match &refusal.return_code {
        Some(code) => format!("HTTP {}, code {}", refusal.http_status, word(code)),
        None => format!("HTTP {}", refusal.http_status),
    }
}

/// A code or the name of a type. Anything longer or odder is only counted.
pub(super) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !text.is_empty() && text.len() <= LONGEST_WORD && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("a text of {}", count(text.chars().count(), "character"))
}

/// The shape of a text: `9` for a digit, `a` and `A` for letters, `?` for what is not ASCII.
pub(super) fn shape(text: &str) -> String {
    let masked = |c: char| match c {
        '0'..='9' => '9',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().take(LONGEST_SHAPE).map(masked).collect()
}

/// `1 server`, `2 servers`.
pub(super) fn count(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// How often each word came: `RUN 5, NSTOP 2`, the most frequent one first.
pub(super) fn tally(words: impl Iterator<Item = String>) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shown: Vec<_> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
    shown.join(", ")
}
