//! Both languages, held against each other.

use super::*;
use crate::model::language::assert_both_say_the_same;

#[test]
fn both_languages_say_everything_and_none_says_it_in_the_other() {
    assert_both_say_the_same(Words::SOURCES);
    assert_both_say_the_same(RuleWords::SOURCES);
    assert_both_say_the_same(NodeWords::SOURCES);
}
