//! Checks `[[notify]]` and `heartbeat_url`: the targets, their channels, and their events.

use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;

use super::Check;
use super::account::is_variable;
use crate::schedule::hint::Hint;
use crate::schedule::notify::{Channel, Event, Format, Notify, SecretUrl, UrlSource};
use crate::schedule::raw::{self, Text};
use crate::time::zone::Zone;

/// The name of the heartbeat in the log. No target may have this name.
pub const HEARTBEAT: &str = "heartbeat_url";

/// `$NAME`, `${NAME}`, `ENV:NAME`.
fn variable_meant(text: &str) -> Option<String> {
    let text = text.trim();
    let braced = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let begun =
        || text.get(..4).filter(|it| it.eq_ignore_ascii_case("env:")).map(|_| text[4..].trim());
    let name = braced.or_else(|| text.strip_prefix('$')).or_else(begun)?;
    is_variable(name).then(|| format!("env:{name}"))
}

impl Check<'_> {
    /// `zone`: the zone of reports; `None` if nothing names one.
    pub(super) fn notify(
        &mut self,
        entries: Vec<Spanned<raw::Notify>>,
        zone: Option<Zone>,
    ) -> Vec<Notify> {
        let mut names = HashSet::new();
        let mut targets = Vec::new();
        for entry in entries {
            let span = entry.span();
            let touched = self.losses.touch(&span);
            let mut entry = entry.into_inner();
            let given = entry.name.as_ref().map(Text::span);
            let report = self.report_times(&mut entry, touched, zone);
            let ahead = self.ahead(&mut entry, touched);
            let Some(target) = self.target(entry, span.clone(), touched) else { continue };
            let target = Notify { ahead, report, ..target };
            if !names.insert(target.name.clone()) {
                let message = format!("two targets of notices are called `{}`", target.name);
                let hint = "give one of them another `name`";
                self.error(given.unwrap_or(span), message, hint);
            }
            targets.push(target);
        }
        targets
    }

    fn target(&mut self, entry: raw::Notify, span: Range<usize>, touched: bool) -> Option<Notify> {
        let name = entry.name.as_ref().map(|name| self.target_name(name));
        let on = match entry.on {
            None => Event::DEFAULT.into(),
            Some(on) => {
                if on.get_ref().is_empty() && !self.losses.touch(&on.span()) {
                    let hint = "name events, or leave the key out for the usual ones";
                    self.error(on.span(), "`on` is empty: nothing would be told", hint);
                }
                on.into_inner().into_iter().collect()
            }
        };
        let (channel, default_name) = match (entry.url, entry.command) {
            (Some(url), None) => self.post(&url, entry.format)?,
            (None, Some(command)) => self.command(&command, entry.format)?,
            (Some(_), Some(command)) => {
                let hint = "write two entries of `[[notify]]`, one for each";
                self.error(command.span(), "a target has a `url` or a `command`, not both", hint);
                return None;
            }
            (None, None) if touched => return None,
            (None, None) => {
                let hint = "`url = \"https://…\"`, `url = \"env:NAME\"` for a variable, or \
                    `command = [\"PROGRAM\", \"…\"]`";
                self.error(span, "`url` or `command` is missing in a target of notices", hint);
                return None;
            }
        };
        let language = entry.language.unwrap_or_default();
        Some(Notify {
            name: name.unwrap_or(default_name),
            channel,
            on,
            language,
            ahead: None,
            report: None,
        })
    }

    /// The given name, unchanged: a wrong one is reported, and then the file is not used.
    fn target_name(&mut self, name: &Text) -> String {
        let text = name.get_ref();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if text.is_empty() || !text.chars().all(is_word) {
            let message = format!("`{text}` is no name for a target of notices");
            self.error(name.span(), message, "letters, digits, `-` and `_`");
        } else if text == HEARTBEAT {
            let message = format!("`{HEARTBEAT}` is what the log calls the heartbeat");
            self.error(name.span(), message, "choose another name");
        }
        text.clone()
    }

    /// The variable named by `env:NAME`, if one is meant; an error is reported.
    pub(super) fn variable(&mut self, written: &Text) -> Option<Result<String, ()>> {
        let text = written.get_ref();
        if let Some(name) = text.strip_prefix("env:") {
            if is_variable(name) {
                return Some(Ok(name.to_owned()));
            }
            let message = "`env:` is not followed by the name of a variable";
            let hint = "behind it stands a name: letters, digits and `_`";
            self.secret_error(written.span(), message, hint);
            return Some(Err(()));
        }
        let meant = variable_meant(text)?;
        let hint = Hint::write(&meant, self.source.rewriting(written, &meant));
        self.error(written.span(), "a variable is named behind `env:`", hint);
        Some(Err(()))
    }

    /// A URL that may be a secret, or the variable that holds one.
    pub(super) fn secret_url(&mut self, url: &Text) -> Option<UrlSource> {
        let text = url.get_ref();
        if let Some(variable) = self.variable(url) {
            return variable.ok().map(UrlSource::Variable);
        }
        if text.contains('@') && (text.starts_with("mailto:") || !text.contains('/')) {
            let hint = "notices go to a URL or to a command; a command can send mail";
            let message = "nothing is sent by mail";
            self.problems.push(self.source.secret_error(url.span(), message, hint));
            return None;
        }
        match SecretUrl::parse(text) {
            Ok(url) => Some(UrlSource::Written(url)),
            Err(error) => {
                let (message, hint) = (error.to_string(), error.hint());
                self.problems.push(self.source.secret_error(url.span(), message, hint));
                None
            }
        }
    }

    /// A POST, and the default name of the target.
    fn post(&mut self, url: &Text, format: Option<Spanned<Format>>) -> Option<(Channel, String)> {
        let url = self.secret_url(url)?;
        let name = match &url {
            UrlSource::Written(url) => url.host().to_owned(),
            UrlSource::Variable(name) => name.clone(),
        };
        let format = format.map(Spanned::into_inner).unwrap_or_default();
        Some((Channel::Post { url, format }, name))
    }

    /// A command, and the default name of the target.
    fn command(
        &mut self,
        command: &Spanned<Vec<Text>>,
        format: Option<Spanned<Format>>,
    ) -> Option<(Channel, String)> {
        if let Some(format) = format {
            let hint = "a command reads lightsout's own JSON; leave `format` out";
            self.error(format.span(), "`format` is for a `url`", hint);
        }
        let (program, arguments) = self.program(command, "command")?;
        let name =
            program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        Some((Channel::Command { program, arguments }, name))
    }

    /// A program and its arguments, as `key` names them.
    pub(super) fn program(
        &mut self,
        command: &Spanned<Vec<Text>>,
        key: &str,
    ) -> Option<(PathBuf, Vec<String>)> {
        let mut words = command.get_ref().iter();
        let Some(program) = words.next().filter(|program| !program.get_ref().is_empty()) else {
            if !self.losses.touch(&command.span()) {
                let hint = "the program and its arguments, each a text of its own";
                self.error(command.span(), format!("`{key}` names no program"), hint);
            }
            return None;
        };
        let words: Vec<&Text> = words.collect();
        if let Some(word) = words.iter().find(|word| word.get_ref().contains('\0')) {
            self.error(word.span(), "an argument holds no NUL", "remove the `\\u0000`");
        }
        let written = program.get_ref();
        let path = if written.contains('/') || written.contains('\0') || written.starts_with('~') {
            self.path(written, program.span())?
        } else {
            PathBuf::from(written)
        };
        Some((path, words.into_iter().map(|word| word.get_ref().clone()).collect()))
    }
}
