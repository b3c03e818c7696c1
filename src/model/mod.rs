//! Owns the words that all parts use, such as a server and an outcome. Imports nothing of the
//! house.

pub mod found_tag;
pub mod ids;
pub mod instance;
pub mod known_instance;
pub mod language;
pub mod mark;
pub mod outcome;
pub mod outcome_sum;
pub mod period;
pub mod platform;
pub mod reason;
pub mod repair;
pub mod request_result;
pub mod settlement;
pub mod subject;
pub mod tags_in_use;
