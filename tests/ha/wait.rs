//! Waits for what others do in processes of their own.

use std::io::Write as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lightsout::clock::{Clock, SystemClock};

/// Longer than anything here takes on a loaded machine: a death is known after 15 s, and a request
/// without an answer is left alone for 30 s.
pub(crate) const LONG: Duration = Duration::from_secs(150);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(40);

/// Says something past the harness, which keeps what tests that pass have printed.
pub(crate) fn tell(words: &str) {
    std::io::stderr().write_all(format!("{words}\n").as_bytes()).unwrap();
}

pub(crate) fn now() -> DateTime<Utc> {
    SystemClock::new().now()
}

/// Lets time pass that is part of what is tested.
pub(crate) async fn pass(time: Duration) {
    SystemClock::new().sleep(time).await;
}

/// Waits for an instant.
pub(crate) async fn pass_to(at: DateTime<Utc>) {
    pass((at - now()).to_std().unwrap_or_default()).await;
}

/// What `look` comes to, as soon as it comes to anything.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    maybe(look).await.unwrap_or_else(|| panic!("waited in vain until {what}"))
}

/// The same; `None` where that took too long.
pub(crate) async fn maybe<T>(look: impl AsyncFn() -> Option<T>) -> Option<T> {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            pass(PAUSE).await;
        }
    };
    tokio::time::timeout(LONG, found).await.ok()
}

/// Waits until something holds.
pub(crate) async fn until_so(what: &str, holds: impl AsyncFn() -> bool) {
    until(what, async || holds().await.then_some(())).await;
}
