//! Takes the time of one question asked again and again, and lists what it took.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use lightsout::clock::{Clock, SystemClock};

/// A question is asked this often, unless that takes too long.
const TIMES: usize = 21;
/// How long one question may be asked again.
const LONG_ENOUGH: Duration = Duration::from_secs(2);

/// What a question took.
#[derive(Clone, Debug)]
pub(crate) struct Took {
    what: String,
    aim: Option<Duration>,
    /// How many there were of what was asked for.
    found: usize,
    median: Duration,
    pub(crate) worst: Duration,
}

pub(crate) struct Stopwatch {
    clock: Arc<SystemClock>,
    pub(crate) took: Vec<Took>,
}

impl Stopwatch {
    pub(crate) fn new() -> Self {
        Self { clock: SystemClock::new(), took: Vec::new() }
    }

    /// Asks once; how long it took, with the answer.
    pub(crate) async fn once<T>(
        &self,
        ask: impl AsyncFnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<(Duration, T)> {
        let began = self.clock.moment();
        let answer = ask().await?;
        Ok((self.clock.moment().since(began), answer))
    }

    /// Asks a question that tells how many it found, again and again.
    pub(crate) async fn time(
        &mut self,
        what: impl Into<String>,
        aim: Option<Duration>,
        mut ask: impl AsyncFnMut() -> anyhow::Result<usize>,
    ) -> anyhow::Result<()> {
        let (mut all, mut found, began) = (Vec::new(), 0, self.clock.moment());
        while all.len() < TIMES
            && (all.is_empty() || self.clock.moment().since(began) < LONG_ENOUGH)
        {
            let (took, count) = self.once(&mut ask).await?;
            all.push(took);
            found = count;
        }
        all.sort();
        let (median, worst) = (all[all.len() / 2], all[all.len() - 1]);
        self.took.push(Took { what: what.into(), aim, found, median, worst });
        Ok(())
    }
}

impl Took {
    /// What it took in the middle.
    pub(crate) fn median(&self) -> Duration {
        self.median
    }

    /// Whether the median is within the aim.
    pub(crate) fn is_met(&self) -> bool {
        self.aim.is_none_or(|aim| self.median <= aim)
    }
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |length: Duration| length.as_secs_f64() * 1_000.0;
        let (median, worst) = (millis(self.median), millis(self.worst));
        write!(f, "{:<54} {:>7} {median:>10.2} {worst:>10.2}", self.what, self.found)?;
        match self.aim {
            Some(aim) if self.is_met() => write!(f, "   < {}", millis(aim)),
            Some(aim) => write!(f, "   > {} MISSED", millis(aim)),
            None => Ok(()),
        }
    }
}
