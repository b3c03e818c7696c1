//! Writes a number of times in words.

pub fn times(attempts: u32) -> String {
    match attempts {
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}
