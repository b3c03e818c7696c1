//! Reads the texts of an event, and leaves out events by them.
//!
//! Owns the marks for days on which everybody works; `check::calendar` warns of them.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// The events of a file that are no holidays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    texts: Vec<String>,
    pub(super) is_timed: bool,
}

impl LeftOut {
    /// Leaves out events whose summary, description or any category contains one of these texts, in
    /// any letter case and any normal form.
    pub fn containing<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        Self { texts: texts.map(folded).collect(), is_timed: false }
    }

    /// Leaves out events that are not all-day, too.
    #[must_use]
    pub fn and_timed(self) -> Self {
        Self { is_timed: true, ..self }
    }

    /// Whether a day of this name is left out.
    pub fn has(&self, name: &str) -> bool {
        let name = folded(name);
        self.texts.iter().any(|text| name.contains(text))
    }

    /// Whether an event is left out because of its texts.
    pub(super) fn has_any_of(&self, texts: &Texts) -> bool {
        self.texts.iter().any(|text| texts.contain(text))
    }
}

/// Google's marks for days on which everybody works. Each has (1) the text as written, (2) the text
/// as compared, and (3) a phrase that only these days have.
const OBSERVANCES: [(&str, &str, &str); 2] = [
    ("기념일", "기념일", "기념일을 숨기려면"),
    ("Observance", "observance", "to hide observances"),
];

/// The texts of an event in the form for comparison.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) summary: String,
    pub(super) description: String,
    /// Each on its own line.
    pub(super) categories: String,
}

/// Days in a file on which everybody works.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observances {
    /// The number of events with the mark.
    pub count: usize,
    /// One of them: its name and its first day.
    pub example: Option<(String, NaiveDate)>,
    /// The texts that leave out these events and no others; `None` if there are none.
    pub without: Option<Vec<&'static str>>,
    marks: [Counted; OBSERVANCES.len()],
}

/// The number of events that (1) are marked, (2) contain the mark, (3) contain the phrase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    marked: usize,
    mark: usize,
    phrase: usize,
    marked_phrase: usize,
}

/// A text in the form for comparison: normal form KC and small letters.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

impl Texts {
    /// Whether any of the texts contains a folded text.
    pub(super) fn contain(&self, wanted: &str) -> bool {
        let texts = [&self.summary, &self.description, &self.categories];
        texts.iter().any(|text| text.contains(wanted))
    }

    /// Whether the event is marked with a word: as a category, or as the whole first line of its
    /// description. The name alone is no mark: a holiday may have the same name.
    fn are_marked(&self, mark: &str) -> bool {
        let first = self.description.lines().next().unwrap_or_default();
        self.categories.lines().chain([first]).any(|text| {
            let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let is_mark = |word: &str| OBSERVANCES.iter().any(|(_, known, _)| *known == word);
            words.clone().all(is_mark) && words.clone().any(|word| word == mark)
        })
    }
}

impl Observances {
    /// Counts an event that is a holiday.
    pub(super) fn take(&mut self, texts: &Texts, example: impl FnOnce() -> (String, NaiveDate)) {
        let mut is_marked = false;
        for ((_, mark, phrase), counted) in OBSERVANCES.iter().zip(&mut self.marks) {
            if !texts.contain(mark) {
                continue;
            }
            let marked = usize::from(texts.are_marked(mark));
            let has_phrase = usize::from(texts.contain(phrase));
            counted.mark += 1;
            counted.marked += marked;
            counted.phrase += has_phrase;
            counted.marked_phrase += marked * has_phrase;
            is_marked |= marked > 0;
        }
        if is_marked {
            self.count += 1;
            self.example.get_or_insert_with(example);
        }
    }

    pub(super) fn counted(mut self) -> Option<Self> {
        let mut without = Some(Vec::new());
        for ((mark, _, phrase), counted) in OBSERVANCES.iter().zip(&self.marks) {
            let text = match counted {
                Counted { marked: 0, .. } => continue,
                Counted { marked, mark: all, .. } if marked == all => Some(*mark),
                Counted { marked, phrase: all, marked_phrase, .. }
                    if marked == all && marked == marked_phrase =>
                {
                    Some(*phrase)
                }
                _ => None,
            };
            without = without.zip(text).map(|(mut list, text)| {
                list.push(text);
                list
            });
        }
        self.without = without;
        (self.count > 0).then_some(self)
    }
}
