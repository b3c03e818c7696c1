//! Texts of a schedules.toml that are hard to read, most of them just short of what would be
//! refused unread.

use super::super::shell::ALL;

/// What it is, and the text.
type Ordeal = (&'static str, String);

const DATES: &str = "timezone = \"UTC\"\n[calendars.a]\ndates = [";

pub(super) fn all() -> Vec<Ordeal> {
    [keys(), syntax(), lists(), globs(), rules()].concat()
}

fn filled(begin: &str, count: usize, part: &dyn Fn(usize) -> String, end: &str) -> String {
    let parts: Vec<String> = (0..count).map(part).collect();
    begin.to_owned() + &parts.concat() + end
}

fn keys() -> Vec<Ordeal> {
    vec![
        ("unknown keys", filled("", 240_000, &|it| format!("k{it}=1\n"), "")),
        ("unknown keys on one line", filled("a={", 240_000, &|it| format!("k{it}=1,"), "}")),
        ("unknown keys of a rule", filled(ALL, 240_000, &|it| format!("k{it}=1\n"), "")),
        ("unknown tables", filled("", 240_000, &|it| format!("[k{it}]\n"), "")),
        ("one key again and again", "a=1\n".repeat(240_000)),
        ("one table again and again", "[a]\n".repeat(240_000)),
        ("a key of many parts", vec!["a"; 450_000].join(".") + "=1"),
    ]
}

fn syntax() -> Vec<Ordeal> {
    let nested = |depth: usize, open: &str, close: &str| {
        format!("a={}1{}\n", open.repeat(depth), close.repeat(depth))
    };
    let deep = |open: &str, close: &str| nested(200_000, open, close);
    vec![
        ("commas", "a=[".to_owned() + &",".repeat(900_000)),
        ("more commas", "a=[".to_owned() + &",".repeat(3_000_000)),
        ("equals signs", "=\n".repeat(450_000)),
        ("keys without a value", "x\n".repeat(450_000)),
        ("nested lists", deep("[", "]")),
        ("nested tables", deep("{a=", "}")),
        ("open brackets", "[".repeat(3_000_000)),
        // Short enough to be taken for misspelt.
        ("a short text of nested lists", nested(30_000, "[", "]")),
        ("a short text of nested tables", nested(16_000, "{a=", "}")),
    ]
}

fn lists() -> Vec<Ordeal> {
    vec![
        ("bad dates on one line", filled(DATES, 100_000, &|_| "\"2026-13-01\",".into(), "]\n")),
        ("numbers for dates", filled(DATES, 490_000, &|_| "1,".into(), "]\n")),
        (
            "years of dates",
            filled(DATES, 9_000, &|it| format!("\"{0}-01-01..{0}-12-31\",", 1_000 + it), "]\n"),
        ),
        ("words", filled("a=[", 490_000, &|_| "x,".into(), "]")),
        ("empty lists", filled("a=[", 320_000, &|_| "[],".into(), "]")),
    ]
}

fn globs() -> Vec<Ordeal> {
    let glob = |glob: &str| ALL.replace("[\"*\"]", &format!("[\"{glob}\"]"));
    let many = |it: usize| format!("\"{}{it}\",", "{a,b}".repeat(9));
    vec![
        ("nested braces", glob(&("{".repeat(14_851) + &"}".repeat(14_851)))),
        ("more of them", glob(&"{".repeat(1_000_000))),
        ("multiplied braces", glob(&("{a,b}".repeat(9) + &"x".repeat(1_000_000)))),
        ("many multiplied braces", filled("[protect]\nnames = [", 60_000, &many, "]\n")),
    ]
}

fn rules() -> Vec<Ordeal> {
    let rule = &ALL[ALL.find("[[").unwrap()..];
    let with =
        |it: usize, key: &str| format!("{}{key}\n", rule.replace("night", &format!("n{it}")));
    let account = |name: &str| format!("[accounts.{name}]\nplatform = \"vpc\"\n");
    let two = format!("timezone = \"UTC\"\n{}{}", account("a"), account("b"));
    let in_no_account = |it: usize| with(it, &format!("account = \"c{it}\""));
    let in_no_zone = |it: usize| with(it, &format!("timezone = \"A/B{it}\""));
    vec![
        ("a long name", ALL.replace("night", &"n".repeat(1_000_000))),
        ("a long cron", ALL.replace("* * *\"", &format!("* * {}1\"", "1,".repeat(1_000_000)))),
        ("slashes", format!("{ALL}[[notify]]\nurl = \"{}\"\n", "://".repeat(1_000_000))),
        ("rules of nothing", filled(ALL, 150_000, &|_| "[[rules]]\n".into(), "")),
        ("rules of one name", filled(ALL, 15_000, &|_| rule.to_owned(), "")),
        ("rules of no account", filled(&two, 12_000, &in_no_account, "")),
        ("rules in no zone", filled(&account("a"), 12_000, &in_no_zone, "")),
        ("expectations of nothing", filled(ALL, 150_000, &|_| "[[expect]]\n".into(), "")),
    ]
}
