//! The pages of rules, of the week, of the nights, and the chips of the history.

use super::pages::text;
use super::{Page, fired};
use crate::cli::shell::{ALL, ONE, Shell};

#[tokio::test]
async fn a_rule_has_a_page_with_its_hours_its_servers_its_results_and_its_text() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let list = page.get("/rules");
    assert_eq!(list.status, 200);
    assert!(list.body.contains("href=\"/rules/night\""), "{}", list.body);
    let rule = page.get("/rules/night");
    for part in [
        "<h1>night</h1>",
        "stops at 20:00 every day",
        "names `*`",
        "href=\"/servers/2\"",
        &format!("href=\"/firings/{firing}\""),
        "[[rules]]\nname = &quot;night&quot;\n",
        "aria-label=\"Hold night\"",
        "href=\"/week?rule=night\"",
    ] {
        assert!(rule.body.contains(part), "{part}\n{}", rule.body);
    }
    let korean = page.get_with("/rules/night", "Accept-Language: ko\r\n").body;
    for part in ["매일 20:00 정지", "이름 `*`", "앞으로 7일"] {
        assert!(korean.contains(part), "{part}\n{korean}");
    }
    assert_eq!(shell.run("hold night --until 30h").await.code, Some(0));
    for (language, held) in [("en", "Held until "), ("ko", "보류 중 ")] {
        let body = page.get_with("/rules/night", &format!("Accept-Language: {language}\r\n")).body;
        let (about, days) = body.split_once("id=\"coming\"").unwrap();
        let (_, about) = about.split_once("<dl>").unwrap();
        assert!(text(about).contains(held), "{}", text(about));
        let days = text(days.split_once("</section>").unwrap().0);
        let noted = ["held until", "까지 보류"].map(|note| days.matches(note).count());
        assert!(matches!(noted, [1 | 2, 0] | [0, 1 | 2]), "only what falls into it: {days}");
    }
    assert_eq!(shell.run("release night").await.code, Some(0));
    for missing in ["/rules/other", "/rules/a%20b", "/week?rule=other"] {
        assert_eq!(page.get(missing).status, 404, "{missing}");
    }
    // A rule that was taken out of the file keeps its page, as far as the log knows it.
    let path = shell.path().join("schedules.toml");
    let text = std::fs::read_to_string(&path).unwrap().replace("\"night\"", "\"late\"");
    std::fs::write(path, text).unwrap();
    let gone = page.get("/rules/night");
    assert_eq!(gone.status, 200);
    assert!(gone.body.contains("do not have this one"), "{}", gone.body);
}

#[tokio::test]
async fn the_week_says_each_day_in_words_and_shows_the_chosen_one_on_a_phone() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let week = page.get("/week").body;
    assert_eq!(week.matches("<p>■ 20:00</p>").count(), 7, "{week}");
    assert_eq!(week.matches("<td class=\"chosen\">").count(), 1, "{week}");
    let servers = page.get("/week?rule=night").body;
    assert_eq!(servers.matches("<p>■ 20:00</p>").count(), 2 * 7, "{servers}");
    let address = "href=\"/week?rule=night&amp;day=";
    let second = servers.split(address).nth(2).unwrap().split('"').next().unwrap();
    let chosen = page.get(&format!("/week?rule=night&day={second}")).body;
    assert!(chosen.contains(&format!("class=\"chosen\" title=\"{second}\"")), "{chosen}");
}

#[tokio::test]
async fn a_night_has_a_mark_a_count_and_words_that_lead_to_the_firing() {
    let (shell, firing) = fired().await;
    let page = Page::of(&shell, "");
    let body = page.get("/").body;
    let nights = body.split("id=\"nights\"").nth(1).unwrap();
    let cell = format!("class=\"mark-of bad\" href=\"/firings/{firing}\"");
    assert!(nights.contains(&cell), "{nights}");
    assert!(nights.contains("■ ! 1"), "{nights}");
    assert!(nights.contains("stop: 1 refused, 1 stopped"), "{nights}");
    assert!(nights.contains("1 firing needs somebody"), "{nights}");
}

#[tokio::test]
async fn the_history_finds_trouble_by_one_tap_and_folds_a_filter_that_filters_nothing() {
    let (shell, _) = fired().await;
    let page = Page::of(&shell, "");
    let all = page.get("/history").body;
    assert!(all.contains("<details class=\"filters\">"), "{all}");
    assert!(all.contains("dev-gpu") && all.contains("dev-a"), "{all}");
    let link = "/history?outcome=trouble&amp;since=30d";
    assert!(all.contains(&format!("href=\"{link}\"")), "{all}");
    let trouble = page.get(&link.replace("&amp;", "&")).body;
    assert!(trouble.contains(&format!("href=\"{link}\" aria-current=\"true\"")), "{trouble}");
    assert!(trouble.contains("<details class=\"filters\">"), "{trouble}");
    assert!(trouble.contains("dev-gpu") && !trouble.contains("dev-a"), "{trouble}");
    let wrong = page.get("/history?outcome=late");
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("<details class=\"filters\" open>"), "{}", wrong.body);
    let several = page.get("/history?outcome=refused,stopped").body;
    assert!(several.contains("<option value=\"refused,stopped\" selected>"), "{several}");
}

#[tokio::test]
async fn a_page_of_very_many_rules_shows_some_and_says_where_the_others_are() {
    let rule = |n| {
        format!(
            "[[rules]]\nname = \"r{n}\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
            select = {{ names = [\"dev-{n}\"] }}\n"
        )
    };
    let rules: String = (0..250).map(rule).collect();
    let shell = Shell::of(ONE, &format!("{ALL}{rules}")).await;
    let page = Page::of(&shell, "");
    for command in ["rules", "week"] {
        let body = text(&page.get(&format!("/{command}")).body);
        let more = format!("and 51 more: lightsout {command}");
        assert!(body.contains(" r198 ") && !body.contains(" r199 "), "{command}: {body}");
        assert!(body.contains(&more), "{command}: {body}");
    }
}
