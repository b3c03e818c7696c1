//! Shows the work that a command waits for: on a terminal in one line that disappears at the end,
//! elsewhere, and where `TERM` is `dumb`, in a new line every few seconds.

use std::io::{self, IsTerminal, Write};
use std::pin::pin;
use std::time::Duration;

use super::output;
use crate::clock::Clock;

/// The time between two updates of the line.
const TICK: Duration = Duration::from_secs(1);

/// The time between two lines without a terminal.
const PIPED_TICK: Duration = Duration::from_secs(5);

/// Removes the line, however the wait ends.
struct Eraser;

impl Drop for Eraser {
    fn drop(&mut self) {
        write("");
    }
}

/// Waits for `work`. Shows `line` meanwhile, made from the time so far.
pub(super) async fn while_waiting<T>(
    clock: &dyn Clock,
    work: impl Future<Output = T>,
    mut line: impl AsyncFnMut(Duration) -> String,
) -> T {
    let mut work = pin!(work);
    if output::is_quiet() {
        return work.await;
    }
    let is_piped = !can_overwrite();
    let begun = clock.moment();
    let _eraser = (!is_piped).then(|| Eraser);
    loop {
        let waited = clock.moment().since(begun);
        if !is_piped {
            write(&line(waited).await);
        } else if waited >= PIPED_TICK {
            output::at_once(&line(waited).await);
        }
        tokio::select! {
            done = &mut work => return done,
            () = clock.sleep(if is_piped { PIPED_TICK } else { TICK }) => {}
        }
    }
}

/// Makes room for another message; the line comes again below it.
pub(super) fn make_room() {
    if can_overwrite() {
        write("");
    }
}

/// Whether the line can be written over.
fn can_overwrite() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Overwrites the line.
fn write(line: &str) {
    drop(write!(io::stderr(), "\r\x1b[2K{}", output::harmless(line)));
}

/// A time in whole seconds, written as in rules: `41s`, `1m30s`, `10m`.
pub(super) fn shown(length: Duration) -> String {
    let seconds = length.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let mut text = String::new();
    for (count, unit) in parts.into_iter().filter(|(count, _)| *count > 0) {
        text += &count.to_string();
        text += unit;
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_shown_as_rules_write_them() {
        for (seconds, text) in
            [(0, "0s"), (41, "41s"), (90, "1m30s"), (600, "10m"), (3600, "1h"), (3661, "1h1m1s")]
        {
            assert_eq!(shown(Duration::from_secs(seconds)), text);
        }
    }
}
