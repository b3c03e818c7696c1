//! The daemon: finds due firings, claims them and carries them out; observes, catches up and
//! maintains beside them.
//!
//! It reads the log through `audit`, the cloud through `inventory` and `cloud`, and people hear of
//! it through `notice`.

pub mod account_health;
mod ahead;
pub mod clock_steps;
mod clock_trust;
pub mod daemon;
pub mod deferred;
pub mod dispatch;
pub mod facts;
mod instant;
pub mod left_off;
pub mod maintenance;
pub mod observe;
pub mod reload;
pub mod scheduler;
pub mod stop_limit;
pub mod stopper;
