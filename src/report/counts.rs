//! Counts of firings, of instances in them, and of nights. Every count can be added up.

use std::ops::AddAssign;

use serde::Serialize;

/// Defines a struct of counts with a field-by-field addition.
macro_rules! counts {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub struct $name {
            $($(#[$of])* pub $field: u64,)*
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
        due,
        on_time,
        /// Run late, after a daemon was away.
        late,
        missed,
        /// Run, and every instance that was free reached its state.
        came_true,
        /// Run, and some instance did not reach its state, or some region could not be read.
        fell_short,
        /// A guard sent nothing: `too_many` or `drifted`.
        guarded,
        failed,
        /// The rule's last firing was still under way.
        overlapped,
        empty,
        /// Recorded without any request.
        dry_run,
        open,
        /// Days on which a calendar alone prevented a firing.
        skipped,
        held,
        /// Firings that caught up on deferred actions. They are not among the due ones.
        made_up,
        by_hand,
    }
}

counts! {
    /// The outcomes of instances, once per firing and instance, firings by hand included. Each is
    /// one of these.
    Ends {
        /// Asked to stop, and seen stopped.
        stopped,
        /// Asked to start, and seen running.
        started,
        /// In the state without our asking.
        already,
        dry_run,
        refused,
        /// Accepted, and not in the state in time.
        timed_out,
        unknown,
        /// Left as they were because of a hold.
        held,
        /// Left as they were by another choice: protected, excepted, stopped by somebody else.
        left_alone,
        /// Never free to be asked: busy, or in a failed state.
        busy,
        /// Without an outcome: a guard held the firing back, or the firing goes on.
        unsettled,
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
        off,
        running,
        unknown,
    }
}
