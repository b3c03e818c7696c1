//! Chooses the calls that faults strike: each fault counts the calls that match it.

use super::fault::Fault;
use super::rng::Dice;

/// The faults in force, each with its counter.
#[derive(Debug)]
pub(super) struct Faults {
    armed: Vec<Armed>,
    dice: Dice,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    seen: u64,
    struck: u64,
}

impl Faults {
    pub(super) fn new(faults: &[Fault], seed: u64) -> Self {
        let mut all = Self { armed: Vec::new(), dice: Dice::seeded(seed) };
        for fault in faults {
            all.add(fault.clone());
        }
        all
    }

    pub(super) fn add(&mut self, fault: Fault) {
        self.armed.push(Armed { fault, seen: 0, struck: 0 });
    }

    pub(super) fn clear(&mut self) {
        self.armed.clear();
    }

    /// The fault that strikes this call: the first in order whose turn it is.
    pub(super) fn strike(&mut self, action: &str, region: Option<&str>) -> Option<Fault> {
        for armed in &mut self.armed {
            let fault = &armed.fault;
            if !fault.is_about(action, region)
                || fault.times.is_some_and(|most| armed.struck >= most)
            {
                continue;
            }
            armed.seen += 1;
            if armed.seen > fault.after && self.dice.happens(fault.chance) {
                armed.struck += 1;
                return Some(fault.clone());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::rehearsal::fault::FaultKind;

    fn struck(fault: Fault, calls: &[(&str, Option<&str>)]) -> Vec<bool> {
        let mut faults = Faults::new(&[fault], 1);
        calls.iter().map(|(action, region)| faults.strike(action, *region).is_some()).collect()
    }

    #[test]
    fn a_fault_skips_then_strikes_then_is_used_up() {
        let fault = Fault { after: 1, ..Fault::once("getRegionList", FaultKind::Throttle) };
        let calls = ["getRegionList", "getZoneList", "getRegionList", "getRegionList"];
        assert_eq!(struck(fault, &calls.map(|action| (action, None))), [false, false, true, false]);
    }

    #[test]
    fn a_fault_of_a_region_leaves_the_others_alone() {
        let fault =
            Fault { region: Some("SGN".to_owned()), ..Fault::new("*", FaultKind::ErrorBefore) };
        let calls =
            [("resources", Some("KR")), ("resources", Some("SGN")), ("getRegionList", None)];
        assert_eq!(struck(fault, &calls), [false, true, false]);
    }

    #[test]
    fn of_two_faults_the_first_strikes_and_the_second_follows() {
        let mut faults =
            Faults::new(&[Fault::once("*", FaultKind::Torn), Fault::once("*", FaultKind::Html)], 1);
        let kinds: Vec<_> =
            (0..3).map(|_| faults.strike("getZoneList", None).map(|fault| fault.kind)).collect();
        assert_eq!(kinds, [Some(FaultKind::Torn), Some(FaultKind::Html), None]);
    }
}
