//! Words, numbers, booleans and lists where a file asks for others.

use super::Mistake;

pub(super) const ALL: &[(&str, &[Mistake])] =
    &[("action", ACTIONS), ("patience", BOOLEANS), ("regions", REGIONS), ("[protect]", DATES)];

const STOP: Option<&str> = Some("action = \"stop\"");

const ACTIONS: &[Mistake] = &[
    ("action = \"Stop\"", STOP),
    ("action = \"STOP\"", STOP),
    ("action = \"stopp\"", STOP),
    ("action = \"shutdown\"", STOP),
    ("action = \"turn off\"", STOP),
    ("action = \"off\"", STOP),
    ("action = \"정지\"", STOP),
    ("action = [\"stop\"]", STOP),
    ("action = \"on\"", Some("action = \"start\"")),
    ("action = \"시작\"", Some("action = \"start\"")),
    ("action = \"Stop instance\"", STOP),
    ("action = \"stop-server\"", STOP),
    ("action = \"서버 정지\"", STOP),
    ("type = \"stop\"", STOP),
    ("operation = \"stop\"", STOP),
    ("action = [\"stop\", \"start\"]", None),
    ("state = \"stopped\"", None),
    ("action = \"restart\"", None),
    ("action = \"terminate\"", None),
    ("action = true", None),
];

const OFF: Option<&str> = Some("enabled = false");
const ON: Option<&str> = Some("dry_run = true");

const BOOLEANS: &[Mistake] = &[
    ("enabled = \"false\"", OFF),
    ("enabled = \"no\"", OFF),
    ("enabled = \"False\"", OFF),
    ("enabled = \"off\"", OFF),
    ("enabled = 0", OFF),
    ("dry_run = \"yes\"", ON),
    ("dry_run = \"TRUE\"", ON),
    ("dry_run = 1", ON),
    ("enabled = \"아니요\"", OFF),
    ("disabled = true", OFF),
    ("active = false", OFF),
    ("enabled = \"maybe\"", None),
    ("enabled = 2", None),
    ("max = 5", Some("max_instances = 5")),
    ("max_instances = -1", None),
    ("max_instances = \"all\"", None),
    ("max_instances = \"10\"", Some("max_instances = 10")),
    ("max_instances = \"１０\"", Some("max_instances = 10")),
    ("max_instances = 10.0", Some("max_instances = 10")),
    ("max_instances = \"ten\"", None),
    ("max_instances = 0", None),
    ("drift = \"Allow\"", Some("drift = \"allow\"")),
    ("on_manual_start = \"Notify\"", Some("on_manual_start = \"notify\"")),
    ("on_manual_start = \"stop after 2 hours\"", None),
    (
        "disabled_since = 2026-11-23\nenabled = false",
        Some("disabled_since = \"2026-11-23\"\nenabled = false"),
    ),
    (
        "disabled_since = \"2026/11/23\"\nenabled = false",
        Some("disabled_since = \"2026-11-23\"\nenabled = false"),
    ),
];

const REGIONS: &[Mistake] = &[
    ("regions = \"KR\"", Some("regions = [\"KR\"]")),
    ("regions = \"KR, SGN\"", Some("regions = [\"KR\", \"SGN\"]")),
    ("region = \"KR\"", Some("regions = [\"KR\"]")),
    ("region = [\"KR\"]", Some("regions = [\"KR\"]")),
    ("regions = [\"kr\"]", Some("regions = [\"KR\"]")),
    ("regions = \"kr\"", Some("regions = [\"KR\"]")),
    ("regions = [\"Korea\"]", Some("regions = [\"KR\"]")),
    ("regions = [\"KR-1\"]", Some("regions = [\"KR\"]")),
    ("regions = [\"SG\"]", Some("regions = [\"SGN\"]")),
    ("region_code = \"KR\"", Some("regions = [\"KR\"]")),
    ("regions = \"all\"", None),
    ("regions = [\"ap-northeast-2\"]", None),
    ("regions = [\"Korea (Seoul)\"]", None),
];

const DATES: &[Mistake] = &[
    ("[calendars.x]\ndates = [2026-12-25]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = 2026-12-25\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = \"2026-12-25\"\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndate = [\"2026-12-25\"]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = [\"2026/12/25\"]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = [\"2026.12.25\"]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = [\"2026. 12. 25.\"]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = [\"2026년 12월 25일\"]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = [\"20261225\"]\n[protect]", CHRISTMAS),
    ("[calendars.x]\ndates = [\"2026-12-25 ~ 2026-12-26\"]\n[protect]", TWO_DAYS),
    ("[calendars.x]\ndates = [\"2026-12-25–2026-12-26\"]\n[protect]", TWO_DAYS),
    ("[calendars.x]\ndates = [\"2026-12-25 to 2026-12-26\"]\n[protect]", TWO_DAYS),
    ("[calendars.x]\ndates = [\"2026-12-26..2026-12-25\"]\n[protect]", TWO_DAYS),
    (
        "[calendars.x]\ndates = [\"2026-12-1\"]\n[protect]",
        Some("[calendars.x]\ndates = [\"2026-12-01\"]\n[protect]"),
    ),
    ("[calendars.x]\ndates = [\"12/25\"]\n[protect]", None),
    ("[calendars.x]\ndates = [\"2026-02-30\"]\n[protect]", None),
];

const CHRISTMAS: Option<&str> = Some("[calendars.x]\ndates = [\"2026-12-25\"]\n[protect]");
const TWO_DAYS: Option<&str> =
    Some("[calendars.x]\ndates = [\"2026-12-25..2026-12-26\"]\n[protect]");
