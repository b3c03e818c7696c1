//! `lightsout schema`: prints the JSON Schema of schedules.toml, or of an output.
//!
//! `register` lists every output, `form` gives schemas their form, `apart` has the outputs that no
//! command prints as a listing.

mod apart;
mod form;
mod register;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Exit, output};

pub use register::{OUTPUTS, Output};

const EXAMPLES: &str = "\
Examples:
  lightsout schema > schedules.schema.json
  lightsout schema history > history.schema.json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SchemaCommand {
    /// An output in JSON, instead of schedules.toml; docs/json.md explains each
    #[arg(value_name = "OUTPUT", value_parser = names())]
    output: Option<String>,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(OUTPUTS.iter().map(|output| output.name))
}

impl SchemaCommand {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let wanted = |name: &String| OUTPUTS.iter().find(|output| output.name == name);
        let text = match self.output.as_ref().and_then(wanted) {
            Some(output) => output.schema_json(),
            None => crate::schedule::schema_json(),
        };
        output::raw(text.as_bytes())
    }
}
