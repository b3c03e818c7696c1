//! Owns bodies that may end too early, or almost never.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Bytes, Frame, SizeHint};

/// The deliberate end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rehearsal cut the connection")]
pub(super) struct Cut;

#[derive(Debug)]
pub(super) struct Body {
    steps: VecDeque<Step>,
    announced: Option<u64>,
}

#[derive(Debug)]
enum Step {
    Send(Bytes),
    /// Lets the bytes so far reach the wire.
    Breathe,
    Cut,
    Repeat(Bytes, u32),
}

impl Body {
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { announced: Some(length(&bytes)), steps: VecDeque::from([Step::Send(bytes)]) }
    }

    pub(super) fn torn(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let half = bytes.slice(..bytes.len() / 2);
        let steps = VecDeque::from([Step::Send(half), Step::Breathe, Step::Cut]);
        Self { announced: Some(length(&bytes)), steps }
    }

    /// Half of the answer and then a gigabyte of blanks.
    pub(super) fn huge(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let half = bytes.slice(..bytes.len() / 2);
        let blanks = Bytes::from_static(&[b' '; 16 * 1024]);
        Self {
            steps: VecDeque::from([Step::Send(half), Step::Repeat(blanks, 64 * 1024)]),
            announced: None,
        }
    }
}

fn length(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Send(bytes)) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            Some(Step::Breathe) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Step::Cut) => Poll::Ready(Some(Err(Cut))),
            Some(Step::Repeat(bytes, left)) => {
                if left > 1 {
                    self.steps.push_front(Step::Repeat(bytes.clone(), left - 1));
                }
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
