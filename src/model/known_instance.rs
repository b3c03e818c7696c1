//! Servers as the log knows them.

use std::collections::{BTreeMap, BTreeSet};

use super::instance::{AccountName, Instance, InstanceNo, Operation, Product, RegionCode, Status};

/// An instance as it was last seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownInstance {
    pub account: AccountName,
    pub no: InstanceNo,
    pub name: String,
}

impl KnownInstance {
    /// As much of an instance as selectors ask for, but its tags.
    pub fn bare(&self) -> Option<Instance> {
        Some(Instance {
            no: self.no.clone(),
            name: self.name.clone(),
            region: RegionCode::new("KR").ok()?,
            status: Status::Run,
            operation: Operation::null(),
            booted_at: None,
            product: Product::default(),
            tags: None,
        })
    }
}

/// Every instance that was ever seen, and which of them each rule was last about.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    pub instances: Vec<KnownInstance>,
    /// By the name of a rule, the instances that its last firing matched.
    pub matched: BTreeMap<String, BTreeSet<InstanceNo>>,
}
