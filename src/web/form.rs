//! What was typed into a form, as it was sent: not too long, and not forever on its way.

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};

use super::answer::Answer;

/// How long a form may be.
const MOST_BYTES: usize = 16 * 1024;
/// How long a form may take to arrive. There are only so many connections, and whoever has one
/// keeps others out.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The form; or what is answered instead.
pub(super) async fn read(body: Incoming) -> Result<Bytes, Answer> {
    let body = Limited::new(body, MOST_BYTES).collect();
    match tokio::time::timeout(LONGEST_WAIT, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => {
            Err(Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "that is longer than any form\n"))
        }
        Err(_) => Err(Answer::text(StatusCode::REQUEST_TIMEOUT, "the form took too long\n")),
    }
}
