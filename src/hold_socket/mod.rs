//! The socket on which a daemon holds and releases for people who may not write its log.
//!
//! A socket and not the log's mode: whoever may write the log can write another past. The system
//! says who asks, so nobody holds in another's name. `[holds] socket` says where; the group of the
//! daemon's user may ask there.
//!
//! - `message`: one question and its answer, a line of JSON each.
//! - `server`: the daemon's side. It bounds the number, the size and the time of questions.
//! - `deed`: checks a question by the rules of `lightsout hold`, and writes.
//! - `client`: the side of the command.
//! - `author`: who asks, or who runs this process.

pub mod author;
pub mod client;
mod deed;
pub mod message;
pub mod server;
