//! Makes the effect of a fault on the wire.
//!
//! `fault` has the kinds; `fault_schedule` chooses the call.

use std::time::Duration;

use hyper::body::Bytes;
use hyper::header::{self, HeaderName};

use super::answer::Answer;
use super::body::Body;
use super::call::{Call, ELSEWHERE};
use super::gate::Turned;
use crate::cloud::rehearsal::fault::{Fault, FaultKind};
use crate::cloud::rehearsal::world::Refused;

const PAGE_FOR_PEOPLE: &str = "<!DOCTYPE html>\n<html><head><title>Service unavailable</title>\
                               </head><body><p>Please try again later.<br></body></html>\n";

#[derive(Debug)]
pub(super) struct Wire {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Body,
}

/// The answer of a fault that leaves the world as it is; `None` ends the connection.
pub(super) fn instead(fault: &Fault, call: &Call, request_id: String) -> Option<Answer> {
    let turned = |turned: Turned| {
        let details = fault.message.clone().unwrap_or_else(|| turned.details.clone());
        Some(Answer::turned(&Turned { details, ..turned }, call.format()))
    };
    match fault.kind {
        FaultKind::ResetBefore => None,
        FaultKind::Throttle => turned(Turned::throttled()).map(|answer| with_pause(answer, fault)),
        FaultKind::Denied => turned(Turned::unauthenticated("Invalid authentication information.")),
        FaultKind::Forbidden => turned(Turned::forbidden(fault.status.unwrap_or(401))),
        FaultKind::Refuse => Some(refusal(fault, call, request_id)),
        FaultKind::Redirect => {
            let answer = turned(Turned::broken(502))?;
            let place = format!("{ELSEWHERE}{}", call.path_and_query);
            Some(Answer { status: 302, headers: vec![(header::LOCATION, place)], ..answer })
        }
        _ => turned(Turned::broken(fault.status.unwrap_or(503))),
    }
}

fn with_pause(answer: Answer, fault: &Fault) -> Answer {
    let pause = fault.retry_after.map(|pause| pause.as_millis().div_ceil(1000).to_string());
    Answer {
        headers: pause.map(|pause| (header::RETRY_AFTER, pause)).into_iter().collect(),
        ..answer
    }
}

fn refusal(fault: &Fault, call: &Call, request_id: String) -> Answer {
    let known = Refused::with(fault.code.as_deref().unwrap_or_default());
    let refused = Refused { message: fault.message.clone().unwrap_or(known.message), ..known };
    match fault.status {
        Some(200) => Answer::refused_with_200(&refused, call, request_id),
        status => {
            let answer = Answer::refused(&refused, call, request_id);
            Answer { status: status.unwrap_or(400), ..answer }
        }
    }
}

/// The remains of a good answer after a fault; `None` ends the connection.
pub(super) fn garble(answer: Answer, fault: Option<&Fault>, call: &Call) -> Option<Answer> {
    match fault.map(|fault| fault.kind) {
        Some(FaultKind::ResetAfter) => None,
        Some(FaultKind::ErrorAfter) => {
            let status = fault.and_then(|fault| fault.status).unwrap_or(503);
            Some(Answer::turned(&Turned::broken(status), call.format()))
        }
        Some(FaultKind::Empty) => Some(Answer { text: String::new(), ..unmarked(answer) }),
        Some(FaultKind::Html) => Some(Answer {
            status: 200,
            content_type: "text/html;charset=UTF-8",
            text: PAGE_FOR_PEOPLE.to_owned(),
            ..unmarked(answer)
        }),
        Some(FaultKind::WrongContentType) => {
            let is_xml = answer.content_type.contains("xml");
            let wrong = if is_xml { "application/json" } else { "text/html;charset=UTF-8" };
            Some(Answer { content_type: wrong, ..answer })
        }
        _ => Some(answer),
    }
}

/// The answer without its codes, which no client will read.
fn unmarked(answer: Answer) -> Answer {
    Answer { code: None, request_id: None, ..answer }
}

/// The last step: the bytes.
pub(super) fn wire(answer: Answer, kind: Option<FaultKind>) -> Wire {
    let mut headers = answer.headers;
    headers.push((header::CONTENT_TYPE, answer.content_type.to_owned()));
    let body = match kind {
        Some(FaultKind::Torn) => Body::torn(answer.text),
        Some(FaultKind::Huge) => Body::huge(answer.text),
        Some(FaultKind::WrongEncoding) => {
            let (bytes, _, _) = encoding_rs::EUC_KR.encode(&answer.text);
            Body::whole(Bytes::copy_from_slice(&bytes))
        }
        _ => Body::whole(answer.text),
    };
    Wire { status: answer.status, headers, body }
}

/// The delay of the answer, in the clock's time.
pub(super) fn delay(fault: Option<&Fault>) -> Duration {
    let slow = fault.filter(|fault| fault.kind == FaultKind::Slow);
    slow.and_then(|fault| fault.delay).unwrap_or_default()
}
