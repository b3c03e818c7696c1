//! The steps of the log's schema, one file each. migrations/README.md explains the tables.

/// Every migration, in order. A log with more than these is of a newer version.
pub(crate) const MIGRATIONS: [(i64, &str, &str); 9] = [
    (1, "audit log", include_str!("../../../migrations/0001_audit_log.sql")),
    (2, "notices", include_str!("../../../migrations/0002_notices.sql")),
    (3, "holds and changes", include_str!("../../../migrations/0003_holds_and_changes.sql")),
    (4, "years", include_str!("../../../migrations/0004_years.sql")),
    (5, "products", include_str!("../../../migrations/0005_products.sql")),
    (6, "stop budget", include_str!("../../../migrations/0006_budget.sql")),
    (7, "clocks", include_str!("../../../migrations/0007_clocks.sql")),
    (8, "sources", include_str!("../../../migrations/0008_sources.sql")),
    (9, "nodes", include_str!("../../../migrations/0009_nodes.sql")),
];

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_a_migration_in_its_order() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|file| file.extension().is_some_and(|it| it == "sql")).collect();
        files.sort();
        assert_eq!(files.len(), MIGRATIONS.len(), "{files:?}");
        for (file, (version, _, sql)) in files.into_iter().zip(MIGRATIONS) {
            let name = file.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with(&format!("{version:04}_")), "{name} is not {version}");
            assert!(fs::read_to_string(&file).unwrap() == sql, "{name} is not what {version} runs");
        }
    }
}
