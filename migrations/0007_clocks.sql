-- Clocks that were wrong, firings that are claimed once more for that, and what tells how long
-- ago a request was made without trusting the wall clock.

INSERT INTO kind (name, meaning) VALUES
    ('clock', 'the wall clock of the machine that wrote this was found to have been ahead');

-- It had shown `ahead_at` when it was `real_at`. What that machine claimed from the entry `since`
-- on and before this one, at a time that was yet to come, may be claimed once more; where `since`
-- is NULL, it was ahead by so little that every claim holds.
CREATE TABLE clock (
    seq      INTEGER PRIMARY KEY REFERENCES entry (seq),
    ahead_at INTEGER NOT NULL,
    real_at  INTEGER NOT NULL,
    since    INTEGER,
    CHECK (ahead_at > real_at)
) STRICT;

-- A take above 1 is a claim that was made once more. The table's rows stay as they are, and are
-- not copied: a log may have many.
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(sql, 'CHECK (take IN (0, 1))', 'CHECK (take >= 0)')
WHERE type = 'table' AND name = 'firing';

PRAGMA writable_schema = RESET;

-- The boot of the machine during which it was recorded, and milliseconds since then. NULL where
-- the machine does not tell, and in rows from before.
ALTER TABLE request ADD COLUMN boot TEXT;
ALTER TABLE request ADD COLUMN since_boot INTEGER;

-- The claims that may be made once more: those of a time that had not come yet when they were
-- made. Other machines are never a ground.
CREATE VIEW void_claim (firing, clock) AS
SELECT firing.seq, clock.seq
FROM clock
CROSS JOIN entry AS noted ON noted.seq = clock.seq
CROSS JOIN session AS here ON here.seq = noted.session
CROSS JOIN firing ON firing.seq >= clock.since AND firing.seq < clock.seq
CROSS JOIN entry AS claimed ON claimed.seq = firing.seq
CROSS JOIN session AS claimant ON claimant.seq = claimed.session
WHERE claimant.host IS here.host
    AND claimed.at > clock.real_at
    AND firing.take > 0
    AND firing.scheduled_at > claimed.at - (clock.ahead_at - clock.real_at);

-- As before, but for requests of which the boot is known, and with the kind at the end.
DROP VIEW body;
DROP VIEW body_of_firings;

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
SELECT seq, CASE
    WHEN boot IS NULL THEN text
    ELSE json_insert(text, '$.boot', boot, '$.since_boot', since_boot)
END
FROM (
    SELECT request.seq, boot, since_boot, json_object(
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
            ))) AS text
    FROM request
)
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

CREATE VIEW body_of_clocks (seq, text) AS
SELECT seq, json_object('ahead_at', ahead_at, 'real_at', real_at, 'since', since)
FROM clock;

CREATE VIEW body (seq, text) AS
SELECT seq, text FROM body_of_firings
UNION ALL
SELECT seq, text FROM body_of_holds
UNION ALL
SELECT seq, text FROM body_of_products
UNION ALL
SELECT seq, text FROM body_of_budgets
UNION ALL
SELECT seq, text FROM body_of_clocks;

CREATE TRIGGER clock_is_never_updated BEFORE UPDATE ON clock
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER clock_is_never_deleted BEFORE DELETE ON clock
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER clock_replaces_nothing BEFORE INSERT ON clock
WHEN EXISTS (SELECT 1 FROM clock WHERE seq = NEW.seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'clock')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;
