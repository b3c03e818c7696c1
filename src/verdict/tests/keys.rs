//! What to do about keys that are refused.

use crate::audit::{DaemonKind, DaemonPlace};
use crate::model::language::Language;
use crate::model::repair::Repair;
use crate::schedule::CredentialSource;
use crate::text::secret_file::SecretFile;
use crate::verdict::doubt::About;
use crate::verdict::{Doubt, DoubtWords};

#[test]
fn new_keys_are_read_as_the_daemon_was_started() {
    let unit = || DaemonKind::Unit("lightsout".to_owned());
    for (keys, host, pid, kind, [english, korean, command]) in [
        (
            Some(CredentialSource::Env),
            Some("seoul-1"),
            77,
            unit(),
            [
                "Put valid keys into NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY for the daemon on the \
                 machine seoul-1, and start it again",
                "NCLOUD_ACCESS_KEY와 NCLOUD_SECRET_KEY에 유효한 키를 넣고 seoul-1 컴퓨터의 데몬을 \
                 다시 시작하십시오",
                "systemctl restart lightsout",
            ],
        ),
        (
            Some(CredentialSource::Profile),
            Some("seoul-1"),
            77,
            unit(),
            [
                "Put valid keys in place, then have the daemon on the machine seoul-1 read them",
                "유효한 키로 바꾼 뒤 seoul-1 컴퓨터의 데몬이 다시 읽게 하십시오",
                "systemctl reload lightsout",
            ],
        ),
        (
            None,
            Some("3f2a"),
            1,
            DaemonKind::Container,
            [
                "Put valid keys in place, then have the daemon in container 3f2a read \
                 them",
                "유효한 키로 바꾼 뒤 3f2a 컨테이너의 데몬이 다시 읽게 하십시오",
                "kill -HUP 1",
            ],
        ),
        (
            Some(CredentialSource::EnvPrefix("OLD".to_owned())),
            None,
            77,
            DaemonKind::Process,
            [
                "End the daemon, put valid keys into OLD_ACCESS_KEY and OLD_SECRET_KEY, and start \
                 it there again",
                "데몬을 종료하고, OLD_ACCESS_KEY와 OLD_SECRET_KEY에 유효한 키를 넣은 뒤 거기서 다시 \
                 시작하십시오",
                "lightsout run",
            ],
        ),
        (
            Some(CredentialSource::File(SecretFile::new("keys", "/etc/keys".into()))),
            None,
            77,
            unit(),
            [
                "Put valid keys in place, then have the daemon read them",
                "유효한 키로 바꾼 뒤 데몬이 다시 읽게 하십시오",
                "systemctl restart lightsout",
            ],
        ),
    ] {
        let daemon = DaemonPlace { host: host.map(ToOwned::to_owned), pid, kind };
        let about = About::Account {
            name: "main".to_owned(),
            regions: None,
            since: None,
            repair: Some(Repair::Keys),
            keys,
            daemon: Some(daemon),
        };
        let doubt = Doubt { about, detail: None };
        for (language, words) in [(Language::English, english), (Language::Korean, korean)] {
            let step = DoubtWords(language).next_step(&doubt);
            assert_eq!((&*step.words, &*step.command), (words, command));
        }
    }
}
