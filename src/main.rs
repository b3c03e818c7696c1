//! The `lightsout` binary: runs [`lightsout::cli`], and returns its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    lightsout::cli::main()
}
