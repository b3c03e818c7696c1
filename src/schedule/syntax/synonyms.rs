//! Owns the other words that people write for keys and words of the file.

use crate::text::did_you_mean::nearest;

/// Other words for keys, with the keys.
const KEYS: [(&str, &str); 68] = [
    ("cmd", "command"),
    ("comment", "about"),
    ("credential", "credentials"),
    ("desc", "about"),
    ("description", "about"),
    ("do", "action"),
    ("op", "action"),
    ("operation", "action"),
    ("type", "action"),
    ("verb", "action"),
    ("active", "enabled"),
    ("dry", "dry_run"),
    ("event", "on"),
    ("events", "on"),
    ("exclude", "except"),
    ("exclusions", "except"),
    ("ignore", "except"),
    ("filter", "select"),
    ("match", "select"),
    ("where", "select"),
    ("hook", "url"),
    ("hosts", "names"),
    ("id", "instances"),
    ("ids", "instances"),
    ("include", "select"),
    ("interval", "every"),
    ("labels", "tags"),
    ("limit", "max_instances"),
    ("max", "max_instances"),
    ("max_servers", "max_instances"),
    ("note", "about"),
    ("downtime", "off"),
    ("off_hours", "off"),
    ("off_time", "off"),
    ("off_times", "off"),
    ("protected", "protect"),
    ("protection", "protect"),
    ("notice", "notify"),
    ("notices", "notify"),
    ("notification", "notify"),
    ("notifications", "notify"),
    ("reason", "because"),
    ("region", "regions"),
    ("region_code", "regions"),
    ("region_codes", "regions"),
    ("schedule", "cron"),
    ("schedule", "rules"),
    ("schedules", "rules"),
    ("selector", "select"),
    ("server", "names"),
    ("servers", "names"),
    ("skip", "skip_on"),
    ("slack", "url"),
    ("target", "select"),
    ("targets", "select"),
    ("time_zone", "timezone"),
    ("timeout", "patience"),
    ("type", "format"),
    ("type", "platform"),
    ("tz", "timezone"),
    ("webhook", "url"),
    ("webhook_url", "url"),
    ("weekend", "off_days"),
    ("when", "cron"),
    ("when", "on"),
    ("why", "because"),
    ("window", "off"),
    ("zone", "timezone"),
];

/// Other words for words, with the words.
const WORDS: [(&str, &str); 27] = [
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
    ("failed", "failure"),
    ("클래식", "classic"),
    ("꺼짐", "stopped"),
    ("off", "stopped"),
    ("on", "running"),
    ("started", "running"),
];

/// The known key that an unknown one means: (1) the same in other letter case or with other marks;
/// (2) a synonym; (3) a similar one.
///
/// `fits`: whether the written value can belong to a key.
pub(crate) fn key_meant<'s>(
    name: &str,
    known: &[&'s str],
    fits: impl Fn(&str) -> bool,
) -> Option<&'s str> {
    let squeezed = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
    let same = known.iter().find(|known| squeezed(known) == squeezed(name));
    let synonyms =
        || KEYS.iter().filter(|(word, key)| squeezed(word) == squeezed(name) && fits(key));
    same.or_else(|| synonyms().find_map(|(_, key)| known.iter().find(|known| *known == key)))
        .copied()
        .or_else(|| nearest(name, known.iter().copied()).filter(|key| fits(key)))
}

/// The allowed word that another word means.
pub(crate) fn word_meant<'s>(word: &str, allowed: &[&'s str]) -> Option<&'s str> {
    let lower = word.trim().to_lowercase();
    let lower = bare_verb(&lower);
    let same = allowed.iter().find(|allowed| **allowed == lower);
    let mut synonyms = WORDS.iter().filter(|(word, _)| *word == lower);
    same.or_else(|| synonyms.find_map(|(_, meant)| allowed.iter().find(|it| *it == meant)))
        .copied()
        .or_else(|| nearest(lower, allowed.iter().copied()))
}

/// The verb of `stop-instance` or `서버 정지`, without its object.
fn bare_verb(word: &str) -> &str {
    let is_mark = |c: char| matches!(c, ' ' | '-' | '_');
    let mut word = word;
    for thing in ["instances", "instance", "servers", "server", "vms", "vm", "서버"] {
        let rest = word.strip_suffix(thing).or_else(|| word.strip_prefix(thing));
        word = rest.map_or(word, |rest| rest.trim_matches(is_mark));
    }
    word
}
