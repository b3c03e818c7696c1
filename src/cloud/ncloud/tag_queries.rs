//! Which lists of servers by their tags tell most of a question with the fewest calls.

use crate::schedule::selector::TagQuestion;
use crate::text::normal_form::forms;

/// A question that the Resource Manager answers with a list: by key, or by key and value.
pub(super) type Query = (String, Option<String>);

/// The lists that tell most of a question with the fewest calls.
pub(super) fn queries(question: &TagQuestion) -> Vec<Query> {
    // An empty value might be taken for none by the filter, so it is not asked for.
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

/// The lists of those that have a tag: its filter compares bytes, so that a key, as a value, is
/// asked for in each form that it may have been written in.
pub(super) fn queries_by_key(key: &str) -> Vec<Query> {
    forms(key).into_iter().map(|key| (key, None)).collect()
}
