//! Collects the data for the list of servers, and finds the server that an address names.
//!
//! [`super::instance`] collects the data for one server. [`super::page`] draws both.

use std::collections::HashMap;

use hyper::StatusCode;
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::instance;
use super::page::{self, Asked, ServersPage};
use super::page_request::{PageRequest, Viewed};
use super::state::WebState;
use crate::audit::AuditReader;
use crate::model::instance::InstanceNo;
use crate::model::known_instance::KnownInstance;
use crate::servers::{self, Identities, Only, Wanted, in_order};
use crate::text::normal_form::same;
use crate::verdict::Troubled;

/// The servers on a page.
const A_PAGE: usize = 100;

/// The list, with all servers or with those that `?q=` and `?state=` mean.
pub(super) async fn list(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
) -> Viewed {
    let search = field(page_request.query, "q");
    let only = Only::of_word(&field(page_request.query, "state"));
    let wanted = Wanted::new(&search);
    let known = match log {
        Some(log) => log.instances_by_last_name().await?,
        None => Vec::new(),
    };
    let all = known.len();
    let found = known.into_iter().filter(|it| wanted.is(it)).collect();
    draw(state, page_request, log, (Asked { search, only }, all, found)).await
}

/// The page of the server with a number or a name; a list when several servers have the name.
pub(super) async fn one(
    state: &WebState,
    page_request: PageRequest<'_>,
    (log, address): (&AuditReader, &str),
) -> Viewed {
    let Ok(name) = percent_decode_str(address).decode_utf8() else { return Ok(None) };
    if let Ok(no) = InstanceNo::new(&*name)
        && instance::is_known(log, &no).await?
    {
        return instance::instance(state, page_request, (log, no)).await;
    }
    let known = log.instances_by_last_name().await?;
    let all = known.len();
    let found: Vec<_> = known.into_iter().filter(|it| same(&it.name, &name)).collect();
    let Some(first) = found.first() else { return Ok(None) };
    if found.iter().all(|it| it.no == first.no) {
        let no = first.no.clone();
        return instance::instance(state, page_request, (log, no)).await;
    }
    let asked = Asked { search: name.into_owned(), only: None };
    draw(state, page_request, Some(log), (asked, all, found)).await
}

async fn draw(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: Option<&AuditReader>,
    (asked, known, found): (Asked, usize, Vec<KnownInstance>),
) -> Viewed {
    let now = page_request.now;
    let daemon = match log {
        Some(log) => log.daemon().await?,
        None => None,
    };
    let rules = state.rules.now(log, daemon.as_ref()).await?;
    let in_use = rules.in_use.as_deref().ok();
    let troubled = match log {
        Some(log) => Troubled::now(log, (now, rules.zone)).await?,
        None => Vec::new(),
    };
    let troubled: HashMap<_, _> = troubled.into_iter().map(|it| (it.identity(), it)).collect();
    let found = match (asked.only, log) {
        (Some(only), Some(log)) => {
            let identities: Identities = troubled.keys().cloned().collect();
            only.among(log, found, (in_use, &identities), now).await?
        }
        _ => found,
    };
    let found = in_order(found);
    let pages = found.len().div_ceil(A_PAGE).max(1);
    let page = field(page_request.query, "page").parse().unwrap_or(1).clamp(1, pages);
    let these: Vec<_> = found.iter().skip((page - 1) * A_PAGE).take(A_PAGE).cloned().collect();
    let servers = match (log, in_use) {
        (Some(log), Some(file)) => state.limits.read(log, &these, file, now).await?,
        (Some(log), None) => servers::read(log, &these, None, now).await?,
        (None, _) => Vec::new(),
    };
    let may_hold = page_request.forms.closed.is_none() && in_use.is_some();
    let found = found.len();
    let page = ServersPage { asked, known, found, servers, troubled, page, pages, may_hold };
    let look = page_request.look(rules.zone);
    Ok(Some((StatusCode::OK, page::servers(look, &page))))
}

/// A field of a query; empty when it is not there.
fn field(query: &str, wanted: &str) -> String {
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let field = fields.find(|(name, _)| name == wanted);
    field.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
}
