//! Finds the secrets in a line of the file, so that no message shows them.

use crate::text::char_floor::floor;

/// The part of a URL that is searched. Messages never show more of a line.
const LONGEST_URL: usize = 400;

/// Whether a line has a URL with more than its host, or another secret.
pub(super) fn hides_a_secret(line: &str) -> bool {
    secret_in(line).is_some()
}

/// Parts of the names of keys with secret values, even at wrong places.
pub(super) const SECRETS: [&str; 6] =
    ["access_key", "api_key", "credential", "password", "secret", "token"];

/// The beginning of the first secret in a line.
pub(super) fn secret_in(line: &str) -> Option<usize> {
    secret_url_in(line).into_iter().chain(secret_value_in(line)).min()
}

/// The place at which a URL begins to say more than its host. The URLs of webhooks are secrets.
/// Those of gateways are not, except for a user or a query, which do not belong there.
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
            // The part before this was a user with a password, not a host.
            b'@' => Some(host),
            _ => None,
        }
    })
}

/// The beginning of a value that is a secret by the name of its key, unless the value only names a
/// place.
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
