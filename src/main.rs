//! The `lightsout` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    lightsout::cli::main()
}
