//! Reads the body of a form, with a bound on its size and on its time.
//!
//! [`super::forms`] takes it apart.

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};

use super::answer::PageAnswer;

/// The most bytes in a form.
const MOST_BYTES: usize = 16 * 1024;
/// The longest time that a form may take to arrive. Connections are few, and a slow sender keeps
/// others out.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The form, or the answer to send instead.
pub(super) async fn read(body: Incoming) -> Result<Bytes, PageAnswer> {
    let body = Limited::new(body, MOST_BYTES).collect();
    match tokio::time::timeout(LONGEST_WAIT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => {
            Err(PageAnswer::text(StatusCode::PAYLOAD_TOO_LARGE, "that is longer than any form\n"))
        }
        Err(_) => Err(PageAnswer::text(StatusCode::REQUEST_TIMEOUT, "the form took too long\n")),
    }
}
