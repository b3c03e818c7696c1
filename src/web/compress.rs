//! Compresses long answers for clients that accept it.
//!
//! An answer with the seal of a form is never compressed: its length would tell somebody who can
//! watch the line, and make the reader's browser ask for pages, one letter of the seal after the
//! other (BREACH). So whatever has a seal says so itself: [`super::answer`].

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::HeaderMap;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING};

use super::answer::PageAnswer;

/// The fewest bytes that are worth the work.
const WORTH: usize = 2048;

/// The answer as the client wants it.
pub(super) async fn for_client(answer: PageAnswer, accepts_gzip: bool) -> PageAnswer {
    if answer.is_sealed() || answer.body().len() <= WORTH {
        return answer;
    }
    let answer = answer.varying("Accept-Encoding");
    if !accepts_gzip {
        return answer;
    }
    let body = answer.body().clone();
    // A long report takes a while, and the daemon fires its rules on the same threads.
    match tokio::task::spawn_blocking(move || gzip(&body)).await {
        Ok(Ok(body)) => answer.with_body(body).with(CONTENT_ENCODING, "gzip"),
        _ => answer,
    }
}

fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Whether a client takes gzip: it names it, or anything.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).into_iter();
    let codings = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let mut anything = false;
    for coding in codings {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        let is_taken = weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|it| it > 0.0));
        match &*name {
            "gzip" | "x-gzip" => return is_taken,
            "*" => anything = is_taken,
            _ => {}
        }
    }
    anything
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_alone_who_take_it() {
        for (accepted, takes) in [
            ("gzip", true),
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("x-gzip", true),
            ("*", true),
            ("identity", false),
            ("", false),
            ("gzip;q=0", false),
            ("gzip;q=0, *", false),
            ("*;q=0", false),
            ("gzip;q=x", false),
            ("gzipped", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accepted.parse().unwrap())]);
            assert_eq!(accepts_gzip(&headers), takes, "{accepted}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
