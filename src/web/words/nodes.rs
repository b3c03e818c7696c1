//! The words about the machines that share a log.

use crate::audit::Standing;
use crate::model::language::words;

words! { pub(crate) struct NodeWords:
    nodes: "Machines that share the log", "로그를 공유하는 컴퓨터";
    node: "Node", "노드";
    standing: "Does", "상태";
    heard: "Last heard of", "마지막 응답";
    since: "Since", "시작";
    clock: "Clock", "시계";
    entry: "Entry of its copy", "사본의 항목";
    on_duty: "on duty", "당번";
    standing_by: "standing by", "대기 중";
    catching_up: "catching up", "동기화 중";
    silent: "silent", "응답 없음";
    diverged: "cannot follow", "동기화할 수 없음";
    offset(seconds: &str): "{seconds} s", "{seconds}초";
    shared_at(place: &str, entry: i64, copy: i64):
        "The shared log at {place} has entry {entry}; this copy has {copy}.",
        "{place}의 공유 로그에는 항목 {entry}까지, 이 사본에는 항목 {copy}까지 있습니다.";
}

impl NodeWords {
    pub(crate) fn of_standing(self, standing: Standing) -> &'static str {
        match standing {
            Standing::OnDuty => self.on_duty(),
            Standing::StandingBy => self.standing_by(),
            Standing::CatchingUp => self.catching_up(),
            Standing::Silent => self.silent(),
            Standing::Diverged => self.diverged(),
        }
    }
}
