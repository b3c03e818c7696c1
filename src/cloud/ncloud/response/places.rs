//! Reads the rows of lists of regions and zones.

use super::tree::{Element, Malformed};
use crate::model::instance::RegionCode;

/// A row of `getRegionList`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub code: RegionCode,
    /// `regionNo`, which calls to Classic need.
    pub no: Option<String>,
}

/// Reads an answer of `getRegionList`.
///
/// # Errors
/// It names no region, or one whose code is none.
pub fn regions(answer: &Element<'_>) -> Result<Vec<Region>, Malformed> {
    let rows = answer.rows("regionList");
    if rows.is_empty() {
        return Err(Malformed::Unexpected("it names no region".to_owned()));
    }
    let region = |row: &Element<'_>| {
        let code = row.word("regionCode").unwrap_or_default();
        let code = RegionCode::new(code).map_err(|bad| Malformed::Unexpected(bad.to_string()))?;
        Ok(Region { code, no: row.word("regionNo").map(ToOwned::to_owned) })
    };
    rows.iter().map(region).collect()
}

/// Reads an answer of `getZoneList`: the numbers of the zones.
///
/// # Errors
/// A zone has no number.
pub fn zones(answer: &Element<'_>) -> Result<Vec<String>, Malformed> {
    let zone = |row: &Element<'_>| {
        let no = row.word("zoneNo").map(ToOwned::to_owned);
        no.ok_or_else(|| Malformed::Unexpected("it names a zone without zoneNo".to_owned()))
    };
    answer.rows("zoneList").iter().map(zone).collect()
}
