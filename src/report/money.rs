//! Money, exactly: a price is a whole number of millionths an hour, and time is milliseconds.

use std::ops::{Add, AddAssign};

use chrono::TimeDelta;

/// Millionths in a unit of the currency, times milliseconds in an hour.
const UNIT: i128 = 1_000_000 * 3_600_000;

/// An amount of money in the file's currency, without rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(i128);

impl Money {
    /// What a time costs at a price of so many millionths an hour.
    pub fn of(millionths_an_hour: i64, length: TimeDelta) -> Self {
        Self(i128::from(millionths_an_hour) * i128::from(length.num_milliseconds()))
    }

    /// In thousandths of a unit, rounded to the nearest, halves away from zero.
    pub fn thousandths(self) -> i128 {
        let thousandth = UNIT / 1_000;
        (self.0 + self.0.signum() * thousandth / 2) / thousandth
    }

    /// In units: exact to the thousandth.
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

/// What was saved by being off: what running would have cost, less what being stopped costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// As far as prices are known.
    pub amount: Money,
    /// The part of it in which it was off by our doing.
    pub by_us: Money,
    /// Time off at a price that is not known; where there is any, `amount` is not the whole.
    pub unpriced: TimeDelta,
}

impl Saved {
    /// The whole of it; `None` where some of it is not known.
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
