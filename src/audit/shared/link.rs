//! One connection to PostgreSQL that is made anew when it breaks, and never waits for long.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use super::address::Address;
use super::shared_error::SharedError;
use crate::clock::{Clock, Moment};

/// The longest wait for a connection or for a statement. Shorter than a service manager's watchdog,
/// even when a few follow each other.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);
/// After a failed connection the next try waits so long, and whoever comes meanwhile fails at once.
const PAUSE: Duration = Duration::from_secs(1);

/// A connection, or the reason why there is none.
#[derive(Debug)]
pub(crate) struct Link {
    address: Address,
    clock: Arc<dyn Clock>,
    connection: Option<PgConnection>,
    /// When the last try to connect failed, and why.
    failed: Option<(Moment, SharedError)>,
}

impl Link {
    pub(crate) fn new(address: Address, clock: Arc<dyn Clock>) -> Self {
        Self { address, clock, connection: None, failed: None }
    }

    pub(crate) fn place(&self) -> &str {
        &self.address.place
    }

    /// Takes the connection, made if there is none, for one statement. [`Self::give`] takes it back;
    /// if it never comes back, because its user was given up, it is closed. A server that only
    /// follows another one is refused: after a failover a name may still lead there.
    pub(super) async fn take(&mut self) -> Result<PgConnection, SharedError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let now = self.clock.moment();
        if let Some((at, why)) = &self.failed
            && now.since(*at) < self.clock.pace(PAUSE)
        {
            // In the same words, so that a long outage is told of once.
            return Err(why.clone());
        }
        // A try that is given up has not answered either.
        self.failed = Some((now, self.silent()));
        match self.connect().await {
            Ok(connection) => {
                self.failed = None;
                Ok(connection)
            }
            Err(error) => {
                // From the end of the try on, or the next one in the queue would wait as long.
                self.failed = Some((self.clock.moment(), error.clone()));
                Err(error)
            }
        }
    }

    async fn connect(&self) -> Result<PgConnection, SharedError> {
        let connect = async {
            let mut connection = self.address.options.connect().await?;
            let is_replica: bool =
                sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut connection).await?;
            Ok((connection, is_replica))
        };
        let connected = timeout(PATIENCE, connect).await;
        let connected =
            connected.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
        let (connection, is_replica) = connected.map_err(|error| self.unreachable(error))?;
        if is_replica {
            return Err(SharedError::Replica(self.place().to_owned()));
        }
        Ok(connection)
    }

    /// Takes the connection back with what its statement did. A connection that did not answer in
    /// good order is dropped: nobody knows what its next answer would be about.
    pub(super) fn give<T>(
        &mut self,
        connection: PgConnection,
        done: Result<Result<T, sqlx::Error>, Elapsed>,
    ) -> Result<T, SharedError> {
        let done = match done {
            Ok(done) => done.map_err(|error| SharedError::of(self.place(), error)),
            Err(_) => Err(self.silent()),
        };
        if !done.as_ref().is_err_and(SharedError::is_away) {
            self.connection = Some(connection);
        }
        done
    }

    /// Ends the connection in good order.
    pub(crate) async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(timeout(PAUSE, connection.close()).await);
        }
    }

    fn silent(&self) -> SharedError {
        SharedError::Silent { place: self.place().to_owned(), after: PATIENCE }
    }

    fn unreachable(&self, error: sqlx::Error) -> SharedError {
        SharedError::Unreachable { place: self.place().to_owned(), error: error.into() }
    }
}
