//! Events that are left out, and days in exports that nobody has off.

use super::*;

#[test]
fn events_are_left_out_for_what_is_written_about_them_or_for_having_times() {
    // Decomposed, as macOS writes it.
    let decomposed = "\u{1100}\u{1175}\u{1102}\u{1167}\u{11b7}\u{110b}\u{1175}\u{11af}";
    let events = [
        "DTSTART:20260405\nSUMMARY:식목일\nDESCRIPTION:기념일\\n기념일을 숨기려면",
        &format!("DTSTART:20260508\nSUMMARY:어버이날\nDESCRIPTION:{decomposed}"),
        "DTSTART:20260515\nSUMMARY:스승의날\nCATEGORIES:Holiday,기념일",
        "DTSTART:20260601T090000\nDTEND:20260601T100000\nSUMMARY:Team OBSERVANCE",
        "DTSTART;TZID=Nowhere:20260602T090000\nSUMMARY:Standup",
        "DTSTART:20261009\nSUMMARY:한글날\nDESCRIPTION:공휴일",
        "DTSTART;TZID=Asia/Seoul:20261225T000000\nDTEND;TZID=Asia/Seoul:20261226T000000\nSUMMARY:성탄절",
    ];
    let file = File::new(file(&events).into_bytes());
    for (texts, is_timed, expected) in [
        (&["기념일"][..], true, Some(&["2026-10-09", "2026-12-25"][..])),
        (&[decomposed, "standup"], false, Some(&["2026-06-01", "2026-10-09", "2026-12-25"])),
        (&["기념일", "observance", "STAND"], false, Some(&["2026-10-09", "2026-12-25"])),
        (&["날", "성탄절"], true, Some(&["2026-04-05"])),
        (&[], true, Some(&["2026-04-05", "2026-05-08", "2026-05-15", "2026-10-09", "2026-12-25"])),
        // The zone of an event that counts must be known.
        (&["기념일"], false, None),
    ] {
        let left_out = LeftOut::containing(texts.iter().copied());
        let left_out = if is_timed { left_out.and_timed() } else { left_out };
        let found = file.holidays("Asia/Seoul".parse().unwrap(), &left_out);
        assert_eq!(
            found.as_ref().ok().map(shown).as_deref(),
            expected.map(|it| it.iter().map(ToString::to_string).collect::<Vec<_>>()).as_deref(),
            "{texts:?}"
        );
    }
}

#[test]
fn days_that_nobody_has_off_are_told_with_what_leaves_out_them_and_nothing_else() {
    let google =
        "DTSTART:20260405\nSUMMARY:식목일\nDESCRIPTION:기념일\\n기념일을 숨기려면 설정으로";
    let english =
        "DTSTART:20260508\nSUMMARY:Parents' Day\nDESCRIPTION:Observance\\nTo hide observances";
    let category = "DTSTART:20260515\nSUMMARY:스승의날\nCATEGORIES:기념일";
    let holiday = "DTSTART:20261009\nSUMMARY:한글날\nDESCRIPTION:공휴일";
    let founding = "DTSTART:20261201\nSUMMARY:창립기념일";
    for (events, expected) in [
        (&[holiday][..], None),
        (&[holiday, founding], None),
        (&["DTSTART:20261201\nSUMMARY:휴무\nDESCRIPTION:기념일 휴무"], None),
        (&[google, holiday], Some((1, Some(vec!["기념일"])))),
        (&[google, english, holiday], Some((2, Some(vec!["기념일", "Observance"])))),
        (&[google, founding], Some((1, Some(vec!["기념일을 숨기려면"])))),
        (&[google, category, founding], Some((2, None))),
    ] {
        let found = read(&file(events)).unwrap().observances;
        let told = found.as_ref().map(|it| (it.count, it.without.clone()));
        assert_eq!(told, expected, "{events:?}");
        let Some(texts) = found.and_then(|found| found.without) else { continue };
        let left_out = LeftOut::containing(texts.into_iter());
        let holidays = File::new(file(events).into_bytes()).holidays(Zone::UTC, &left_out).unwrap();
        let kept: Vec<String> = ["2026-10-09", "2026-12-01"].map(ToOwned::to_owned).into();
        assert!(shown(&holidays).iter().all(|day| kept.contains(day)), "{events:?}");
        assert_eq!(holidays.observances, None);
    }
}
