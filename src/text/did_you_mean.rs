//! "Did you mean": the known word that is most like an unknown one.
//!
//! The callers own the lists of known words and the messages.

/// The least similarity of a proposal. Worse guesses confuse more than they help.
const LEAST_SIMILARITY: f64 = 0.8;

/// A word may have one wrong letter for each so many letters, and at least one.
const LETTERS_TO_A_SLIP: usize = 4;

/// A word that was cut off must have at least so many letters to be completed.
const A_BEGINNING: usize = 4;

/// Longer words and longer lists are not searched: nobody would find the word that was meant.
const LONGEST_WORD: usize = 100;
const MOST_KNOWN: usize = 1_000;

/// The word of `known` that is most similar to `word`, if it is similar enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let word = word.to_lowercase();
    let known: Vec<&str> = known.into_iter().take(MOST_KNOWN).collect();
    let mut begun = known.iter().filter(|known| known.to_lowercase().starts_with(&word));
    if let (true, Some(only), None) =
        (word.chars().count() >= A_BEGINNING, begun.next(), begun.next())
    {
        return Some(only);
    }
    let similarity = |known: &str| {
        let known = known.to_lowercase();
        // In a short word, two swapped letters are a third of all letters.
        let is_swapped = word.len() == known.len() && strsim::osa_distance(&word, &known) == 1;
        if is_swapped && same_letters(&word, &known) {
            return 1.0;
        }
        let slips = known.chars().count() / LETTERS_TO_A_SLIP;
        if strsim::osa_distance(&word, &known) > slips.max(1) {
            return 0.0;
        }
        strsim::jaro_winkler(&word, &known)
    };
    known
        .into_iter()
        .map(|known| (similarity(known), known))
        .filter(|(similarity, _)| *similarity >= LEAST_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

fn same_letters(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_similar_word_is_meant() {
        let words = ["patience", "late", "names", "tags", "TUE", "THU"];
        for (word, expected) in [
            ("patiense", Some("patience")),
            ("Tag", Some("tags")),
            ("name", Some("names")),
            ("teu", Some("TUE")),
            ("zone", None),
            ("latest", None),
            ("pati", Some("patience")),
            ("pat", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, words), expected, "{word}");
        }
    }
}
