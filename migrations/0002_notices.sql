-- Notices: what somebody is to be told, written before it is sent, and what became of that.

INSERT INTO kind (name, meaning) VALUES
    ('notice',     'something that a target of notices is to be told'),
    ('notice_end', 'a notice was delivered, or given up');

-- Everything up to the entry `through` has been told to the target, as far as it wants to hear of
-- it. What a notice is about is named by number and not referred to: it may be pruned earlier.
CREATE TABLE notice (
    seq     INTEGER PRIMARY KEY REFERENCES entry (seq),
    target  TEXT NOT NULL,
    event   TEXT NOT NULL,
    firing  INTEGER,
    through INTEGER NOT NULL,
    body    TEXT NOT NULL
) STRICT;

CREATE INDEX notice_by_target ON notice (target, through);

CREATE TABLE notice_end (
    seq    INTEGER PRIMARY KEY REFERENCES entry (seq),
    notice INTEGER NOT NULL UNIQUE,
    result TEXT NOT NULL CHECK (result IN ('delivered', 'given_up')),
    detail TEXT NOT NULL
) STRICT;

-- As before, with the two kinds at the end.
DROP VIEW body;

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
FROM prune
UNION ALL
SELECT seq, json_object(
    'target', target, 'event', event, 'firing', firing, 'through', through, 'body', body)
FROM notice
UNION ALL
SELECT seq, json_object('notice', notice, 'result', result, 'detail', detail)
FROM notice_end;

CREATE TRIGGER notice_is_never_updated BEFORE UPDATE ON notice
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER notice_end_is_never_updated BEFORE UPDATE ON notice_end
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER notice_is_never_deleted BEFORE DELETE ON notice
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER notice_end_is_never_deleted BEFORE DELETE ON notice_end
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;
