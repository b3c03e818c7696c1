//! Servers as the log knows them.

use std::collections::{BTreeMap, BTreeSet};

use super::instance::{AccountName, InstanceNo};

/// An instance as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownInstance {
    pub account: AccountName,
    pub no: InstanceNo,
    pub name: String,
}

/// Every instance that was ever seen, and which of them each rule was last about.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub instances: Vec<KnownInstance>,
    /// By the name of a rule, the instances that its last firing matched.
    pub matched: BTreeMap<String, BTreeSet<InstanceNo>>,
}
