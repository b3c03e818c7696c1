//! lightsout turns dev servers off at night by itself, and proves it.

pub mod clock;
pub mod cloud;
pub mod instance;
pub mod schedule;
