//! Words that everybody uses: what a server is, what became of it. Imports nothing of the house.

pub mod instance;
pub mod outcome;
