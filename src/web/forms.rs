//! The state of the forms that write: their input, their errors, their result, and the reasons why
//! there may be no form.
//!
//! [`super::hold`] does what a form asks for. [`super::page`] draws it.

use chrono::{DateTime, Utc};
use url::form_urlencoded;

use crate::hold::HoldEntry;
use crate::hold::end_time::UntilError;
use crate::model::ids::HoldId;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;

/// The page on which one rule or one server is held.
pub(super) const HOLD_PATH: &str = "/hold";

/// The most letters in a reason. The reason stays in the log, and every server that the hold keeps
/// from being stopped repeats it.
pub(super) const LONGEST_WHY: usize = 200;
/// The most letters in a name, so that the address after it stays in sight.
pub(super) const LONGEST_WHO: usize = 60;

#[derive(Clone, Debug)]
pub(super) struct Forms {
    /// The reason why there is no form.
    pub(super) closed: Option<FormsClosed>,
    /// The sealed text in each form, checked by [`super::csrf`].
    pub(super) seal: String,
    /// The name that is recorded, where a trusted proxy gives it. Nobody types one then.
    pub(super) user: Option<String>,
    pub(super) typed: TypedHold,
    pub(super) wrong: Option<FormError>,
    pub(super) done: Option<FormDone>,
    /// The thing that the result is about.
    pub(super) about: DoneAbout,
}

/// The thing that the result of a form is about.
#[derive(Clone, Debug, Default)]
pub(super) struct DoneAbout {
    pub(super) name: String,
    /// Whether any hold on it is in force.
    pub(super) is_held: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormsClosed {
    /// The page was started as read-only.
    ReadOnly,
    /// There is no log, or this process may not write it.
    Log,
    /// The rules cannot be read, so nobody knows what may be held.
    Rules,
}

/// A hold as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TypedHold {
    /// The sealed text of the form.
    pub(super) seal: String,
    /// The rule; empty when an instance is held.
    pub(super) rule: String,
    /// The number of the instance; empty when a rule is held.
    pub(super) instance: String,
    /// Empty: tonight.
    pub(super) until: String,
    pub(super) why: String,
    pub(super) who: String,
    /// `skip` drops actions that fall into the hold; anything else defers them.
    pub(super) then: String,
    /// `hold`: the form that releases a hold stands on the page that sets it.
    pub(super) from: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FormError {
    /// The form lay open for too long, or belongs to another process.
    Seal,
    Rule,
    /// The end of the hold is not allowed.
    Until(UntilError),
    /// Why the log could not be written.
    Log(String),
}

/// The result of a form, with the number of the hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormDone {
    Held(i64),
    /// Nothing was recorded: this hold lasts at least as long.
    Already(i64),
    Released(i64),
    /// Somebody released the hold before, or it had ended.
    WasOver(i64),
}

impl TypedHold {
    /// Reads a form; the last of two equal names counts. Control characters are dropped: no browser
    /// sends them in a field of one line.
    pub(super) fn read(body: &[u8]) -> Self {
        let mut typed = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let field = match &*name {
                "seal" => &mut typed.seal,
                "rule" => &mut typed.rule,
                "instance" => &mut typed.instance,
                "until" => &mut typed.until,
                "why" => &mut typed.why,
                "who" => &mut typed.who,
                "then" => &mut typed.then,
                "from" => &mut typed.from,
                _ => continue,
            };
            let seen: String = value.chars().filter(|c| !c.is_control()).collect();
            seen.trim().clone_into(field);
        }
        typed
    }

    /// Whether a field is longer than a browser would let anybody type.
    pub(super) fn is_too_long(&self) -> bool {
        self.why.chars().count() > LONGEST_WHY || self.who.chars().count() > LONGEST_WHO
    }

    /// The address of the page that the form holds on; `None` when no page has such a form.
    pub(super) fn hold_page(&self) -> Option<String> {
        if self.instance.is_empty() {
            return Some(hold_address(&Subject::Rule(self.rule.clone())));
        }
        let no = InstanceNo::new(self.instance.as_str()).ok()?;
        Some(hold_address(&Subject::Instance(no.to_string())))
    }

    /// The address of the page that the form releases on; `None` when no page has such a form.
    pub(super) fn release_page(&self) -> Option<String> {
        match &*self.from {
            "hold" => self.hold_page(),
            _ if self.instance.is_empty() => Some("/".to_owned()),
            _ => Some(format!("/servers/{}", InstanceNo::new(self.instance.as_str()).ok()?)),
        }
    }

    /// Whether actions that fall into the hold are dropped, not deferred.
    pub(super) fn is_skipped(&self) -> bool {
        self.then == "skip"
    }
}

/// The address of the page on which a rule is held, or a server by its number.
pub(super) fn hold_address(subject: &Subject) -> String {
    let (name, value) = match subject {
        Subject::Rule(rule) => ("rule", rule.as_str()),
        Subject::Instance(no) => ("server", no.as_str()),
        Subject::Tagged { no, .. } => ("server", no.as_str()),
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    format!("{HOLD_PATH}?{}", query.append_pair(name, value).finish())
}

impl FormDone {
    /// Reads the result from the address of a page.
    pub(super) fn read(query: &str) -> Option<Self> {
        form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| {
            let hold = value.parse().ok()?;
            match &*name {
                "held" => Some(Self::Held(hold)),
                "already" => Some(Self::Already(hold)),
                "released" => Some(Self::Released(hold)),
                "over" => Some(Self::WasOver(hold)),
                _ => None,
            }
        })
    }

    pub(super) fn hold(self) -> HoldId {
        let (Self::Held(hold) | Self::Already(hold) | Self::Released(hold) | Self::WasOver(hold)) =
            self;
        hold.into()
    }

    /// Whether the log confirms the result. Anybody can write an address.
    pub(super) fn is_so(self, entry: &HoldEntry, now: DateTime<Utc>) -> bool {
        match self {
            Self::Held(_) | Self::Already(_) => entry.is_in_force(now),
            Self::Released(_) => entry.released.is_some(),
            Self::WasOver(_) => entry.released.is_some() || entry.hold.until <= now,
        }
    }

    /// The result in the address of a page.
    pub(super) fn query(self) -> String {
        match self {
            Self::Held(hold) => format!("held={hold}"),
            Self::Already(hold) => format!("already={hold}"),
            Self::Released(hold) => format!("released={hold}"),
            Self::WasOver(hold) => format!("over={hold}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_read_off_the_address_it_is_written_into() {
        let already = FormDone::Already(6);
        for done in [already, FormDone::Held(7), FormDone::Released(8), FormDone::WasOver(9)] {
            assert_eq!(FormDone::read(&done.query()), Some(done));
        }
        for query in ["", "held", "held=", "held=x", "done=7", "rule=night"] {
            assert_eq!(FormDone::read(query), None, "{query}");
        }
    }

    #[test]
    fn what_no_field_holds_is_not_taken_in() {
        let typed = TypedHold::read(b"why=%00a%0d%0ab&who=%1b[2J+kim%c2%85");
        assert_eq!((&*typed.why, &*typed.who), ("ab", "[2J kim"));
        for (why, who, is_too_long) in [
            ("\u{ac1c}".repeat(LONGEST_WHY), "x".repeat(LONGEST_WHO), false),
            ("x".repeat(LONGEST_WHY + 1), String::new(), true),
            (String::new(), "x".repeat(LONGEST_WHO + 1), true),
        ] {
            let typed = TypedHold { why, who, ..TypedHold::default() };
            assert_eq!(typed.is_too_long(), is_too_long, "{typed:?}");
        }
    }

    #[test]
    fn a_form_is_read_by_its_fields_and_no_other() {
        let body =
            b"seal=1.x&rule=night&until=+02%3A00&why=%EA%B0%9C&x=y&who=kim&then=skip&rule=day";
        let typed = TypedHold {
            seal: "1.x".to_owned(),
            rule: "day".to_owned(),
            instance: String::new(),
            until: "02:00".to_owned(),
            why: "개".to_owned(),
            who: "kim".to_owned(),
            then: "skip".to_owned(),
            from: String::new(),
        };
        assert_eq!(TypedHold::read(body), typed);
        assert!(typed.is_skipped());
        assert_eq!(TypedHold::read(b"\xff&&=%%%"), TypedHold::default());
    }
}
