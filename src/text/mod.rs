//! Texts and files from elsewhere: made safe to show, compared, read within bounds, and corrected.
//!
//! Imports nothing of the house.

pub mod char_floor;
pub mod csv;
pub mod did_you_mean;
pub mod error_chain;
pub mod normal_form;
pub mod regular_file;
pub mod sanitize;
pub mod secret_file;
