//! Whatever comes from outside, made wrong by chance: no reader panics, hangs, or takes what is
//! not meant. 256 cases each, or as many as `PROPTEST_CASES` says.

mod answers;
mod mutation;
mod patterns;
mod schedules;
