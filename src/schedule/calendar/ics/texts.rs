//! What is written about an event, and which events are left out for it.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Which events of a file are no holidays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    texts: Vec<String>,
    pub(super) is_timed: bool,
}

impl LeftOut {
    /// Events whose summary, description or any category contains one of these texts, whatever
    /// the case and the normal form.
    pub fn containing<'t>(texts: impl Iterator<Item = &'t str>) -> Self {
        Self { texts: texts.map(folded).collect(), is_timed: false }
    }

    /// Those as well that are not all-day.
    #[must_use]
    pub fn and_timed(self) -> Self {
        Self { is_timed: true, ..self }
    }

    /// Whether a day of that name is left out.
    pub fn has(&self, name: &str) -> bool {
        let name = folded(name);
        self.texts.iter().any(|text| name.contains(text))
    }

    /// Whether an event is left out for what is written about it.
    pub(super) fn has_any_of(&self, texts: &Texts) -> bool {
        self.texts.iter().any(|text| texts.contain(text))
    }
}

/// How Google marks the days that it tells of and that nobody has off: as it is written, as it is
/// compared, and what is written of these days alone.
const OBSERVANCES: [(&str, &str, &str); 2] = [
    ("기념일", "기념일", "기념일을 숨기려면"),
    ("Observance", "observance", "to hide observances"),
];

/// What is written about an event, as it is compared.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) summary: String,
    pub(super) description: String,
    /// Each on a line of its own.
    pub(super) categories: String,
}

/// Days that a file tells of and that nobody has off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observances {
    /// How many events are marked so.
    pub count: usize,
    /// One of them: its name, and when it begins.
    pub example: Option<(String, NaiveDate)>,
    /// What leaves them out and nothing else; `None` where no text does.
    pub without: Option<Vec<&'static str>>,
    marks: [Counted; OBSERVANCES.len()],
}

/// How many events are marked so, contain the mark, and contain the phrase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counted {
    marked: usize,
    mark: usize,
    phrase: usize,
    marked_phrase: usize,
}

/// A text as it is compared: the same for whoever reads it, in any case.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

impl Texts {
    /// Whether any of them contains a folded text.
    pub(super) fn contain(&self, wanted: &str) -> bool {
        let texts = [&self.summary, &self.description, &self.categories];
        texts.iter().any(|text| text.contains(wanted))
    }

    /// Whether the event is marked with a word: as a category, or as all that the first line of
    /// its description says. A day may be called so and be one all the same.
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
