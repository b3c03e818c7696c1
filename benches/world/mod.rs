//! What the program runs in, without its command line: a rehearsal cloud, a log on disk, and
//! the dispatch between them. In a folder of its own, which goes when the world does.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use lightsout::audit::{AuditLog, Writer};
use lightsout::clock::Clock;
use lightsout::cloud::rehearsal::{Fleet, RehearsalCloud};
use lightsout::cloud::{self, Environment};
use lightsout::engine::dispatch::{ActiveConfig, Clouds, Dispatch};
use lightsout::lifecycle::ShutdownSwitch;
use lightsout::schedule::Schedules;

pub(crate) struct World {
    pub(crate) cloud: RehearsalCloud,
    pub(crate) dispatch: Dispatch,
    pub(crate) in_use: ActiveConfig,
    /// Tells the dispatch to end.
    pub(crate) switch: ShutdownSwitch,
    _folder: tempfile::TempDir,
}

impl World {
    /// A world with this fleet and these `[[rules]]` for it.
    pub(crate) async fn of(
        fleet: &str,
        rules: &str,
        clock: &Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let text =
            format!("timezone = \"Asia/Seoul\"\n[accounts.main]\nplatform = \"vpc\"\n{rules}");
        let (schedules, _) = Schedules::parse(&folder.path().join("schedules.toml"), &text)
            .map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let cloud = RehearsalCloud::serve(Fleet::parse(fleet)?, Arc::clone(clock), listen).await?;
        let gateway = cloud.base_url();
        let environment = Environment::from([
            ("NCLOUD_API_GW", gateway.as_str()),
            ("NCLOUD_ACCESS_KEY", cloud.access_key()),
            ("NCLOUD_SECRET_KEY", cloud.secret_key()),
        ]);
        let mut clouds = Clouds::new();
        for (name, account) in &schedules.accounts {
            clouds.insert(name.clone(), cloud::connect(account, &environment, Arc::clone(clock))?);
        }
        let audit = AuditLog::open(&schedules.audit, Writer::Daemon, Arc::clone(clock)).await?;
        let file = audit.load_file(&schedules).await?;
        let (switch, shutdown) = ShutdownSwitch::new();
        let dispatch = Dispatch::new(Arc::new(audit), Arc::clone(clock), shutdown);
        let in_use =
            ActiveConfig { schedules: Arc::new(schedules), file, clouds: Arc::new(clouds) };
        Ok(Self { cloud, dispatch, in_use, switch, _folder: folder })
    }
}
