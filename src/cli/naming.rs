//! The flags `--rule` and `--server`, for commands whose argument says the same.

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::completions;

/// `--rule`, beside the argument `rule`.
#[derive(Debug, Args)]
pub(super) struct RuleFlag {
    /// The same as RULE
    #[arg(
        id = "rule_flag",
        long = "rule",
        value_name = "RULE",
        conflicts_with = "rule",
        add = ArgValueCandidates::new(completions::rules)
    )]
    rule: Option<String>,
}

impl RuleFlag {
    /// The rule, named by the argument or by the flag.
    pub(super) fn or<'a>(&'a self, argument: Option<&'a String>) -> Option<&'a str> {
        argument.or(self.rule.as_ref()).map(String::as_str)
    }

    /// The same where one of both is required.
    pub(super) fn or_needed<'a>(&'a self, argument: Option<&'a String>) -> &'a str {
        self.or(argument).expect("clap asks for the argument or the flag")
    }
}

/// `--server`, beside the argument `server`.
#[derive(Debug, Args)]
pub(super) struct ServerFlag {
    /// The same as SERVER
    #[arg(
        id = "server_flag",
        long = "server",
        value_name = "SERVER",
        conflicts_with = "server",
        add = ArgValueCandidates::new(completions::servers)
    )]
    server: Option<String>,
}

impl ServerFlag {
    /// The server, named by the argument or by the flag.
    pub(super) fn or<'a>(&'a self, argument: Option<&'a String>) -> Option<&'a str> {
        argument.or(self.server.as_ref()).map(String::as_str)
    }

    /// The same where one of both is required.
    pub(super) fn or_needed<'a>(&'a self, argument: Option<&'a String>) -> &'a str {
        self.or(argument).expect("clap asks for the argument or the flag")
    }
}
