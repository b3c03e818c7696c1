-- Indexes by which years of rows are searched as fast as a night's.

-- A rule's newest firings.
CREATE INDEX firing_by_rule ON firing (rule);
CREATE INDEX firing_by_due ON firing (scheduled_at);

-- Whether a text of schedules.toml is still needed.
CREATE INDEX firing_by_file ON firing (file);

-- What is owed falls due at an instant of its own, or at the end of a hold.
CREATE INDEX owed_by_due ON owed (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX owed_by_hold ON owed (hold) WHERE hold IS NOT NULL;

-- Every row that is removed is held against the highest line.
CREATE INDEX prune_by_line ON prune (below);
