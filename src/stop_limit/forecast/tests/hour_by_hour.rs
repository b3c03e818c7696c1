//! A forecast finds the hour that a walk through all hours finds.

use super::*;

/// The first hour that passes a limit, counted hour by hour: the past, which ends running, then two
/// rules by the clock on the wall. Actions due in the first hour have happened already.
fn hour_by_hour(
    off: &mut Vec<bool>,
    now: DateTime<Utc>,
    (zone, stop, start): (Zone, u32, u32),
    (in_a_row, in_12_months): (usize, usize),
) -> Option<DateTime<Utc>> {
    use chrono::Timelike;
    let year = 365 * 24;
    let mut used = off[off.len() - year..].iter().filter(|off| **off).count();
    let (mut is_off, mut row) = (false, 0);
    for hour in 0..2 * year {
        let at = now + TimeDelta::hours(i64::try_from(hour).unwrap());
        let clock = if hour == 0 { 24 } else { zone.local(at).hour() };
        is_off = if clock == stop {
            true
        } else if clock == start {
            false
        } else {
            is_off
        };
        off.push(is_off);
        row = if is_off { row + 1 } else { 0 };
        used += usize::from(is_off);
        used -= usize::from(off[off.len() - 1 - year]);
        if row > in_a_row || used > in_12_months {
            return Some(at);
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_hour_foreseen_is_the_one_that_a_walk_through_all_hours_finds(
        lengths in prop::collection::vec((1_i64..300, 1_i64..500), 1..40),
        (stop, start) in (0_u32..24, 0_u32..24).prop_filter("they meet", |(a, b)| a != b),
        (in_a_row, in_12_months) in (1_u32..20, 30_u32..365),
        name in select(&["Asia/Seoul", "Asia/Kolkata"][..]),
    ) {
        let now = DateTime::from_timestamp(1_795_404_600, 0).unwrap();
        let zone: Zone = name.parse().unwrap();
        let now = zone.instant(zone.local(now).date().into());
        let mut intervals = vec![(State::Running, None, 9000)];
        for (off, on) in lengths {
            intervals.extend([(State::Off, None, off), (State::Running, None, on)]);
        }
        let mut off: Vec<bool> = Vec::new();
        for (state, _, hours) in &intervals {
            off.extend((0..*hours).map(|_| *state == State::Off));
        }
        let counting = Counting::new(Count::Hours, zone);
        let past = past(&intervals, counting, now);
        let rule = |action: &str, hour: u32| {
            format!("action = \"{action}\"\ncron = \"0 {hour} * * *\"\ntimezone = \"{name}\"")
        };
        let (stops, starts) = (rule("stop", stop), rule("start", start));
        let budget = format!("in_a_row = {in_a_row}\nin_12_months = {in_12_months}");
        let file = file(&budget, &[&stops, &starts]);
        let acting = acting(&file, &dev(), &LastHad::new(), &[]);
        let found = Forecaster::new(&file.budget, counting, now).forecast(&past, &acting);
        let (row, year) = (24 * in_a_row as usize, 24 * in_12_months as usize);
        let expected = hour_by_hour(&mut off, now, (zone, stop, start), (row, year));
        let found = match found {
            Forecast::Passes(passing) => Some(passing.at),
            Forecast::Never => None,
            Forecast::Passed(_) => {
                prop_assume!(false);
                None
            }
            Forecast::Unknown(doubt) => panic!("{doubt:?}"),
        };
        let near = |one: DateTime<Utc>, other: DateTime<Utc>| (one - other).abs() <= TimeDelta::hours(1);
        prop_assert!(
            match (found, expected) {
                (Some(found), Some(expected)) => near(found, expected),
                (found, expected) => found == expected,
            },
            "{found:?} {expected:?}"
        );
    }
}
