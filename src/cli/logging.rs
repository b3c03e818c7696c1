//! Logs to stderr, and warns of failures while a command waits for the cloud.

use std::collections::BTreeSet;
use std::fmt::{self, Debug};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::{AutoStream, ColorChoice};
use chrono::SecondsFormat;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{self, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::global::{Global, LogFormat};
use super::journal::{self, JournalFormat};
use super::{output, progress};
use crate::clock::{Clock, SystemClock};
use crate::cloud::retry;
use crate::time::zone::Zone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// The daemon's operator.
    OfDaemon,
    /// A person who waits for the cloud.
    Waiting,
    /// A person who has the answer at once.
    Other,
}

/// The zone of the times in logs: UTC until a file is read.
static ZONE: Mutex<Zone> = Mutex::new(Zone::UTC);

/// Writes the times of logs in this zone from now on, as those in their texts are.
pub(super) fn tell_times_in(zone: Zone) {
    *ZONE.lock().unwrap_or_else(PoisonError::into_inner) = zone;
}

/// The time of an event, in the zone of the file.
struct LocalTime(Arc<dyn Clock>);

impl FormatTime for LocalTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let zone = *ZONE.lock().unwrap_or_else(PoisonError::into_inner);
        let now = zone.show(self.0.now());
        write!(writer, "{}", now.to_rfc3339_opts(SecondsFormat::Micros, zone == Zone::UTC))
    }
}

/// Starts logging: everything for the daemon, only trouble for other commands, more with
/// `--verbose`, less with `--quiet`. Libraries say nothing, since the errors that they return are
/// told with their causes. `RUST_LOG` overrides all of it: levels, also by target, such as
/// `info,sqlx=debug`.
pub(super) fn start(global: &Global, reader: Reader) {
    let own = match (reader, global.quiet, global.verbose) {
        (Reader::OfDaemon, false, true) => LevelFilter::DEBUG,
        (Reader::OfDaemon, false, false) | (_, _, true) => LevelFilter::INFO,
        (Reader::OfDaemon, true, _) => LevelFilter::WARN,
        (_, _, false) => LevelFilter::ERROR,
    };
    let usual = Targets::new()
        .with_target("lightsout", own)
        .with_target("lightsout::program", LevelFilter::INFO);
    let wanted = std::env::var("RUST_LOG").ok().and_then(|levels| levels.parse().ok());
    let filter: Targets = wanted.unwrap_or(usual);
    let logs = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_timer(LocalTime(SystemClock::new()))
        .with_target(false);
    let failures = (reader == Reader::Waiting).then(|| {
        Failures::default()
            .with_filter(Targets::new().with_target(retry::TARGET, LevelFilter::DEBUG))
    });
    let registry = tracing_subscriber::registry().with(failures);
    if global.log_format == Some(LogFormat::Json) {
        registry.with(logs.json().flatten_event(true).with_filter(filter)).init();
        return;
    }
    let styled = AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
    // The cloud's words must not look like an event of their own.
    let field = format::debug_fn(|writer, field, value| {
        let value = output::harmless(&format!("{value:?}"));
        match field.name() {
            "message" => write!(writer, "{value}"),
            name => write!(writer, "{name}={value}"),
        }
    });
    let logs = logs.fmt_fields(field.delimited(" ")).with_ansi(styled);
    if journal::has_stderr() {
        let logs = logs.event_format(JournalFormat::default());
        registry.with(logs.with_filter(filter)).init();
        return;
    }
    registry.with(logs.with_filter(filter)).init();
}

/// Warns of each failure that is tried again, when it first happens. Otherwise a command would wait
/// in silence for a gateway that is not there.
#[derive(Debug, Default)]
struct Failures {
    said: Mutex<BTreeSet<String>>,
}

impl<S: Subscriber> Layer<S> for Failures {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut error = FailedWith::default();
        event.record(&mut error);
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = error.0
            && said.insert(error.clone())
        {
            progress::make_room();
            output::warn_at_once(
                &format!("the cloud could not be read, trying again: {error}"),
                None,
            );
        }
    }
}

/// The field `error` of an event.
#[derive(Default)]
struct FailedWith(Option<String>);

impl Visit for FailedWith {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "error" {
            self.0 = Some(format!("{value:?}"));
        }
    }
}
