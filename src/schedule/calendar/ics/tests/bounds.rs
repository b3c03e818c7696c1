//! Tests of files that would need memory and time without end.

use super::*;

#[test]
fn what_would_come_without_end_is_bounded_or_refused() {
    let all = |most: u32| (0..=most).map(|it| it.to_string()).collect::<Vec<_>>().join(",");
    let bomb = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", all(23), all(59), all(59));
    let days = |from: &str, rule: &str| read(&event(&format!("DTSTART{from}\nRRULE:{rule}")));
    for (from, rule, count) in [
        (":20260101", format!("FREQ=YEARLY;{bomb}"), 74),
        (":20260101", format!("FREQ=DAILY;{bomb}"), 27028),
        (";TZID=Asia/Seoul:20260101T000000", format!("FREQ=YEARLY;{bomb}"), 74),
        (";TZID=Asia/Seoul:20260101T120000", format!("FREQ=DAILY;{bomb}"), 27028),
        (":20260101T000000", format!("FREQ=DAILY;COUNT=86401;{bomb}"), 2),
        (":20260101T000001", format!("FREQ=DAILY;COUNT=86400;{bomb}"), 2),
        (
            ":20260101",
            format!("FREQ=MONTHLY;BYSETPOS={};BYDAY=MO,TU", all(366).replacen("0,", "", 1)),
            7723,
        ),
        (":20260101", "FREQ=YEARLY;COUNT=99999999999999999999".to_owned(), 74),
        (":20260101", "FREQ=DAILY;UNTIL=99991231T235959Z".to_owned(), 27028),
        (":20260101", "FREQ=DAILY;INTERVAL=4294967296".to_owned(), 1),
        (":00010101", "FREQ=DAILY".to_owned(), 47482),
        (":20260101T000000", "FREQ=HOURLY;COUNT=49".to_owned(), 3),
        (":20260101T000000", "FREQ=HOURLY;INTERVAL=12;BYMINUTE=0,30;COUNT=5".to_owned(), 2),
    ] {
        assert_eq!(days(from, &rule).unwrap().days.len(), count, "{from} {rule}");
    }
    let dates: Vec<String> = (1000..9999).map(|year| format!("{year}0229T000000Z")).collect();
    let lines =
        format!("DTSTART:20260101\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:{}", dates[1..].join(","));
    assert!(read(&event(&lines)).is_err(), "there is no such day");
    let deep = format!("BEGIN:VCALENDAR\n{}", "BEGIN:A\n".repeat(100_000));
    assert_eq!(read(&deep).unwrap_err().message, "things are within things more than 32 deep");
    let long = "DTSTART:20261224\nRRULE:FREQ=".to_owned() + &"X".repeat(1_000_000);
    assert!(read(&event(&long)).unwrap_err().message.len() < 300);
    let refused = read(&event(&format!("DTSTART:20261224\nSUMMARY:{}", "휴".repeat(100_000))));
    assert_eq!(refused.unwrap().days.len(), 1);
    let rules = "DTSTART:20261224\n".to_owned() + &"RRULE:FREQ=YEARLY\n".repeat(33);
    assert_eq!(read(&event(&rules)).unwrap_err().message, "it has more than 32 rules");
}
