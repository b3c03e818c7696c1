//! What is counted of firings, of instances in them, and of nights. Every count can be added up.

use std::ops::AddAssign;

use serde::Serialize;

/// A struct of counts that can be added to another, field by field.
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
    /// Firings. What fell due was run on time, or late, or missed; what was run is one of
    /// `came_true` to `open`.
    Firings {
        /// How many fell due; those by hand, and those that a calendar prevented, are none.
        due,
        on_time,
        /// Run late, after a daemon was away.
        late,
        missed,
        /// Run, and every instance that may be acted on got where it should be.
        came_true,
        /// Run, and some instance did not, or some region could not be read.
        fell_short,
        /// A guard sent nothing: `too_many` or `drifted`.
        guarded,
        /// The cloud could not be read, or refused the keys.
        failed,
        /// The rule's last firing was still being followed.
        overlapped,
        empty,
        /// Only recorded what they would have asked.
        dry_run,
        open,
        /// Days on which a calendar alone prevented them.
        skipped,
        held,
        /// Fired to make up for what a hold or a person had kept; none of those that fell due.
        made_up,
        by_hand,
    }
}

counts! {
    /// What became of instances, once for each firing that was about one; firings by hand are
    /// among them, and each is one of these.
    Ends {
        /// Asked to stop, and seen in `NSTOP`.
        stopped,
        /// Asked to start, and seen in `RUN`.
        started,
        /// Were so without our asking.
        already,
        dry_run,
        refused,
        /// Accepted, and not there in time.
        timed_out,
        unknown,
        /// Left alone, as they were held.
        held,
        /// Left alone by choice otherwise: protected, excepted, stopped by somebody else.
        left_alone,
        /// Never free to be asked: busy, or in a failed state.
        busy,
        /// Nothing became of them: the firing was held back as a whole, or goes on.
        unsettled,
    }
}

impl Ends {
    /// How many did not get where they should be.
    pub fn troubles(&self) -> u64 {
        self.refused + self.timed_out + self.unknown + self.busy
    }
}

counts! {
    /// Nights of servers that were to be off in them, each once a server.
    Nights {
        /// It was off, be it for a part of the night.
        off,
        running,
        unknown,
    }
}
