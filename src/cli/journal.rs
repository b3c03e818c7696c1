//! Lines of the log stream as systemd's journal wants them: with a priority, and without the time,
//! which the journal keeps itself.

use std::fmt;

use rustix::fs::fstat;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Whether stderr leads to the journal. A unit's process may have led it elsewhere since.
pub(super) fn has_stderr() -> bool {
    let (stream, stderr) = (std::env::var("JOURNAL_STREAM"), fstat(std::io::stderr()));
    match (stream, stderr) {
        (Ok(stream), Ok(stderr)) => stream == format!("{}:{}", stderr.st_dev, stderr.st_ino),
        _ => false,
    }
}

/// The lines of people, with the priority that `journalctl --priority` asks for.
pub(super) struct JournalFormat(Format<Full, ()>);

impl Default for JournalFormat {
    fn default() -> Self {
        Self(Format::default().without_time().with_target(false))
    }
}

impl<S, N> FormatEvent<S, N> for JournalFormat
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        // The numbers of syslog.
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(context, writer, event)
    }
}
