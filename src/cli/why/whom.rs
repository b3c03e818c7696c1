//! Finds the server that a number or a name means, in the log.

use crate::audit::AuditReader;
use crate::cli::output::Misuse;
use crate::model::known_instance::KnownInstance;
use crate::text::did_you_mean::nearest;
use crate::text::normal_form::same;

/// The one server with this number, with this name, or that once had this name.
pub(super) async fn resolve(
    name: &str,
    account: Option<&str>,
    log: &AuditReader,
) -> anyhow::Result<KnownInstance> {
    let mut known = log.instances_by_last_name().await?;
    known.retain(|known| account.is_none_or(|account| known.account.as_str() == account));
    let mut meant: Vec<&KnownInstance> = known.iter().filter(|it| it.no.as_str() == name).collect();
    if meant.is_empty() {
        meant = known.iter().filter(|it| same(&it.name, name)).collect();
    }
    if meant.is_empty() {
        let once = log.numbers_once_named(name).await?;
        meant = known.iter().filter(|it| once.contains(&it.no)).collect();
    }
    match meant[..] {
        [instance] => Ok(instance.clone()),
        [] => Err(unknown(name, account, &known).into()),
        _ => Err(ambiguous(name, &meant).into()),
    }
}

fn unknown(name: &str, account: Option<&str>, known: &[KnownInstance]) -> Misuse {
    let whose = account.map(|account| format!(" of account `{account}`")).unwrap_or_default();
    let words = known.iter().flat_map(|known| [known.name.as_str(), known.no.as_str()]);
    Misuse {
        message: format!("the log has never seen a server `{name}`{whose}"),
        hint: match nearest(name, words) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "the log knows what rules matched and what was looked at; `lightsout plan` \
                     asks the cloud"
                .to_owned(),
        },
    }
}

fn ambiguous(name: &str, meant: &[&KnownInstance]) -> Misuse {
    let one = |it: &&KnownInstance| format!("`{}` ({}, account {})", it.no, it.name, it.account);
    let all: Vec<String> = meant.iter().map(one).collect();
    let is_one_number = meant.iter().all(|it| it.no == meant[0].no);
    Misuse {
        message: format!("`{name}` is {} servers: {}", meant.len(), all.join(", ")),
        hint: if is_one_number {
            "`--account NAME` says whose is meant".to_owned()
        } else {
            "its number says which one is meant".to_owned()
        },
    }
}
