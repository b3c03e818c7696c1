//! The words of doubts: a sentence and the next step, in each language.

use chrono::{DateTime, Utc};

use super::doubt::{About, Doubt};
use crate::audit::{DaemonKind, DaemonPlace};
use crate::model::language::words;
use crate::model::repair::Repair;
use crate::schedule::CredentialSource;
use crate::text::sanitize::harmless;
use crate::time::near::Near;
use crate::time::zone::Zone;

/// What to do next: words, and a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NextStep {
    pub(crate) words: String,
    pub(crate) command: String,
}

words! { pub(crate) struct DoubtWords:
    what_it_said: "The error", "오류 내용";

    clock(at: &str):
        "The log has entries of {at}, which is still to come: a clock is wrong, or was.",
        "로그에 아직 오지 않은 {at}의 항목이 있습니다. 시계가 틀렸거나 틀렸던 적이 있습니다.";
    no_log:
        "There is no audit log yet, so no daemon has ever run here: nothing will stop or start.",
        "감사 로그가 아직 없습니다. 데몬이 실행된 적이 없어 아무것도 정지되거나 시작되지 않습니다.";
    no_daemon:
        "No daemon is alive: nothing will stop or start.",
        "실행 중인 데몬이 없습니다. 아무것도 정지되거나 시작되지 않습니다.";
    silent(seconds: i64):
        "The daemon has not written to its log for {seconds} s: nothing will stop or start.",
        "데몬이 {seconds}초 동안 로그를 쓰지 못했습니다. 아무것도 정지되거나 시작되지 않습니다.";
    file_refused:
        "schedules.toml cannot be used as it is now.",
        "현재 schedules.toml을 사용할 수 없습니다.";
    file_refused_by_daemon:
        "schedules.toml cannot be used as it is now; the daemon goes on with the text before.",
        "현재 schedules.toml을 사용할 수 없습니다. 데몬은 이전 내용을 계속 사용합니다.";
    file_differs:
        "The daemon works under another text than schedules.toml has now; what follows is the daemon's.",
        "데몬이 사용하는 내용이 현재 schedules.toml과 다릅니다. 아래는 데몬 기준입니다.";
    account(name: &str): "account {name}", "{name} 계정";
    regions_of(regions: &str, name: &str): "account {name} ({regions})", "{name} 계정({regions})";
    keys_refused(account: &str, at: &str):
        "Nothing can be stopped or started in {account}: its keys have been refused since {at}.",
        "{at}부터 {account}의 키가 거부되어 아무것도 정지하거나 시작할 수 없습니다.";
    account_lost(account: &str): "Nothing can be stopped or started in {account}: it cannot be read.",
        "{account}을 읽을 수 없어 아무것도 정지하거나 시작할 수 없습니다.";
    account_lost_since(account: &str, at: &str):
        "Nothing can be stopped or started in {account}: it has been unreadable since {at}.",
        "{at}부터 {account}을 읽을 수 없어 아무것도 정지하거나 시작할 수 없습니다.";
    calendar_lost(name: &str, at: &str, rules: &str):
        "Calendar {name} has been unreadable since {at}, so these rules stop and start nothing: {rules}.",
        "{at}부터 {name} 달력을 읽을 수 없어 다음 규칙이 실행되지 않습니다: {rules}.";
    shared_lost(place: &str, at: &str):
        "The shared log at {place} has been out of reach since {at}: nothing will stop or start.",
        "{at}부터 {place}의 공유 로그에 연결할 수 없습니다. 아무것도 정지되거나 시작되지 않습니다.";
    diverged:
        "This machine's copy cannot follow the shared log: nothing is written from here.",
        "이 컴퓨터의 사본을 공유 로그와 동기화할 수 없습니다. 여기서는 아무것도 기록되지 않습니다.";
    no_duty:
        "No node is on duty: accounts are not read, and nobody is told of anything.",
        "당번 노드가 없습니다. 계정을 읽지 않으며 알림도 보내지 않습니다.";
    node_silent(node: &str, at: &str):
        "Node {node} has been silent since {at}; the others do its work.",
        "{at}부터 {node} 노드의 응답이 없습니다. 다른 노드가 대신 처리합니다.";
    nodes_differ(node: &str, on_duty: &str):
        "Node {node} works under another schedules.toml than {on_duty}, which is on duty.",
        "{node} 노드의 schedules.toml이 당번인 {on_duty} 노드와 다릅니다.";
    node_clock(node: &str, seconds: i64):
        "The clock of node {node} is off by {seconds} s.",
        "{node} 노드의 시계가 {seconds}초 어긋나 있습니다.";
    unknown_time: "some time", "알 수 없는 시각";

    start_it: "Start the daemon", "데몬을 시작하십시오";
    look_at_disk:
        "See whether the disk is full or the log locked; the daemon's messages say",
        "디스크가 가득 찼거나 로그가 잠겼는지 데몬의 메시지에서 확인하십시오";
    set_clock:
        "See whether the clock of this machine is set by the network",
        "이 컴퓨터의 시계가 네트워크로 동기화되는지 확인하십시오";
    mend_file:
        "Mend what this names; the daemon takes the file by itself",
        "고친 파일은 데몬이 자동으로 읽습니다. 다음 명령이 알려 주는 오류를 고치십시오";
    ask_postgresql:
        "See whether PostgreSQL answers; everything goes on by itself when it does",
        "응답이 돌아오면 모두 자동으로 계속됩니다. PostgreSQL이 응답하는지 확인하십시오";
    see_copy:
        "docs/high-availability.md says how the node comes back; this says whether its copy is whole",
        "docs/high-availability.md에 복구 방법이 있습니다. 사본이 온전한지는 다음 명령으로 확인하십시오";
    see_nodes: "See the nodes", "노드를 확인하십시오";
    start_node: "See why it ended, on that machine", "그 컴퓨터에서 데몬이 종료된 이유를 확인하십시오";
    same_file: "Put the same file on each machine", "모든 컴퓨터에 같은 파일을 두십시오";
    see_difference: "See what differs", "무엇이 다른지 확인하십시오";
    on_host(host: &str): "the daemon on the machine {host}", "{host} 컴퓨터의 데몬";
    in_container(host: &str): "the daemon in container {host}", "{host} 컨테이너의 데몬";
    the_daemon: "the daemon", "데몬";
    renew_keys(daemon: &str):
        "Put valid keys in place, then have {daemon} read them",
        "유효한 키로 바꾼 뒤 {daemon}이 다시 읽게 하십시오";
    variables(prefix: &str):
        "{prefix}_ACCESS_KEY and {prefix}_SECRET_KEY",
        "{prefix}_ACCESS_KEY와 {prefix}_SECRET_KEY";
    restart_with_keys(daemon: &str, variables: &str):
        "Put valid keys into {variables} for {daemon}, and start it again",
        "{variables}에 유효한 키를 넣고 {daemon}을 다시 시작하십시오";
    end_and_start_with_keys(daemon: &str, variables: &str):
        "End {daemon}, put valid keys into {variables}, and start it there again",
        "{daemon}을 종료하고, {variables}에 유효한 키를 넣은 뒤 거기서 다시 시작하십시오";
    give_right:
        "Give its keys the right that the error names; this shows whether all can be read",
        "오류에 나온 권한을 키에 부여하고, 모두 읽을 수 있는지 다음 명령으로 확인하십시오";
    see_answer:
        "It is tried again by itself; this shows what the cloud answers now",
        "자동으로 다시 시도합니다. 클라우드의 현재 응답은 다음 명령으로 확인하십시오";
    mend_calendar:
        "Put a file in place that can be read; this says what is wrong with it",
        "무엇이 잘못되었는지 다음 명령으로 확인하고, 읽을 수 있는 파일로 바꾸십시오";
}

impl DoubtWords {
    pub(crate) fn sentence(self, doubt: &Doubt, zone: Zone, now: DateTime<Utc>) -> String {
        let at = |at: &DateTime<Utc>| Near { zone, now }.minute(*at, self.0);
        match &doubt.about {
            About::Clock(newest) => self.clock(&at(newest)),
            About::NoLog { .. } => self.no_log().to_owned(),
            About::NoDaemon { .. } => self.no_daemon().to_owned(),
            About::Silent(silence) => self.silent(silence.num_seconds()),
            About::FileRefused { daemon_goes_on: true } => self.file_refused_by_daemon().to_owned(),
            About::FileRefused { .. } => self.file_refused().to_owned(),
            About::FileDiffers => self.file_differs().to_owned(),
            About::SharedLost { place, since } => self.shared_lost(&harmless(place), &at(since)),
            About::Diverged => self.diverged().to_owned(),
            About::NoDuty => self.no_duty().to_owned(),
            About::NodeSilent { node, since } => self.node_silent(&harmless(node), &at(since)),
            About::NodesDiffer { node, on_duty } => {
                self.nodes_differ(&harmless(node), &harmless(on_duty))
            }
            About::NodeClock { node, seconds } => self.node_clock(&harmless(node), *seconds),
            About::Account { name, regions, since, repair, .. } => {
                let account = match regions {
                    Some(regions) => self.regions_of(&harmless(regions), &harmless(name)),
                    None => self.account(&harmless(name)),
                };
                match (since, repair) {
                    (Some(since), Some(Repair::Keys)) => self.keys_refused(&account, &at(since)),
                    (Some(since), _) => self.account_lost_since(&account, &at(since)),
                    (None, _) => self.account_lost(&account),
                }
            }
            About::Calendar { name, since, rules } => {
                let since = since.as_ref().map_or_else(|| self.unknown_time().to_owned(), at);
                self.calendar_lost(&harmless(name), &since, &harmless(&rules.join(", ")))
            }
        }
    }

    pub(crate) fn next_step(self, doubt: &Doubt) -> NextStep {
        let (words, command) = match &doubt.about {
            About::Clock(_) | About::NodeClock { .. } => (self.set_clock(), "timedatectl"),
            About::NoLog { is_unit: true } | About::NoDaemon { is_unit: true } => {
                (self.start_it(), "systemctl start lightsout")
            }
            About::NoLog { .. } | About::NoDaemon { .. } => (self.start_it(), "lightsout run"),
            About::Silent(_) => (self.look_at_disk(), "journalctl -u lightsout"),
            About::FileRefused { .. } => (self.mend_file(), "lightsout check"),
            About::SharedLost { .. } => (self.ask_postgresql(), "pg_isready"),
            About::Diverged => (self.see_copy(), "lightsout audit verify"),
            About::NoDuty => (self.see_nodes(), "lightsout status --verbose"),
            About::NodeSilent { .. } => (self.start_node(), "journalctl -u lightsout"),
            About::NodesDiffer { .. } => (self.same_file(), "lightsout diff @running"),
            About::FileDiffers => (self.see_difference(), "lightsout diff @running"),
            About::Calendar { .. } => (self.mend_calendar(), "lightsout check"),
            About::Account { repair, daemon, keys, .. } => match (repair, daemon) {
                (Some(Repair::Keys), Some(daemon)) => return self.keys(daemon, keys.as_ref()),
                (Some(Repair::Clock), _) => (self.set_clock(), "timedatectl"),
                (Some(Repair::Right | Repair::RightToTags), _) => {
                    (self.give_right(), "lightsout plan")
                }
                _ => (self.see_answer(), "lightsout plan"),
            },
        };
        NextStep { words: words.to_owned(), command: command.to_owned() }
    }

    /// The keys of a daemon are accepted no longer.
    fn keys(self, daemon: &DaemonPlace, keys: Option<&CredentialSource>) -> NextStep {
        let DaemonPlace { host, pid, kind } = daemon;
        let host = host.as_deref().map(harmless);
        let who = match (&host, kind) {
            (None, _) => self.the_daemon().to_owned(),
            (Some(host), DaemonKind::Container) => self.in_container(host),
            (Some(host), _) => self.on_host(host),
        };
        let prefix = match keys {
            Some(CredentialSource::Env) => Some("NCLOUD"),
            Some(CredentialSource::EnvPrefix(prefix)) => Some(&**prefix),
            _ => None,
        };
        let (words, command) = match (prefix, kind) {
            (Some(prefix), kind) => {
                let variables = self.variables(&harmless(prefix));
                match kind {
                    DaemonKind::Unit(unit) => (
                        self.restart_with_keys(&who, &variables),
                        format!("systemctl restart {unit}"),
                    ),
                    DaemonKind::Container | DaemonKind::Process => {
                        (self.end_and_start_with_keys(&who, &variables), "lightsout run".to_owned())
                    }
                }
            }
            (None, DaemonKind::Unit(unit)) => {
                // systemd hands credentials over at the start alone.
                let is_handed = keys.is_some_and(
                    |keys| matches!(keys, CredentialSource::File(file) if file.may_be_credential()),
                );
                let verb = if is_handed { "restart" } else { "reload" };
                (self.renew_keys(&who), format!("systemctl {verb} {unit}"))
            }
            (None, DaemonKind::Container | DaemonKind::Process) => {
                (self.renew_keys(&who), format!("kill -HUP {pid}"))
            }
        };
        NextStep { words, command }
    }
}
