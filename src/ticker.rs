//! The source of ticks: tokio-cron-scheduler with one job, every second.
//!
//! Its loop reads the wall clock twice a second, and so notices suspend and stepped clocks. Nothing
//! else of that crate is used. The scheduler decides what is due.

use tokio::sync::mpsc;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Ticks about once a second, as long as the wall clock goes forward.
pub(crate) struct Ticker {
    scheduler: JobScheduler,
    job: Job,
    ticks: mpsc::Receiver<()>,
}

impl Ticker {
    pub(crate) async fn start() -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        let (job, ticks) = every_second(&scheduler).await?;
        scheduler.start().await?;
        Ok(Self { scheduler, job, ticks })
    }

    /// Replaces a silent job by a new one. The scheduler stays: its tasks outlive it, so a new
    /// scheduler each time would be a leak.
    pub(crate) async fn replace(&mut self) -> Result<(), JobSchedulerError> {
        self.scheduler.remove(&self.job.guid()).await?;
        (self.job, self.ticks) = every_second(&self.scheduler).await?;
        Ok(())
    }

    pub(crate) async fn tick(&mut self) {
        if self.ticks.recv().await.is_none() {
            // The scheduler is gone: it never ticks again.
            std::future::pending::<()>().await;
        }
    }

    pub(crate) async fn stop(mut self) {
        // An error changes nothing: the scheduler ends with this process.
        self.scheduler.shutdown().await.ok();
    }
}

/// A job that ticks every second, and the receiver of its ticks.
async fn every_second(
    scheduler: &JobScheduler,
) -> Result<(Job, mpsc::Receiver<()>), JobSchedulerError> {
    let (sender, ticks) = mpsc::channel(1);
    let job = Job::new("* * * * * *", move |_, _| {
        // A full channel means that the last tick was not taken yet. One waiting tick is enough.
        let _ = sender.try_send(());
    })?;
    scheduler.add(job.clone()).await?;
    Ok((job, ticks))
}
