//! Owns the time: no other module asks for the time or sleeps.
//!
//! There are two times. Rules are written in wall-clock time, which may be stepped. Patience is
//! measured in monotonic time, which is never stepped. [`RehearsalClock`] runs both at a chosen
//! speed, or by hand, for the demo and the tests.

use std::fmt;
use std::future::Future;
use std::ops::Add;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

pub type SyncAnswer = Pin<Box<dyn Future<Output = Option<bool>> + Send>>;

pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A reading of monotonic time. Readings of different clocks cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment so much earlier; the first moment of all if there is none.
    #[must_use]
    pub fn before(self, length: Duration) -> Self {
        Self(self.0.saturating_sub(length))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length))
    }
}

/// The time since the machine booted, and the id of that boot. Every process can compare it within
/// one boot, whatever the wall clock does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinceBoot {
    pub boot: String,
    /// The time since the boot, with the time that the machine slept.
    pub length: Duration,
}

impl SinceBoot {
    pub fn milliseconds(&self) -> u64 {
        u64::try_from(self.length.as_millis()).unwrap_or(u64::MAX)
    }

    /// The age of an earlier reading; `None` if that reading is of another boot.
    pub fn since(&self, boot: &str, milliseconds: u64) -> Option<Duration> {
        let then = Duration::from_millis(milliseconds);
        (self.boot == boot).then(|| self.length.saturating_sub(then))
    }
}

/// Tells the time, and waits.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The wall clock. May be stepped at any time, in either direction.
    fn now(&self) -> DateTime<Utc>;

    /// The monotonic clock. Never steps back.
    fn moment(&self) -> Moment;

    /// The time since the boot; `None` if the machine does not tell.
    fn uptime(&self) -> Option<SinceBoot> {
        None
    }

    /// Whether some service keeps the wall clock right, and has done so since the boot; `None` if
    /// nobody can tell.
    fn is_synchronised(&self) -> SyncAnswer {
        Box::pin(std::future::ready(None))
    }

    /// Waits for `length` of this clock's monotonic time.
    fn sleep(&self, length: Duration) -> Sleep;

    /// The time of this clock that passes in `real` time of the machine: more than `real` on a fast
    /// clock.
    fn pace(&self, real: Duration) -> Duration;
}

#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn new() -> Arc<Self> {
        Arc::new(Self { started: Instant::now() })
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn moment(&self) -> Moment {
        Moment(self.started.elapsed())
    }

    fn uptime(&self) -> Option<SinceBoot> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
        let seconds = uptime.split_whitespace().next()?.parse().ok()?;
        let length = Duration::try_from_secs_f64(seconds).ok()?;
        Some(SinceBoot { boot: boot.trim().to_owned(), length })
    }

    /// Asks the kernel by way of systemd, which needs no more rights.
    fn is_synchronised(&self) -> SyncAnswer {
        Box::pin(async {
            let mut ask = tokio::process::Command::new("timedatectl");
            ask.args(["show", "--property=NTPSynchronized", "--value"]).kill_on_drop(true);
            let told = tokio::time::timeout(Duration::from_secs(2), ask.output()).await;
            match told.ok()?.ok()?.stdout.trim_ascii() {
                b"yes" => Some(true),
                b"no" => Some(false),
                _ => None,
            }
        })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn sleep(&self, length: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(length))
    }

    fn pace(&self, real: Duration) -> Duration {
        real
    }
}

/// A clock with a chosen start and speed, which can be moved by hand.
#[derive(Debug)]
pub struct RehearsalClock {
    started: Instant,
    boot: String,
    speed: u32,
    /// The time that passes a second for whoever asks: by itself at `speed`, or by hand.
    pace: AtomicU32,
    /// The number of times that somebody asked for the time, or to be woken.
    asked: AtomicU64,
    shift: watch::Sender<Shift>,
}

/// The distance by which the clock was moved by hand.
#[derive(Clone, Copy, Debug)]
struct Shift {
    /// The wall clock at the start, moved by every step.
    origin: DateTime<Utc>,
    /// Monotonic time that was skipped.
    skipped: Duration,
}

/// The number of these clocks in this process so far.
static CLOCKS: AtomicU32 = AtomicU32::new(0);

impl RehearsalClock {
    /// A clock that shows `origin` now and passes `speed` seconds a second. At speed 0 the clock
    /// stands still until it is moved.
    pub fn new(origin: DateTime<Utc>, speed: u32) -> Arc<Self> {
        Self::build(origin, speed, speed)
    }

    /// A clock that passes `speed` seconds a second in steps, and waits for a machine that is too
    /// busy for that: see [`Passing`].
    pub fn patient(origin: DateTime<Utc>, speed: u32) -> (Arc<Self>, Passing) {
        let clock = Self::build(origin, 0, speed);
        let passing = Passing::begin(&clock);
        (clock, passing)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn build(origin: DateTime<Utc>, speed: u32, pace: u32) -> Arc<Self> {
        let shift = Shift { origin, skipped: Duration::ZERO };
        let number = CLOCKS.fetch_add(1, Ordering::Relaxed);
        let boot = format!("rehearsal-{}-{number}", std::process::id());
        Arc::new(Self {
            started: Instant::now(),
            boot,
            speed,
            pace: AtomicU32::new(pace),
            asked: AtomicU64::new(0),
            shift: watch::Sender::new(shift),
        })
    }

    /// Lets `length` pass at once, for sleepers too. Everything due in between is then past.
    pub fn skip(&self, length: Duration) {
        self.shift.send_modify(|shift| shift.skipped += length);
    }

    /// Steps the wall clock, as an administrator or a time server does. Monotonic time stays.
    pub fn step(&self, by: TimeDelta) {
        self.shift.send_modify(|shift| shift.origin += by);
    }

    /// Lets a patient clock pass so many seconds a second from now on.
    pub fn run_at(&self, pace: u32) {
        self.pace.store(pace, Ordering::Relaxed);
    }

    /// The number of times that somebody asked for the time, or to be woken. While the number stays
    /// the same, everybody seems to wait.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    fn ask(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    fn passed(&self) -> Duration {
        self.started.elapsed() * self.speed + self.shift.borrow().skipped
    }
}

impl Clock for RehearsalClock {
    fn now(&self) -> DateTime<Utc> {
        self.ask();
        let origin = self.shift.borrow().origin;
        origin + TimeDelta::from_std(self.passed()).unwrap_or(TimeDelta::MAX)
    }

    fn moment(&self) -> Moment {
        self.ask();
        Moment(self.passed())
    }

    /// Each of these clocks counts as one boot.
    fn uptime(&self) -> Option<SinceBoot> {
        Some(SinceBoot { boot: self.boot.clone(), length: self.passed() })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn sleep(&self, length: Duration) -> Sleep {
        self.ask();
        let mut shifts = self.shift.subscribe();
        let (started, speed) = (self.started, self.speed);
        let wake = self.passed().saturating_add(length);
        Box::pin(async move {
            loop {
                let skipped = shifts.borrow_and_update().skipped;
                let left = wake.saturating_sub(started.elapsed() * speed + skipped);
                if left.is_zero() {
                    return;
                }
                if speed == 0 {
                    if shifts.changed().await.is_err() {
                        // The clock is gone, so this time never comes.
                        return std::future::pending().await;
                    }
                    continue;
                }
                tokio::select! {
                    () = tokio::time::sleep(left / speed) => {}
                    Ok(()) = shifts.changed() => {}
                }
            }
        })
    }

    fn pace(&self, real: Duration) -> Duration {
        real * self.pace.load(Ordering::Relaxed)
    }
}

/// Lets the time of a patient clock pass while this value lives, in steps of 50 real milliseconds.
/// No step is made before nobody has asked for the time during two short rests.
#[derive(Debug)]
pub struct Passing(tokio::task::JoinHandle<()>);

/// The real time that a step stands for: a part without a look, and the rests.
const STEP: Duration = Duration::from_millis(50);
const BEFORE_THE_RESTS: Duration = Duration::from_millis(30);
const REST: Duration = Duration::from_millis(10);
const RESTS: u32 = 2;

impl Passing {
    fn begin(clock: &Arc<RehearsalClock>) -> Self {
        let (clock, real) = (Arc::clone(clock), SystemClock::new());
        Self(tokio::spawn(async move {
            loop {
                real.sleep(BEFORE_THE_RESTS).await;
                let mut rests = 0;
                while rests < RESTS {
                    let asked = clock.asked();
                    real.sleep(REST).await;
                    rests = if clock.asked() == asked { rests + 1 } else { 0 };
                }
                clock.skip(clock.pace(STEP));
            }
        }))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_420_800, 0).expect("a valid time")
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_time_is_skipped_over_and_not_before() {
        let clock = RehearsalClock::new(noon(), 0);
        let mut sleep = clock.sleep(Duration::from_secs(60));
        clock.skip(Duration::from_secs(59));
        assert!(
            tokio::time::timeout(Duration::ZERO, &mut sleep).await.is_err(),
            "a second is left"
        );
        clock.skip(Duration::from_secs(1));
        sleep.await;
        assert_eq!(clock.now(), noon() + TimeDelta::seconds(60));
    }

    #[test]
    fn a_step_moves_the_wall_clock_and_nothing_else() {
        let clock = RehearsalClock::new(noon(), 0);
        let before = clock.moment();
        clock.step(TimeDelta::hours(-1));
        assert_eq!(clock.now(), noon() - TimeDelta::hours(1));
        assert_eq!(clock.moment(), before);
    }
}
