-- What the daemon has to be able to read: accounts, and the calendars that rules look at.

-- How the last attempt at each went: overwritten, outside the chain, and proof of nothing. A row
-- of a region is there while it cannot be listed and no server was ever seen in it.
CREATE TABLE source (
    kind    TEXT NOT NULL CHECK (kind IN ('account', 'calendar', 'region')),
    name    TEXT NOT NULL,
    region  TEXT NOT NULL DEFAULT '',
    session INTEGER NOT NULL,
    read_at INTEGER,
    lost_at INTEGER,
    reason  TEXT,
    needs   TEXT,
    regions TEXT,
    PRIMARY KEY (kind, name, region)
) STRICT;
