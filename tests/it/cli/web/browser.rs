//! The pages in a real browser: how they look is for people, but that they fit, can be used by
//! keyboard, ask nothing of other hosts and have nothing that axe finds is for a test.
//!
//! `LIGHTSOUT_PICTURES=FOLDER` keeps a picture of each.

mod chromium;
mod print;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

use self::chromium::{Chromium, Reader};
use super::{Page, fired};
use crate::cli::changes::ran_an_hour_ago;
use crate::cli::shell::{ALL, ONE, Shell, where_it_is};

const AXE: &str = include_str!("../../../axe/axe.min.js");

/// What a keyboard has to reach.
const CONTROLS: &str = "[...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, summary')]
    .filter(it => it.checkVisibility())";

/// The browser; where there is none, that is said, and the test has nothing to look at.
fn browser() -> Option<Chromium> {
    let browser = Chromium::start();
    if browser.is_none() {
        let line = "SKIPPED: no chromium was found; Debian has it in the package chromium\n";
        // Past the test runner, which keeps to itself what tests print that pass.
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    browser
}

/// What somebody stopped, what may not be stopped, and what is stopped.
const FLEET: &str = "[[servers]]\nname = \"dev-moved\"\nno = \"1\"\nstatus = \"NSTOP\"\n\
    [[servers]]\nname = \"dev-gpu\"\nno = \"2\"\n\
    refuse = { code = \"77777\", message = \"Nobody may stop <this>.\" }\n\
    [[servers]]\nname = \"dev-a\"\nno = \"3\"\nstop_takes = \"300ms\"\n";

/// A log with firings, one that failed, a change by somebody else and two holds.
async fn lived() -> (Shell, String) {
    let shell = Shell::of(FLEET, &ALL.replace("30s", "3s")).await;
    ran_an_hour_ago(&shell).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(1));
    let firing = shell.json("history").await[0]["firing"].to_string();
    assert_eq!(shell.run("fire night --dry-run").await.code, Some(0));
    let why = "a-release-with-a-name-that-is-as-long-as-people-make-them-and-has-no-space";
    for hold in [format!("dev-a --until 3h --why {why}"), "night --until 2h --skip".to_owned()] {
        assert_eq!(shell.run(&format!("hold {hold}")).await.code, Some(0));
    }
    (shell, firing)
}

/// What is wrong with a page for this reader.
fn problems(browser: &mut Chromium) -> Vec<String> {
    let mut problems = Vec::new();
    let wide = browser.evaluate("[document.documentElement.scrollWidth, innerWidth]");
    if wide[0].as_u64() > wide[1].as_u64() {
        problems.push(format!("it scrolls sideways: {wide}"));
    }
    browser.evaluate(AXE);
    let found = browser.evaluate(
        "axe.run(document, { preload: false }).then(found => found.violations.map(violation =>
            violation.id + ': ' + violation.nodes.map(node => node.html).join(' ')))",
    );
    let found = found.as_array().unwrap().iter();
    problems.extend(found.map(|violation| format!("axe: {violation}")));
    problems
}

/// What no Tab leads to, and where the focus is not seen.
fn unreachable(browser: &mut Chromium) -> Vec<String> {
    let number = format!("{CONTROLS}.map((it, n) => it.dataset.n = n).length");
    let controls = browser.evaluate(&number).as_u64().unwrap();
    browser.evaluate("document.activeElement.blur()");
    let (mut reached, mut problems) = (BTreeSet::new(), Vec::new());
    for _ in 0..=controls {
        browser.tab();
        let focus = browser.evaluate(
            "(() => {
                const style = getComputedStyle(document.activeElement);
                const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
                return [document.activeElement.dataset.n, document.activeElement.outerHTML, seen];
            })()",
        );
        if let Some(number) = focus[0].as_str() {
            reached.insert(number.parse::<u64>().unwrap());
            if focus[2] != true {
                problems.push(format!("the focus is not seen: {}", focus[1]));
            }
        }
    }
    if reached != (0..controls).collect() {
        problems.push(format!("of {controls} controls only these are reached: {reached:?}"));
    }
    problems
}

/// What the browser complained of, and what was asked of anybody but this page.
fn complaints(browser: &Chromium, page: &Page) -> Vec<String> {
    let home = format!("http://{}/", page.address);
    let requests = browser.said("Network.requestWillBeSent");
    let urls = requests.iter().filter_map(|event| event["request"]["url"].as_str());
    let elsewhere = urls.filter(|url| !url.starts_with(&home) && *url != "about:blank");
    let said = ["Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"];
    let said = said.into_iter().flat_map(|method| browser.said(method)).map(Value::to_string);
    elsewhere.map(ToOwned::to_owned).chain(said).collect()
}

fn picture_of(path: &str, reader: Reader) -> Option<PathBuf> {
    let folder = std::env::var_os("LIGHTSOUT_PICTURES")?;
    let page = path.replace(['/', '?', '='], "-");
    let Reader { width, scheme, language } = reader;
    Some(Path::new(&folder).join(format!("page{page}-{width}-{scheme}-{language}.png")))
}

#[tokio::test]
async fn every_page_fits_and_nothing_is_wrong_with_it_for_any_reader() {
    let Some(mut browser) = browser() else { return };
    let (shell, firing) = lived().await;
    let page = Page::of(&shell, "");
    let firing = format!("/firings/{firing}");
    let pages = [
        "/",
        "/history",
        "/history?since=x",
        "/history?outcome=trouble",
        "/rules",
        "/rules/night",
        "/week",
        "/week?rule=night",
        "/changes",
        "/report",
        &firing,
        "/servers",
        "/servers?q=nobody",
        "/servers/1",
        "/servers/3",
        "/servers/2?at=x",
        "/hold?server=3",
        "/hold?rule=night",
        "/nowhere",
    ];
    let mut problems = Vec::new();
    for width in [360, 1280] {
        for (scheme, language) in [("light", "en"), ("dark", "ko"), ("light", "ko"), ("dark", "en")]
        {
            let reader = Reader { width, scheme, language };
            browser.read_as(reader);
            for path in pages {
                browser.open(&format!("http://{}{path}", page.address));
                // Where something is folded away, it is looked at as well.
                browser
                    .evaluate("document.querySelectorAll('details').forEach(it => it.open = true)");
                let mut found = self::problems(&mut browser);
                if (scheme, language) == ("light", "en") {
                    found.extend(unreachable(&mut browser));
                }
                problems.extend(found.iter().map(|found| format!("{path} {reader:?}: {found}")));
                if let Some(picture) = picture_of(path, reader) {
                    browser.picture(&picture);
                }
            }
        }
    }
    // What was asked for and is not there, or cannot be meant, is answered as such on purpose.
    let mut complaints = complaints(&browser, &page);
    complaints.retain(|said| !said.contains("the server responded with a status of 40"));
    problems.extend(complaints);
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Whether all that a selector finds is seen without scrolling, and as large as a thumb.
fn is_at_hand(browser: &mut Chromium, selector: &str) -> bool {
    let question = format!(
        "[...document.querySelectorAll({selector:?})].every(it => {{
            const box = it.getBoundingClientRect();
            return box.height >= 44 && box.top >= 0 && box.bottom <= 640 && box.right <= 360;
        }}) && document.querySelector({selector:?}) !== null"
    );
    browser.evaluate("scrollTo(0, 0)");
    browser.evaluate(&question) == true
}

#[tokio::test]
async fn a_server_is_held_with_three_taps_from_the_first_screen_of_a_phone() {
    let Some(mut browser) = browser() else { return };
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    browser.read_as(Reader { width: 360, scheme: "light", language: "en" });
    browser.open(&format!("http://{}/", page.address));
    assert!(is_at_hand(&mut browser, "form.find input, form.find button"));
    browser.write("#q", "GPU");
    browser.follow("form.find button");
    assert!(is_at_hand(&mut browser, ".servers .button"));
    browser.follow(".servers .button");
    assert!(is_at_hand(&mut browser, "form.choices button"));
    assert!(shell.json("holds --all").await.is_empty(), "nothing is held by looking");
    browser.follow("form.choices button");
    let said = browser.evaluate("document.querySelector('[role=status]').innerText");
    assert!(said.as_str().unwrap().starts_with("dev-gpu is held until "), "{said}");
    let holds = shell.json("holds").await;
    assert_eq!((holds.len(), &holds[0]["subject"]), (1, &"2".into()));
    assert!(is_at_hand(&mut browser, "form.bare button"));
    browser.follow("form.bare button");
    let said = browser.evaluate("document.querySelector('[role=status]').innerText");
    assert!(said.as_str().unwrap().contains("dev-gpu is no longer held."), "{said}");
    assert!(shell.json("holds").await.is_empty());
    browser.open(&format!("http://{}/", page.address));
    browser.follow("#coming .button");
    browser.follow("form.choices button");
    assert_eq!(shell.json("holds").await[0]["subject"], "night");
    assert_eq!(complaints(&browser, &page), Vec::<String>::new());
}

/// Chromium says when a page asks again by itself, and when it does not after all.
#[tokio::test]
async fn a_text_that_somebody_types_is_not_taken_away_by_the_page() {
    let Some(mut browser) = browser() else { return };
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    browser.open(&format!("http://{}/", page.address));
    browser.until("Page.frameScheduledNavigation");
    assert!(browser.said("Page.frameClearedScheduledNavigation").is_empty());
    browser.write("#q", "GPU");
    browser.until("Page.frameClearedScheduledNavigation");
    assert_eq!(browser.evaluate("document.querySelector('#q').value"), "GPU");
    assert_eq!(complaints(&browser, &page), Vec::<String>::new());
}

/// Between 07:00 and 08:00, all three choices hold the start at 08:30.
#[tokio::test]
async fn choices_with_warnings_stay_on_the_first_screen_of_a_phone() {
    let Some(mut browser) = browser() else { return };
    let times = "action = \"stop\"\ncron = \"0 20 * * *\"";
    let rules = ALL.replace(times, "off = \"20:00-08:30\"").replace("Asia/Seoul", &where_it_is(7));
    let shell = Shell::of(ONE, &rules).await;
    let fired = shell.run("fire night --action stop --dry-run --yes").await;
    assert_eq!(fired.code, Some(0), "{fired:?}");
    let page = Page::of(&shell, "");
    for language in ["en", "ko"] {
        browser.read_as(Reader { width: 360, scheme: "light", language });
        browser.open(&format!("http://{}/hold?rule=night", page.address));
        let buttons = browser.evaluate("document.querySelectorAll('form.choices button').length");
        assert_eq!(buttons, 3, "{language}");
        let marks = "[...document.querySelectorAll('form.choices small')].length";
        assert_eq!(browser.evaluate(marks), 3, "{language}");
        assert!(is_at_hand(&mut browser, "form.choices button"), "{language}");
    }
    assert_eq!(complaints(&browser, &page), Vec::<String>::new());
}

#[tokio::test]
async fn a_hold_is_set_and_released_by_clicking() {
    let Some(mut browser) = browser() else { return };
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    browser.read_as(Reader { width: 360, scheme: "light", language: "en" });
    browser.open(&format!("http://{}/servers/1", page.address));
    browser.follow("main .button");
    browser.click("#more summary");
    browser.write("#until", "someday");
    browser.write("#why", "release");
    browser.write("#who", "kim");
    browser.follow("#more form button");
    let typed = browser.evaluate(
        "[document.querySelector('#until-wrong').innerText, document.querySelector('#why').value]",
    );
    assert_eq!(typed, serde_json::json!(["That is no time.", "release"]));
    browser.evaluate("document.querySelector('#until').value = ''");
    browser.write("#until", "3h");
    browser.follow("#more form button");
    let said = browser.evaluate("document.querySelector('[role=status]').innerText");
    assert!(said.as_str().unwrap().starts_with("dev-a is held until "), "{said}");
    let holds = shell.json("holds").await;
    assert_eq!(
        (&holds[0]["who"], &holds[0]["why"]),
        (&"kim (page, 127.0.0.1)".into(), &"release".into())
    );
    browser.follow("form.bare button");
    let said = browser.evaluate("document.querySelector('main').innerText");
    assert!(said.as_str().unwrap().contains("dev-a is no longer held."), "{said}");
    assert!(shell.json("holds").await.is_empty());
    let mut complaints = complaints(&browser, &page);
    complaints.retain(|said| !said.contains("the server responded with a status of 422"));
    assert!(complaints.is_empty(), "{complaints:?}");
}
