//! The kinds of entries: one type each, and the statement that inserts it.
//!
//! The fields stand in the order of the `body` view, which must give back the very text that was
//! hashed. Times and durations are milliseconds. [`super::chain`] appends and hashes.

use serde::Serialize;

use super::entry_hash::EntryHash;
use super::millis::Millis;
use super::row::row;
use crate::model::outcome::Outcome;
use crate::text::normal_form::forms;

pub(crate) trait Record: Serialize {
    /// The kind's name in the table `kind`.
    const KIND: &'static str;

    /// Inserts all records of one JSON array (`?1`). The first gets the number `?2`. `jsonb_each`
    /// passes each on as parsed; `json_each` would write it as text, to be parsed again.
    const INSERT: &'static str;

    /// Inserts the rows of another table that belong to these records, from the same array.
    const INSERT_CHILDREN: Option<&'static str> = None;

    /// The columns of its table, without `seq`.
    #[cfg(test)]
    const COLUMNS: &'static [&'static str];

    /// The keys of its body, in order.
    #[cfg(test)]
    const BODY: &'static [&'static str];
}

/// Defines a kind: its name, then the fields of its row, in the order of its body.
///
/// `apart` names fields that are rows of another table, and the statement that inserts them.
/// `later` names columns that a migration added. They may be NULL, and a NULL is left out of the
/// body, so that older rows keep their hashes.
macro_rules! record {
    (
        $(#[$doc:meta])* $kind:literal $name:ident { $($field:ident : $type:ty),* $(,)? }
        $(apart { $($apart:ident : $of:ty),* $(,)? } $children:literal)?
        $(later { $($new:ident : $new_type:ty),* $(,)? })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize)]
        pub(crate) struct $name {
            $(pub(crate) $field: $type,)*
            $($(pub(crate) $apart: $of,)*)?
            $($(
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(crate) $new: Option<$new_type>,
            )*)?
        }

        impl $crate::audit::store::record::Record for $name {
            const KIND: &'static str = $kind;
            const INSERT: &'static str = concat!(
                "INSERT INTO ", $kind, " (seq",
                $(", ", stringify!($field),)* $($(", ", stringify!($new),)*)? ")\n",
                "SELECT ?2 + key",
                $(", value ->> '$.", stringify!($field), "'",)*
                $($(", value ->> '$.", stringify!($new), "'",)*)?
                "\nFROM jsonb_each(?1)"
            );
            $(const INSERT_CHILDREN: Option<&'static str> = Some($children);)?
            #[cfg(test)]
            const COLUMNS: &'static [&'static str] =
                &[$(stringify!($field),)* $($(stringify!($new),)*)?];
            #[cfg(test)]
            const BODY: &'static [&'static str] = &[
                $(stringify!($field),)* $($(stringify!($apart),)*)? $($(stringify!($new),)*)?
            ];
        }
    };
}

record!(
    /// A process began to write. The row's own number is the session.
    "session" SessionRecord { writer: String, version: String, pid: u32, host: Option<String> }
);
record!("session_end" SessionEndRecord { reason: String });
record!("file_text" FileTextRecord { sha256: String, text: String });
record!("file_load" FileLoadRecord { file: i64, path: String });
record!(
    /// A claim (`take` 1, or more when it was made again), or the record of a missed firing (`take`
    /// 0).
    "firing" FiringRecord {
        rule: String,
        action: &'static str,
        account: String,
        trigger: &'static str,
        scheduled_at: Option<Millis>,
        take: i64,
        file: i64,
        patience: u64,
        dry_run: u8,
    }
);
record!("firing_end" FiringEndRecord { firing: i64 });
record!("takeover" TakeoverRecord { firing: i64, take: i64 });
record!("makeup" MakeupRecord { firing: i64, owed: i64 });
record!(
    "target" TargetRecord {
        firing: i64,
        region: String,
        instance_no: String,
        instance_name: String,
        status_before: String,
        operation_before: String,
    }
);
record!(
    /// A request with its instances, and the boot of the machine if known.
    "request" RequestRecord { firing: i64, region: String, action: &'static str }
    apart { account: String, instances: Vec<String> }
    "INSERT INTO request_instance (request, account, instance_no)
    SELECT ?2 + request.key, request.value ->> '$.account', instance.value
    FROM jsonb_each(?1) AS request, json_each(request.value, '$.instances') AS instance"
    later { boot: String, since_boot: u64 }
);
record!(
    #[derive(Clone)]
    "answer" AnswerRecord {
        request: i64,
        result: &'static str,
        http_status: Option<u16>,
        request_id: Option<String>,
        return_code: Option<String>,
        return_message: Option<String>,
        detail: Option<String>,
    }
);
record!(
    "seen" SeenRecord {
        account: String,
        region: String,
        instance_no: String,
        instance_name: String,
        status: String,
        operation: String,
        booted_at: Option<Millis>,
        seen_at: Millis,
    }
);
record!(
    "outcome" OutcomeRecord {
        firing: i64,
        region: Option<String>,
        instance_no: Option<String>,
        outcome: &'static str,
        reason: Option<String>,
        status_after: Option<String>,
    }
);
record!(
    /// An instance was found started or stopped by somebody else.
    "change" ChangeRecord {
        account: String,
        region: String,
        instance_no: String,
        instance_name: String,
        status_before: String,
        status_after: String,
        unseen_since: Millis,
        seen_at: Millis,
    }
);
record!(
    /// The product of an instance, when new or changed.
    "product" ProductRecord {
        account: String,
        instance_no: String,
        product_code: Option<String>,
        spec_code: Option<String>,
        server_type: Option<String>,
    }
);
record!(
    "notice" NoticeRecord {
        target: String,
        event: &'static str,
        firing: Option<i64>,
        through: i64,
        body: String,
    }
);
record!("notice_end" NoticeEndRecord { notice: i64, result: &'static str, detail: String });
record!(
    "hold" HoldRecord {
        what: &'static str,
        subject: String,
        until: Millis,
        skip: u8,
        why: Option<String>,
        who: String,
        via: &'static str,
        account: Option<String>,
        instance_no: Option<String>,
        tag_value: Option<String>,
    }
);
record!(
    /// A hold was released before its time.
    "hold_end" HoldEndRecord { hold: i64, who: String }
);
record!(
    /// A deferred action on an instance: due at the end of `hold`, or at `due_at`.
    "owed" DeferredRecord {
        firing: i64,
        rule: String,
        action: String,
        account: String,
        instance_no: String,
        wanted_at: Millis,
        hold: Option<i64>,
        due_at: Option<Millis>,
    }
);
row!(impl DeferredRecord {
    firing, rule, action, account, instance_no, wanted_at, hold, due_at
});
record!(
    /// An instance has come nearer to a limit of its stop budget, or has left it again.
    "budget" BudgetRecord {
        account: String,
        region: String,
        instance_no: String,
        instance_name: String,
        against: &'static str,
        reached_before: u32,
        reached: u32,
        spent: i64,
        is_least: u8,
        allowed: i64,
    }
);
record!(
    /// The unneeded rows below a number were removed. The hashes are in hexadecimal.
    "prune" PruneRecord { below: i64, anchor: EntryHash, kept: EntryHash }
);

record!(
    /// This machine's clock was ahead; claims from `since` on are void.
    "clock" ClockRecord { ahead_at: Millis, real_at: Millis, since: Option<i64> }
);

/// A list as a JSON parameter of a statement.
pub(crate) fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("records are plain data")
}

/// The words of those outcomes, as a JSON parameter of a statement.
pub(crate) fn outcomes(are: impl Fn(Outcome) -> bool) -> String {
    json(&Outcome::words(are))
}

/// The forms that a name may have in the log, as a JSON list; empty without a name.
pub(crate) fn named(name: Option<&str>) -> String {
    json(&name.map(forms).unwrap_or_default())
}

/// The cloud's words without NUL, at which SQLite would end a text.
pub(crate) fn text(said: &str) -> String {
    said.replace('\0', "\u{fffd}")
}

/// A kind without its type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) insert: &'static str,
    pub(crate) insert_children: Option<&'static str>,
    #[cfg(test)]
    columns: &'static [&'static str],
    #[cfg(test)]
    body: &'static [&'static str],
}

impl Kind {
    const fn of<R: Record>() -> Self {
        Self {
            name: R::KIND,
            insert: R::INSERT,
            insert_children: R::INSERT_CHILDREN,
            #[cfg(test)]
            columns: R::COLUMNS,
            #[cfg(test)]
            body: R::BODY,
        }
    }
}

/// All kinds that this version writes and can copy.
pub(crate) const KINDS: [Kind; 23] = [
    Kind::of::<SessionRecord>(),
    Kind::of::<SessionEndRecord>(),
    Kind::of::<FileTextRecord>(),
    Kind::of::<FileLoadRecord>(),
    Kind::of::<FiringRecord>(),
    Kind::of::<FiringEndRecord>(),
    Kind::of::<TakeoverRecord>(),
    Kind::of::<MakeupRecord>(),
    Kind::of::<TargetRecord>(),
    Kind::of::<RequestRecord>(),
    Kind::of::<AnswerRecord>(),
    Kind::of::<SeenRecord>(),
    Kind::of::<OutcomeRecord>(),
    Kind::of::<ChangeRecord>(),
    Kind::of::<ProductRecord>(),
    Kind::of::<NoticeRecord>(),
    Kind::of::<NoticeEndRecord>(),
    Kind::of::<HoldRecord>(),
    Kind::of::<HoldEndRecord>(),
    Kind::of::<DeferredRecord>(),
    Kind::of::<BudgetRecord>(),
    Kind::of::<PruneRecord>(),
    Kind::of::<ClockRecord>(),
];

#[cfg(test)]
mod tests;
