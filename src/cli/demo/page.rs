//! `lightsout demo --web`: the page of the night that was shown, with the daemon still there.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::{output, web};
use crate::clock::{Clock, RehearsalClock};
use crate::lifecycle::Shutdown;
use crate::time::zone::Zone;
use crate::web::WebOptions;

/// Serves the page of this log and this schedules.toml until somebody ends it. Time goes on from
/// that morning, no faster than elsewhere.
pub(super) async fn keep_up(
    (log, schedules): (PathBuf, PathBuf),
    clock: &Arc<RehearsalClock>,
    zone: Zone,
    ended: Shutdown,
) -> anyhow::Result<()> {
    clock.run_at(1);
    let options = WebOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        token: None,
        hosts: Vec::new(),
        log,
        schedules,
        proxies: None,
        is_read_only: false,
    };
    let page = web::bind(Ok(options), Arc::clone(clock) as Arc<dyn Clock>).await?;
    let now = zone.show(clock.now()).format("%a %H:%M");
    output::out(&format!(
        "\nThe page of this night is up until Ctrl-C. It is {now} there, the daemon\n\
         lives, and a hold counts:\n\nhttp://{}\n",
        page.address()?
    ))?;
    page.serve(ended).await;
    Ok(())
}
