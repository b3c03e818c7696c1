//! A report as a page: what stands in it, and that nothing in it is obeyed.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use lightsout::model::instance::{AccountName, Action, InstanceNo, Product};
use lightsout::model::language::Language;
use lightsout::model::period::Period;
use lightsout::report::html::{Origin, STYLE, body, page};
use lightsout::report::{
    Ends, Firings, Gap, HoursOfWeek, InstanceReport, Money, Nights, Report, RuleReport, Saved,
    Spent, Total, WeekReport,
};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::english::{english, said};

/// Millionths of a won an hour.
const PRICE: i64 = 100_000_000;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn spent([running, off, off_by_us, unknown]: [i64; 4]) -> Spent {
    let [running, off, off_by_us, unknown] =
        [running, off, off_by_us, unknown].map(TimeDelta::hours);
    Spent { running, off, off_by_us, unknown }
}

fn saved(spent: &Spent) -> Saved {
    let money = |length| Money::of(PRICE, length);
    Saved { amount: money(spent.off), by_us: money(spent.off_by_us), unpriced: TimeDelta::zero() }
}

fn server((name, no): (&str, &str), nights: [u64; 3], hours: [i64; 4]) -> InstanceReport {
    let [off, running, unknown] = nights;
    let spent = spent(hours);
    InstanceReport {
        account: AccountName::new("main").unwrap(),
        no: InstanceNo::new(no).unwrap(),
        name: name.to_owned(),
        region: "KR".to_owned(),
        product: Product { spec_code: Some("s2-g2-h50".to_owned()), ..Product::default() },
        is_meant: true,
        ends: Ends { stopped: off, ..Ends::default() },
        nights: Nights { off, running, unknown },
        saved: saved(&spent),
        spent,
    }
}

fn rule(name: &str, action: Action, firings: Firings, ends: Ends) -> RuleReport {
    RuleReport { rule: name.to_owned(), action, firings, ends }
}

/// Two weeks of four servers, of which not all went well.
fn sample() -> Report {
    let stops = Firings {
        due: 20,
        on_time: 18,
        late: 1,
        missed: 1,
        came_true: 18,
        fell_short: 1,
        held: 1,
        ..Firings::default()
    };
    let starts = Firings { due: 10, on_time: 10, came_true: 10, skipped: 1, ..Firings::default() };
    let stopped = Ends { stopped: 36, already: 3, refused: 1, held: 1, ..Ends::default() };
    let started = Ends { started: 35, ..Ends::default() };
    let mut api = server(("dev-api-1", "1021003"), [8, 2, 0], [216, 118, 118, 2]);
    api.ends.refused = 1;
    let mut bare = server(("개발-배치", "1021005"), [10, 0, 0], [206, 130, 100, 0]);
    (bare.saved.unpriced, bare.saved.amount) = (bare.spent.off, Money::default());
    bare.saved.by_us = Money::default();
    let mut other = server(("", "1021009"), [0, 0, 0], [336, 0, 0, 0]);
    other.is_meant = false;
    let instances =
        vec![api, server(("dev-api-2", "1021004"), [9, 0, 1], [206, 120, 120, 10]), bare, other];
    let mut hours = HoursOfWeek::default();
    for (day, of_day) in hours.0.iter_mut().enumerate() {
        for (hour, cell) in of_day.iter_mut().enumerate() {
            let is_night = day > 4 || !(8..20).contains(&hour);
            let off = if is_night { 5 } else { 0 };
            let unknown = if (day, hour) == (2, 3) { 6 } else { 0 };
            *cell = spent([8 - off - unknown.min(8 - off), off - unknown.min(off), 0, unknown]);
        }
    }
    let week = |monday: &str, hours| {
        let spent = spent(hours);
        WeekReport { monday: monday.parse().unwrap(), saved: saved(&spent), spent }
    };
    let mut total = Total {
        servers: 4,
        meant: 3,
        stops,
        starts,
        ends: stopped,
        unpriced: 1,
        ..Total::default()
    };
    total.ends += started;
    for one in &instances {
        total.nights += one.nights;
        total.spent += one.spent;
        total.saved += one.saved;
    }
    Report {
        span: Period { from: at("2026-11-01T15:00:00Z"), until: at("2026-11-15T15:00:00Z") },
        zone: "Asia/Seoul".parse().unwrap(),
        currency: Some("KRW".to_owned()),
        total,
        rules: vec![
            rule("dev-nightly", Action::Stop, stops, stopped),
            rule("dev-nightly", Action::Start, starts, started),
        ],
        instances,
        weeks: vec![week("2026-11-02", [480, 184, 170, 8]), week("2026-11-09", [484, 184, 168, 4])],
        hours,
        unknown: vec![Gap::PrunedBefore(at("2026-11-01T15:00:00Z"))],
    }
}

fn origin() -> Origin<'static> {
    Origin {
        log: "lightsout.db",
        made_at: at("2026-11-16T00:00:05Z"),
        language: Language::English,
        pages: None,
    }
}

fn shown(report: &Report) -> String {
    page(report, &origin())
}

/// One tag a line, so that a difference can be found.
fn lines(page: &str) -> String {
    let page = page.replace(STYLE, "");
    let head = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    let mut page = page;
    page.replace_range(head, "<style>");
    page.replace(concat!("lightsout ", env!("CARGO_PKG_VERSION")), "lightsout VERSION")
        .replace("><", ">\n<")
}

/// The drawings of a page, each as it stands in it.
fn drawings(page: &str) -> Vec<&str> {
    page.split("<svg").skip(1).map(|rest| rest.split_once("</svg>").unwrap().0).collect()
}

#[test]
fn a_report_is_shown_whole() {
    insta::with_settings!({
        snapshot_path => "../report_page",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("page", lines(&shown(&sample())));
    });
}

#[test]
fn in_korean_it_has_no_english_word() {
    let origin = Origin { language: Language::Korean, ..origin() };
    let page = page(&sample(), &origin);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"ko\">"), "{page}");
    let said = said(&page);
    let left = english(&said, &["lightsout", "lightsout이", "main", "Asia", "Seoul", "db"]);
    assert!(left.is_empty(), "{left:?} in {said}");
    for part in ["서버별 밤", "원 절약", "놓침 1건", "2026-11-02 00:00+09:00 이전의 기록 대부분"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn its_drawings_are_well_formed_and_say_what_they_show() {
    let page = shown(&sample());
    let drawings = drawings(&page);
    assert_eq!(drawings.len(), 2);
    for drawing in drawings {
        let text = format!("<svg{drawing}</svg>");
        let mut reader = Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        let mut names = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(tag) => {
                    for attribute in tag.attributes() {
                        assert_ne!(attribute.unwrap().key.as_ref(), "style");
                    }
                    names.push(tag.name().as_ref().to_owned());
                }
                _ => {}
            }
        }
        assert_eq!(names[..3], ["svg", "title", "desc"]);
        assert!(names.iter().any(|name| name == "rect"), "{names:?}");
    }
}

#[test]
fn no_two_labels_of_a_year_of_weeks_touch_and_none_is_cut_off() {
    let mut report = sample();
    let first = report.weeks[0].clone();
    report.weeks = (0..53)
        .map(|week| {
            let hours = spent([0, 600_000 + 1_000 * week, 500_000, 0]);
            let monday = first.monday + TimeDelta::weeks(week);
            WeekReport { monday, saved: saved(&hours), spent: hours }
        })
        .collect();
    let page = shown(&report);
    let weeks = drawings(&page)[1];
    let mut ends: BTreeMap<bool, f64> = BTreeMap::new();
    let mut labels = 0;
    for label in weeks.split("<text x=\"").skip(1) {
        let (x, rest) = label.split_once('"').unwrap();
        let text = rest.split_once('>').unwrap().1.split_once('<').unwrap().0;
        let (x, half) =
            (x.parse::<f64>().unwrap(), f64::from(u32::try_from(text.len()).unwrap()) * 3.0);
        if text.len() == "2026".len() {
            continue;
        }
        let end = ends.entry(text.contains('-')).or_insert(0.0);
        assert!(x - half >= *end - 0.1 && x + half <= 360.1, "{text} at {x}");
        *end = x + half;
        labels += 1;
    }
    assert!(labels >= 8, "{labels}");
}

#[test]
fn it_needs_nothing_from_elsewhere_and_runs_nothing() {
    let page = shown(&sample());
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"), "{page}");
    let page = page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "");
    for what in ["<script", "javascript", "@import", "url(", "src=", "href=", " style=", "http"] {
        assert!(!page.contains(what), "{what}");
    }
    assert_eq!(body(&sample(), &origin()).into_string().matches("<h1").count(), 0);
}

#[test]
fn names_are_shown_and_never_obeyed() {
    let mut report = sample();
    let name = "<script>alert(1)</script>\u{202e}dorp\u{1b}[2J&\"'";
    report.rules[0].rule = name.to_owned();
    report.instances[0].name = name.to_owned();
    report.instances[0].region = name.to_owned();
    report.instances[0].product.spec_code = Some(name.to_owned());
    report.currency = Some(name.to_owned());
    let page = page(&report, &Origin { log: name, pages: Some(""), ..origin() });
    let shown = "&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}dorp\\u{1b}[2J&amp;&quot;'";
    let found = page.matches(shown).count();
    assert!(found >= 6, "{found}");
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains(['\u{202e}', '\u{1b}']), "{page}");
}

#[test]
fn a_time_of_which_nothing_is_known_makes_a_page_without_plots() {
    let report = Report {
        currency: None,
        total: Total::default(),
        rules: Vec::new(),
        instances: Vec::new(),
        weeks: Vec::new(),
        hours: HoursOfWeek::default(),
        unknown: Vec::new(),
        ..sample()
    };
    let page = shown(&report);
    assert_eq!(drawings(&page), Vec::<&str>::new());
    for said in ["no stop fell due", "No rule had anything to do", "No server was seen"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn money_that_the_headline_rounds_is_exact_in_a_title() {
    let mut report = sample();
    report.total.saved.amount = Money::of(24_192_330_000, TimeDelta::hours(100));
    report.total.saved.by_us = report.total.saved.amount;
    report.total.unpriced = 0;
    let page = shown(&report);
    let money = "<span title=\"2,419,233 KRW saved\">2.42 M KRW saved</span>";
    assert!(page.contains(money), "{page}");
}

#[test]
fn names_lead_to_pages_where_there_are_pages() {
    let report = sample();
    let leads = |pages| page(&report, &Origin { pages, ..origin() });
    assert!(!leads(None).contains("href="), "a link leads to no page");
    for (pages, before) in [("", ""), ("https://lights.example/x/", "https://lights.example/x")] {
        let page = leads(Some(pages));
        let server = format!("href=\"{before}/servers/{}\"", report.instances[0].no);
        let rule = format!("href=\"{before}/rules/dev-nightly\"");
        assert!(page.contains(&server) && page.contains(&rule), "{pages}: {page}");
    }
}

#[test]
fn a_week_that_the_time_has_only_a_part_of_is_striped_and_called_a_part() {
    let whole = sample();
    assert!(!shown(&whole).contains("a part of a week"), "both weeks are whole");
    let cut = Report {
        span: Period { from: whole.span.from, until: at("2026-11-15T14:59:59Z") },
        ..whole
    };
    let page = shown(&cut);
    let weeks = drawings(&page)[1];
    assert_eq!(weeks.matches("url(#weeks-stripes)").count(), 1, "{weeks}");
    assert!(weeks.contains("Part of the week from 2026-11-09"), "{weeks}");
    assert!(page.contains("2026-11-09 (part)") && !page.contains("2026-11-02 (part)"), "{page}");
}
