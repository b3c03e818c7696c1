//! Counts of firings, of instances in them, and of nights. Every count can be added up.

use std::ops::AddAssign;

use serde::Serialize;

/// A struct of counts that can be added to another, field by field, and the one word for each.
macro_rules! counts {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct $name<T = u64> {
            $($(#[$of])* pub $field: T,)*
        }

        impl $name {
            /// What people call each count.
            pub(crate) const WORDS: $name<&'static str> = $name { $($field: $word,)* };
        }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                $(self.$field += other.$field;)*
            }
        }
    };
}

counts! {
    /// Firings. A due firing was run on time, run late, or missed. A firing that was run is one of
    /// `came_true` to `open`.
    Firings {
        /// Due firings; those by hand, and those that a calendar prevented, are not counted.
        due = "due",
        on_time = "on time",
        /// Run late, after a daemon was away.
        late = "late",
        missed = "missed",
        /// Run, and every instance that was free reached its state.
        came_true = "came true",
        /// Run, and some instance did not reach its state, or some region could not be read.
        fell_short = "fell short",
        /// A guard sent nothing: `too_many` or `drifted`.
        guarded = "held back by a guard",
        failed = "could not read the cloud",
        /// The rule's last firing was still under way.
        overlapped = "overlapped",
        empty = "matched nothing",
        /// Recorded without any request.
        dry_run = "dry run",
        open = "still followed",
        /// Days on which a calendar or an override alone prevented a firing.
        skipped = "skipped by a calendar or an override",
        held = "with a hold",
        /// Firings that caught up on deferred actions. They are not among the due ones.
        made_up = "catching up",
        by_hand = "by hand",
    }
}

counts! {
    /// The outcomes of instances, once per firing and instance, firings by hand included. Each is
    /// one of these.
    Ends {
        /// Asked to stop, and seen stopped.
        stopped = "stopped",
        /// Asked to start, and seen running.
        started = "started",
        /// In the state without our asking.
        already = "already so",
        dry_run = "dry run",
        refused = "refused",
        /// Accepted, and not in the state in time.
        timed_out = "timed out",
        unknown = "unknown",
        /// Left as they were because of a hold.
        held = "held",
        /// Left as they were by another choice: protected, excepted, stopped by somebody else.
        left_alone = "left alone",
        /// Never free to be asked: busy, or in a failed state.
        busy = "busy or failed",
        /// Without an outcome: a guard held the firing back, or the firing goes on.
        unsettled = "not settled",
    }
}

impl Firings {
    /// The due firings that had something to do: no dry run, and nothing that matched nothing.
    pub fn judged(&self) -> u64 {
        self.due.saturating_sub(self.dry_run + self.empty)
    }
}

impl Ends {
    /// The number of instances that did not reach their state.
    pub fn troubles(&self) -> u64 {
        self.refused + self.timed_out + self.unknown + self.busy
    }
}

counts! {
    /// Nights of servers that should be off, each once per server.
    Nights {
        /// Off for all or a part of the night.
        off = "off",
        running = "ran through",
        unknown = "not known",
    }
}

impl Nights {
    pub fn all(&self) -> u64 {
        self.off + self.running + self.unknown
    }
}
