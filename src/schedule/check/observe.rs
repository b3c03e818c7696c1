//! Checks `[observe]`, and `on_manual_start` of a rule.

use std::time::Duration;

use toml::Spanned;

use super::{Check, Defaults, firings};
use crate::model::instance::Action;
use crate::schedule::hint::Hint;
use crate::schedule::observe::{EVERY, LEAST, OnManualStart};
use crate::schedule::raw::{self, Text};
use crate::text::did_you_mean::nearest;
use crate::time::duration::{parse_duration, written};

/// The word of `every` for never.
const OFF: &str = "off";

pub(super) fn is_off(observe: &raw::Observe) -> bool {
    observe.every.as_ref().is_some_and(|every| every.get_ref() == OFF)
}

impl Check<'_> {
    /// The interval of a daemon's observations; `None` for never.
    pub(super) fn observe(&mut self, observe: Option<raw::Observe>) -> Option<Duration> {
        match observe.and_then(|observe| observe.every) {
            Some(every) if every.get_ref() == OFF => None,
            Some(every) if parse_duration(every.get_ref()).is_err() => {
                let message = format!("`{}` is no time to look again after", every.get_ref());
                self.error(
                    every.span(),
                    message,
                    "a number and its unit, `s`, `m`, `h` or `d`; or `off` for never",
                );
                None
            }
            Some(every) => self.at_least_a_minute(&every),
            None => Some(EVERY),
        }
    }

    /// The reaction to a start by somebody else. A rule that stops nothing must not have one.
    pub(super) fn on_manual_start(
        &mut self,
        text: Option<Text>,
        rule: &firings::Written,
        defaults: &Defaults,
    ) -> Option<OnManualStart> {
        let Some(text) = text else { return Some(OnManualStart::default()) };
        if rule.is_only(Action::Start) {
            let hint = "it belongs into a rule with `action = \"stop\"`";
            self.error(text.span(), "a rule that starts has nothing against a start", hint);
            return None;
        }
        let made = self.made_of_a_start(&text)?;
        if defaults.never_looks && made != OnManualStart::Leave {
            let message = "nothing comes of this: with `every = \"off\"`, nobody sees such a start";
            let hint = "write `every = \"15m\"` in `[observe]`, or leave `every` out";
            self.problems.push(self.source.warning(text.span(), message, hint));
        }
        Some(made)
    }

    fn made_of_a_start(&mut self, text: &Text) -> Option<OnManualStart> {
        let said = text.get_ref();
        let mut words = said.split_whitespace();
        match (words.next().unwrap_or_default(), words.next(), words.next()) {
            ("leave", None, _) => Some(OnManualStart::Leave),
            ("notify", None, _) => Some(OnManualStart::Notify),
            ("stop_after", Some(after), None) => {
                let after = Spanned::new(text.span(), after.to_owned());
                self.at_least_a_minute(&after).map(OnManualStart::StopAfter)
            }
            (first, ..) => {
                let words = ["leave", "notify", "stop_after"];
                let is_alone = said.split_whitespace().count() == 1;
                let hint = match nearest(first, words) {
                    Some("stop_after") => {
                        "say after how long: `\"stop_after 2h\"` leaves it for two hours".into()
                    }
                    Some(near) if is_alone => Hint::meant(near, self.source.rewriting(text, near)),
                    _ => "write `\"leave\"`, `\"notify\"` or `\"stop_after 2h\"`".into(),
                };
                let message = format!("`on_manual_start` cannot be `{said}`");
                self.error(text.span(), message, hint);
                None
            }
        }
    }

    fn at_least_a_minute(&mut self, text: &Text) -> Option<Duration> {
        let length = self.duration(text, parse_duration)?;
        if length < LEAST {
            let message = format!("`{}` is less than a minute", text.get_ref());
            self.error(text.span(), message, format!("at least `{}`", written(LEAST)));
            return None;
        }
        Some(length)
    }
}
