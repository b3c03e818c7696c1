//! How a good text is made wrong.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Bytes that mean something to one reader or another.
const TOKENS: [&[u8]; 33] = [
    b"<",
    b"</",
    b"/>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    b"<!DOCTYPE a [<!ENTITY b \"&b;&b;\">]>",
    b"&b;",
    b"&#0;",
    b"&#x110000;",
    b"&amp;",
    b"{",
    b"[",
    b"}",
    b"]",
    b"\"",
    b"'",
    b"\"\"\"",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"=",
    b".",
    b"#",
    b",",
    b"1e999",
    b"-0",
    b"null",
    b"\0",
    b"\r\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
];

/// One change, at some place.
#[derive(Clone, Debug)]
pub(super) enum Mutation {
    Byte(u8),
    Token(&'static [u8]),
    Cut(usize),
    Repeat(usize, usize),
    Truncate,
}

/// A few changes, at places that any text has.
pub(super) fn mutations() -> impl Strategy<Value = Vec<(Index, Mutation)>> {
    let mutation = prop_oneof![
        4 => any::<u8>().prop_map(Mutation::Byte),
        4 => select(&TOKENS[..]).prop_map(Mutation::Token),
        2 => (1_usize..60).prop_map(Mutation::Cut),
        2 => (1_usize..80, 2_usize..40).prop_map(|(length, times)| Mutation::Repeat(length, times)),
        1 => Just(Mutation::Truncate),
    ];
    prop::collection::vec((any::<Index>(), mutation), 1..6)
}

pub(super) fn mutated(good: &[u8], mutations: &[(Index, Mutation)]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for (place, mutation) in mutations {
        let at = place.index(bytes.len() + 1);
        let end = |length: &usize| (at + length).min(bytes.len());
        match mutation {
            Mutation::Byte(byte) => {
                let end = end(&1);
                bytes.splice(at..end, [*byte]);
            }
            Mutation::Token(token) => {
                bytes.splice(at..at, token.iter().copied());
            }
            Mutation::Cut(length) => {
                let end = end(length);
                bytes.drain(at..end);
            }
            Mutation::Repeat(length, times) => {
                let again = bytes[at..end(length)].repeat(*times);
                bytes.splice(at..at, again);
            }
            Mutation::Truncate => bytes.truncate(at),
        }
    }
    bytes
}
