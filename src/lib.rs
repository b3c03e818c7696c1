//! lightsout turns dev servers off at night by itself, and proves it.
//!
//! # The way data flows
//!
//! ```text
//! schedules.toml ─► schedule ─► scheduler ─► dispatch ─► reading, selection ─► stopper ─► cloud
//!      file          rules       firings      claims          instances          │
//!                                                                                ▼
//!                   cli: history, show …        ◄──────────────────────────  audit log
//!                   web: the page in a browser  ◄──────────────────────────┤
//!                   notice: who is told         ◄──────────────────────────┘
//! ```
//!
//! [`schedule`] says what and when, [`engine::scheduler`] what is due, [`engine::dispatch`] claims it and shares
//! one [`inventory`] of an account among the firings of one instant (a region that fails is read
//! again for as long as they have patience), [`select::eligibility`] judges which instances a rule means,
//! [`engine::stopper`] asks and follows, [`cloud`] signs and sends, [`audit`] keeps all of it, [`notice`]
//! tells whoever asked to hear of it. [`hold`] is what keeps a rule or an instance as it is for a
//! while, [`engine::deferred`] what is done about it afterwards; [`engine::observe`] looks between firings for what
//! others did, [`engine::readable`] knows which accounts can be read, and [`engine::stop_limit`] sees to it that no more of the stop budget is used than there is.
//! [`engine::daemon`] joins them; [`cli`] is what people see, and [`web`] what they see in a browser;
//! [`state_history`] tells out of what was seen when a server ran and when it was off, [`why`] why,
//! [`report`] what came of it between two times, [`stop_limit`] how much of what the provider allows
//! that took.
//!
//! # Invariants
//!
//! - `schedule` does no I/O beyond reading its file, the calendar files that it names and, in one
//!   place, the machine's time zones. It never asks the time.
//! - Only [`clock`] asks for the time (clippy.toml guards it), only `audit` contains SQL, only
//!   `cloud`, `notice` and `web` know HTTP, only `cli` prints. `web` writes nothing but holds.
//! - `scheduler`, `dispatch` and `stopper` know [`cloud::Cloud`], [`clock::Clock`] and the log,
//!   never Ncloud.
//! - No request leaves before its row is committed. The log is insert-only and chained.
//! - A firing is claimed by a unique row, at its instant. A firing whose process died is taken
//!   over by a row of its own, and one that was claimed by a clock that proved wrong is claimed
//!   once more, as its next take; firings by hand never use up the schedule's.
//! - One open request per account and instance, checked in the transaction that records it.
//! - Nothing is asked that `select`, `except`, `[protect]` and the limits did not all let
//!   through on the state read in that same firing; what was read or judged more than a minute
//!   ago is read and judged again first. Only `RUN` with operation `NULL` is ever asked to stop.
//! - What is not known is looked up, or called unknown. It is never guessed, be it to have been
//!   somebody else, and never sent again blindly.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod engine;
pub mod hold;
pub mod inventory;
pub mod lifecycle;
pub mod model;
pub mod notice;
pub mod report;
pub mod schedule;
pub mod select;
pub mod state_history;
pub mod stop_limit;
pub mod text;
mod ticker;
pub mod time;
pub mod web;
pub mod why;
