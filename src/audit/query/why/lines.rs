//! Rows of the log about one instance, as types.

use chrono::{DateTime, Utc};

use crate::audit::store::millis::Millis;
use crate::audit::store::row::row;

row! {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct SeenLine {
        pub(crate) seq: i64,
        /// The API's code for its status.
        pub status: String,
        seen_at: Millis,
        pub region: String,
        pub instance_name: String,
    }
}

impl SeenLine {
    pub fn at(&self) -> DateTime<Utc> {
        self.seen_at.into()
    }
}

row! {
    /// A deferred action of that time.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DeferredAround {
        pub rule: String,
        /// `stop` or `start`.
        pub action: String,
        wanted_at: Millis,
        falls_due: Millis,
        /// The firing that caught up on it.
        pub made_up_by: Option<i64>,
    }
}

impl DeferredAround {
    pub fn wanted_at(&self) -> DateTime<Utc> {
        self.wanted_at.into()
    }

    /// The due time, as far as it is known.
    pub fn due_at(&self) -> DateTime<Utc> {
        self.falls_due.into()
    }
}
