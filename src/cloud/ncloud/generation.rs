//! The two generations of NAVER Cloud, whose server APIs differ.

/// A generation, by the word that schedules.toml and fleet files have for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Generation {
    /// `/vserver/v2/`.
    Vpc,
    /// `/server/v2/`.
    Classic,
}
