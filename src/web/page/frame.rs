//! Draws the frame of every page: head, style, navigation.

use maud::{DOCTYPE, Markup, html};

use crate::time::zone::Zone;
use crate::web::words::Words;

pub(in crate::web) const STYLE: &str = concat!(
    include_str!("style.css"),
    // The report's own style. All its rules stand inside `.report`.
    include_str!("../../report/html/report.css"),
);

/// The path has the version in it, so that a new version is fetched anew.
pub(in crate::web) const STYLE_PATH: &str = concat!("/style-", env!("CARGO_PKG_VERSION"), ".css");

/// The language and the zone of a page.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Look {
    /// The words of the reader's language.
    pub(in crate::web) words: Words,
    /// The file's zone.
    pub(in crate::web) zone: Zone,
}

impl Look {
    pub(super) fn page(self, title: &str, content: &Markup) -> Markup {
        frame(self.words, Some(self.zone), title, content)
    }
}

/// A whole page that shows no time.
pub(super) fn timeless(words: Words, title: &str, content: &Markup) -> Markup {
    frame(words, None, title, content)
}

fn frame(words: Words, zone: Option<Zone>, title: &str, content: &Markup) -> Markup {
    let pages = [
        ("/", words.tonight()),
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
                title { (title) " · lightsout" }
                link rel="stylesheet" href=(STYLE_PATH);
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
                    h1 { (title) }
                    (content)
                }
                footer {
                    p {
                        "lightsout " (env!("CARGO_PKG_VERSION"))
                        @if let Some(zone) = zone { " · " (words.times_in(zone.name())) }
                    }
                }
            }
        }
    }
}
