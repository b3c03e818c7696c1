//! Owns the refusals of the service: NAVER's codes and texts.

use crate::model::instance::Action;

/// The service's answer to an impossible change: HTTP 400 with a return code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Refused {
    pub(in super::super) code: String,
    pub(in super::super) message: String,
}

pub(in super::super) const NO_NUMBER: &str = "24109";
/// No such server: gone, of another region or of the other platform.
pub(super) const UNKNOWN: &str = "24120";
/// Another operation is under way on the server, or the server has a problem.
pub(super) const BUSY: &str = "25041";
const ALREADY_STOPPED: &str = "28005";
/// A start of a running server. NAVER's page on the action lists codes, but its text for this case
/// could not be confirmed: this code is invented after its neighbour 28005.
const ALREADY_RUNNING: &str = "28004";
const PARTLY: &str = "22001";

impl Refused {
    pub(in super::super) fn with(code: &str) -> Self {
        Self { code: code.to_owned(), message: message(code).to_owned() }
    }

    pub(super) fn already_done(action: Action) -> Self {
        Self::with(match action {
            Action::Stop => ALREADY_STOPPED,
            Action::Start => ALREADY_RUNNING,
        })
    }

    pub(super) fn partly(failed: usize, all: usize) -> Self {
        let message = format!(
            "{failed} among {all} servers failed for operation. The problem is being handled. \
             Please hold for a moment."
        );
        Self { code: PARTLY.to_owned(), message }
    }
}

/// The texts are those of NAVER's page on `stopServerInstances`, for the codes of that page. The
/// texts of the two other codes of VPC are invented after the known facts.
fn message(code: &str) -> &'static str {
    match code {
        "22001" => {
            "1 among 1 servers failed for operation. The problem is being handled. Please hold \
             for a moment."
        }
        "24109" => "The input parameter instance number is invalid.",
        "24120" => "The input parameter server instance number is invalid.",
        "25014" => {
            "Unable to control the server since (other) user is currently operating storage \
             allocated to the server."
        }
        "25041" => {
            "Unable to perform operation command since (other) user is either manipulating the \
             target server or a problem in target server. Please confirm server status once again."
        }
        "28004" => "Unable to perform start command since target server is already running.",
        "28005" => {
            "Unable to perform suspension command since target server is already suspended. \
             (Other) user might have suspended the server by connecting through terminal. Please \
             confirm the server status once again."
        }
        "1100031" => "The server cannot be controlled at the moment.",
        "1007009" => "The ACG is being changed. Please try again later.",
        "1300" => "Please try again later.",
        _ => "The request was refused.",
    }
}
