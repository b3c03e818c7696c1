//! The metrics for Prometheus. docs/metrics.md describes each one.
//!
//! Gauges are computed from the log at each scrape. Counters add the log's entries since the last
//! scrape. So nothing else in the program counts, but for wrong tokens, and a prune sets no counter
//! back.

mod counts;
mod kept;
mod states;

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tracing::warn;

use self::counts::Counts;
use self::states::States;
use super::state::WebState;
use crate::audit::{AuditError, Through};
use crate::text::error_chain::chain;

pub(super) use kept::Metrics;

/// The media type: `OpenMetrics` as text.
pub(super) const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// An answer is reused for this long, so frequent scrapes cost nothing.
const GOOD_FOR: Duration = Duration::from_secs(5);

impl Metrics {
    /// `wrong_tokens` is counted by the page itself; all else comes from the log.
    pub(super) fn new(wrong_tokens: &Counter) -> Self {
        let mut registry = Registry::with_prefix("lightsout");
        let version = vec![("version", env!("CARGO_PKG_VERSION"))];
        registry.register("build", "The version of lightsout", Info::new(version));
        let counts = Counts::registered_in(&mut registry);
        let states = States::registered_in(&mut registry);
        let help = "Wrong tokens that were shown to the page";
        registry.register("web_wrong_tokens", help, wrong_tokens.clone());
        Self { registry, counts, states, counted: Through::default(), last: None }
    }

    /// Counts only the entries after this one.
    pub(super) fn begin_after(&mut self, entry: Through) {
        self.counted = entry;
    }

    /// All metrics in the `OpenMetrics` form.
    pub(super) async fn text(&mut self, state: &WebState) -> String {
        let now = state.clock.moment();
        if let Some((made, text)) = &self.last
            && now.since(*made) < GOOD_FOR
        {
            return text.clone();
        }
        if let Err(error) = self.read(state).await {
            warn!(error = chain(&error), "metrics lack the log");
            self.states.forget_log();
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a string takes everything");
        self.last = Some((now, text.clone()));
        text
    }

    async fn read(&mut self, state: &WebState) -> Result<(), AuditError> {
        let log = match state.open().await {
            Ok(log) => log,
            Err(error) => {
                self.states.tell_file(&state.rules.now(None, None).await?);
                return Err(error);
            }
        };
        let (daemon, now) = (log.daemon().await?, state.clock.now());
        let rules = state.rules.now(Some(&log), daemon.as_ref()).await?;
        self.states.tell_file(&rules);
        self.states.tell_daemon(daemon.as_ref(), now);
        self.states.tell_cluster(log.cluster(now).await?.as_ref());
        self.states.tell_instances(&log).await?;
        if let Ok(schedules) = &rules.in_use {
            self.states.tell_accounts(&log, schedules).await?;
            self.states.tell_rules(&log, schedules, now).await?;
        }
        if log.newest().await? < self.counted {
            // Another log has taken the place of the counted one.
            self.counted = Through::default();
        }
        let tally = log.tally(self.counted).await?;
        self.counts.add(&tally);
        self.counted = tally.through;
        drop(log.close().await);
        Ok(())
    }
}
