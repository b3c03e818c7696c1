//! A night with stops that have not found all of their servers.

use super::{night, stop};
use crate::audit::report_facts::Fired;
use crate::model::language::Language;
use crate::model::outcome::Outcome::{Refused, Stopped};
use crate::verdict::{Mark, Words};

#[test]
fn a_night_is_not_called_good_while_a_stop_may_find_more_servers() {
    let open = |fired| Fired { is_open: true, ..fired };
    let well = || stop(20, &[(Some(Stopped), None, &[1, 2])]);
    for (firings, english, korean, mark) in [
        (
            vec![open(stop(20, &[]))],
            "1 stop is still looking for its servers",
            "아직 서버를 찾고 있는 정지 1건",
            Mark::Quiet,
        ),
        (
            // A region was read, another was not.
            vec![well(), open(stop(20, &[])), open(stop(20, &[(Some(Stopped), None, &[3])]))],
            "3 servers off so far; 2 stops are still looking for their servers",
            "지금까지 서버 3대 정지; 아직 서버를 찾고 있는 정지 2건",
            Mark::Quiet,
        ),
        (
            vec![open(stop(20, &[(None, None, &[1])])), open(stop(20, &[]))],
            "0 of 1 servers off so far; 1 in progress; 1 stop is still looking for its servers",
            "지금까지 서버 1대 중 0대 정지; 진행 중 1대; 아직 서버를 찾고 있는 정지 1건",
            Mark::Quiet,
        ),
        (
            vec![open(stop(20, &[])), stop(20, &[(Some(Refused), None, &[2])])],
            "0 of 1 servers off so far; 1 stop is still looking for its servers; \
             1 did not stop: 2 (refused)",
            "지금까지 서버 1대 중 0대 정지; 아직 서버를 찾고 있는 정지 1건; \
             정지되지 않은 서버 1대: 2(거부됨)",
            Mark::Trouble,
        ),
        (vec![well()], "2 of 2 servers off", "서버 2대 중 2대 정지", Mark::Good),
    ] {
        let night = night(&firings);
        assert_eq!(Words(Language::English).night(&night).to_string(), english);
        assert_eq!(Words(Language::Korean).night(&night).to_string(), korean);
        assert_eq!(night.mark(), mark, "{english}");
    }
}
