//! Remembers the forms that were sent, so that a form that is sent twice holds once: at a double
//! tap, or when a browser sends it again.
//!
//! Each shown form has another seal ([`super::csrf`]), so equal forms are the same form.

use std::collections::VecDeque;

use tokio::sync::Mutex;

use super::forms::{FormDone, TypedHold};

/// A form and its sender.
type Sent = (TypedHold, String);

/// The most forms that are remembered.
const MOST: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct SentForms {
    done: Mutex<VecDeque<(Sent, FormDone)>>,
}

impl SentForms {
    /// The result of a form: of the first time, if it was sent before. A second tap waits for the
    /// first one's result.
    pub(super) async fn once<E>(
        &self,
        sent: Sent,
        hold: impl Future<Output = Result<FormDone, E>>,
    ) -> Result<FormDone, E> {
        let mut before = self.done.lock().await;
        if let Some((_, done)) = before.iter().find(|(form, _)| *form == sent) {
            return Ok(*done);
        }
        let done = hold.await?;
        if before.len() == MOST {
            before.pop_front();
        }
        before.push_back((sent, done));
        Ok(done)
    }
}
