//! Names the environment variables that hold secrets, so that no program of the file sees them.

use super::notify::{Channel, UrlSource};
use super::rule::{CredentialSource, Schedules};
use super::shared::SharedPlace;

impl Schedules {
    /// The variables with keys of the cloud, with URLs of targets, or with that of the shared log.
    pub fn secret_variables(&self) -> Vec<String> {
        let prefixes = self.accounts.values().filter_map(|account| match &account.credentials {
            CredentialSource::EnvPrefix(prefix) => Some(prefix.as_str()),
            _ => None,
        });
        let keys = prefixes
            .chain(["NCLOUD"])
            .flat_map(|prefix| ["ACCESS_KEY", "SECRET_KEY"].map(|key| format!("{prefix}_{key}")));
        let urls = self.notify.iter().filter_map(|notify| match &notify.channel {
            Channel::Post { url, .. } => Some(url),
            Channel::Command { .. } => None,
        });
        let urls = urls.chain(&self.heartbeat_url).filter_map(|url| match url {
            UrlSource::Variable(name) => Some(name.clone()),
            UrlSource::Written(_) => None,
        });
        let shared = self.audit.shared.iter().filter_map(|shared| match &shared.place {
            SharedPlace::Variable(name) => Some(name.clone()),
            SharedPlace::Written(_) => None,
        });
        keys.chain(urls).chain(shared).collect()
    }
}
