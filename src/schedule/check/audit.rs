//! Checks `[audit]`: where the log is, and with whom it is shared.

use super::Check;
use super::checker::LOG;
use crate::schedule::audit_file::{AuditFile, Shared};
use crate::schedule::raw::{self, Text};
use crate::schedule::shared::{SharedPlace, SharedUrl};
use crate::time::duration::parse_keep;

/// The longest name of a node.
const LONGEST_NAME: usize = 63;

impl Check<'_> {
    pub(super) fn audit(&mut self, audit: Option<raw::Audit>) -> AuditFile {
        let audit = audit.unwrap_or_default();
        let path = audit.path.and_then(|path| self.path(path.get_ref(), path.span()));
        let mode = audit.mode.and_then(|mode| {
            let value = octal(mode.get_ref());
            if value.is_none() {
                let message = format!("`{}` is no mode for the log", mode.get_ref());
                let hint =
                    "three octal digits that let its owner read and write: `\"0600\"`, `\"0640\"`";
                self.error(mode.span(), message, hint);
            }
            value
        });
        if let (Some(keep), Some(_)) = (&audit.keep, &audit.shared) {
            let message = "a shared log is kept for ever: `keep` would leave holes in the copies";
            self.error(keep.span(), message, "leave `keep` out, or `shared`");
        }
        if let (Some(node), None) = (&audit.node, &audit.shared) {
            let message = "`node` names this machine among those that share a log, and none is";
            self.error(node.span(), message, "leave it out, or name the log in `shared`");
        }
        let keep = audit.keep.and_then(|keep| self.duration(&keep, parse_keep));
        let node = audit.node.and_then(|node| self.node(&node));
        let place = audit.shared.and_then(|place| self.shared_place(&place));
        AuditFile {
            path: path.unwrap_or_else(|| self.folder.join(LOG)),
            mode: mode.unwrap_or(0o600),
            keep,
            shared: place.map(|place| Shared { place, node }),
        }
    }

    fn node(&mut self, node: &Text) -> Option<String> {
        let name = node.get_ref();
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_word) {
            return Some(name.clone());
        }
        let message = format!("`{name}` is no name for a node");
        self.error(node.span(), message, "up to 63 letters, digits, `-`, `_` and `.`");
        None
    }

    fn shared_place(&mut self, place: &Text) -> Option<SharedPlace> {
        if let Some(variable) = self.variable(place) {
            return variable.ok().map(SharedPlace::Variable);
        }
        match SharedUrl::parse(place.get_ref()) {
            Ok(url) if url.has_password() => {
                let message = "a password in the file would go into the log, and to every node";
                let hint = "leave it to `~/.pgpass`, `PGPASSWORD` or `\"env:NAME\"`";
                self.secret_error(place.span(), message, hint);
                None
            }
            Ok(url) => Some(SharedPlace::Written(url)),
            Err(error) => {
                self.secret_error(place.span(), &error.to_string(), error.hint());
                None
            }
        }
    }
}

/// A mode that lets the owner read and write.
fn octal(text: &str) -> Option<u32> {
    let is_octal =
        (3..=4).contains(&text.len()) && text.bytes().all(|b| (b'0'..=b'7').contains(&b));
    let mode = u32::from_str_radix(text, 8).ok().filter(|_| is_octal)?;
    (mode <= 0o777 && mode & 0o600 == 0o600).then_some(mode)
}
