//! Pages and the report on paper.

use std::fs;

use serde_json::json;

use super::super::Page;
use super::chromium::{Chromium, Reader};
use super::{browser, lived};
use crate::cli::shell::{ALL, Shell};

/// What is wrong on paper: what can only be clicked on is shown, a table is no table, or something
/// is wider than the paper.
const WRONG: &str = "[...document.querySelectorAll('nav, form, button, .button, .skip')]
    .filter(it => it.checkVisibility()).map(it => 'shown: ' + it.outerHTML.slice(0, 60))
    .concat([...document.querySelectorAll('table')].filter(it => it.checkVisibility())
        .flatMap(table => [['thead', 'table-header-group'], ['tr', 'table-row'], ['td', 'table-cell']]
            .flatMap(([part, display]) => [...table.querySelectorAll(part)]
                .filter(it => it.checkVisibility() && getComputedStyle(it).display !== display)
                .map(it => 'no ' + display + ': ' + it.outerHTML.slice(0, 60)))))
    .concat(document.documentElement.scrollWidth > innerWidth
        ? ['wider than the paper: ' + document.documentElement.scrollWidth] : [])";

/// Prints the page that is open, and counts the sheets.
fn sheets(browser: &mut Chromium) -> usize {
    let pdf = browser.pdf();
    let text = String::from_utf8_lossy(&pdf);
    text.matches("/Type /Page").count() - text.matches("/Type /Pages").count()
}

#[tokio::test]
async fn on_paper_pages_have_no_controls_and_tables_stay_tables() {
    let Some(mut browser) = browser() else { return };
    let (shell, firing) = lived().await;
    let page = Page::of(&shell, "");
    // A4 without its margins.
    browser.read_as(Reader { width: 700, scheme: "dark", language: "en" });
    let mut wrong = Vec::new();
    let firing = format!("/firings/{firing}");
    let pages =
        ["/", "/history", "/rules", "/rules/night", "/changes", "/report", &firing, "/servers"];
    for path in pages.into_iter().chain(["/servers/3", "/week"]) {
        browser.open(&format!("http://{}{path}", page.address));
        browser.call("Emulation.setEmulatedMedia", &json!({ "media": "print" }));
        let found = browser.evaluate(WRONG);
        let found = found.as_array().unwrap().iter().map(|it| format!("{path}: {it}"));
        wrong.extend(found);
        browser.call("Emulation.setEmulatedMedia", &json!({ "media": "" }));
        assert!(sheets(&mut browser) > 0, "{path}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_report_of_63_servers_takes_four_sheets() {
    let Some(mut browser) = browser() else { return };
    let fleet: Vec<String> = (1..=63)
        .map(|no| format!("[[servers]]\nname = \"dev-{no}\"\nno = \"{no}\"\nstop_takes = \"0s\"\n"))
        .collect();
    let rules = format!("{ALL}[limits]\nmax_instances = 70\n");
    let shell = Shell::of(&fleet.concat(), &rules).await;
    assert_eq!(shell.run("fire night --yes").await.code, Some(0));
    let report = shell.run("report --format html").await;
    let path = shell.path().join("report.html");
    fs::write(&path, report.stdout).unwrap();
    browser.open(&format!("file://{}", path.display()));
    let sheets = sheets(&mut browser);
    assert!((2..=4).contains(&sheets), "{sheets}");
}
