//! Text and files of others: made harmless, compared, read with bounds, and what was meant by a
//! misspelt word.
//!
//! Imports nothing of the house.

pub mod char_floor;
pub mod did_you_mean;
pub mod error_chain;
pub mod normal_form;
pub mod regular_file;
pub mod sanitize;
