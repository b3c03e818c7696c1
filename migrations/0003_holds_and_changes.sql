-- Holds, what they and people at the console leave to be made up, and what others changed.

INSERT INTO kind (name, meaning) VALUES
    ('hold',     'a rule or an instance is to be left alone until a time'),
    ('hold_end', 'a hold was released before its time'),
    ('owed',     'what a rule is still to do to an instance, at another time than its own'),
    ('makeup',   'a firing makes up for what was owed'),
    ('change',   'an instance was found started or stopped, and not by this log''s doing');

-- What is held: a rule by its name, or an instance by its name or number (`subject`, as it was
-- given). A hold that was read off a tag of an instance names that instance too. `skip`: what
-- falls into it is not made up.
CREATE TABLE hold (
    seq         INTEGER PRIMARY KEY REFERENCES entry (seq),
    what        TEXT NOT NULL CHECK (what IN ('rule', 'instance')),
    subject     TEXT NOT NULL,
    until       INTEGER NOT NULL,
    skip        INTEGER NOT NULL CHECK (skip IN (0, 1)),
    why         TEXT,
    who         TEXT NOT NULL,
    via         TEXT NOT NULL CHECK (via IN ('command', 'tag', 'page')),
    account     TEXT,
    instance_no TEXT,
    tag_value   TEXT,
    CHECK ((via = 'tag') = (tag_value IS NOT NULL)),
    CHECK (via <> 'tag' OR (account IS NOT NULL AND instance_no IS NOT NULL))
) STRICT;

CREATE INDEX hold_by_end ON hold (until);

CREATE TABLE hold_end (
    seq  INTEGER PRIMARY KEY REFERENCES entry (seq),
    hold INTEGER NOT NULL UNIQUE,
    who  TEXT NOT NULL
) STRICT;

-- It falls due at the end of a hold, whenever that is, or at an instant. `wanted_at` is when the
-- rule wanted it: what a later firing of the opposite action had since is not made up. `firing`
-- left it; it is named by number and not referred to, as it may be pruned earlier.
CREATE TABLE owed (
    seq           INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing        INTEGER NOT NULL,
    rule          TEXT NOT NULL,
    action        TEXT NOT NULL CHECK (action IN ('stop', 'start')),
    account       TEXT NOT NULL,
    instance_no   TEXT NOT NULL,
    wanted_at     INTEGER NOT NULL,
    hold          INTEGER,
    due_at        INTEGER,
    CHECK ((hold IS NULL) <> (due_at IS NULL))
) STRICT;

CREATE INDEX owed_by_firing ON owed (firing);

CREATE TABLE makeup (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    firing INTEGER NOT NULL,
    owed   INTEGER NOT NULL UNIQUE
) STRICT;

CREATE INDEX makeup_by_firing ON makeup (firing);

-- It was seen in `status_before` at `unseen_since`, and in `status_after` at `seen_at`.
CREATE TABLE change (
    seq           INTEGER PRIMARY KEY REFERENCES entry (seq),
    account       TEXT NOT NULL,
    region        TEXT NOT NULL,
    instance_no   TEXT NOT NULL,
    instance_name TEXT NOT NULL,
    status_before TEXT NOT NULL,
    status_after  TEXT NOT NULL,
    unseen_since  INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL
) STRICT;

CREATE INDEX change_by_instance ON change (account, instance_no, seq);

-- When an instance was last seen as its last row of `seen` has it: overwritten, outside the chain.
CREATE TABLE look (
    account     TEXT NOT NULL,
    instance_no TEXT NOT NULL,
    looked_at   INTEGER NOT NULL,
    PRIMARY KEY (account, instance_no)
) STRICT, WITHOUT ROWID;

-- As before; and what is new has a view of its own, so that the next migration need not repeat
-- all of it.
DROP VIEW body;

CREATE VIEW body_of_firings (seq, text) AS
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
FROM prune
UNION ALL
SELECT seq, json_object(
    'target', target, 'event', event, 'firing', firing, 'through', through, 'body', body)
FROM notice
UNION ALL
SELECT seq, json_object('notice', notice, 'result', result, 'detail', detail)
FROM notice_end;

CREATE VIEW body_of_holds (seq, text) AS
SELECT seq, json_object(
    'what', what, 'subject', subject, 'until', until, 'skip', skip, 'why', why, 'who', who,
    'via', via, 'account', account, 'instance_no', instance_no, 'tag_value', tag_value)
FROM hold
UNION ALL
SELECT seq, json_object('hold', hold, 'who', who)
FROM hold_end
UNION ALL
SELECT seq, json_object(
    'firing', firing, 'rule', rule, 'action', action, 'account', account,
    'instance_no', instance_no, 'wanted_at', wanted_at, 'hold', hold, 'due_at', due_at)
FROM owed
UNION ALL
SELECT seq, json_object('firing', firing, 'owed', owed)
FROM makeup
UNION ALL
SELECT seq, json_object(
    'account', account, 'region', region, 'instance_no', instance_no,
    'instance_name', instance_name, 'status_before', status_before,
    'status_after', status_after, 'unseen_since', unseen_since, 'seen_at', seen_at)
FROM change;

CREATE VIEW body (seq, text) AS
SELECT seq, text FROM body_of_firings
UNION ALL
SELECT seq, text FROM body_of_holds;

CREATE TRIGGER hold_is_never_updated BEFORE UPDATE ON hold
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER hold_end_is_never_updated BEFORE UPDATE ON hold_end
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER owed_is_never_updated BEFORE UPDATE ON owed
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER makeup_is_never_updated BEFORE UPDATE ON makeup
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER change_is_never_updated BEFORE UPDATE ON change
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER hold_is_never_deleted BEFORE DELETE ON hold
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER hold_end_is_never_deleted BEFORE DELETE ON hold_end
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER owed_is_never_deleted BEFORE DELETE ON owed
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER makeup_is_never_deleted BEFORE DELETE ON makeup
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER change_is_never_deleted BEFORE DELETE ON change
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER hold_replaces_nothing BEFORE INSERT ON hold
WHEN EXISTS (SELECT 1 FROM hold WHERE seq = NEW.seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'hold')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;

CREATE TRIGGER hold_end_replaces_nothing BEFORE INSERT ON hold_end
WHEN EXISTS (SELECT 1 FROM hold_end WHERE seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM hold_end WHERE hold = NEW.hold)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'hold_end')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;

CREATE TRIGGER owed_replaces_nothing BEFORE INSERT ON owed
WHEN EXISTS (SELECT 1 FROM owed WHERE seq = NEW.seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'owed')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;

CREATE TRIGGER makeup_replaces_nothing BEFORE INSERT ON makeup
WHEN EXISTS (SELECT 1 FROM makeup WHERE seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM makeup WHERE owed = NEW.owed)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'makeup')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;

CREATE TRIGGER change_replaces_nothing BEFORE INSERT ON change
WHEN EXISTS (SELECT 1 FROM change WHERE seq = NEW.seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'change')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;
