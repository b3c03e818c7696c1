//! Writes calls: the URL, the body, and the right that each needs.
//!
//! `server_api`, `resource_manager` and `examination` choose the calls; [`client`](super::client)
//! signs and sends them.

use reqwest::Url;
use serde_json::Value;

use super::client::Call;
use super::query::Query;
use super::response::Payload;
use super::site::below;
use crate::cloud::ncloud::Generation;
use crate::cloud::{CloudError, Right};
use crate::model::instance::RegionCode;

/// The call whose answers are long.
pub(super) const SERVER_LIST: &str = "getServerInstanceList";

/// The path of the list, below the base URL of the Resource Manager.
const RESOURCES: &str = "/resources";

const RESOURCES_RIGHT: Right =
    Right { call: "resources", granted_by: Some("NCP_RESOURCE_MANAGER_VIEWER") };

/// The longest list: all servers come in one body, and one server of Classic takes 2.6 kB.
const MOST_BYTES_OF_A_LIST: usize = 64 << 20;

/// The longest page of a hundred resources.
const MOST_BYTES_OF_RESOURCES: usize = 4 << 20;

/// The longest other answer. The answer to a change has at most twenty servers.
const MOST_BYTES: usize = 1 << 20;

/// A call of the server API. `region` is for log events.
pub(super) fn of_servers(
    gateway: &Url,
    generation: Generation,
    action: &'static str,
    (region, query): (&str, Query),
) -> Call {
    let platform = match generation {
        Generation::Classic => "server",
        Generation::Vpc => "vserver",
    };
    let mut url = below(gateway, &format!("/{platform}/v2/{action}"));
    url.set_query(Some(&query.with("responseFormatType", "xml").encoded()));
    Call {
        right: Right { call: action, granted_by: granted_by(generation, action) },
        region: region.to_owned(),
        url,
        body: None,
        payload: Payload::Of(action),
        most_bytes: if action == SERVER_LIST { MOST_BYTES_OF_A_LIST } else { MOST_BYTES },
    }
}

/// The call of the Resource Manager at this base URL.
pub(super) fn of_resources(resource_manager: &Url, region: &RegionCode, body: &Value) -> Call {
    Call {
        right: RESOURCES_RIGHT,
        region: region.to_string(),
        url: below(resource_manager, RESOURCES),
        body: Some(body.to_string()),
        payload: Payload::Bare,
        most_bytes: MOST_BYTES_OF_RESOURCES,
    }
}

/// The Resource Manager is another product on another host. Its 401 proves nothing about the keys
/// at the server API.
pub(super) fn of_other_product(error: CloudError) -> CloudError {
    match error {
        CloudError::Denied { refusal, .. } => {
            CloudError::Forbidden { refusal, right: RESOURCES_RIGHT }
        }
        error => error,
    }
}

/// The managed policy that grants an action. Those of Classic are not published.
fn granted_by(generation: Generation, action: &str) -> Option<&'static str> {
    match generation {
        Generation::Classic => None,
        Generation::Vpc if action.starts_with("get") => Some("NCP_VPC_SERVER_VIEWER"),
        Generation::Vpc => Some("NCP_VPC_SERVER_MANAGER"),
    }
}
