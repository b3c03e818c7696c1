//! Draws the frame of every page: head, style, navigation, foot.
//!
//! What a page shows is decided by whoever makes its [`Page`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, html};

use crate::model::language::Language;
use crate::time::zone::Zone;
use crate::web::language;
use crate::web::words::{RuleWords, Words};

pub(in crate::web) const STYLE: &str = concat!(
    include_str!("style.css"),
    // The report's own style. All its rules stand inside `.report`.
    include_str!("../../report/html/report.css"),
);

/// The path has the version in it, so that a new version is fetched anew.
pub(in crate::web) const STYLE_PATH: &str = concat!("/style-", env!("CARGO_PKG_VERSION"), ".css");

/// The icon of a page: when all is well, and when something needs somebody.
pub(in crate::web) const ICONS: [(&str, &str); 2] = [
    (concat!("/icon-", env!("CARGO_PKG_VERSION"), ".svg"), include_str!("icon.svg")),
    (
        concat!("/icon-trouble-", env!("CARGO_PKG_VERSION"), ".svg"),
        include_str!("icon-trouble.svg"),
    ),
];

/// Keeps what somebody types from the next time that the browser asks for the page.
pub(in crate::web) const TYPING: (&str, &str) =
    (concat!("/typing-", env!("CARGO_PKG_VERSION"), ".js"), include_str!("typing.js"));

/// The pause before a browser asks again for a page on which something is open.
const WHILE_OPEN: Duration = Duration::from_secs(15);
/// The same when nothing is open.
const WHILE_QUIET: Duration = Duration::from_secs(300);

/// The language, the zone and the time of a page.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Look {
    /// The words of the reader's language.
    pub(in crate::web) words: Words,
    /// The file's zone.
    pub(in crate::web) zone: Zone,
    pub(in crate::web) now: DateTime<Utc>,
}

/// A page whose frame is still to be drawn.
#[derive(Debug)]
pub(in crate::web) struct Page {
    words: Words,
    zone: Option<Zone>,
    title: String,
    /// The heading, where it has more in it than the title.
    heading: Option<Markup>,
    /// The error of a form. It stands before everything else.
    alert: Option<String>,
    content: Markup,
    troubles: usize,
    refresh: Option<Duration>,
}

impl Look {
    pub(super) fn page(self, title: &str, content: Markup) -> Page {
        Page { zone: Some(self.zone), ..timeless(self.words, title, content) }
    }
}

/// A whole page that shows no time.
pub(super) fn timeless(words: Words, title: &str, content: Markup) -> Page {
    let title = title.to_owned();
    let (heading, alert) = (None, None);
    Page { words, zone: None, title, heading, alert, content, troubles: 0, refresh: None }
}

impl Page {
    /// The number of things that need somebody. The title and the icon carry it, so that a tab in
    /// the background tells of it.
    pub(super) fn with_troubles(self, troubles: usize) -> Self {
        Self { troubles, ..self }
    }

    pub(super) fn with_heading(self, heading: Markup) -> Self {
        Self { heading: Some(heading), ..self }
    }

    /// Puts the error of a form before everything else.
    pub(super) fn with_alert(self, alert: Option<String>) -> Self {
        Self { alert, ..self }
    }

    /// Makes browsers ask again by themselves: soon while something is open.
    pub(super) fn refreshed(self, is_open: bool) -> Self {
        Self { refresh: Some(if is_open { WHILE_OPEN } else { WHILE_QUIET }), ..self }
    }

    /// The pause before a browser asks again; `None` for a page that stays as it is.
    pub(in crate::web) fn refresh(&self) -> Option<Duration> {
        self.refresh
    }

    /// Draws the page with its frame. `address` is the page's own, with its query.
    pub(in crate::web) fn draw(&self, address: &str, now: DateTime<Utc>) -> Markup {
        let (words, title) = (self.words, &self.title);
        let (icon, _) = ICONS[usize::from(self.troubles > 0)];
        let rule_words = RuleWords::of(words.0);
        let pages = [
            ("/", words.tonight()),
            ("/servers", words.servers()),
            ("/rules", rule_words.rules()),
            ("/week", rule_words.week()),
            ("/history", words.history()),
            ("/changes", words.changes()),
            ("/report", words.report()),
        ];
        html! {
            (DOCTYPE)
            html lang=(words.0.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title {
                        @if self.alert.is_some() { (words.error()) ": " }
                        @if self.troubles > 0 { "(" (self.troubles) ") " }
                        (title) " · lightsout"
                    }
                    link rel="stylesheet" href=(STYLE_PATH);
                    link rel="icon" type="image/svg+xml" href=(icon);
                }
                body {
                    a.skip href="#content" { (words.skip_to_content()) }
                    header {
                        nav aria-label=(words.navigation()) {
                            @for (address, name) in pages {
                                a href=(address) aria-current=[(title == name).then_some("page")] {
                                    (name)
                                }
                            }
                        }
                    }
                    main #content tabindex="-1" {
                        @if let Some(alert) = &self.alert { p.doubt role="alert" { (alert) } }
                        h1 { @match &self.heading { Some(it) => (it), None => (title) } }
                        (self.content)
                    }
                    footer {
                        p {
                            "lightsout " (env!("CARGO_PKG_VERSION"))
                            @if let Some(zone) = self.zone {
                                " · " (words.times_in(zone.name()))
                                " · " (words.as_of_time(&zone.show(now).format("%T").to_string()))
                            }
                        }
                        (languages(words, address))
                    }
                }
            }
        }
    }
}

/// The switch between the languages. Each stands in its own.
fn languages(words: Words, address: &str) -> Markup {
    let one = |language: Language| {
        let (tag, name) = (language.tag(), language.name());
        html! {
            @if language == words.0 {
                span lang=(tag) aria-current="true" { (name) }
            } @else {
                a href=(language::address(language, address)) lang=(tag) hreflang=(tag) { (name) }
            }
        }
    };
    html! {
        nav.languages aria-label=(words.language()) {
            (one(Language::Korean)) span aria-hidden="true" { "·" } (one(Language::English))
        }
    }
}
