//! "Did you mean": the known word most like an unknown one.

/// Below this similarity a guess confuses more than it helps.
const LEAST_SIMILARITY: f64 = 0.8;

/// The most similar of `known`, if any is similar enough to be meant by `word`.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let similarity = |known: &str| strsim::jaro_winkler(&word, &known.to_lowercase());
    known
        .into_iter()
        .map(|known| (similarity(known), known))
        .filter(|(similarity, _)| *similarity >= LEAST_SIMILARITY)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}
