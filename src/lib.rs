//! lightsout turns dev servers off at night by itself, and proves it.
//!
//! # The flow of a night
//!
//! ```text
//! schedules.toml ──reads──► schedule ──says what is due──► engine::scheduler
//!                                                                │ hands over
//!                                                                ▼
//!   cloud ◄──lists── inventory ◄──asks for a list── engine::dispatch ──claims──► audit
//!                        │ shows servers                         │ begins
//!                        ▼                                       ▼
//!                     select ──judges──────────────────► engine::stopper
//!                                                          records ──► audit
//!                                                          submits ──► cloud
//!                                                          polls   ──► cloud
//!                                                          settles ──► audit
//!   cli, web ──read──► audit          notice ──reads, tells──► people
//! ```
//!
//! # The rooms, from the bottom up
//!
//! - [`model`], [`text`], [`time`] import nothing of the house above them.
//! - [`schedule`] knows rules, [`cloud`] speaks to a provider, [`hold`] knows what is kept as it is.
//! - [`inventory`] is one list of an account. [`select`] judges which servers a rule means.
//! - [`audit`] keeps all of it. [`state_history`] turns observations into intervals.
//! - [`stop_limit`], [`report`] and [`why`] answer questions about the past.
//! - [`engine`] is the daemon. [`notice`] tells people. [`web`] and [`cli`] show.
//!
//! docs/architecture.md says more of each room.
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
