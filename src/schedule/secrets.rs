//! Which lines of a file hold a secret, so that no message shows them.

use crate::text::char_floor::floor;

/// How much of a URL is looked at: no more of a line is ever shown.
const LONGEST_URL: usize = 400;

/// Whether a line has a URL that says more than its host.
pub(super) fn hides_a_secret(line: &str) -> bool {
    secret_in(line).is_some()
}

/// Parts of the names of keys whose values are secrets, also where they do not belong.
pub(super) const SECRETS: [&str; 6] =
    ["access_key", "api_key", "credential", "password", "secret", "token"];

/// Where in a line something begins that is nobody's business.
pub(super) fn secret_in(line: &str) -> Option<usize> {
    secret_url_in(line).into_iter().chain(secret_value_in(line)).min()
}

/// Where a URL begins to say more than its host: those of webhooks are secrets. Those of gateways
/// are not, but for a user or a query that does not belong there.
pub(super) fn secret_url_in(line: &str) -> Option<usize> {
    let ends = |key: &&str| line.find(key).map(|at| at + key.len());
    let open_from = ["gateway", "resource_manager"].iter().filter_map(ends).min();
    line.match_indices("://").find_map(|(at, slashes)| {
        let is_open = open_from.is_some_and(|from| from <= at);
        let host = at + slashes.len();
        let is_host = |c: char| c.is_alphanumeric() || "-.:[]".contains(c);
        if is_open {
            let url = &line[host..floor(line, host + LONGEST_URL)];
            let url = url.split(['"', '\'']).next().unwrap_or_default();
            let user = url.rfind('@').map(|_| host);
            return user.or_else(|| Some(host + url.find(['?', '#'])?));
        }
        let behind = host + line[host..].find(|c| !is_host(c))?;
        match line.as_bytes()[behind] {
            b'/' | b'?' | b'#' => Some(behind),
            // What looked like a host was a user and a password.
            b'@' => Some(host),
            _ => None,
        }
    })
}

/// Where the value of a key begins that is a secret by its name, and does not say where it is.
pub(super) fn secret_value_in(line: &str) -> Option<usize> {
    line.match_indices('=').find_map(|(equals, _)| {
        let name = line[..equals].trim_end().trim_end_matches(['"', '\'']);
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let name = &name[name.trim_end_matches(is_name).len()..].to_lowercase();
        let value = line[equals + 1..].trim_start();
        let bare = value.trim_start_matches(['"', '\'']);
        let says_where = name.ends_with("_file")
            || ["env", "file:", "profile"].iter().any(|form| bare.starts_with(form));
        let is_secret = SECRETS.iter().any(|part| name.contains(part));
        (is_secret && !says_where).then(|| line.len() - value.len())
    })
}
