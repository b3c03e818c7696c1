//! What the tag of a server was found to say.

use super::instance::InstanceNo;

/// What the tag of an instance was found to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTag {
    pub no: InstanceNo,
    pub name: String,
    /// The tag's value; `None` where the instance does not have the tag.
    pub value: Option<String>,
}
