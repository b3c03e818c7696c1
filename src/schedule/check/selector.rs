//! Checks `select`, `except` and `[protect]`.
//!
//! `letters` and `pattern` warn of suspicious texts; `schedule::selector` owns the result.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;

use toml::Spanned;

use super::Check;
use crate::model::instance::InstanceNo;
use crate::schedule::edit::{bare, quoted};
use crate::schedule::glob::Glob;
use crate::schedule::hint::{Fix, Hint};
use crate::schedule::raw::{self, Number, Text};
use crate::schedule::selector::{Clause, Key, Selector, TagQuestion};
use crate::text::normal_form::nfc;

/// The part of the selector that holds a text.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// `select`, `except`, `[protect]`, or another table with globs.
    pub(super) of: &'static str,
    pub(super) key: &'static str,
}

/// A key of a selector, and what is given for it.
struct Given {
    key: Key,
    /// Where the list stands.
    span: Range<usize>,
    /// Whether it has no entry, be it a wrong one.
    is_empty: bool,
    clauses: Vec<Clause>,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of `{}`", self.key, self.of)
    }
}

impl Check<'_> {
    /// `select`, which must not be empty.
    pub(super) fn select(&mut self, select: Spanned<raw::Selector>) -> Selector {
        let everything = "`names = [\"*\"]` selects everything";
        let span = select.span();
        let given = self.given(select.into_inner(), "select");
        if given.is_empty() && !self.losses.touch(&span) {
            self.error(span, "`select` names nothing", everything);
        }
        for Given { key, span, is_empty, .. } in &given {
            if *is_empty && !self.losses.touch(span) {
                let key = key.as_str();
                let hint = format!("leave `{key}` out, or fill it; {everything}");
                self.error(span.clone(), format!("an empty `{key}` selects nothing"), hint);
            }
        }
        Selector::of(given.into_iter().flat_map(|given| given.clauses))
    }

    pub(super) fn selector(&mut self, selector: raw::Selector, of: &'static str) -> Selector {
        Selector::of(self.given(selector, of).into_iter().flat_map(|given| given.clauses))
    }

    /// The keys that are given in the selector that is called `of`.
    fn given(&mut self, selector: raw::Selector, of: &'static str) -> Vec<Given> {
        // Named one by one, so that a key that is read here by nobody does not compile.
        let raw::Selector { names, tags, instances } = selector;
        let names = names.map(|names| {
            let part = Part { of, key: Key::Names.as_str() };
            let read = |name: &Text| Some(Clause::Name(self.name(name, part)?));
            let clauses = names.get_ref().iter().filter_map(read).collect();
            Given {
                key: Key::Names,
                is_empty: names.get_ref().is_empty(),
                span: names.span(),
                clauses,
            }
        });
        let tags = tags.map(|tags| {
            self.warn_of_pair(&tags, of);
            let part = Part { of, key: Key::Tags.as_str() };
            let read = |(key, value)| Some(Clause::Tag(self.tag(key, value, part)?));
            let clauses = tags.get_ref().iter().filter_map(read).collect();
            Given {
                key: Key::Tags,
                is_empty: tags.get_ref().is_empty(),
                span: tags.span(),
                clauses,
            }
        });
        let instances = instances.map(|numbers| {
            let (span, numbers) = (numbers.span(), numbers.into_inner());
            let is_empty = numbers.is_empty();
            let clauses = self.instances(numbers).into_iter().map(Clause::Number).collect();
            Given { key: Key::Instances, is_empty, span, clauses }
        });
        names.into_iter().chain(tags).chain(instances).collect()
    }

    /// Warns of `{ key = "env", value = "dev" }`, the form of other clouds for one tag.
    fn warn_of_pair(&mut self, tags: &Spanned<BTreeMap<Text, Text>>, of: &'static str) {
        let named = |wanted: &str| {
            let mut pairs = tags.get_ref().iter();
            pairs.find(|(key, _)| key.get_ref().eq_ignore_ascii_case(wanted)).map(|(_, it)| it)
        };
        let (Some(key), Some(value)) = (named("key").or_else(|| named("name")), named("value"))
        else {
            return;
        };
        if tags.get_ref().len() != 2 {
            return;
        }
        let meant = format!("{{ {} = {} }}", bare(key.get_ref()), quoted(value.get_ref()));
        let written = self.source.text.get(tags.span()).is_some_and(|text| text.starts_with('{'));
        let words = format!("if that is one tag, write `{meant}`");
        let hint = if written {
            Hint::fixing(words, Fix::new(tags.span(), &*meant))
        } else {
            words.into()
        };
        let message = format!("`tags` of `{of}` asks for two tags, one of which is called `value`");
        self.problems.push(self.source.warning(tags.span(), message, hint));
    }

    fn name(&mut self, name: &Text, part: Part) -> Option<Glob> {
        if name.get_ref().is_empty() {
            let hint = "`*` matches every name; leave the entry out to match none";
            self.error(name.span(), "no server has an empty name", hint);
            return None;
        }
        self.warn_of_name(name, part);
        self.glob(name, part)
    }

    /// A tag. Its value may be empty.
    fn tag(&mut self, key: &Text, value: &Text, part: Part) -> Option<TagQuestion> {
        if key.get_ref().is_empty() {
            self.error(key.span(), "a tag has a key", "`tags = { KEY = \"…\" }`");
        }
        self.warn_of_key(key, part);
        self.warn_of_letters(key, part);
        self.warn_of_value(value, part);
        let glob = self.glob(value, part)?;
        let question = TagQuestion { key: nfc(key.get_ref()).into_owned(), value: glob };
        self.warn_of_calls(&question, value, part);
        Some(question)
    }

    /// Warns once of each glob that needs a call for each server.
    fn warn_of_calls(&mut self, question: &TagQuestion, value: &Text, part: Part) {
        if !self.lists_show_no_tags
            || !question.costs_a_call_each()
            || !self.costly.insert(question.clone())
        {
            return;
        }
        let TagQuestion { key, value: glob } = question;
        let message = format!(
            "{part}: on VPC `{key} = \"{glob}\"` takes one call for each server that has the tag \
             `{key}`, ten a second"
        );
        let hint = "an exact value takes one call for a hundred servers, and `{a,b}` two";
        self.warning(value, message, hint);
    }

    pub(super) fn glob(&mut self, text: &Text, part: Part) -> Option<Glob> {
        self.warn_of_letters(text, part);
        let error = match Glob::new(text.get_ref()) {
            Ok(glob) => return Some(glob),
            Err(error) => error,
        };
        let message = format!("`{}` is no glob: {error}", text.get_ref());
        self.error(text.span(), message, error.hint());
        None
    }

    fn instances(&mut self, numbers: Vec<Spanned<Number>>) -> Vec<InstanceNo> {
        let mut seen = HashSet::new();
        let mut instances = Vec::with_capacity(numbers.len());
        for number in numbers {
            let text = &number.get_ref().0;
            match InstanceNo::new(text.as_str()) {
                Ok(instance) if seen.insert(instance.clone()) => instances.push(instance),
                Ok(instance) => {
                    let message = format!("server {instance} is listed twice");
                    self.error(number.span(), message, "remove one of the two");
                }
                Err(error) => {
                    let words = "a name belongs into `names`; numbers are in the console and in `lightsout plan`";
                    let hint = numbers_meant(text).map_or(words.into(), |meant| {
                        Hint::write(&meant, Fix::new(number.span(), &*meant))
                    });
                    self.error(number.span(), error.to_string(), hint);
                }
            }
        }
        instances
    }
}

/// `"1021003, 1021004"` or `"#1021003"`, as entries of a list.
fn numbers_meant(text: &str) -> Option<String> {
    let parts = text.split([',', ';', ' ']).map(|part| part.trim_start_matches('#'));
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let are_numbers = parts.iter().all(|part| InstanceNo::new(*part).is_ok());
    let quoted: Vec<String> = parts.iter().map(|part| quoted(part)).collect();
    (are_numbers && !parts.is_empty()).then(|| quoted.join(", "))
}
