//! `[web]`: where the page is served, and who may use it.
//!
//! [`crate::web`] serves the page.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use url::Url;

use crate::text::secret_file::SecretFile;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebTable {
    /// Where a daemon serves the page; `None` for nowhere.
    pub listen: Option<SocketAddr>,
    /// The file with the token, relative to the folder of schedules.toml already.
    pub token_file: Option<SecretFile>,
    pub is_read_only: bool,
    /// Where people reach the page: `http` or `https`, with a host, and nothing after the path.
    pub url: Option<Url>,
    /// The proxies that are believed; `None` if none is.
    pub proxies: Option<Proxies>,
}

/// The proxies that say who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies {
    /// The header that has the name, in lower case.
    pub header: String,
    pub trusted: Vec<Network>,
}

impl Proxies {
    pub fn trusts(&self, peer: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(peer))
    }
}

/// An address, or all that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    /// The number of leading bits that count.
    bits: u32,
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        let (ours, theirs) = (bits_of(self.first), bits_of(address));
        ours.1 == theirs.1 && significant(ours, self.bits) == significant(theirs, self.bits)
    }
}

/// An address as a number, and the number of its bits.
fn bits_of(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    }
}

fn significant((number, width): (u128, u32), bits: u32) -> u128 {
    number.checked_shr(width - bits).unwrap_or_default()
}

/// The text is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNetwork {
    #[error("it is neither an address nor a network")]
    NoAddress,
    #[error("it has bits after the first {0}")]
    MoreBits(u32),
}

impl FromStr for Network {
    type Err = NoNetwork;

    /// Reads `10.0.0.1`, `10.0.0.0/24`, `fd00::/8`.
    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| NoNetwork::NoAddress)?;
        let (number, width) = bits_of(first);
        let is_number = |bits: &&str| bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits = match bits {
            None => Some(width),
            Some(bits) => Some(bits).filter(is_number).and_then(|bits| bits.parse().ok()),
        };
        let bits = bits.filter(|bits| *bits <= width).ok_or(NoNetwork::NoAddress)?;
        let rest = number.checked_shl(128 - width + bits).unwrap_or_default();
        if rest != 0 {
            return Err(NoNetwork::MoreBits(bits));
        }
        Ok(Self { first, bits })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_contains_the_addresses_that_begin_as_it_does() {
        for (network, address, is_in) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("10.1.0.0/16", "10.1.255.255", true),
            ("10.1.0.0/16", "10.2.0.0", false),
            ("10.0.0.0/7", "11.255.0.1", true),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "fe80::1", true),
            ("::/0", "127.0.0.1", false),
            ("::1", "::1", true),
            ("::1", "::2", false),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), is_in, "{network} {address}");
        }
    }

    #[test]
    fn a_network_is_an_address_with_as_many_bits_as_count() {
        for text in ["", "x", "10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/+8"] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork::NoAddress), "{text}");
        }
        for (text, bits) in [("10.0.0.1/24", 24), ("10.0.0.1/0", 0), ("fd00::1/8", 8)] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork::MoreBits(bits)), "{text}");
        }
        assert_eq!("10.0.0.0/8".parse::<Network>().unwrap().to_string(), "10.0.0.0/8");
    }
}
