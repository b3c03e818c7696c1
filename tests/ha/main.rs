//! Several machines over one log: real daemons, a PostgreSQL of their own and the rehearsal cloud.
//!
//! Run with `cargo test --test ha --features ha`. Plain `cargo test` leaves it out: whoever changes
//! something else needs no PostgreSQL.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests may")]

mod clocks;
mod cloud;
mod copies;
mod crashes;
mod cuts;
mod deaths;
#[path = "../../benches/soak/quarter/dice.rs"]
mod dice;
mod entries;
mod files;
mod freezes;
mod many;
mod node;
mod postgres;
mod promotion;
mod proxy;
mod round_trip;
mod sharing;
mod short_soak;
mod soak;
mod tails;
mod tls;
mod versions;
mod wait;
mod world;
