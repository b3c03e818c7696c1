//! Random numbers without a crate: repeatable for faults, hard to guess for invented keys.

use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher, RandomState};

/// A stream of numbers (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// A stream that is the same for the same seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream with a seed from the system, taken from the standard library's hash maps.
    pub(super) fn from_the_system() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// True once in `1 / chance` throws.
    pub(super) fn happens(&mut self, chance: f64) -> bool {
        let high = u32::try_from(self.throw() >> 32).expect("32 bits are left");
        f64::from(high) < chance * (f64::from(u32::MAX) + 1.0)
    }

    /// `prefix` filled up to `length` with capital letters and digits.
    pub(super) fn key(&mut self, prefix: &str, length: usize) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        let mut key = prefix.to_owned();
        while key.len() < length {
            let letter = usize::try_from(self.throw() % 32).expect("a small number");
            key.push(char::from(LETTERS[letter]));
        }
        key
    }

    /// A `requestId`: a version 4 UUID to look at.
    pub(super) fn request_id(&mut self) -> String {
        let (high, low) = (self.throw(), self.throw());
        let mut id = String::with_capacity(36);
        write!(
            id,
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xFFFF,
            high & 0xFFF,
            low >> 48 & 0x3FFF | 0x8000,
            low & 0xFFFF_FFFF_FFFF,
        )
        .expect("a String takes all");
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chance_of_one_in_twenty_comes_about_once_in_twenty_and_repeats_with_its_seed() {
        let mut dice = Dice::seeded(7);
        let thrown: Vec<bool> = (0..10_000).map(|_| dice.happens(0.05)).collect();
        let hits = thrown.iter().filter(|hit| **hit).count();
        assert!((400..600).contains(&hits), "{hits} of 10000");
        let mut again = Dice::seeded(7);
        assert_eq!(thrown, (0..10_000).map(|_| again.happens(0.05)).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_certain_always_happens_and_what_is_impossible_never() {
        let mut dice = Dice::from_the_system();
        assert!((0..1000).all(|_| dice.happens(1.0)));
        assert!(!(0..1000).any(|_| dice.happens(0.0)));
    }

    #[test]
    fn a_request_id_looks_like_a_uuid() {
        let id = Dice::from_the_system().request_id();
        let groups: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(&id[14..15], "4", "{id}");
    }
}
