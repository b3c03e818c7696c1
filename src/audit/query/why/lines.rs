//! What a log says of one instance, a row each.

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
    /// What a rule was still to do to an instance.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct DeferredAround {
        pub rule: String,
        /// `stop` or `start`.
        pub action: String,
        wanted_at: Millis,
        falls_due: Millis,
        /// The firing that made it up.
        pub made_up_by: Option<i64>,
    }
}

impl DeferredAround {
    pub fn wanted_at(&self) -> DateTime<Utc> {
        self.wanted_at.into()
    }

    /// When it falls due, as far as that is known.
    pub fn due_at(&self) -> DateTime<Utc> {
        self.falls_due.into()
    }
}
