//! The kinds of entries, by which a copy is made from what was hashed.

use super::record::{
    AnswerRecord, BudgetRecord, ChangeRecord, ClockRecord, DeferredRecord, FileLoadRecord,
    FileTextRecord, FiringEndRecord, FiringRecord, HoldEndRecord, HoldRecord, MakeupRecord,
    NoticeEndRecord, NoticeRecord, OutcomeRecord, ProductRecord, PruneRecord, Record, SeenRecord,
    SessionEndRecord, SessionRecord, TakeoverRecord, TargetRecord,
};
