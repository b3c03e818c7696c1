//! Draws one server: its state, what comes next, the control that holds it, the cause in a sentence.
//! Everything else is folded.
//!
//! [`crate::web::instance`] collects the data.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::budget::budget;
use super::frame::{Look, Page};
use super::hold::hold_link;
use super::holds::{Whom, holds, trouble};
use super::parts::{Text, facts};
use super::servers::{firing, held, state};
use super::why::{WhyPart, why};
use crate::audit::{HistoryLine, LastState};
use crate::cloud::codes;
use crate::hold::HoldEntry;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;
use crate::schedule::budget::Budget;
use crate::servers::ServerNow;
use crate::stop_limit::InstanceBudget;
use crate::text::normal_form::same;
use crate::web::filter::address;
use crate::web::forms::{Forms, FormsClosed};

#[derive(Debug)]
pub(in crate::web) struct InstancePage<'a> {
    pub(in crate::web) no: InstanceNo,
    /// The server as it is now, in each account that has this number.
    pub(in crate::web) servers: Vec<ServerNow>,
    /// The last state in each account that has this number.
    pub(in crate::web) last_states: Vec<LastState>,
    /// The newest lines about the instance.
    pub(in crate::web) lines: Vec<HistoryLine>,
    /// All holds in force, also those of others.
    pub(in crate::web) holds: Vec<HoldEntry>,
    /// The names of the rules that mean the instance now, as far as the log knows.
    pub(in crate::web) meant_by: BTreeSet<String>,
    /// The rules can be read, so a hold can be set.
    pub(in crate::web) has_rules: bool,
    pub(in crate::web) why: WhyPart,
    pub(in crate::web) limits: Budget,
    /// The stop budget in each account; empty when no rules are known.
    pub(in crate::web) budgets: &'a [InstanceBudget<'a>],
    pub(in crate::web) forms: Forms,
}

pub(in crate::web) fn instance(look: Look, page: &InstancePage<'_>) -> Page {
    let words = look.words;
    let (no, name) = (page.no.as_str(), page.name());
    let forms = page.forms();
    let content = html! {
        @for server in &page.servers { (facts(&as_it_is(look, server))) }
        @if page.last_states.is_empty() { p { (words.never_seen()) } }
        @if forms.closed.is_none() {
            p { (hold_link(words, &Subject::Instance(no.to_owned()), name)) }
        }
        (why(look, no, &page.why))
        @let on_it = page.holds_on_it();
        @if !on_it.is_empty() || forms.done.is_some() || forms.closed.is_some() {
            (holds(look, &forms, &on_it, Whom::Instance(&page.no)))
        }
        (budget(look, &page.limits, page.budgets))
        @if !page.last_states.is_empty() {
            details {
                summary { (words.last_seen()) }
                @for sighting in &page.last_states { (facts(&about(look, sighting))) }
            }
        }
        details #history {
            summary { (words.history()) }
            @if page.lines.is_empty() {
                p { (words.no_line()) }
            } @else {
                (look.lines(words.history(), &page.lines))
            }
        }
        p { a href=(address(&[("instance", no)])) { (words.all_of_it()) } }
    };
    let heading = html! { (Text(name)) @if name != no { " " span.number { (no) } } };
    let title = crate::text::sanitize::harmless(name);
    look.page(&title, content).with_heading(heading).with_alert(trouble(words, &page.forms))
}

/// The state, what comes next and the hold.
fn as_it_is(look: Look, server: &ServerNow) -> [(&'static str, Markup); 4] {
    let words = look.words;
    let stop = match (&server.next_stop, &server.rules) {
        (Some(stop), _) => firing(look, stop),
        _ if server.is_not_known_yet() => html! { (words.not_known_yet()) },
        (None, Some(rules)) if rules.is_empty() => html! { (words.no_rule_means_it()) },
        (None, _) => html! {},
    };
    let start = html! {
        @if let Some(start) = &server.next_start { (firing(look, start)) }
    };
    [
        (words.state(), state(look, server)),
        (words.next_stop(), stop),
        (words.next_start(), start),
        (words.held(), held(look, server)),
    ]
}

impl InstancePage<'_> {
    /// The name when last seen, or in a firing; the number when it has none.
    fn name(&self) -> &str {
        let seen = self.last_states.iter().map(|seen| &seen.instance_name);
        let found = self.lines.iter().filter_map(|line| line.instance_name.as_ref());
        let mut names = seen.chain(found).filter(|name| !name.is_empty());
        names.next().map_or(self.no.as_str(), String::as_str)
    }

    fn forms(&self) -> Forms {
        let without_rules = (!self.has_rules).then_some(FormsClosed::Rules);
        Forms { closed: self.forms.closed.or(without_rules), ..self.forms.clone() }
    }

    /// The holds that keep rules from this instance.
    fn holds_on_it(&self) -> Vec<HoldEntry> {
        self.holds.iter().filter(|entry| self.is_about(&entry.hold.subject)).cloned().collect()
    }

    fn is_about(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Rule(name) => self.meant_by.contains(name),
            Subject::Instance(name) => {
                name == self.no.as_str()
                    || self.last_states.iter().any(|seen| same(&seen.instance_name, name))
            }
            Subject::Tagged { account, no, .. } => {
                *no == self.no
                    && self.last_states.iter().any(|seen| seen.account == account.as_str())
            }
        }
    }
}

fn about(look: Look, sighting: &LastState) -> [(&'static str, Markup); 7] {
    let words = look.words;
    [
        (words.name(), html! { (Text(&sighting.instance_name)) }),
        (words.account(), html! { (Text(&sighting.account)) }),
        (words.region(), html! { (Text(&sighting.region)) }),
        (words.status(), html! { (Text(&sighting.status)) }),
        (
            words.operation(),
            html! {
                @if !codes::is_no_operation(&sighting.operation) { (Text(&sighting.operation)) }
            },
        ),
        (words.booted(), html! { @if let Some(at) = &sighting.booted_at { (look.time(at)) } }),
        (words.seen(), look.time(&sighting.seen_at)),
    ]
}
