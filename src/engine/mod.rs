//! The daemon: what falls due, is claimed, asked and followed, and what is done beside it.

pub mod account_health;
pub mod clock_steps;
pub mod daemon;
pub mod deferred;
pub mod dispatch;
pub mod left_off;
pub mod maintenance;
pub mod observe;
pub mod reload;
pub mod scheduler;
pub mod stop_limit;
pub mod stopper;
