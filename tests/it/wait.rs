//! Waits for what others do, in this process or in another.
//!
//! Looks seldom enough that those have the processor in between: a look costs a query or a process.

use std::time::Duration;

use lightsout::clock::{Clock, SystemClock};

/// Longer than anything here takes on a loaded machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);
/// Between the first two looks; twice as long each time after that.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(30);

/// What `look` comes to, as soon as it comes to anything.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    maybe(look).await.unwrap_or_else(|| panic!("waited in vain until {what}"))
}

/// Waits until something holds.
pub(crate) async fn until_so(what: &str, holds: impl AsyncFn() -> bool) {
    until(what, async || holds().await.then_some(())).await;
}

/// What `look` comes to; `None` where that took too long.
pub(crate) async fn maybe<T>(look: impl AsyncFn() -> Option<T>) -> Option<T> {
    let clock = SystemClock::new();
    let mut pause = SHORTEST;
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            clock.sleep(pause).await;
            pause = LONGEST.min(2 * pause);
        }
    };
    tokio::time::timeout(LONG, found).await.ok()
}
