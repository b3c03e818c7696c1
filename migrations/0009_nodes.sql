-- The machines that share a log, as this one last heard of them.

-- Overwritten, outside the chain, and proof of nothing. `heard_at`: when its beat last changed, by
-- this machine's clock. `silent`: for how many milliseconds this machine has listened since without
-- hearing it. `body`: what it says of itself, as JSON.
CREATE TABLE node (
    session  INTEGER PRIMARY KEY,
    name     TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    silent   INTEGER NOT NULL,
    on_duty  INTEGER NOT NULL CHECK (on_duty IN (0, 1)),
    body     TEXT NOT NULL
) STRICT;

-- How this machine's copy stands to the shared log: when it was last equal, and since when and why
-- it cannot be made so. `entry`: the last entry of the shared log that was heard of.
CREATE TABLE shared (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    place      TEXT NOT NULL,
    reached_at INTEGER,
    lost_at    INTEGER,
    reason     TEXT,
    standing   TEXT NOT NULL,
    entry      INTEGER NOT NULL
) STRICT;
