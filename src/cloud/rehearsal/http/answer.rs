//! Owns an answer before it goes out, in the shapes of the gateway and of the service.
//!
//! `fault_effects` spoils answers, and `tree` renders them.

use hyper::header::HeaderName;

use super::call::Call;
use super::gate::Turned;
use super::tree::{Format, Node};
use crate::cloud::rehearsal::world::Refused;

/// The answer without any fault.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) text: String,
    /// The `returnCode` or `errorCode` of the answer.
    pub(super) code: Option<String>,
    pub(super) request_id: Option<String>,
}

/// The list in a good answer: the name of its element, the list, and the number of rows on all
/// pages.
pub(super) type Rows<'a> = (&'static str, Node<'a>, usize);

impl Answer {
    fn new(status: u16, format: Format, text: String) -> Self {
        let content_type = format.content_type();
        Self { status, content_type, headers: Vec::new(), text, code: None, request_id: None }
    }

    pub(super) fn turned(turned: &Turned, format: Format) -> Self {
        let answer = Self::new(turned.status, format, turned.body(format));
        Self { code: Some(turned.code.to_owned()), ..answer }
    }

    pub(super) fn json(text: String) -> Self {
        Self::new(200, Format::Json, text)
    }

    /// The service's error. NAVER's examples of it have no `requestId`. Clients must accept both
    /// forms, and the audit log gains from an id.
    pub(super) fn refused(refused: &Refused, call: &Call, request_id: String) -> Self {
        let fields = Node::Fields(vec![
            ("requestId", Node::text(&request_id)),
            ("returnCode", Node::text(&refused.code)),
            ("returnMessage", Node::text(&refused.message)),
        ]);
        let text = fields.render(call.format(), "responseError");
        let answer = Self::new(400, call.format(), text);
        Self { code: Some(refused.code.clone()), request_id: Some(request_id), ..answer }
    }

    /// HTTP 200 with a `returnCode` that is not `0`.
    pub(super) fn refused_with_200(refused: &Refused, call: &Call, request_id: String) -> Self {
        let fields = Node::Fields(head(&request_id, &refused.code, &refused.message));
        let text = fields.render(call.format(), &root(call));
        let answer = Self::new(200, call.format(), text);
        Self { code: Some(refused.code.clone()), request_id: Some(request_id), ..answer }
    }

    /// The answer to a question. Every other list has its `requestId` at the end, as some of
    /// NAVER's bodies do.
    pub(super) fn done((name, list, total): Rows, call: &Call, request_id: String) -> Self {
        let mut fields = head(&request_id, "0", "success");
        fields.push(("totalRows", Node::Number(u64::try_from(total).unwrap_or(u64::MAX))));
        fields.push((name, list));
        if request_id.ends_with(|last: char| last < '8') {
            fields.rotate_left(1);
        }
        let text = Node::Fields(fields).render(call.format(), &root(call));
        let answer = Self::new(200, call.format(), text);
        Self { code: Some("0".to_owned()), request_id: Some(request_id), ..answer }
    }
}

fn root(call: &Call) -> String {
    format!("{}Response", call.target.action())
}

fn head<'a>(request_id: &str, code: &'a str, message: &'a str) -> Vec<(&'static str, Node<'a>)> {
    vec![
        ("requestId", request_id.to_owned().into()),
        ("returnCode", Node::text(code)),
        ("returnMessage", Node::text(message)),
    ]
}
