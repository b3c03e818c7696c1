//! Checks the action and the times of a rule: `action` and `cron`, or a window.

use toml::Spanned;

use super::{Check, days, window};
use crate::model::instance::Action;
use crate::schedule::calendar::Days;
use crate::schedule::cron::{Cron, with_zone};
use crate::schedule::edit::quoted;
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::overrides::Overrides;
use crate::schedule::raw::Text;
use crate::schedule::times::{Pattern, Times};
use crate::time::zone::Zone;

/// A rule that fires this often within an hour is probably a mistake.
const OFTEN: usize = 60;

/// The keys about action and times, as a rule writes them.
pub(super) struct Written {
    pub(super) action: Option<Spanned<Action>>,
    pub(super) cron: Option<Text>,
    pub(super) timezone: Option<Text>,
    /// Whether the rule has a purpose in words. Its times are then meant, however unusual.
    pub(super) is_meant: bool,
    pub(super) days: days::Written,
    pub(super) window: window::Written,
}

impl Written {
    pub(super) fn is_window(&self) -> bool {
        self.window.off.is_some() || self.window.off_days.is_some()
    }

    /// Whether the rule does this and nothing else, as far as it can be read.
    pub(super) fn is_only(&self, action: Action) -> bool {
        let written = self.action.as_ref().map(|action| *action.get_ref());
        !self.is_window() && written == Some(action)
    }
}

/// An expression, or the one that was meant.
fn read_or_mended(text: &str) -> Option<String> {
    let Err(error) = text.parse::<Cron>() else { return Some(text.to_owned()) };
    let (span, new) = error.fix?;
    let meant = format!("{}{new}{}", &text[..span.start], &text[span.end..]);
    meant.parse::<Cron>().ok().map(|_| meant)
}

impl Check<'_> {
    /// The actions of a rule with their times: two if it is a window. `None` after a problem.
    pub(super) fn firings(&mut self, written: Written, zone: Zone) -> Option<Vec<(Action, Times)>> {
        let key = match &written.window {
            window::Written { off: Some(_), .. } => "off",
            window::Written { off_days: Some(_), .. } => "off_days",
            _ => {
                let span = written.cron.as_ref().map(Spanned::span);
                let named = written.timezone.as_ref();
                let cron = written.cron.and_then(|text| {
                    let cron = self.cron(&text, named)?;
                    if !written.is_meant {
                        self.doubt_times(&cron, &text);
                    }
                    Some(cron)
                });
                let days = self.days_of_rule(written.days, zone);
                let times = Times {
                    pattern: Pattern::Cron(cron?),
                    days: days?,
                    overrides: Overrides::NONE,
                };
                let can_fire = self.can_fire(&times, zone, span?);
                let action = written.action.filter(|_| can_fire)?;
                return Some(vec![(action.into_inner(), times)]);
            }
        };
        let stands_alone = self.window_stands_alone(&written, key);
        let window = self.window(written.window, zone).filter(|_| stands_alone)?;
        let times = |action| {
            let pattern = Pattern::Window(window.clone(), action);
            (action, Times { pattern, days: Days::ALL, overrides: Overrides::NONE })
        };
        Some([Action::Stop, Action::Start].map(times).into())
    }

    /// Whether a window has no `action` and no `cron` beside it. `key` is its first key.
    fn window_stands_alone(&mut self, written: &Written, key: &str) -> bool {
        let by_itself = "a window stops when it begins and starts when it ends: remove `action`";
        let either = "a window has no other times: remove one of the two";
        let no_window = "a window needs neither: remove both, or make two rules of it";
        let as_days = "what is off as a whole is named by `off_days`: weekdays and calendars";
        let days = &written.days;
        let action = written.action.as_ref().map(Spanned::span);
        let cron = written.cron.as_ref().map(Spanned::span);
        let by_cron = match (action, cron) {
            (Some(action), Some(_)) => ("action` and `cron", Some(action), no_window),
            (Some(action), None) => ("action", Some(action), by_itself),
            (None, cron) => ("cron", cron, either),
        };
        let given = [
            by_cron,
            ("skip_on", days.skip_on.as_ref().map(Spanned::span), as_days),
            ("only_on", days.only_on.as_ref().map(Spanned::span), as_days),
            ("on", days.on.as_ref().map(Spanned::span), as_days),
        ];
        let mut stands_alone = true;
        for (other, span, hint) in given {
            if let Some(span) = span {
                self.error(span, format!("`{other}` cannot stand beside `{key}`"), hint);
                stands_alone = false;
            }
        }
        stands_alone
    }

    /// `named`: the zone in a key of its own, if there is one.
    pub(super) fn cron(&mut self, text: &Text, named: Option<&Text>) -> Option<Cron> {
        let read = self.crons.entry(text.get_ref().clone()).or_insert_with_key(|key| key.parse());
        let error = match read.clone() {
            Ok(cron) => {
                self.warn_if_often(&cron, text);
                return Some(cron);
            }
            Err(error) => error,
        };
        let span = self.source.within(text, error.span.clone());
        let hint = match &error.fix {
            Some((part, new)) => {
                Hint::fixing(&*error.hint, self.source.replacing(text, part.clone(), new))
            }
            None if self.source.has_said_enough() => "".into(),
            None => self.with_zone(text, named).unwrap_or_else(|| error.hint.as_str().into()),
        };
        self.error(span, error.to_string(), hint);
        None
    }

    /// The hint for an expression that names its zone.
    fn with_zone(&self, text: &Text, named: Option<&Text>) -> Option<Hint> {
        let (zone, expression) = with_zone(text.get_ref())?;
        let zone = match zone.parse::<Zone>() {
            Ok(zone) => zone.name(),
            Err(unknown) => unknown.near()?,
        };
        let quoted_cron = quoted(&read_or_mended(expression)?);
        if let Some(named) = named {
            let words = format!("`timezone` says so already: write `cron = {quoted_cron}`");
            let is_same = named.get_ref() == zone;
            return is_same.then(|| Hint::fixing(words, Fix::new(text.span(), quoted_cron)));
        }
        let line = self.source.text[..text.span().start].rsplit('\n').next()?;
        let (indent, key) = line.split_at(line.len() - line.trim_start().len());
        let is_alone = key
            .split_once('=')
            .is_some_and(|(key, rest)| key.trim() == "cron" && rest.trim().is_empty());
        let quoted_zone = quoted(zone);
        let words = format!(
            "the zone has a key of its own: `cron = {quoted_cron}`, and below it \
             `timezone = {quoted_zone}`"
        );
        let both = format!("{quoted_cron}\n{indent}timezone = {quoted_zone}");
        is_alone.then(|| Hint::fixing(words, Fix::new(text.span(), both)))
    }

    fn warn_if_often(&mut self, cron: &Cron, text: &Text) {
        let times = cron.times_an_hour();
        if times < OFTEN {
            return;
        }
        let often = if times == OFTEN { "sixty".to_owned() } else { times.to_string() };
        let message = format!("`{cron}` fires {often} times an hour");
        let hint = match cron.as_str().split_whitespace().collect::<Vec<_>>().as_slice() {
            ["*", rest @ ..] if rest.len() == 4 && rest[0] != "*" => {
                let once = format!("0 {}", rest.join(" "));
                let words = format!("`{once}` fires once, at the full hour");
                Hint::fixing(words, self.source.rewriting(text, &once))
            }
            _ => "once is enough: give second and minute as single numbers".into(),
        };
        let problem = self.source.warning(text.span(), message, hint);
        self.problems.push(problem);
    }
}
