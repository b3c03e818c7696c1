//! Regions and zones of the world: their codes, and their numbers on Classic.

use crate::model::instance::RegionCode;

/// A region in `getRegionList`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Region {
    pub(in super::super) code: RegionCode,
    /// `regionNo` (Classic), counted from 1 here; only `KR` is known to be 1.
    pub(in super::super) no: usize,
}

/// A zone in `getZoneList`. Each region has two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Zone {
    pub(in super::super) code: String,
    /// `zoneNo` (Classic): `KR-2` is 3, as in NAVER's example.
    pub(in super::super) no: usize,
}

impl Region {
    pub(in super::super) fn name(&self) -> &str {
        match self.code.as_str() {
            "KR" => "Korea",
            "SGN" => "Singapore",
            "JPN" => "Japan",
            "HK" => "Hong Kong",
            "USWN" => "US-West",
            "DEN" => "Germany",
            other => other,
        }
    }

    pub(in super::super) fn zones(&self) -> [Zone; 2] {
        [1, 2].map(|n| Zone { code: format!("{}-{n}", self.code), no: (self.no - 1) * 10 + n + 1 })
    }
}
