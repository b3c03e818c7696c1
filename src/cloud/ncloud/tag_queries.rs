//! Chooses the lists of servers by tag that answer most of a question with the fewest calls.
//!
//! `resource_manager` reads these lists.

use crate::schedule::selector::TagQuestion;
use crate::text::normal_form::forms;

/// A list of the Resource Manager: by key, or by key and value.
pub(super) type Query = (String, Option<String>);

/// The lists that answer most of a question with the fewest calls.
pub(super) fn queries(question: &TagQuestion) -> Vec<Query> {
    // The filter might take an empty value for none, so no list asks for one.
    let literals = question.value.literals().filter(|all| !all.iter().any(String::is_empty));
    let values: Vec<Option<String>> = match literals {
        Some(values) if !question.value.matches_everything() => {
            values.iter().flat_map(|value| forms(value)).map(Some).collect()
        }
        _ => vec![None],
    };
    let keys = forms(&question.key);
    keys.iter().flat_map(|key| values.iter().map(|value| (key.clone(), value.clone()))).collect()
}

/// The lists by key alone. The filter compares bytes, so a key is asked for in each form in which
/// it may be written. The same holds for a value.
pub(super) fn queries_by_key(key: &str) -> Vec<Query> {
    forms(key).into_iter().map(|key| (key, None)).collect()
}
