//! The origin of a report's figures, for its page, and the links to it.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::words::HtmlWords;
use crate::model::instance::{InstanceNo, RuleName};
use crate::model::language::Language;
use crate::text::sanitize::harmless;

#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The path of the log.
    pub log: &'a str,
    pub made_at: DateTime<Utc>,
    /// The language of the reader.
    pub language: Language,
    /// The address of the pages: `""` on the page itself. `None`: names are no links.
    pub pages: Option<&'a str>,
}

impl Origin<'_> {
    pub(super) fn words(&self) -> HtmlWords {
        HtmlWords(self.language)
    }

    /// A server's name, as a link to its page.
    pub(super) fn server(&self, no: &InstanceNo, name: &str) -> Markup {
        self.linked(&format!("/servers/{no}"), name)
    }

    /// A rule's name, as a link to its page. The log may have names that no rule can have today.
    pub(super) fn rule(&self, name: &str) -> Markup {
        if RuleName::new(name).is_err() {
            return html! { (harmless(name)) };
        }
        self.linked(&format!("/rules/{name}"), name)
    }

    fn linked(&self, path: &str, name: &str) -> Markup {
        html! {
            @match self.pages {
                Some(pages) => a href={ (pages.trim_end_matches('/')) (path) } { (name) },
                None => (name),
            }
        }
    }
}
