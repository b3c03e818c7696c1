//! The filters of the history in a URL, named like the flags of `lightsout history`.
//!
//! `audit::query` reads the lines.

use chrono::{DateTime, Utc};
use url::form_urlencoded;

use crate::audit::{HistoryFilter, HistoryPlace, Wanted};
use crate::time::time_input::{self, Side};
use crate::time::zone::Zone;

/// The usual number of lines on a page.
const USUAL: u32 = 50;
/// The largest number of lines on a page.
const MOST: u32 = 500;

/// The largest number of lines in a file.
pub(super) const MOST_IN_A_FILE: u32 = 10_000;

/// A filter as it was typed. An empty field filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) rule: String,
    pub(super) instance: String,
    pub(super) outcome: String,
    pub(super) since: String,
    pub(super) until: String,
    pub(super) limit: String,
    after: Option<HistoryPlace>,
}

/// A field that makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FilterError {
    Outcome,
    Since,
    Until,
    Limit,
}

impl Typed {
    /// Reads a query. The last of two equal names counts; unknown names are ignored.
    pub(super) fn read(query: &str) -> Self {
        let mut typed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if name == "after" {
                typed.after = place(value);
            } else if let Some(field) = typed.field(&name) {
                value.clone_into(field);
            }
        }
        typed
    }

    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "rule" => &mut self.rule,
            "instance" => &mut self.instance,
            "outcome" => &mut self.outcome,
            "since" => &mut self.since,
            "until" => &mut self.until,
            "limit" => &mut self.limit,
            _ => return None,
        })
    }

    /// The filter for the log. It reads one line more than is shown, to see whether there are more.
    pub(super) fn filter(
        &self,
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Result<HistoryFilter, FilterError> {
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        let time = |text: &str, wrong| match text {
            "" => Ok(None),
            text => time_input::parse(text, zone, now, Side::Last).map(Some).map_err(|_| wrong),
        };
        let outcomes = Wanted::list(&self.outcome).map_err(|_| FilterError::Outcome)?;
        Ok(HistoryFilter {
            rule: text(&self.rule),
            instance: text(&self.instance),
            outcomes,
            since: time(&self.since, FilterError::Since)?,
            until: time(&self.until, FilterError::Until)?,
            after: self.after,
            limit: self.lines().ok_or(FilterError::Limit)? + 1,
        })
    }

    pub(super) fn lines(&self) -> Option<u32> {
        match &*self.limit {
            "" => Some(USUAL),
            number => number.parse().ok().filter(|number| (1..=MOST).contains(number)),
        }
    }

    /// The values of the fields that are not empty, but for the outcomes.
    pub(super) fn values(&self) -> Vec<&str> {
        let fields = [&self.rule, &self.instance, &self.since, &self.until, &self.limit];
        fields.into_iter().map(String::as_str).filter(|field| !field.is_empty()).collect()
    }

    /// Whether this is not the first page.
    pub(super) fn is_continued(&self) -> bool {
        self.after.is_some()
    }

    /// The address of the first page with this filter.
    pub(super) fn first_page(&self) -> String {
        self.address(None)
    }

    /// The address of the page that follows a line.
    pub(super) fn page_after(&self, place: HistoryPlace) -> String {
        self.address(Some(place))
    }

    /// The filter without what is about pages.
    pub(super) fn of_a_file(&self) -> Self {
        Self { limit: String::new(), after: None, ..self.clone() }
    }

    /// The address of a file with the newest lines.
    pub(super) fn file(&self, is_for_excel: bool) -> String {
        let page = self.of_a_file().first_page();
        let query = page.split_once('?').map_or("", |(_, query)| query);
        match (is_for_excel, query) {
            (false, "") => "/history.csv".to_owned(),
            (false, query) => format!("/history.csv?{query}"),
            (true, "") => "/history.csv?excel=1".to_owned(),
            (true, query) => format!("/history.csv?{query}&excel=1"),
        }
    }

    fn address(&self, after: Option<HistoryPlace>) -> String {
        let after = after.map(|place| format!("{}.{}", place.firing, place.line));
        address(&[
            ("rule", &self.rule),
            ("instance", &self.instance),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("until", &self.until),
            ("limit", &self.limit),
            ("after", &after.unwrap_or_default()),
        ])
    }
}

/// The address of the history with some filters.
pub(super) fn address(filters: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(filters.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => "/history".to_owned(),
        query => format!("/history?{query}"),
    }
}

fn place(text: &str) -> Option<HistoryPlace> {
    let (firing, line) = text.split_once('.')?;
    Some(HistoryPlace { firing: firing.parse().ok()?, line: line.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::outcome::Outcome;

    fn filter(query: &str) -> Result<HistoryFilter, FilterError> {
        Typed::read(query).filter(Zone::UTC, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_query_is_what_the_command_s_flags_are() {
        let all = || HistoryFilter { limit: 51, ..HistoryFilter::default() };
        let text = |text: &str| Some(text.to_owned());
        let timed_out = Wanted::Outcome(Outcome::TimedOut);
        let noon = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(12);
        for (query, expected) in [
            ("", Ok(all())),
            ("rule=&instance=+&x=y&after=7", Ok(all())),
            ("rule=night&rule=day", Ok(HistoryFilter { rule: text("day"), ..all() })),
            ("instance=%EA%B0%9C", Ok(HistoryFilter { instance: text("개"), ..all() })),
            ("outcome=timed_out", Ok(HistoryFilter { outcomes: vec![timed_out], ..all() })),
            (
                "outcome=held,+timed_out",
                Ok(HistoryFilter { outcomes: vec![Wanted::Held, timed_out], ..all() }),
            ),
            ("outcome=trouble", Ok(HistoryFilter { outcomes: vec![Wanted::Trouble], ..all() })),
            ("since=1970-01-01+12:00", Ok(HistoryFilter { since: Some(noon), ..all() })),
            ("limit=500", Ok(HistoryFilter { limit: 501, ..all() })),
            (
                "after=7.9",
                Ok(HistoryFilter { after: Some(HistoryPlace { firing: 7, line: 9 }), ..all() }),
            ),
            ("outcome=late", Err(FilterError::Outcome)),
            ("since=some+day", Err(FilterError::Since)),
            ("until=x", Err(FilterError::Until)),
            ("limit=0", Err(FilterError::Limit)),
            ("limit=501", Err(FilterError::Limit)),
            ("limit=-1", Err(FilterError::Limit)),
        ] {
            assert_eq!(filter(query), expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_the_reader_panic(query in ".*") {
            drop(filter(&query));
        }

        #[test]
        fn the_address_of_a_filter_leads_back_to_it(rule in ".*", since in ".*", line: i64) {
            let typed = Typed {
                rule: rule.trim().to_owned(),
                since: since.trim().to_owned(),
                ..Typed::default()
            };
            let place = HistoryPlace { firing: 1, line };
            let address = typed.page_after(place);
            let query = address.strip_prefix("/history?").unwrap();
            prop_assert_eq!(Typed::read(query), Typed { after: Some(place), ..typed });
        }
    }
}
