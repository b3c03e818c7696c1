//! The `lightsout` binary.

fn main() {}
