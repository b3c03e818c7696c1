//! The value of the hold tag of one server.

use super::instance::InstanceNo;

/// The value of the hold tag of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTag {
    pub no: InstanceNo,
    pub name: String,
    /// `None` if the instance does not have the tag.
    pub value: Option<String>,
}
