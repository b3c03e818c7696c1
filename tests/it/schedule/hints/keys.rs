//! Keys that are misspelt, called otherwise, in another table, or in the wrong brackets.

use super::Mistake;

pub(super) const ALL: &[(&str, &[Mistake])] = &[
    ("timezone", TOP),
    ("platform", ACCOUNT),
    ("name = \"nightly\"", RULE),
    ("select = { names", SELECT),
    ("[[rules]]", HEADERS),
    ("[accounts.main]", ACCOUNTS),
];

const SEOUL: Option<&str> = Some("timezone = \"Asia/Seoul\"");

const TOP: &[Mistake] = &[
    ("Timezone = \"Asia/Seoul\"", SEOUL),
    ("TIMEZONE = \"Asia/Seoul\"", SEOUL),
    ("time_zone = \"Asia/Seoul\"", SEOUL),
    ("time-zone = \"Asia/Seoul\"", SEOUL),
    ("timeZone = \"Asia/Seoul\"", SEOUL),
    ("tz = \"Asia/Seoul\"", SEOUL),
    ("timezon = \"Asia/Seoul\"", SEOUL),
    ("locale = \"Asia/Seoul\"", None),
];

const ACCOUNT: &[Mistake] = &[
    ("platform = \"VPC\"", Some("platform = \"vpc\"")),
    ("platform = \"vcp\"", Some("platform = \"vpc\"")),
    ("platform = \"Classic\"", Some("platform = \"classic\"")),
    ("Platform = \"vpc\"", Some("platform = \"vpc\"")),
    ("platform = [\"vpc\"]", Some("platform = \"vpc\"")),
    ("platform = \"vpc\"\ngateway = \"Public\"", Some("platform = \"vpc\"\ngateway = \"public\"")),
    (
        "platform = \"vpc\"\ngateway = \"gateway.example.com\"",
        Some("platform = \"vpc\"\ngateway = \"https://gateway.example.com\""),
    ),
    ("platform = \"kvm\"", None),
];

const NAME: Option<&str> = Some("name = \"nightly\"");

const RULE: &[Mistake] = &[
    ("Name = \"nightly\"", NAME),
    ("nam = \"nightly\"", NAME),
    ("name = [\"nightly\"]", NAME),
    ("name = \"nightly\"\nEnabled = false", Some("name = \"nightly\"\nenabled = false")),
    ("name = \"nightly\"\ndryRun = true", Some("name = \"nightly\"\ndry_run = true")),
    ("name = \"nightly\"\ndry-run = true", Some("name = \"nightly\"\ndry_run = true")),
    ("name = \"nightly\"\nmaxInstances = 5", Some("name = \"nightly\"\nmax_instances = 5")),
    (
        "name = \"nightly\"\nexclude = { names = [\"dev-db-*\"] }",
        Some("name = \"nightly\"\nexcept = { names = [\"dev-db-*\"] }"),
    ),
    (
        "name = \"nightly\"\nexcept = \"dev-db-*\"",
        Some("name = \"nightly\"\nexcept = { names = [\"dev-db-*\"] }"),
    ),
    (
        "name = \"nightly\"\nskip-on = [\"builtin:kr\"]",
        Some("name = \"nightly\"\nskip_on = [\"builtin:kr\"]"),
    ),
    (
        "name = \"nightly\"\nskip_on = \"builtin:kr\"",
        Some("name = \"nightly\"\nskip_on = [\"builtin:kr\"]"),
    ),
    (
        "name = \"nightly\"\nskip_on = [\"kr\"]",
        Some("name = \"nightly\"\nskip_on = [\"builtin:kr\"]"),
    ),
    ("name = \"nightly\"\non = \"workday\"", Some("name = \"nightly\"\non = \"workdays\"")),
    (
        "name = \"nightly\"\ntime_zone = \"Asia/Tokyo\"",
        Some("name = \"nightly\"\ntimezone = \"Asia/Tokyo\""),
    ),
    (
        "name = \"nightly\"\ntimezone = \"JST\"",
        Some("name = \"nightly\"\ntimezone = \"Asia/Tokyo\""),
    ),
    (
        "name = \"nightly\"\ndescription = \"every night\"",
        Some("name = \"nightly\"\nabout = \"every night\""),
    ),
    ("name = \"nightly\"\non = \"weekdays\"", None),
    ("name = \"nightly\"\nnames = [\"dev-*\"]", None),
    ("name = \"nightly\"\nfilter = { names = [\"dev-*\"] }", None),
    ("name = \"nightly\"\nschedule = \"0 20 * * *\"", None),
    ("name = \"nightly\"\nregions = [\"KR\"]", None),
    ("name = \"nightly\"\nurl = \"env:HOOK\"", None),
    ("name = \"nightly\"\npriority = 1", None),
    ("name = \"nightly\"\nstop = true", None),
];

const DEV: Option<&str> = Some("select = { names = [\"dev-*\"] }");
const TAG: Option<&str> = Some("select = { tags = { env = \"dev\" } }");

const SELECT: &[Mistake] = &[
    ("select = { name = [\"dev-*\"] }", DEV),
    ("select = { name = \"dev-*\" }", DEV),
    ("select = { Names = [\"dev-*\"] }", DEV),
    ("select = { names = \"dev-*\" }", DEV),
    ("select = { servers = [\"dev-*\"] }", DEV),
    ("select = \"dev-*\"", DEV),
    ("select = [\"dev-*\"]", DEV),
    ("selector = { names = [\"dev-*\"] }", DEV),
    ("Select = { names = [\"dev-*\"] }", DEV),
    ("select = { names = \"dev-*, qa-*\" }", Some("select = { names = [\"dev-*\", \"qa-*\"] }")),
    ("select = { names = \"{dev,qa}-*\" }", Some("select = { names = [\"{dev,qa}-*\"] }")),
    ("select = { tag = { env = \"dev\" } }", TAG),
    ("select = { Tags = { env = \"dev\" } }", TAG),
    ("select = { labels = { env = \"dev\" } }", TAG),
    ("select = { tags = \"env=dev\" }", TAG),
    ("select = { tags = [\"env=dev\"] }", TAG),
    (
        "select = { tags = { env = [\"dev\", \"qa\"] } }",
        Some("select = { tags = { env = \"{dev,qa}\" } }"),
    ),
    ("select = { tags = { env = true } }", Some("select = { tags = { env = \"true\" } }")),
    ("select = { tags = { tier = 3 } }", Some("select = { tags = { tier = \"3\" } }")),
    ("select = { instance = [\"1021003\"] }", Some("select = { instances = [\"1021003\"] }")),
    ("select = { instances = \"1021003\" }", Some("select = { instances = [\"1021003\"] }")),
    ("select = { instances = 1021003 }", Some("select = { instances = [\"1021003\"] }")),
    ("select = { ids = [\"1021003\"] }", Some("select = { instances = [\"1021003\"] }")),
    ("select = { instances = [\"dev-api-1\"] }", None),
    ("select = { names = \"dev api\" }", None),
    ("names = [\"dev-*\"]", DEV),
    ("servers = [\"dev-*\"]", DEV),
    ("tags = { env = \"dev\" }", TAG),
    ("tag = \"env=dev\"", TAG),
    ("filter = { names = [\"dev-*\"] }", DEV),
    ("where = { names = [\"dev-*\"] }", DEV),
    ("select = { tags = { key = \"env\", value = \"dev\" } }", TAG),
    (
        "select = { instances = [\"1021003, 1021004\"] }",
        Some("select = { instances = [\"1021003\", \"1021004\"] }"),
    ),
    ("select = { instances = [\"#1021003\"] }", Some("select = { instances = [\"1021003\"] }")),
    ("select = \"all\"", None),
    ("select = { env = \"dev\" }", None),
];

const HEADERS: &[Mistake] = &[
    ("[[rule]]", Some("[[rules]]")),
    ("[[Rules]]", Some("[[rules]]")),
    ("[rule]", Some("[[rules]]")),
    ("[[schedules]]", Some("[[rules]]")),
    ("[rules.nightly]", Some("[[rules]]")),
    ("[[jobs]]", None),
];

const ACCOUNTS: &[Mistake] = &[
    ("[account.main]", Some("[accounts.main]")),
    ("[Accounts.main]", Some("[accounts.main]")),
    ("[[accounts.main]]", Some("[accounts.main]")),
    ("[accounts]", Some("[accounts.main]")),
];
