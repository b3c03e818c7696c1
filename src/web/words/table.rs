//! The list of the page's words: one field each, so a language that lacks a word does not compile.

use chrono::Weekday;

use crate::model::outcome::Outcome;

#[derive(Debug)]
pub(crate) struct Words {
    /// The language's tag for `lang`.
    pub(crate) tag: &'static str,
    pub(crate) skip_to_content: &'static str,
    pub(crate) navigation: &'static str,
    pub(crate) times_in: fn(&str) -> String,

    pub(crate) tonight: &'static str,
    pub(crate) daemon: &'static str,
    pub(crate) daemon_alive: &'static str,
    pub(crate) daemon_none: &'static str,
    pub(crate) process: fn(i64, &str) -> String,
    pub(crate) daemon_silent: fn(i64) -> String,
    pub(crate) account_lost: fn(&str) -> String,
    pub(crate) calendar_lost: fn(&str, &str) -> String,
    pub(crate) file_differs: &'static str,
    pub(crate) file_wrong: &'static str,
    pub(crate) log_missing: &'static str,
    pub(crate) log_unreadable: &'static str,
    pub(crate) log_older: &'static str,
    pub(crate) in_flight: &'static str,
    pub(crate) nothing_in_flight: &'static str,
    pub(crate) more_in_flight: fn(usize) -> String,
    pub(crate) holds: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) who: &'static str,
    pub(crate) comes_next: &'static str,
    pub(crate) nothing_comes: &'static str,
    pub(crate) more_rules: fn(usize) -> String,
    pub(crate) held_until: fn(&str) -> String,
    pub(crate) skipped_on: fn(&str, &str) -> String,
    pub(crate) disabled: &'static str,
    pub(crate) disabled_since: fn(&str) -> String,
    pub(crate) last_nights: &'static str,
    pub(crate) no_nights: &'static str,
    pub(crate) only_newest: fn(u32) -> String,
    pub(crate) night_of: fn(&str, Weekday) -> String,

    pub(crate) history: &'static str,
    pub(crate) filters: &'static str,
    pub(crate) show: &'static str,
    pub(crate) clear: &'static str,
    pub(crate) instance_hint: &'static str,
    pub(crate) since: &'static str,
    pub(crate) until: &'static str,
    pub(crate) time_hint: &'static str,
    pub(crate) limit: &'static str,
    pub(crate) limit_hint: &'static str,
    pub(crate) any: &'static str,
    pub(crate) wrong_outcome: &'static str,
    pub(crate) wrong_time: &'static str,
    pub(crate) wrong_limit: &'static str,
    pub(crate) no_line: &'static str,
    pub(crate) pages: &'static str,
    pub(crate) older: &'static str,
    pub(crate) newest: &'static str,

    pub(crate) firing: fn(i64) -> String,
    pub(crate) when: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) note: &'static str,
    pub(crate) result: &'static str,
    pub(crate) instance: &'static str,
    pub(crate) region: &'static str,
    pub(crate) whole_region: fn(&str) -> String,
    pub(crate) whole_firing: &'static str,
    pub(crate) status: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) account: &'static str,
    pub(crate) trigger: &'static str,
    pub(crate) due: &'static str,
    pub(crate) begun: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) dry_run: &'static str,
    pub(crate) patience: &'static str,
    pub(crate) seconds: fn(i64) -> String,
    pub(crate) makes_up_for: &'static str,
    pub(crate) made_up_by: &'static str,
    pub(crate) processes: &'static str,
    pub(crate) file: &'static str,
    pub(crate) instances: &'static str,
    pub(crate) requests: &'static str,
    pub(crate) no_request: &'static str,
    pub(crate) asked: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) no_answer: &'static str,
    /// Pairs: the log's word for the result of a request, and the word for people.
    pub(crate) results: [(&'static str, &'static str); 7],
    pub(crate) code: &'static str,
    pub(crate) request_id: &'static str,
    pub(crate) message: &'static str,

    pub(crate) instance_no: fn(&str) -> String,
    pub(crate) last_seen: &'static str,
    pub(crate) name: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) booted: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) never_seen: &'static str,
    pub(crate) all_of_it: &'static str,

    pub(crate) changes: &'static str,
    pub(crate) changes_hint: &'static str,
    pub(crate) no_change: &'static str,
    pub(crate) found: &'static str,
    pub(crate) seen_before: &'static str,

    pub(crate) nothing_held: &'static str,
    pub(crate) hold: &'static str,
    pub(crate) hold_a_rule: &'static str,
    pub(crate) hold_it: &'static str,
    pub(crate) until_hint: &'static str,
    pub(crate) your_name: &'static str,
    pub(crate) your_name_hint: &'static str,
    pub(crate) at_its_end: &'static str,
    pub(crate) make_up: &'static str,
    pub(crate) do_not_make_up: &'static str,
    pub(crate) made_up: &'static str,
    pub(crate) not_made_up: &'static str,
    pub(crate) release: &'static str,
    pub(crate) release_of: fn(&str) -> String,
    pub(crate) held_now: fn(i64) -> String,
    pub(crate) released_now: fn(i64) -> String,
    pub(crate) was_over: fn(i64) -> String,
    pub(crate) wrong_rule: &'static str,
    pub(crate) wrong_seal: &'static str,
    pub(crate) log_not_written: &'static str,
    pub(crate) has_passed: &'static str,
    pub(crate) too_far: fn(&str, &str) -> String,
    pub(crate) closed_by_wish: &'static str,
    pub(crate) closed_by_log: &'static str,
    pub(crate) closed_by_rules: &'static str,

    pub(crate) why: &'static str,
    pub(crate) why_at: &'static str,
    pub(crate) ask: &'static str,
    pub(crate) to_come: &'static str,
    pub(crate) state: &'static str,
    pub(crate) happened: &'static str,
    pub(crate) later: &'static str,
    pub(crate) rules_then: &'static str,
    pub(crate) not_known: &'static str,

    pub(crate) budget: &'static str,
    pub(crate) in_a_row: &'static str,
    pub(crate) in_12_months: &'static str,
    pub(crate) days_of: fn(f64, u32) -> String,
    pub(crate) at_least_of: fn(f64, u32) -> String,
    pub(crate) passes: &'static str,
    pub(crate) passed: &'static str,
    pub(crate) passes_never: &'static str,
    pub(crate) passes_unknown: &'static str,
    pub(crate) passes_on: fn(&str) -> String,
    pub(crate) passes_by: fn(&str) -> String,
    pub(crate) as_of: &'static str,
    pub(crate) unconfirmed: &'static str,

    pub(crate) report: &'static str,
    pub(crate) last_days: &'static str,
    pub(crate) wrong_span: &'static str,

    pub(crate) not_found: &'static str,
    pub(crate) not_found_hint: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) sign_in: &'static str,
    pub(crate) sign_in_hint: &'static str,
    pub(crate) token: &'static str,
    pub(crate) wrong_token: &'static str,

    pub(crate) stop: &'static str,
    pub(crate) start: &'static str,
    pub(crate) triggers: [(&'static str, &'static str); 3],
    pub(crate) open: &'static str,
    /// Left as it is, though nobody chose that.
    pub(crate) not_free: &'static str,
    /// An outcome, to people.
    pub(crate) outcome_of: fn(Outcome) -> &'static str,
}

impl Words {
    /// The one of two words that is of this language: English, Korean.
    pub(crate) fn either(&self, [english, korean]: [&'static str; 2]) -> &'static str {
        if self.tag == "ko" { korean } else { english }
    }

    /// `stop` or `start` for people; any other word of the log as it is.
    pub(crate) fn action_of<'a>(&self, action: &'a str) -> &'a str {
        match action {
            "stop" => self.stop,
            "start" => self.start,
            other => other,
        }
    }

    /// The result of a request, for people.
    pub(crate) fn result_of<'a>(&self, result: &'a str) -> &'a str {
        let known = self.results.iter().find(|(word, _)| *word == result);
        known.map_or(result, |(_, shown)| shown)
    }

    /// The trigger of a firing, for people.
    pub(crate) fn trigger_of<'a>(&self, trigger: &'a str) -> &'a str {
        let known = self.triggers.iter().find(|(word, _)| *word == trigger);
        known.map_or(trigger, |(_, shown)| shown)
    }
}
