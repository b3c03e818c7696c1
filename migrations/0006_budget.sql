-- How much of what the provider allows an instance has been stopped, where that is worth telling.

INSERT INTO kind (name, meaning) VALUES
    ('budget', 'an instance has come nearer to a limit of its stop budget, or is away from it again');

-- `reached` is the largest share of the limit `against`, in percent, of those that are told of;
-- `reached_before` that of the row before, 0 where there is none. `spent` and `allowed` are
-- milliseconds; where `is_least`, nobody knows of all of the time whether it was stopped.
CREATE TABLE budget (
    seq            INTEGER PRIMARY KEY REFERENCES entry (seq),
    account        TEXT NOT NULL,
    region         TEXT NOT NULL,
    instance_no    TEXT NOT NULL,
    instance_name  TEXT NOT NULL,
    against        TEXT NOT NULL CHECK (against IN ('in_a_row', 'in_12_months')),
    reached_before INTEGER NOT NULL,
    reached        INTEGER NOT NULL,
    spent          INTEGER NOT NULL,
    is_least       INTEGER NOT NULL CHECK (is_least IN (0, 1)),
    allowed        INTEGER NOT NULL
) STRICT;

CREATE INDEX budget_by_instance ON budget (account, instance_no, against, seq);

-- As before, with the kind at the end.
CREATE VIEW body_of_budgets (seq, text) AS
SELECT seq, json_object(
    'account', account, 'region', region, 'instance_no', instance_no,
    'instance_name', instance_name, 'against', against, 'reached_before', reached_before,
    'reached', reached, 'spent', spent, 'is_least', is_least, 'allowed', allowed)
FROM budget;

DROP VIEW body;

CREATE VIEW body (seq, text) AS
SELECT seq, text FROM body_of_firings
UNION ALL
SELECT seq, text FROM body_of_holds
UNION ALL
SELECT seq, text FROM body_of_products
UNION ALL
SELECT seq, text FROM body_of_budgets;

CREATE TRIGGER budget_is_never_updated BEFORE UPDATE ON budget
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER budget_is_never_deleted BEFORE DELETE ON budget
WHEN OLD.seq >= (SELECT coalesce(max(below), 0) FROM prune)
BEGIN
    SELECT raise(ABORT, 'the audit log is insert-only');
END;

CREATE TRIGGER budget_replaces_nothing BEFORE INSERT ON budget
WHEN EXISTS (SELECT 1 FROM budget WHERE seq = NEW.seq)
    OR NOT EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq AND kind = 'budget')
BEGIN
    SELECT raise(ABORT, 'a row is added once, with its entry');
END;
