//! lightsout turns dev servers off at night by itself, and proves it.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod daemon;
pub mod dispatch;
pub mod instance;
pub mod outcome;
pub mod reading;
pub mod schedule;
pub mod scheduler;
pub mod selection;
pub mod shutdown;
pub mod stopper;
