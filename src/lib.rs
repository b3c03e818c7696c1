//! lightsout stops dev servers at night by itself, and proves it.
//!
//! # The rooms
//!
//! A room imports only rooms above it in this list. docs/architecture.md says more of each.
//!
//! - [`model`] has the words that all rooms use. [`text`] makes foreign texts safe. [`time`] has
//!   zones and durations.
//! - [`clock`] asks the time. [`lifecycle`] ends the process in good order.
//! - [`schedule`] reads schedules.toml. [`cloud`] speaks to the provider.
//! - [`state_history`] turns observations into intervals.
//! - [`inventory`] lists an account. [`select`] decides which servers a rule means.
//! - [`hold`] says which servers must stay as they are.
//! - [`audit`] records everything.
//! - [`stop_limit`] counts the days off. [`servers`] describes every server as it is now.
//! - [`report`] sums a period. [`verdict`] judges last night and tonight. [`agenda`] shows the
//!   week of rules. [`why`] explains an instant.
//! - [`notice`] tells people. [`engine`] is the daemon. [`web`] and [`cli`] show.
//!
//! # The flow of a firing
//!
//! ```text
//! schedules.toml ──gives rules──► scheduler ──hands over due firings──► claim ──wins a firing──►
//!   inventory ──lists servers──► decide ──picks servers──► submit ──sends requests──►
//!   poll ──sees the new states──► settle ──records outcomes──►
//!   audit log ──is read for──► notices, history, why, report
//! ```
//!
//! `engine::scheduler` and `engine::dispatch` (claim) stand at the beginning, `select` decides, and
//! `engine::stopper` submits, polls and settles. Claims and requests, too, are in the audit log
//! before anything happens.
//!
//! # Invariants
//!
//! - `schedule` never asks the time. It reads only its file, the calendar files in it and, in one
//!   place, the machine's time zones.
//! - Only [`clock`] asks the time (clippy.toml guards it). Only `audit` contains SQL. Only `cloud`,
//!   `notice` and `web` know HTTP. Only `cli` prints. `web` writes only holds.
//! - `scheduler`, `dispatch` and `stopper` know [`cloud::Cloud`], [`clock::Clock`] and the log,
//!   never Ncloud.
//! - No request leaves before its row is committed. The log is insert-only and chained.
//! - A unique row claims a firing for its instant. One more row takes over a firing whose process
//!   died. A firing that a wrong clock claimed is claimed once more, as its next take. Firings by
//!   hand never use up the schedule's.
//! - One open request per account and instance, checked in the transaction that records it.
//! - A request needs the consent of `select`, `except`, `[protect]` and the limits, on the state
//!   read in the same firing. A state or a judgement older than a minute is renewed first. Only a
//!   running server with nothing under way is ever asked to stop.
//! - An unknown fact is looked up, or called unknown. It is never guessed, not even to be somebody
//!   else's act, and its request is never repeated blindly.

pub mod agenda;
pub mod audit;
mod backoff;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod engine;
pub mod hold;
pub mod hold_socket;
pub mod inventory;
pub mod lifecycle;
pub mod model;
pub mod notice;
mod program;
pub mod report;
pub mod schedule;
pub mod select;
pub mod servers;
pub mod state_history;
pub mod stop_limit;
pub mod text;
mod ticker;
pub mod time;
pub mod verdict;
pub mod web;
pub mod why;
