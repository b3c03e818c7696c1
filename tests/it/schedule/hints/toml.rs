//! What is no TOML: quotes, brackets and dashes of other programs and keyboards, bare words,
//! YAML, and what was left out.

use super::Mistake;

pub(super) const ALL: &[(&str, &[Mistake])] = &[
    ("name = \"nightly\"", QUOTES),
    ("cron", BARE),
    ("patience", BOOLEANS),
    ("select = { names", BRACKETS),
    ("regions", LISTS),
    ("[[rules]]", HEADERS),
    ("[accounts.main]", ACCOUNTS),
    ("platform", PATHS),
];

const NAME: Option<&str> = Some("name = \"nightly\"");

const QUOTES: &[Mistake] = &[
    ("name = “nightly”", NAME),
    ("name = ‘nightly’", NAME),
    ("name = „nightly“", NAME),
    ("name = 「nightly」", NAME),
    ("name = 『nightly』", NAME),
    ("name = «nightly»", NAME),
    ("name = ＂nightly＂", NAME),
    ("name = ″nightly″", NAME),
    ("name = `nightly`", NAME),
    ("name = ‹nightly›", NAME),
    ("name = 〈nightly〉", NAME),
    ("name = 【nightly】", NAME),
    ("name = ❝nightly❞", NAME),
    ("name = <nightly>", NAME),
    ("name = (nightly)", NAME),
    ("name = “nightly″", NAME),
    ("name = &quot;nightly&quot;", None),
    ("name = #nightly", None),
    ("name = \"nightly”", NAME),
    ("name = “nightly\"", NAME),
    ("name = \"nightly", NAME),
    ("name = nightly\"", NAME),
    ("name = nightly", NAME),
    ("name ＝ \"nightly\"", NAME),
    ("name　=　\"nightly\"", NAME),
    ("name: \"nightly\"", NAME),
    ("name: nightly", NAME),
    ("name := \"nightly\"", NAME),
    ("name == \"nightly\"", NAME),
    ("name \"nightly\"", NAME),
    ("name = \"nightly\";", NAME),
    ("name = \"nightly\",", NAME),
    ("name = \"nightly\" // every night", NAME),
    ("// every night\nname = \"nightly\"", NAME),
    ("＃ 매일\nname = \"nightly\"", NAME),
    ("name = \"nightly  # every night", None),
    ("name =", None),
    ("name = \"nightly\"\nname = \"weekly\"", None),
];

const WEEK: Option<&str> = Some("cron = \"0 20 * * MON-FRI\"");

const BARE: &[Mistake] = &[
    ("cron = 0 20 * * MON-FRI", WEEK),
    ("cron = “0 20 * * MON-FRI”", WEEK),
    ("cron = “0 20 * * MON–FRI”", WEEK),
    ("cron = '0 20 * * MON-FRI", WEEK),
    ("cron = \"0 20 * * MON-FRI", WEEK),
    ("cron: 0 20 * * MON-FRI", WEEK),
    ("cron = 8pm", Some("cron = \"0 20 * * *\"")),
    ("cron = 20:00", Some("cron = \"0 20 * * *\"")),
    ("cron = 오후 8시", Some("cron = \"0 20 * * *\"")),
    ("cron = 「오후 8시」", Some("cron = \"0 20 * * *\"")),
];

const BOOLEANS: &[Mistake] = &[
    ("enabled = no", Some("enabled = false")),
    ("enabled = False", Some("enabled = false")),
    ("enabled = FALSE", Some("enabled = false")),
    ("enabled = off", Some("enabled = false")),
    ("dry_run = yes", Some("dry_run = true")),
    ("dry_run = True", Some("dry_run = true")),
    ("dry_run = on", Some("dry_run = true")),
    ("dry_run: yes", Some("dry_run = true")),
    ("patience = 10m", Some("patience = \"10m\"")),
    ("patience = 10 minutes", Some("patience = \"10m\"")),
    ("patience = 10분", Some("patience = \"10m\"")),
    ("max_instances = ５０", Some("max_instances = 50")),
    ("max_instances = ten", None),
    ("max instances = 5", Some("max_instances = 5")),
    ("enabled = perhaps", None),
];

const DEV: Option<&str> = Some("select = { names = [\"dev-*\"] }");

const BRACKETS: &[Mistake] = &[
    ("select = { names = [\"dev-*\"]", DEV),
    ("select = { names = [\"dev-*\" }", DEV),
    ("select = { names = [\"dev-*\"", DEV),
    ("select = { names = \"dev-*\"] }", None),
    ("select = { names = [\"dev-*] }", DEV),
    ("select = { names = [dev-*\"] }", DEV),
    ("select = { names = [dev-*] }", DEV),
    ("select = { names = [“dev-*”] }", DEV),
    ("select = { names = [″dev-*″] }", DEV),
    ("select = { names = [`dev-*`] }", DEV),
    ("select = { names = [<dev-*>] }", DEV),
    ("select = { names = [\"dev-*”] }", DEV),
    ("select = { names = dev-* }", DEV),
    ("select = { names: [\"dev-*\"] }", DEV),
    ("select: { names: [\"dev-*\"] }", DEV),
    ("select ＝ ｛ names ＝ ［\"dev-*\"］ ｝", DEV),
    (
        "select = { names = [\"dev-*\"，\"qa-*\"] }",
        Some("select = { names = [\"dev-*\", \"qa-*\"] }"),
    ),
    ("select = { tags = { env = “dev” } }", Some("select = { tags = { env = \"dev\" } }")),
    ("select = { tags = { env = dev } }", Some("select = { tags = { env = \"dev\" } }")),
    ("select = { tags = { env = \"dev\" }", Some("select = { tags = { env = \"dev\" } }")),
    ("select = { tags = { env = \"dev } }", Some("select = { tags = { env = \"dev\" } }")),
    ("select = { tags = { \"env\": \"dev\" } }", Some("select = { tags = { env = \"dev\" } }")),
    ("select.names = [\n  \"dev-*\",\n  \"qa-*\"\n", Some("select.names = [\"dev-*\", \"qa-*\"]")),
    ("select.names = [\n  “dev-*”,\n  \"qa-*\",\n]", Some("select.names = [\"dev-*\", \"qa-*\"]")),
    (
        "select = { names = [\"dev-*\" \"qa-*\"] }",
        Some("select = { names = [\"dev-*\", \"qa-*\"] }"),
    ),
    (
        "select = { names = [\"dev-*\";\"qa-*\"] }",
        Some("select = { names = [\"dev-*\", \"qa-*\"] }"),
    ),
    ("select = { names == [\"dev-*\"] }", DEV),
    ("select = { names => [\"dev-*\"] }", DEV),
    ("select = { \"dev-*\" }", None),
    ("select =", None),
    ("select = { names = [\"dev-*, \"qa-*\"] }", None),
];

const LISTS: &[Mistake] = &[
    ("regions = [\"KR\"", Some("regions = [\"KR\"]")),
    ("regions = [KR]", Some("regions = [\"KR\"]")),
    ("regions = KR", Some("regions = [\"KR\"]")),
    ("regions = KR, SGN", Some("regions = [\"KR\", \"SGN\"]")),
    ("regions = [“KR”, “SGN”]", Some("regions = [\"KR\", \"SGN\"]")),
    ("regions = [\"KR\"]]", Some("regions = [\"KR\"]")),
];

const HEADERS: &[Mistake] = &[
    ("[[rules]", Some("[[rules]]")),
    ("[rules]]", Some("[[rules]]")),
    ("［［rules］］", Some("[[rules]]")),
    ("[[rules]]:", Some("[[rules]]")),
    ("[rules]", Some("[[rules]]")),
    ("{{rules}}", Some("[[rules]]")),
    ("rules:", Some("[[rules]]")),
    ("[[[rules]]]", Some("[[rules]]")),
    ("[[rules]] // nightly", Some("[[rules]]")),
    ("[[rules]] nightly", None),
];

const ACCOUNTS: &[Mistake] = &[
    ("[accounts.main", Some("[accounts.main]")),
    ("accounts.main]", Some("[accounts.main]")),
    ("［accounts.main］", Some("[accounts.main]")),
    ("[accounts.main]]", Some("[accounts.main]")),
    ("[accounts main]", Some("[accounts.main]")),
    ("accounts.main:", Some("[accounts.main]")),
    ("(accounts.main)", Some("[accounts.main]")),
];

const PATHS: &[Mistake] = &[
    (
        "platform = \"vpc\"\ncredentials = \"file:C:\\Users\\kim\\keys\"",
        Some("platform = \"vpc\"\ncredentials = 'file:C:\\Users\\kim\\keys'"),
    ),
    (
        "platform = \"vpc\"\ncredentials = \"file:C:\\temp\\keys\"",
        Some("platform = \"vpc\"\ncredentials = 'file:C:\\temp\\keys'"),
    ),
    (
        "platform = \"vpc\"\ncredentials = \"file:C:\\temp\\new\"",
        Some("platform = \"vpc\"\ncredentials = 'file:C:\\temp\\new'"),
    ),
    ("platform = vpc", Some("platform = \"vpc\"")),
    ("export platform = \"vpc\"", Some("platform = \"vpc\"")),
    (
        "platform = \"vpc\"\ncredentials = \"/etc/keys\"",
        Some("platform = \"vpc\"\ncredentials = \"file:/etc/keys\""),
    ),
    (
        "platform = \"vpc\"\ncredentials = \"ENV\"",
        Some("platform = \"vpc\"\ncredentials = \"env\""),
    ),
];
