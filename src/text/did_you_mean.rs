//! "Did you mean": the known word most like an unknown one.

/// Below this similarity a guess confuses more than it helps.
const LEAST_SIMILARITY: f64 = 0.8;

/// For each so many letters of a word one may be wrong, and one in any word.
const LETTERS_TO_A_SLIP: usize = 4;

/// A word that was cut off says which one was meant by so many letters.
const A_BEGINNING: usize = 4;

/// A longer word is none, and among more than so many nobody finds what was meant.
const LONGEST_WORD: usize = 100;
const MOST_KNOWN: usize = 1_000;

/// The most similar of `known`, if any is similar enough to be meant by `word`.
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
        // Two letters that changed places are a third of a short word.
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
