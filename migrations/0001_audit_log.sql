-- The audit log, as README.md beside this file explains it.
--
-- One global sequence (`entry`) whose rows are chained by hashes; what each of them says is one
-- row of the same number in the table its kind names. Rows are only ever added.

CREATE TABLE kind (
    name    TEXT PRIMARY KEY,
    meaning TEXT NOT NULL
) STRICT;

INSERT INTO kind (name, meaning) VALUES
    ('session',     'a process began to write'),
    ('session_end', 'that process ended in good order'),
    ('file_text',   'a text of schedules.toml, once for each different text'),
    ('file_load',   'a session took a text into use'),
    ('firing',      'a rule fired, or a firing was found to have been missed'),
    ('firing_end',  'nothing is left to do or to follow in a firing'),
    ('takeover',    'another session continues a firing whose own session died'),
    ('target',      'an instance that a firing''s selector matched, as it was found'),
    ('request',     'a request that asks for a change, written before it is sent'),
    ('answer',      'what became of a request'),
    ('seen',        'the state of an instance, where it was new or had changed'),
    ('outcome',     'what became of one instance, or of a firing as a whole'),
    ('prune',       'what nobody needs below a number was removed; the chain goes on from its hash');

CREATE TABLE entry (
    seq     INTEGER PRIMARY KEY CHECK (seq > 0),
    at      INTEGER NOT NULL,
    session INTEGER NOT NULL,
    kind    TEXT NOT NULL REFERENCES kind (name),
    hash    BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX entry_of_firings ON entry (at) WHERE kind = 'firing';

CREATE TABLE session (
    seq     INTEGER PRIMARY KEY REFERENCES entry (seq),
    writer  TEXT NOT NULL,
    version TEXT NOT NULL,
    pid     INTEGER NOT NULL,
    host    TEXT
) STRICT;

CREATE TABLE session_end (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    reason TEXT NOT NULL
) STRICT;

CREATE TABLE file_text (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    sha256 TEXT NOT NULL UNIQUE,
    text   TEXT NOT NULL
) STRICT;

CREATE TABLE file_load (
    seq  INTEGER PRIMARY KEY REFERENCES entry (seq),
    file INTEGER NOT NULL REFERENCES file_text (seq),
    path TEXT NOT NULL
) STRICT;

-- `take` 1 is the claim: it runs the firing, and the index lets nobody claim it again. `take` 0
-- only notes that a firing was missed, and does not stand in the way of the claim. Firings by
-- hand have no `scheduled_at`, so that they never use up the schedule's.
CREATE TABLE firing (
    seq          INTEGER PRIMARY KEY REFERENCES entry (seq),
    rule         TEXT NOT NULL,
    action       TEXT NOT NULL CHECK (action IN ('stop', 'start')),
    account      TEXT NOT NULL,
    trigger      TEXT NOT NULL CHECK (trigger IN ('schedule', 'late', 'manual')),
    scheduled_at INTEGER,
    take         INTEGER NOT NULL CHECK (take IN (0, 1)),
    file         INTEGER NOT NULL REFERENCES file_text (seq),
    patience     INTEGER NOT NULL CHECK (patience >= 0),
    dry_run      INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    CHECK ((trigger = 'manual') = (scheduled_at IS NULL)),
    UNIQUE (rule, action, scheduled_at, take)
) STRICT;

CREATE TABLE firing_end (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing INTEGER NOT NULL UNIQUE REFERENCES firing (seq)
) STRICT;

-- Takes 2 and up.
CREATE TABLE takeover (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing INTEGER NOT NULL REFERENCES firing (seq),
    take   INTEGER NOT NULL CHECK (take > 1),
    UNIQUE (firing, take)
) STRICT;

CREATE TABLE target (
    seq              INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing           INTEGER NOT NULL REFERENCES firing (seq),
    region           TEXT NOT NULL,
    instance_no      TEXT NOT NULL,
    instance_name    TEXT NOT NULL,
    status_before    TEXT NOT NULL,
    operation_before TEXT NOT NULL,
    UNIQUE (firing, instance_no)
) STRICT;

CREATE INDEX target_by_instance ON target (instance_no, firing);
CREATE INDEX target_by_name ON target (instance_name, firing);

CREATE TABLE request (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing INTEGER NOT NULL REFERENCES firing (seq),
    region TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('stop', 'start'))
) STRICT;

CREATE INDEX request_by_firing ON request (firing);

-- The instances a request names; part of the row of `request` that they hang on.
CREATE TABLE request_instance (
    request     INTEGER NOT NULL REFERENCES request (seq),
    account     TEXT NOT NULL,
    instance_no TEXT NOT NULL,
    PRIMARY KEY (account, instance_no, request)
) STRICT, WITHOUT ROWID;

CREATE INDEX request_instance_by_request ON request_instance (request);

CREATE TABLE answer (
    seq            INTEGER PRIMARY KEY REFERENCES entry (seq),
    request        INTEGER NOT NULL UNIQUE REFERENCES request (seq),
    result         TEXT NOT NULL CHECK (result IN (
        'accepted', 'refused', 'denied', 'throttled', 'not_sent', 'unanswered', 'unreadable'
    )),
    http_status    INTEGER,
    request_id     TEXT,
    return_code    TEXT,
    return_message TEXT,
    detail         TEXT
) STRICT;

CREATE TABLE seen (
    seq           INTEGER PRIMARY KEY REFERENCES entry (seq),
    account       TEXT NOT NULL,
    region        TEXT NOT NULL,
    instance_no   TEXT NOT NULL,
    instance_name TEXT NOT NULL,
    status        TEXT NOT NULL,
    operation     TEXT NOT NULL,
    booted_at     INTEGER,
    seen_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX seen_by_instance ON seen (account, instance_no, seq);

-- `instance_no` is NULL where the row speaks of the firing as a whole, or of a whole region.
CREATE TABLE outcome (
    seq              INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing           INTEGER NOT NULL REFERENCES firing (seq),
    region           TEXT,
    instance_no      TEXT,
    outcome          TEXT NOT NULL,
    reason           TEXT,
    status_after     TEXT,
    UNIQUE (firing, instance_no)
) STRICT;

CREATE INDEX outcome_by_outcome ON outcome (outcome, firing);
CREATE INDEX outcome_without_instance ON outcome (firing) WHERE instance_no IS NULL;

-- `anchor` is the hash of the entry just below the line, from which the chain goes on; `kept` is
-- the hash over the rows below the line that stayed.
CREATE TABLE prune (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    below  INTEGER NOT NULL,
    anchor TEXT NOT NULL,
    kept   TEXT NOT NULL
) STRICT;

-- Signs of life: overwritten, outside the chain, and proof of nothing.
CREATE TABLE life (
    session INTEGER PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT;

-- The wall-clock time a daemon has lived through: everything that fell due in it was dealt with
-- when it came. A new row begins where the clock leapt.
CREATE TABLE lived (
    session     INTEGER NOT NULL,
    lived_from  INTEGER NOT NULL,
    lived_until INTEGER NOT NULL,
    PRIMARY KEY (session, lived_from)
) STRICT;

-- What each entry says, as the very text that its hash covers (see README.md).
CREATE VIEW body (seq, text) AS
SELECT seq, json_object('writer', writer, 'version', version, 'pid', pid, 'host', host)
FROM session
UNION ALL
SELECT seq, json_object('reason', reason)
FROM session_end
UNION ALL
SELECT seq, json_object('sha256', sha256, 'text', text)
FROM file_text
UNION ALL
SELECT seq, json_object('file', file, 'path', path)
FROM file_load
UNION ALL
SELECT seq, json_object(
    'rule', rule, 'action', action, 'account', account, 'trigger', trigger,
    'scheduled_at', scheduled_at, 'take', take, 'file', file, 'patience', patience,
    'dry_run', dry_run)
FROM firing
UNION ALL
SELECT seq, json_object('firing', firing)
FROM firing_end
UNION ALL
SELECT seq, json_object('firing', firing, 'take', take)
FROM takeover
UNION ALL
SELECT seq, json_object(
    'firing', firing, 'region', region, 'instance_no', instance_no,
    'instance_name', instance_name, 'status_before', status_before,
    'operation_before', operation_before)
FROM target
UNION ALL
SELECT request.seq, json_object(
    'firing', firing, 'region', region, 'action', action,
    'account', (
        SELECT account FROM request_instance
        WHERE request_instance.request = request.seq
        LIMIT 1),
    'instances', (
        SELECT json_group_array(instance_no)
        FROM (
            SELECT instance_no FROM request_instance
            WHERE request_instance.request = request.seq
            ORDER BY length(instance_no), instance_no
        )))
FROM request
UNION ALL
SELECT seq, json_object(
    'request', request, 'result', result, 'http_status', http_status, 'request_id', request_id,
    'return_code', return_code, 'return_message', return_message, 'detail', detail)
FROM answer
UNION ALL
SELECT seq, json_object(
    'account', account, 'region', region, 'instance_no', instance_no,
    'instance_name', instance_name, 'status', status, 'operation', operation,
    'booted_at', booted_at, 'seen_at', seen_at)
FROM seen
UNION ALL
SELECT seq, json_object(
    'firing', firing, 'region', region, 'instance_no', instance_no, 'outcome', outcome,
    'reason', reason, 'status_after', status_after)
FROM outcome
UNION ALL
SELECT seq, json_object('below', below, 'anchor', anchor, 'kept', kept)
FROM prune;

-- Everything one would ask of the log, under plain names: one line an instance, and one for
-- each word about a firing as a whole; a firing of which there is neither has a line as well.
--
-- Shaped so that SQLite walks the newest firings first and stops when it has enough: both
-- halves of `line` have columns of the same types, or they could not be merged as they come,
-- the `+` keeps the search for firings from being turned round, and some versions would walk
-- every outcome for the few without an instance, were they not told which index has those. A
-- query gains by it if it selects the columns it sorts by.
CREATE VIEW history AS
WITH line (firing, line, region, instance_no, instance_name, status_before, outcome) AS (
    SELECT
        fired.seq, CAST(coalesce(target.seq, fired.seq) AS INTEGER), target.region,
        target.instance_no, target.instance_name, target.status_before, outcome.seq
    FROM firing AS fired
    LEFT JOIN target ON target.firing = fired.seq
    LEFT JOIN outcome
        ON outcome.firing = target.firing AND outcome.instance_no = target.instance_no
    WHERE target.seq IS NOT NULL
        OR NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.firing = fired.seq)
    UNION ALL
    SELECT
        outcome.firing, outcome.seq, outcome.region, outcome.instance_no,
        CAST(NULL AS TEXT), CAST(NULL AS TEXT), outcome.seq
    FROM outcome INDEXED BY outcome_without_instance
    WHERE outcome.instance_no IS NULL
)
SELECT
    line.firing,
    firing.rule,
    firing.action,
    firing.trigger,
    strftime('%Y-%m-%dT%H:%M:%fZ', firing.scheduled_at / 1000.0, 'unixepoch') AS scheduled_at,
    strftime('%Y-%m-%dT%H:%M:%fZ', begun.at / 1000.0, 'unixepoch') AS started_at,
    firing.account,
    line.region,
    line.instance_no,
    line.instance_name,
    strftime('%Y-%m-%dT%H:%M:%fZ', asked.at / 1000.0, 'unixepoch') AS requested_at,
    answer.request_id,
    answer.http_status,
    answer.return_code,
    answer.return_message,
    line.status_before,
    outcome.status_after,
    outcome.outcome,
    outcome.reason,
    strftime('%Y-%m-%dT%H:%M:%fZ', settled.at / 1000.0, 'unixepoch') AS settled_at,
    line.line
FROM line
JOIN firing ON firing.seq = +line.firing
JOIN entry AS begun ON begun.seq = firing.seq
LEFT JOIN entry AS asked ON asked.seq = (
    SELECT max(request.seq)
    FROM request
    JOIN request_instance ON request_instance.request = request.seq
    WHERE request.firing = firing.seq
        AND request_instance.account = firing.account
        AND request_instance.instance_no = line.instance_no
)
LEFT JOIN answer ON answer.request = asked.seq
LEFT JOIN outcome ON outcome.seq = line.outcome
LEFT JOIN entry AS settled ON settled.seq = line.outcome;

-- Rows are never changed, and removed only below a prune that was committed.

CREATE TRIGGER kind_is_never_updated BEFORE UPDATE ON kind
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER entry_is_never_updated BEFORE UPDATE ON entry
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER session_is_never_updated BEFORE UPDATE ON session
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER session_end_is_never_updated BEFORE UPDATE ON session_end
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER file_text_is_never_updated BEFORE UPDATE ON file_text
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER file_load_is_never_updated BEFORE UPDATE ON file_load
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER firing_is_never_updated BEFORE UPDATE ON firing
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER firing_end_is_never_updated BEFORE UPDATE ON firing_end
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER takeover_is_never_updated BEFORE UPDATE ON takeover
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER target_is_never_updated BEFORE UPDATE ON target
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER request_is_never_updated BEFORE UPDATE ON request
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER request_instance_is_never_updated BEFORE UPDATE ON request_instance
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER answer_is_never_updated BEFORE UPDATE ON answer
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER seen_is_never_updated BEFORE UPDATE ON seen
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER outcome_is_never_updated BEFORE UPDATE ON outcome
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER prune_is_never_updated BEFORE UPDATE ON prune
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER kind_is_never_deleted BEFORE DELETE ON kind
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER session_is_never_deleted BEFORE DELETE ON session
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER session_end_is_never_deleted BEFORE DELETE ON session_end
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER file_text_is_never_deleted BEFORE DELETE ON file_text
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER file_load_is_never_deleted BEFORE DELETE ON file_load
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER firing_is_never_deleted BEFORE DELETE ON firing
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER firing_end_is_never_deleted BEFORE DELETE ON firing_end
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER takeover_is_never_deleted BEFORE DELETE ON takeover
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER target_is_never_deleted BEFORE DELETE ON target
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER request_is_never_deleted BEFORE DELETE ON request
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER request_instance_is_never_deleted BEFORE DELETE ON request_instance
WHEN OLD.request >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER answer_is_never_deleted BEFORE DELETE ON answer
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER seen_is_never_deleted BEFORE DELETE ON seen
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER outcome_is_never_deleted BEFORE DELETE ON outcome
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER prune_is_never_deleted BEFORE DELETE ON prune
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER entry_continues_the_sequence BEFORE INSERT ON entry
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM entry)
BEGIN
    SELECT raise(ABORT, 'an entry must continue the sequence');
END;
