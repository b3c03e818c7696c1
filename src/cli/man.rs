//! `lightsout man`: prints the man page of the program, and one for each command.

use clap::Command;

use super::{Exit, output};

pub(super) fn run(mut program: Command) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    program.build();
    clap_mangen::Man::new(program.clone()).render(&mut text)?;
    for command in program.get_subcommands().filter(|it| it.get_name() != "help") {
        clap_mangen::Man::new(command.clone()).render(&mut text)?;
    }
    output::raw(&text)
}
