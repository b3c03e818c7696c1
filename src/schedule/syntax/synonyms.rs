//! What people write for keys and words that are called otherwise here.

use crate::text::did_you_mean::nearest;

/// What people write for a key, and the key.
const KEYS: [(&str, &str); 34] = [
    ("cmd", "command"),
    ("comment", "about"),
    ("credential", "credentials"),
    ("desc", "about"),
    ("description", "about"),
    ("do", "action"),
    ("events", "on"),
    ("exclude", "except"),
    ("filter", "select"),
    ("hosts", "names"),
    ("id", "instances"),
    ("ids", "instances"),
    ("include", "select"),
    ("interval", "every"),
    ("labels", "tags"),
    ("note", "about"),
    ("reason", "because"),
    ("region", "regions"),
    ("schedule", "cron"),
    ("selector", "select"),
    ("server", "names"),
    ("servers", "names"),
    ("skip", "skip_on"),
    ("target", "select"),
    ("targets", "select"),
    ("time_zone", "timezone"),
    ("timeout", "patience"),
    ("tz", "timezone"),
    ("webhook", "url"),
    ("weekend", "off_days"),
    ("when", "cron"),
    ("why", "because"),
    ("window", "off"),
    ("zone", "timezone"),
];

/// What people write for a word, and the word.
const WORDS: [(&str, &str); 24] = [
    ("shutdown", "stop"),
    ("shut down", "stop"),
    ("halt", "stop"),
    ("off", "stop"),
    ("turn off", "stop"),
    ("poweroff", "stop"),
    ("power off", "stop"),
    ("stopped", "stop"),
    ("정지", "stop"),
    ("중지", "stop"),
    ("종료", "stop"),
    ("끄기", "stop"),
    ("on", "start"),
    ("turn on", "start"),
    ("boot", "start"),
    ("poweron", "start"),
    ("power on", "start"),
    ("started", "start"),
    ("시작", "start"),
    ("기동", "start"),
    ("켜기", "start"),
    ("off", "stopped"),
    ("on", "running"),
    ("started", "running"),
];

/// The known key that was meant by an unknown one: the same in another case or with other marks,
/// one that means the same, or a similar one.
pub(crate) fn key_meant<'s>(name: &str, known: &[&'s str]) -> Option<&'s str> {
    let squeezed = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let same = known.iter().find(|known| squeezed(known) == squeezed(name));
    let lower = name.to_lowercase();
    let synonyms = || KEYS.iter().filter(|(word, _)| *word == lower);
    same.or_else(|| synonyms().find_map(|(_, key)| known.iter().find(|known| *known == key)))
        .copied()
        .or_else(|| nearest(name, known.iter().copied()))
}

/// The allowed word that was meant by another.
pub(crate) fn word_meant<'s>(word: &str, allowed: &[&'s str]) -> Option<&'s str> {
    let lower = word.trim().to_lowercase();
    let same = allowed.iter().find(|allowed| **allowed == lower);
    let mut synonyms = WORDS.iter().filter(|(word, _)| *word == lower);
    same.or_else(|| synonyms.find_map(|(_, meant)| allowed.iter().find(|it| *it == meant)))
        .copied()
        .or_else(|| nearest(&lower, allowed.iter().copied()))
}
