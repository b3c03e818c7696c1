//! Counts of firings, of instances in them, and of nights. Every count can be added up.

use std::ops::AddAssign;

use schemars::JsonSchema;
use serde::Serialize;

/// A struct of counts that can be added to another, field by field, and the one word for each.
macro_rules! counts {
    ($(#[$doc:meta])* $called:literal $name:ident { $($(#[$of:meta])* $field:ident = $english:literal, $korean:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
        #[schemars(rename = $called)]
        pub struct $name<T = u64> {
            $($(#[$of])* pub $field: T,)*
        }

        impl $name {
            /// What people call each count: English, Korean.
            pub(crate) const WORDS: $name<[&'static str; 2]> =
                $name { $($field: [$english, $korean],)* };
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
    "firing_counts" Firings {
        /// Due firings; those by hand, and those that a calendar prevented, are not counted.
        due = "due", "예정";
        /// Run at their time.
        on_time = "on time", "제시각";
        /// Run late, after a daemon was away.
        late = "late", "늦음";
        /// Not run: no daemon was there.
        missed = "missed", "놓침";
        /// Run, and every instance that was free reached its state.
        came_true = "came true", "성공";
        /// Run, and some instance did not reach its state, or some region could not be read.
        fell_short = "fell short", "일부 실패";
        /// A guard sent nothing: `too_many` or `drifted`.
        guarded = "held back by a guard", "안전장치로 중단";
        /// Run, and the cloud could not be read.
        failed = "could not read the cloud", "클라우드를 읽지 못함";
        /// The rule's last firing was still under way.
        overlapped = "overlapped", "겹침";
        /// Run, and no server matched.
        empty = "matched nothing", "일치하는 서버 없음";
        /// Recorded without any request.
        dry_run = "dry run", "모의 실행";
        /// Still followed.
        open = "still followed", "진행 중";
        /// Days on which a calendar or an override alone prevented a firing.
        skipped = "skipped by a calendar or an override", "달력이나 예외 기간으로 건너뜀";
        /// With a server that a hold kept as it was.
        held = "with a hold", "보류 포함";
        /// Firings that caught up on deferred actions. They are not among the due ones.
        made_up = "catching up", "밀린 작업 처리";
        /// Fired by hand. They are not among the due ones.
        by_hand = "by hand", "수동";
    }
}

counts! {
    /// The outcomes of instances, once per firing and instance, firings by hand included. Each is
    /// one of these.
    "outcome_counts" Ends {
        /// Asked to stop, and seen stopped.
        stopped = "stopped", "정지됨";
        /// Asked to start, and seen running.
        started = "started", "시작됨";
        /// In the state without our asking.
        already = "already so", "이미 그 상태";
        dry_run = "dry run", "모의 실행";
        /// The cloud said no.
        refused = "refused", "거부됨";
        /// Accepted, and not in the state in time.
        timed_out = "timed out", "시간 초과";
        /// No answer, and the state could not be read.
        unknown = "unknown", "알 수 없음";
        /// Left as they were because of a hold.
        held = "held", "보류됨";
        /// Left as they were by another choice: protected, excepted, stopped by somebody else.
        left_alone = "left alone", "그대로 둠";
        /// Never free to be asked: busy, or in a failed state.
        busy = "busy or failed", "사용 중이거나 장애";
        /// Without an outcome: a guard held the firing back, or the firing goes on.
        unsettled = "not settled", "끝나지 않음";
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
    "night_counts" Nights {
        /// Off for all or a part of the night.
        off = "off", "꺼짐";
        /// Running at the end of the night, and never off.
        running = "ran through", "밤새 켜짐";
        /// Nobody saw it.
        unknown = "not known", "알 수 없음";
    }
}

impl Nights {
    pub fn all(&self) -> u64 {
        self.off + self.running + self.unknown
    }
}
