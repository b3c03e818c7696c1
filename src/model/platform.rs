//! The two platforms of NAVER Cloud.

/// `platform`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
#[schemars(inline, description = "")]
pub enum Platform {
    /// `/vserver/v2/`.
    Vpc,
    /// `/server/v2/`.
    Classic,
}

impl Platform {
    pub const ALL: [Self; 2] = [Self::Vpc, Self::Classic];

    /// The word used in schedules.toml.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vpc => "vpc",
            Self::Classic => "classic",
        }
    }

    /// Whether lists show the tags of their instances.
    pub fn lists_show_tags(self) -> bool {
        match self {
            Self::Vpc => false,
            Self::Classic => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_platform_of_the_file_is_among_all() {
        let schema = schemars::schema_for!(Platform).to_value().to_string();
        assert_eq!(schema.matches("const").count(), Platform::ALL.len(), "{schema}");
    }
}
