//! Checks `disabled_since` and `disabled_because`.

use chrono::NaiveDate;

use super::Check;
use crate::schedule::hint::Hint;
use crate::schedule::raw::Text;
use crate::schedule::rule::Disabled;
use crate::time::spoken;

impl Check<'_> {
    /// The day and the reason, if they can be read and `is_disabled` holds.
    pub(super) fn disabled(
        &mut self,
        since: Option<Text>,
        because: Option<Text>,
        is_disabled: bool,
    ) -> Option<Disabled> {
        let given = [("disabled_because", &because), ("disabled_since", &since)];
        let given = given.map(|(key, value)| value.as_ref().map(|value| (key, value.span())));
        for (key, span) in given.into_iter().flatten().filter(|_| !is_disabled) {
            let message = format!("`{key}` is said of a rule that is enabled");
            self.error(span, message, format!("add `enabled = false`, or remove `{key}`"));
        }
        let since = match since {
            Some(since) => Some(self.day(&since)?),
            None => None,
        };
        Some(Disabled { since, because: because.map(toml::Spanned::into_inner) })
    }

    pub(super) fn day(&mut self, text: &Text) -> Option<NaiveDate> {
        let day = NaiveDate::parse_from_str(text.get_ref(), "%Y-%m-%d").ok();
        // chrono also reads `2026-1-2`, which the schema does not allow.
        let day = day.filter(|day| day.to_string() == *text.get_ref());
        if day.is_none() {
            let message = format!("`{}` is no day", text.get_ref());
            let hint = match spoken::date(text.get_ref()).map(|day| day.to_string()) {
                Some(day) => Hint::write(&day, self.source.rewriting(text, &day)),
                None => "a day is written with year, month and day: `YYYY-MM-DD`".into(),
            };
            self.error(text.span(), message, hint);
        }
        day
    }
}
