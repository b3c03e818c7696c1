//! What an entry of the log can say: one type a kind, and how it is inserted.
//!
//! The fields stand in the order of the `body` view, which must give back the very text that
//! was hashed. Times and durations are milliseconds.

use serde::Serialize;

use super::entry_hash::EntryHash;
use super::millis::Millis;
use super::row::row;
use crate::text::normal_form::forms;

pub(crate) trait Record: Serialize {
    /// Its name in the table `kind`.
    const KIND: &'static str;

    /// Inserts any number of them from one JSON array of them (`?1`) and the number of the first
    /// (`?2`). `jsonb_each` hands each of them on as it was parsed; `json_each` would write it
    /// as text, to be parsed again.
    const INSERT: &'static str;

    /// Inserts, from the same array, the rows that hang on them in another table.
    const INSERT_CHILDREN: Option<&'static str> = None;

    /// The columns of its table, without `seq`.
    #[cfg(test)]
    const COLUMNS: &'static [&'static str];

    /// The keys of its body, in their order.
    #[cfg(test)]
    const BODY: &'static [&'static str];
}

/// A kind's own name, then the fields of its row, in the order of its body.
///
/// `apart` names fields that hang on the row in another table, and the statement that inserts
/// them there. `later` names columns that a migration added: they may be NULL, and a NULL is left
/// out of the body, so that the rows from before keep their hashes.
macro_rules! record {
    (
        $(#[$doc:meta])* $kind:literal $name:ident { $($field:ident : $type:ty),* $(,)? }
        $(apart { $($apart:ident : $of:ty),* $(,)? } $children:literal)?
        $(later { $($new:ident : $new_type:ty),* $(,)? })?
    ) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        pub(crate) struct $name {
            $(pub(crate) $field: $type,)*
            $($(pub(crate) $apart: $of,)*)?
            $($(
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(crate) $new: Option<$new_type>,
            )*)?
        }

        impl Record for $name {
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
    /// A claim (`take` 1, or more where it was made once more), or the note that a firing was
    /// missed (`take` 0).
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
    /// An instance was found started or stopped, and not by this log's doing.
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
    /// As what an instance is sold, where it was new or had changed.
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
    /// A hold was taken back before its time.
    "hold_end" HoldEndRecord { hold: i64, who: String }
);
record!(
    /// What a rule is still to do to an instance: at the end of `hold`, or at `due_at`.
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
    /// An instance has come nearer to a limit of its stop budget, or is away from it again.
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
    /// What nobody needs below a number was removed. The hashes are in hexadecimal.
    "prune" PruneRecord { below: i64, anchor: EntryHash, kept: EntryHash }
);

record!(
    /// This machine's clock was found to have been ahead; claims from `since` on are void.
    "clock" ClockRecord { ahead_at: Millis, real_at: Millis, since: Option<i64> }
);

record!(
    /// A request and the instances it names, with the boot of the machine where it tells that.
    "request" RequestRecord { firing: i64, region: String, action: &'static str }
    apart { account: String, instances: Vec<String> }
    "INSERT INTO request_instance (request, account, instance_no)
    SELECT ?2 + request.key, request.value ->> '$.account', instance.value
    FROM jsonb_each(?1) AS request, json_each(request.value, '$.instances') AS instance"
    later { boot: String, since_boot: u64 }
);

/// A list as the one JSON parameter that a statement takes for it.
pub(crate) fn json(list: &impl Serialize) -> String {
    serde_json::to_string(list).expect("records are plain data")
}

/// The forms that a name may have in the log, as a JSON list; none where there is no name.
pub(crate) fn named(name: Option<&str>) -> String {
    json(&name.map(forms).unwrap_or_default())
}

/// What the cloud said, fit for SQLite, which ends a text at a NUL.
pub(crate) fn text(said: &str) -> String {
    said.replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests;
