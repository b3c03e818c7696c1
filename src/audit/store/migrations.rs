//! The steps of the log's schema, one file each. migrations/README.md explains the tables.

/// Every migration, in order. A log with more than these is of a newer version.
pub(crate) const MIGRATIONS: [(i64, &str, &str); 8] = [
    (1, "audit log", include_str!("../../../migrations/0001_audit_log.sql")),
    (2, "notices", include_str!("../../../migrations/0002_notices.sql")),
    (3, "holds and changes", include_str!("../../../migrations/0003_holds_and_changes.sql")),
    (4, "years", include_str!("../../../migrations/0004_years.sql")),
    (5, "products", include_str!("../../../migrations/0005_products.sql")),
    (6, "stop budget", include_str!("../../../migrations/0006_budget.sql")),
    (7, "clocks", include_str!("../../../migrations/0007_clocks.sql")),
    (8, "sources", include_str!("../../../migrations/0008_sources.sql")),
];
