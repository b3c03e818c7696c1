//! The real binary as a daemon with nothing to do, watched through `/proc`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use lightsout::clock::{Clock, SystemClock};

/// How long the daemon may take to come to rest.
const SETTLING: Duration = Duration::from_secs(10);
const WATCHED: Duration = Duration::from_secs(30);

/// A daemon that does not outlive the bench.
pub(crate) struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Daemon {
    /// Starts it on the schedules.toml in a folder.
    pub(crate) fn start(
        folder: &Path,
        environment: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lightsout"));
        command.arg("run").current_dir(folder).env_clear().envs(environment);
        command.envs([("NCLOUD_ACCESS_KEY", "AKREHEARSAL"), ("NCLOUD_SECRET_KEY", "SKREHEARSAL")]);
        Ok(Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Its folder in `/proc`.
    pub(crate) fn process(&self) -> PathBuf {
        Path::new("/proc").join(self.0.id().to_string())
    }

    /// The part of a core that it takes, once it has come to rest.
    pub(crate) async fn share_of_a_core(&mut self) -> anyhow::Result<f64> {
        let clock = SystemClock::new();
        clock.sleep(SETTLING).await;
        ensure!(self.0.try_wait()?.is_none(), "the daemon ended");
        let (began, used) = (clock.moment(), processor_time(&self.process())?);
        clock.sleep(WATCHED).await;
        let used = processor_time(&self.process())?.saturating_sub(used);
        Ok(used.as_secs_f64() / clock.moment().since(began).as_secs_f64())
    }
}

/// What all threads together have run for, to the nanosecond.
fn processor_time(process: &Path) -> anyhow::Result<Duration> {
    let mut sum = Duration::ZERO;
    for thread in fs::read_dir(process.join("task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        let nanoseconds = text.split(' ').next().context("an empty schedstat")?;
        sum += Duration::from_nanos(nanoseconds.parse()?);
    }
    Ok(sum)
}
