//! Checks `[prices]`: exact numbers, keys that are globs, and no server that costs more when
//! stopped.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use toml::Spanned;

use super::Check;
use super::selector::Part;
use crate::schedule::glob::Glob;
use crate::schedule::prices::{Price, Prices};
use crate::schedule::raw::{self, Text};

/// The currency, if the file gives none.
const CURRENCY: &str = "KRW";
/// The highest price of an hour. Up to this price no millionth is lost.
const MOST: f64 = 1_000_000_000.0;
const MILLION: f64 = 1_000_000.0;

impl Check<'_> {
    pub(super) fn prices(&mut self, prices: raw::Prices) -> Prices {
        let currency = prices.currency.and_then(|currency| self.currency(currency));
        Prices {
            currency: currency.unwrap_or_else(|| CURRENCY.to_owned()),
            products: self.price_list(prices.products.unwrap_or_default(), "products"),
            specs: self.price_list(prices.specs.unwrap_or_default(), "specs"),
            platforms: BTreeMap::new(),
        }
    }

    fn currency(&mut self, currency: Text) -> Option<String> {
        let text = currency.get_ref();
        if text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase()) {
            return Some(currency.into_inner());
        }
        let message = format!("`{text}` is no currency");
        self.error(currency.span(), message, "write its three letters, such as `\"KRW\"`");
        None
    }

    /// The prices by their keys, the longest key first.
    fn price_list(
        &mut self,
        list: BTreeMap<Text, raw::Price>,
        key: &'static str,
    ) -> Vec<(Glob, Price)> {
        let part = Part { of: "[prices]", key };
        let mut prices = Vec::new();
        for (key, price) in list {
            if key.get_ref().is_empty() {
                let hint = "the codes are in `lightsout report --format json`";
                self.error(key.span(), "no server has an empty code", hint);
                continue;
            }
            let (glob, price) = (self.glob(&key, part), self.price(price));
            prices.extend(glob.zip(price));
        }
        prices.sort_by_key(|(glob, _)| Reverse(glob.as_str().chars().count()));
        prices
    }

    fn price(&mut self, price: raw::Price) -> Option<Price> {
        let hour = price.hour.and_then(|hour| self.millionths(&hour));
        let (hour, written) = (hour?, price.stopped?);
        let stopped = self.millionths(&written)?;
        if stopped > hour {
            let hint = "the two may be swapped; where nothing is saved, write the same for both";
            self.error(written.span(), "a server cannot cost more stopped than running", hint);
            return None;
        }
        Some(Price { hour, stopped })
    }

    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number, and small enough")]
    fn millionths(&mut self, price: &Spanned<f64>) -> Option<i64> {
        let amount = *price.get_ref();
        if (0.0..=MOST).contains(&amount) {
            return Some((amount * MILLION).round() as i64);
        }
        let hint = "write what an hour costs, such as `123.0`; it may be 0";
        self.error(price.span(), format!("`{amount}` is no price"), hint);
        None
    }
}
