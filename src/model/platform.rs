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
pub enum Platform {
    /// `/vserver/v2/`.
    Vpc,
    /// `/server/v2/`.
    Classic,
}

impl Platform {
    /// Whether lists show the tags of their instances.
    pub fn lists_show_tags(self) -> bool {
        match self {
            Self::Vpc => false,
            Self::Classic => true,
        }
    }
}
