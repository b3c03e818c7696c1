//! All words of the page, in each language it speaks.

mod english;
mod korean;

use chrono::Weekday;
use hyper::HeaderMap;
use hyper::header::ACCEPT_LANGUAGE;

use crate::model::outcome::Outcome;

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Korean,
}

/// Everything the page says. A word that a language lacks does not compile.
#[derive(Debug)]
pub(super) struct Words {
    /// The language's own tag, for `lang`.
    pub(super) tag: &'static str,
    pub(super) skip_to_content: &'static str,
    pub(super) navigation: &'static str,
    pub(super) times_in: fn(&str) -> String,

    pub(super) tonight: &'static str,
    pub(super) daemon: &'static str,
    pub(super) daemon_alive: &'static str,
    pub(super) daemon_none: &'static str,
    pub(super) process: fn(i64, &str) -> String,
    pub(super) daemon_silent: fn(i64) -> String,
    pub(super) account_lost: fn(&str) -> String,
    pub(super) calendar_lost: fn(&str, &str) -> String,
    pub(super) file_differs: &'static str,
    pub(super) file_wrong: &'static str,
    pub(super) log_missing: &'static str,
    pub(super) log_unreadable: &'static str,
    pub(super) log_older: &'static str,
    pub(super) in_flight: &'static str,
    pub(super) nothing_in_flight: &'static str,
    pub(super) more_in_flight: fn(usize) -> String,
    pub(super) holds: &'static str,
    pub(super) subject: &'static str,
    pub(super) who: &'static str,
    pub(super) comes_next: &'static str,
    pub(super) nothing_comes: &'static str,
    pub(super) more_rules: fn(usize) -> String,
    pub(super) held_until: fn(&str) -> String,
    pub(super) skipped_on: fn(&str, &str) -> String,
    pub(super) disabled: &'static str,
    pub(super) disabled_since: fn(&str) -> String,
    pub(super) last_nights: &'static str,
    pub(super) no_nights: &'static str,
    pub(super) only_newest: fn(u32) -> String,
    pub(super) night_of: fn(&str, Weekday) -> String,

    pub(super) history: &'static str,
    pub(super) filters: &'static str,
    pub(super) show: &'static str,
    pub(super) clear: &'static str,
    pub(super) instance_hint: &'static str,
    pub(super) since: &'static str,
    pub(super) until: &'static str,
    pub(super) time_hint: &'static str,
    pub(super) limit: &'static str,
    pub(super) limit_hint: &'static str,
    pub(super) any: &'static str,
    pub(super) wrong_outcome: &'static str,
    pub(super) wrong_time: &'static str,
    pub(super) wrong_limit: &'static str,
    pub(super) no_line: &'static str,
    pub(super) pages: &'static str,
    pub(super) older: &'static str,
    pub(super) newest: &'static str,

    pub(super) firing: fn(i64) -> String,
    pub(super) when: &'static str,
    pub(super) rule: &'static str,
    pub(super) note: &'static str,
    pub(super) result: &'static str,
    pub(super) instance: &'static str,
    pub(super) region: &'static str,
    pub(super) whole_region: fn(&str) -> String,
    pub(super) whole_firing: &'static str,
    pub(super) status: &'static str,
    pub(super) outcome: &'static str,
    pub(super) reason: &'static str,
    pub(super) account: &'static str,
    pub(super) trigger: &'static str,
    pub(super) due: &'static str,
    pub(super) begun: &'static str,
    pub(super) ended: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) dry_run: &'static str,
    pub(super) patience: &'static str,
    pub(super) seconds: fn(i64) -> String,
    pub(super) makes_up_for: &'static str,
    pub(super) made_up_by: &'static str,
    pub(super) processes: &'static str,
    pub(super) file: &'static str,
    pub(super) instances: &'static str,
    pub(super) requests: &'static str,
    pub(super) no_request: &'static str,
    pub(super) asked: &'static str,
    pub(super) answered: &'static str,
    pub(super) no_answer: &'static str,
    /// What the log calls the result of a request, and what people call it.
    pub(super) results: [(&'static str, &'static str); 7],
    pub(super) code: &'static str,
    pub(super) request_id: &'static str,
    pub(super) message: &'static str,

    pub(super) instance_no: fn(&str) -> String,
    pub(super) last_seen: &'static str,
    pub(super) name: &'static str,
    pub(super) operation: &'static str,
    pub(super) booted: &'static str,
    pub(super) seen: &'static str,
    pub(super) never_seen: &'static str,
    pub(super) all_of_it: &'static str,

    pub(super) changes: &'static str,
    pub(super) changes_hint: &'static str,
    pub(super) no_change: &'static str,
    pub(super) found: &'static str,
    pub(super) seen_before: &'static str,

    pub(super) nothing_held: &'static str,
    pub(super) hold: &'static str,
    pub(super) hold_a_rule: &'static str,
    pub(super) hold_it: &'static str,
    pub(super) until_hint: &'static str,
    pub(super) your_name: &'static str,
    pub(super) your_name_hint: &'static str,
    pub(super) at_its_end: &'static str,
    pub(super) make_up: &'static str,
    pub(super) do_not_make_up: &'static str,
    pub(super) made_up: &'static str,
    pub(super) not_made_up: &'static str,
    pub(super) release: &'static str,
    pub(super) release_of: fn(&str) -> String,
    pub(super) held_now: fn(i64) -> String,
    pub(super) released_now: fn(i64) -> String,
    pub(super) was_over: fn(i64) -> String,
    pub(super) wrong_rule: &'static str,
    pub(super) wrong_seal: &'static str,
    pub(super) log_not_written: &'static str,
    pub(super) has_passed: &'static str,
    pub(super) too_far: fn(&str, &str) -> String,
    pub(super) closed_by_wish: &'static str,
    pub(super) closed_by_log: &'static str,
    pub(super) closed_by_rules: &'static str,

    pub(super) why: &'static str,
    pub(super) why_at: &'static str,
    pub(super) ask: &'static str,
    pub(super) to_come: &'static str,
    pub(super) state: &'static str,
    pub(super) happened: &'static str,
    pub(super) later: &'static str,
    pub(super) rules_then: &'static str,
    pub(super) not_known: &'static str,

    pub(super) budget: &'static str,
    pub(super) in_a_row: &'static str,
    pub(super) in_12_months: &'static str,
    pub(super) days_of: fn(f64, u32) -> String,
    pub(super) at_least_of: fn(f64, u32) -> String,
    pub(super) passes: &'static str,
    pub(super) passed: &'static str,
    pub(super) passes_never: &'static str,
    pub(super) passes_unknown: &'static str,
    pub(super) passes_on: fn(&str) -> String,
    pub(super) passes_by: fn(&str) -> String,
    pub(super) as_of: &'static str,
    pub(super) unconfirmed: &'static str,

    pub(super) report: &'static str,
    pub(super) last_days: &'static str,
    pub(super) wrong_span: &'static str,

    pub(super) not_found: &'static str,
    pub(super) not_found_hint: &'static str,
    pub(super) busy: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) sign_in_hint: &'static str,
    pub(super) token: &'static str,
    pub(super) wrong_token: &'static str,

    pub(super) stop: &'static str,
    pub(super) start: &'static str,
    pub(super) triggers: [(&'static str, &'static str); 3],
    pub(super) open: &'static str,
    /// Left alone, and not because anybody wanted it so.
    pub(super) not_free: &'static str,
    /// In the order of [`Outcome::ALL`].
    pub(super) outcomes: [&'static str; Outcome::ALL.len()],
}

impl Words {
    /// An outcome, to people.
    pub(super) fn outcome_of(&self, outcome: Outcome) -> &'static str {
        let place = Outcome::ALL.iter().position(|one| *one == outcome);
        place.map_or(outcome.as_str(), |place| self.outcomes[place])
    }

    /// `stop` or `start`, to people; what the log has besides is shown as it is.
    pub(super) fn action_of<'a>(&self, action: &'a str) -> &'a str {
        match action {
            "stop" => self.stop,
            "start" => self.start,
            other => other,
        }
    }

    /// What came of a request, to people.
    pub(super) fn result_of<'a>(&self, result: &'a str) -> &'a str {
        let known = self.results.iter().find(|(word, _)| *word == result);
        known.map_or(result, |(_, shown)| shown)
    }

    /// Why a rule fired, to people.
    pub(super) fn trigger_of<'a>(&self, trigger: &'a str) -> &'a str {
        let known = self.triggers.iter().find(|(word, _)| *word == trigger);
        known.map_or(trigger, |(_, shown)| shown)
    }
}

impl Language {
    /// The language that a reader likes best of those there are; English where none is liked.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let liked = headers.get_all(ACCEPT_LANGUAGE).into_iter();
        let liked = liked.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
        let mut best = (Self::English, 0);
        for (language, weight) in liked.filter_map(liking) {
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// Its words.
    pub(super) fn words(self) -> &'static Words {
        match self {
            Self::English => &english::WORDS,
            Self::Korean => &korean::WORDS,
        }
    }
}

/// `ko-KR;q=0.8` as a language and thousandths; `None` for a language that is not spoken here.
fn liking(text: &str) -> Option<(Language, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let language = match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "ko" => Language::Korean,
        "en" | "*" => Language::English,
        _ => return None,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
    let weight: f32 = weight.parse().ok().filter(|weight| (0.0..=1.0).contains(weight))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1000, by the line above"
    )]
    let thousandths = (weight * 1000.0) as u16;
    Some((language, thousandths))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_get_the_language_they_like_best() {
        for (wanted, language) in [
            ("", Language::English),
            ("ko", Language::Korean),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Language::Korean),
            ("en-US,en;q=0.9,ko;q=0.8", Language::English),
            ("de, fr;q=0.9, KO;q=0.1", Language::Korean),
            ("ko;q=0", Language::English),
            ("ko;q=2", Language::English),
            ("ko;q=nan, en;q=0.1", Language::English),
            ("*, ko;q=0.5", Language::English),
            ("korean", Language::English),
            (";;;,,q=", Language::English),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, wanted.parse().unwrap())]);
            assert_eq!(Language::of(&headers), language, "{wanted}");
        }
    }

    #[test]
    fn both_languages_say_everything_and_none_says_it_in_the_other() {
        let said = |language: Language| format!("{:?}", language.words());
        let (english, korean) = (said(Language::English), said(Language::Korean));
        let is_korean = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
        assert!(!english.contains(is_korean), "{english}");
        // What programs and people of every language call the same.
        let results = Language::Korean.words().results.map(|(name, _)| name);
        let names = [["ko", "schedule", "late", "manual"].as_slice(), &results].concat();
        for word in korean.split('"').skip(1).step_by(2) {
            let is_said = word.contains(is_korean) || names.contains(&word);
            assert!(is_said, "{word}");
        }
        for text in [english, korean] {
            assert!(!text.contains("\"\""), "{text}");
        }
    }
}
