//! Owns the words for instances in the log, which may be gone from the cloud.

use std::collections::{BTreeMap, BTreeSet};

use super::instance::{AccountName, InstanceNo};

/// An instance at its last observation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownInstance {
    pub account: AccountName,
    pub no: InstanceNo,
    pub name: String,
}

/// Every instance that was ever seen, with the instances of the last firing of each rule.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub instances: Vec<KnownInstance>,
    /// The instances that the last firing of a rule matched, by the name of the rule.
    pub matched: BTreeMap<String, BTreeSet<InstanceNo>>,
}
