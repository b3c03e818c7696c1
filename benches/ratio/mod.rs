//! A figure beside its floor: what something takes, and what the least of it takes on its own.
//!
//! Both are measured in turn in one run, so that a busy machine slows both.

use std::time::Duration;

use lightsout::clock::{Clock, SystemClock};

/// How often each is measured; the medians count.
const ROUNDS: usize = 15;

/// Measures both and prints the figure, the floor and the ratio; whether it is within the aim.
pub(crate) fn compare(
    what: &str,
    aim: Option<f64>,
    mut figure: impl FnMut(),
    mut floor: impl FnMut(),
) -> bool {
    let (mut figures, mut floors) = (Vec::new(), Vec::new());
    // The first round warms up.
    for round in 0..=ROUNDS {
        let took = [time(&mut figure), time(&mut floor)];
        if round > 0 {
            figures.push(took[0]);
            floors.push(took[1]);
        }
    }
    let (figure, floor) = (median(figures), median(floors));
    let ratio = figure.as_secs_f64() / floor.as_secs_f64();
    let is_met = aim.is_none_or(|aim| ratio <= aim);
    let aim = match aim {
        Some(aim) if is_met => format!(" <= {aim}"),
        Some(aim) => format!(" > {aim} MISSED"),
        None => String::new(),
    };
    println!("{what}: {figure:.3?}, floor {floor:.3?}, ratio {ratio:.2}{aim}");
    is_met
}

fn time(run: &mut impl FnMut()) -> Duration {
    let clock = SystemClock::new();
    let began = clock.moment();
    run();
    clock.moment().since(began)
}

fn median(mut lengths: Vec<Duration>) -> Duration {
    lengths.sort();
    lengths[lengths.len() / 2]
}
