//! Puts right the suggestions of an unknown word: clap proposes `demo` for `remove`.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::text::did_you_mean::nearest;

/// Words of other programs for commands of this one.
const OTHER_WORDS: [(&str, &[&str]); 34] = [
    ("apply", &["edit", "run"]),
    ("calendar", &["week"]),
    ("config", &["edit", "check"]),
    ("create", &["init", "add"]),
    ("daemon", &["run"]),
    ("del", &["remove"]),
    ("delete", &["remove"]),
    ("dry-run", &["plan"]),
    ("explain", &["why"]),
    ("instances", &["servers"]),
    ("kill", &["fire"]),
    ("lint", &["check"]),
    ("list", &["servers", "rules"]),
    ("log", &["history"]),
    ("logs", &["history"]),
    ("ls", &["servers", "rules"]),
    ("mute", &["hold"]),
    ("new", &["init", "add"]),
    ("pause", &["hold", "disable"]),
    ("preview", &["plan"]),
    ("ps", &["status", "servers"]),
    ("resume", &["release", "enable"]),
    ("rm", &["remove"]),
    ("schedule", &["next", "add"]),
    ("serve", &["web", "run"]),
    ("setup", &["init"]),
    ("skip", &["override"]),
    ("snooze", &["hold"]),
    ("start", &["run", "fire"]),
    ("stop", &["fire"]),
    ("trigger", &["fire"]),
    ("unhold", &["release"]),
    ("validate", &["check"]),
    ("verify", &["audit"]),
];

/// Replaces the suggestions of an error by words that were probably meant.
pub(super) fn put_right(error: &mut Error, program: &Command) {
    let text = |error: &Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let Some(word) = text(error, ContextKind::InvalidSubcommand) else { return };
            let meant = commands(&word, error, program);
            error.remove(ContextKind::SuggestedSubcommand);
            if !meant.is_empty() {
                error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(meant));
            }
        }
        ErrorKind::UnknownArgument => {
            let word = text(error, ContextKind::InvalidArg);
            let suggested = text(error, ContextKind::SuggestedArg);
            if let (Some(word), Some(suggested)) = (word, suggested) {
                let bare = |text: &str| text.trim_start_matches('-').to_owned();
                if nearest(&bare(&word), [&*bare(&suggested)]).is_none() {
                    error.remove(ContextKind::SuggestedArg);
                }
            }
        }
        _ => {}
    }
}

/// The commands that a word probably means.
fn commands(word: &str, error: &Error, program: &Command) -> Vec<String> {
    let suggested = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    };
    if let Some(near) = nearest(word, suggested.iter().map(String::as_str)) {
        return vec![near.to_owned()];
    }
    let is_command = |word: &String| program.find_subcommand(word).is_some();
    if std::env::args().take_while(|it| it != word).any(|it| is_command(&it)) {
        return Vec::new();
    }
    let other = OTHER_WORDS.iter().find(|(other, _)| *other == word.to_lowercase());
    other.map(|(_, meant)| meant.iter().map(ToString::to_string).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::command::Cli;

    #[test]
    fn other_words_mean_commands_that_there_are_and_are_none_themselves() {
        let program = Cli::command();
        let is_command = |word: &str| program.find_subcommand(word).is_some();
        for (word, meant) in OTHER_WORDS {
            assert!(!is_command(word), "{word}");
            assert!(meant.iter().all(|meant| is_command(meant)), "{word}");
        }
    }
}
