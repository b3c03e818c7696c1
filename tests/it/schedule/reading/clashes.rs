//! A stop and a start of the same servers at one instant are warned of.

use super::read;

#[test]
fn a_stop_and_a_start_clash_only_where_they_really_meet() {
    let file = |stop: &str, start: &str| {
        format!(
            "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n\
             [[rules]]\nname = 'a'\naction = 'stop'\n{stop}\n\
             [[rules]]\nname = 'b'\naction = 'start'\n{start}\n"
        )
    };
    let at = |cron: &str| format!("cron = '{cron}'\nselect = {{ names = ['a', 'b'] }}");
    for (stop, start, clashes) in [
        (at("0 20 * * *"), at("0 20 * * *"), true),
        (at("0 20 * * MON"), at("0 20 * * TUE"), false),
        (at("0 20 * * *"), at("0 8 * * *"), false),
        (at("0 0 29 2 *"), at("@monthly"), false),
        (at("0 0 29 2 *"), at("0 0 * * SUN"), true),
        // The same instant in two zones; the same selection in another order.
        (at("0 20 * * *"), at("0 11 * * *") + "\ntimezone = 'UTC'", true),
        (at("0 20 * * *"), at("0 20 * * *").replace("'a', 'b'", "'b', 'a'"), true),
        // The same instant half the year only.
        (at("0 5 * * *"), at("0 20 * * *") + "\ntimezone = 'Europe/London'", true),
        (at("0 4 * * *"), at("0 20 * * *") + "\ntimezone = 'Europe/London'", true),
        (at("0 3 * * *"), at("0 20 * * *") + "\ntimezone = 'Europe/London'", false),
        (at("0 20 * * *"), at("0 20 * * *").replace("'a', 'b'", "'b'"), false),
        (at("0 20 * * *"), at("0 20 * * *") + "\nexcept.names = ['b']", false),
        (at("0 20 * * *"), at("0 20 * * *") + "\nenabled = false", false),
    ] {
        let (_, warnings) = read(&file(&stop, &start));
        assert_eq!(!warnings.is_empty(), clashes, "{stop} / {start}: {warnings:?}");
    }
}

#[test]
fn every_rule_that_clashes_is_named() {
    let rule = |(name, action): &(&str, &str)| {
        format!(
            "[[rules]]\nname = '{name}'\naction = '{action}'\ncron = '0 20 * * *'\n\
             select.names = ['a']\n"
        )
    };
    for (rules, pairs) in [
        ([("a", "stop"), ("b", "stop"), ("c", "start")], ["`a` and `c`", "`b` and `c`"]),
        ([("a", "stop"), ("b", "start"), ("c", "start")], ["`a` and `b`", "`a` and `c`"]),
    ] {
        let rules: String = rules.iter().map(rule).collect();
        let head = "timezone = 'Asia/Seoul'\naccounts.main.platform = 'vpc'\n";
        let (_, warnings) = read(&(head.to_owned() + &rules));
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        for (warning, pair) in warnings.iter().zip(pairs) {
            assert!(warning.message.contains(pair), "{warning:?}");
        }
    }
}
