//! Exact money: a price is a whole number of millionths an hour, a time is in milliseconds.
//!
//! [`super::numbers`] rounds amounts for people.

use std::ops::{Add, AddAssign};

use chrono::TimeDelta;

/// Millionths in a unit of the currency, times milliseconds in an hour.
const UNIT: i128 = 1_000_000 * 3_600_000;

/// An amount in the file's currency, without rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i128);

impl Money {
    /// The cost of a time at a price in millionths an hour.
    pub fn of(millionths_an_hour: i64, length: TimeDelta) -> Self {
        Self(i128::from(millionths_an_hour) * i128::from(length.num_milliseconds()))
    }

    /// In thousandths of a unit, rounded to the nearest, halves away from zero.
    pub fn thousandths(self) -> i128 {
        let thousandth = UNIT / 1_000;
        (self.0 + self.0.signum() * thousandth / 2) / thousandth
    }

    /// In units, exact to the thousandth.
    #[expect(clippy::cast_precision_loss, reason = "no bill has fifteen digits")]
    pub fn units(self) -> f64 {
        self.thousandths() as f64 / 1_000.0
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// The savings of being off: the cost of running, less the cost of being stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The savings at known prices.
    pub amount: Money,
    /// The part during which our stop kept the server off.
    pub by_us: Money,
    /// Time off at an unknown price. If there is any, `amount` is only a part.
    pub unpriced: TimeDelta,
}

impl Saved {
    /// The whole amount; `None` when a part of it is unknown.
    pub fn whole(&self) -> Option<Money> {
        (self.unpriced == TimeDelta::zero()).then_some(self.amount)
    }
}

impl AddAssign for Saved {
    fn add_assign(&mut self, other: Self) {
        self.amount += other.amount;
        self.by_us += other.by_us;
        self.unpriced += other.unpriced;
    }
}
