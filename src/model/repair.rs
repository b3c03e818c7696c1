//! The repairs that an account or a calendar needs before it can be read again.

/// One repair. The log and notices have it as a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    Reached,
    Answers,
    TakesRequests,
    Keys,
    Right,
    Clock,
    Listed,
    RightToTags,
    TagsAnswer,
    File,
    Region,
}

impl Repair {
    const ALL: [Self; 11] = [
        Self::Reached,
        Self::Answers,
        Self::TakesRequests,
        Self::Keys,
        Self::Right,
        Self::Clock,
        Self::Listed,
        Self::RightToTags,
        Self::TagsAnswer,
        Self::File,
        Self::Region,
    ];

    /// The repair as a clause: "nothing can be stopped until its keys are accepted".
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "its gateway can be reached",
            Self::Answers => "its gateway answers",
            Self::TakesRequests => "its gateway takes requests",
            Self::Keys => "its keys are accepted",
            Self::Right => "its keys have that right",
            Self::Clock => "the clock of this machine is right",
            Self::Listed => "its servers can be listed",
            Self::RightToTags => "its keys have the right to read tags",
            Self::TagsAnswer => "its Resource Manager answers",
            Self::File => "its file can be read",
            Self::Region => "it is listed",
        }
    }

    /// The repair of a clause in the log; `None` for one that another version wrote.
    pub fn of_clause(clause: &str) -> Option<Self> {
        // Up to 0.1.0 the clause of the keys had a hint behind it.
        let clause = clause.strip_suffix(" (changed keys are read at SIGHUP)").unwrap_or(clause);
        Self::ALL.into_iter().find(|repair| repair.as_str() == clause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_of_this_and_of_earlier_versions_are_known() {
        for repair in Repair::ALL {
            assert_eq!(Repair::of_clause(repair.as_str()), Some(repair));
        }
        let earlier = "its keys are accepted (changed keys are read at SIGHUP)";
        assert_eq!(Repair::of_clause(earlier), Some(Repair::Keys));
        assert_eq!(Repair::of_clause("its moon is full"), None);
    }
}
