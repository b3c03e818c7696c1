//! The log's schema, a step a file, as it grew.

/// Every migration, in order. A log that knows more than these is from a newer version.
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
