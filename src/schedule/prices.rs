//! Owns the prices of servers, running and stopped, by product or by spec.
//!
//! Prices are whole millionths of the currency, so that sums are exact. `report` computes the
//! savings.

use std::collections::BTreeMap;

use super::glob::Glob;
use crate::model::instance::{AccountName, Product};
use crate::model::platform::Platform;

/// The kinds of servers (`serverInstanceType.code`) that are believed to cost the same stopped as
/// running. Without a price in the file, nothing counts as saved for them.
const PAID_IN_FULL: [&str; 5] = ["MICRO", "GPU", "BM", "VDS", "LOCAL"];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// The currency, such as `KRW`.
    pub currency: String,
    /// `[prices.products]`: by `serverProductCode`, the longest key first.
    pub products: Vec<(Glob, Price)>,
    /// `[prices.specs]`: by `serverSpecCode`, the longest key first.
    pub specs: Vec<(Glob, Price)>,
    /// The platform of each account of the file.
    pub platforms: BTreeMap<AccountName, Platform>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// An hour of running, in millionths.
    pub hour: i64,
    /// An hour of being stopped, in millionths; not more than `hour`.
    pub stopped: i64,
}

/// The kind that costs the same stopped as running on Classic only.
const PAID_IN_FULL_ON_CLASSIC: &str = "HIMEM";

/// Whether a server is believed to cost the same stopped as running. The limits of `[budget]` are
/// said to concern only the other servers.
pub fn is_paid_in_full(product: &Product, platform: Option<Platform>) -> bool {
    product.server_type.as_deref().is_some_and(|kind| {
        let on_classic = platform == Some(Platform::Classic) && kind == PAID_IN_FULL_ON_CLASSIC;
        PAID_IN_FULL.contains(&kind) || on_classic
    })
}

impl Price {
    /// The saving of a stopped hour, in millionths.
    pub fn saved(self) -> i64 {
        self.hour - self.stopped
    }
}

impl Prices {
    /// The saving of a stopped hour for a product in an account, in millionths; `None` if it is
    /// unknown. A price by product wins over one by spec. Of several matching keys the longest
    /// counts.
    pub fn saved_an_hour(&self, account: &AccountName, product: &Product) -> Option<i64> {
        let platform = self.platforms.get(account).copied();
        let find = |prices: &[(Glob, Price)], code: &Option<String>| {
            let code = code.as_deref()?;
            prices.iter().find(|(glob, _)| glob.matches(code)).map(|(_, price)| price.saved())
        };
        find(&self.products, &product.product_code)
            .or_else(|| find(&self.specs, &product.spec_code))
            .or_else(|| is_paid_in_full(product, platform).then_some(0))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::schedule::Schedules;

    const PRICES: &str = "
        [prices.products]
        'SVR.VSVR.*' = { hour = 100, stopped = 10 }
        'SVR.VSVR.STAND.*' = { hour = 123.456789, stopped = 4.5 }
        'SVR.VSVR.MICRO.*' = { hour = 20, stopped = 20 }
        [prices.specs]
        's2-g2-*' = { hour = 50, stopped = 0.1 }";

    fn prices() -> Prices {
        let text = format!("accounts.main.platform = 'vpc'\n{PRICES}");
        let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
        file.prices.unwrap()
    }

    #[test]
    fn what_is_paid_in_full_on_classic_alone_saves_nothing_there() {
        let text = format!(
            "timezone = 'UTC'\n[accounts.old]\nplatform = 'classic'\n[accounts.new]\nplatform = 'vpc'\n{PRICES}"
        );
        let (file, _) = Schedules::parse(Path::new("s.toml"), &text).unwrap();
        let product = Product { server_type: Some("HIMEM".to_owned()), ..Product::default() };
        let saved = ["old", "new"].map(|account| {
            let account = AccountName::new(account).unwrap();
            file.prices.as_ref().unwrap().saved_an_hour(&account, &product)
        });
        assert_eq!(saved, [Some(0), None]);
    }

    #[test]
    fn the_longest_key_that_matches_says_what_a_stopped_hour_saves_and_products_come_first() {
        let prices = prices();
        assert_eq!(prices.currency, "KRW");
        for (product, spec, kind, expected) in [
            (Some("SVR.VSVR.STAND.C002"), Some("s2-g2-h50"), None, Some(118_956_789)),
            (Some("SVR.VSVR.HICPU.C002"), Some("s2-g2-h50"), None, Some(90_000_000)),
            (Some("SVR.OTHER"), Some("s2-g2-h50"), None, Some(49_900_000)),
            (None, Some("s2-g2-h50"), Some("STAND"), Some(49_900_000)),
            (Some("SVR.VSVR.MICRO.C001"), None, Some("MICRO"), Some(0)),
            (Some("SVR.OTHER"), Some("m8-g1"), Some("STAND"), None),
            (Some("SVR.OTHER"), Some("g8-g1"), Some("GPU"), Some(0)),
            (Some("SVR.VSVR.GPU.C001"), None, Some("GPU"), Some(90_000_000)),
            (None, None, Some("HIMEM"), None),
            (None, None, None, None),
        ] {
            let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
            let product = Product {
                product_code: owned(product),
                spec_code: owned(spec),
                server_type: owned(kind),
            };
            let account = AccountName::new("main").unwrap();
            assert_eq!(prices.saved_an_hour(&account, &product), expected, "{product:?}");
        }
    }
}
