//! Daemons in this process on a clock that can be moved: absences, leaps, deaths.

mod absences;
mod ahead;
mod deaths;
mod delays;
mod holds;
mod leaps;
mod limits;
mod makeups;
mod others;
mod restarts;
mod turns;
mod why;
mod windows;
mod world;

/// One server that stops within seconds, and one that is nobody's business.
const FLEET: &str = "[[servers]]\nname = \"dev-a\"\nno = \"1\"\nstop_takes = \"5s\"\n\
    [[servers]]\nname = \"prod\"\nno = \"2\"\n";

/// Stops the dev server at 20:00 in Seoul.
const NIGHT: &str = "[[rules]]\nname = \"night\"\naction = \"stop\"\ncron = \"0 20 * * *\"\n\
    select = { names = [\"dev-*\"] }\n";

/// Starts it at 08:00.
const MORNING: &str = "[[rules]]\nname = \"morning\"\naction = \"start\"\ncron = \"0 8 * * *\"\n\
    select = { names = [\"dev-*\"] }\n";
