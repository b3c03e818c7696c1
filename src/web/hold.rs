//! Sets and releases holds from the page: the only part of `web` that writes.
//!
//! The rules are those of `lightsout hold`, apart from checks that need the cloud: the page never
//! asks the cloud.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{StatusCode, header};
use tracing::warn;

use super::answer::PageAnswer;
use super::csrf::is_from_here;
use super::forms::{FormDone, FormError, Forms, HOLD_PATH, TypedHold};
use super::page_request::PageRequest;
use super::sender::{Sender, remember};
use super::state::WebState;
use super::words::Words;
use super::{form, hold_page, instance, view};
use crate::audit::{AuditError, AuditLog, AuditReader, Writer};
use crate::hold::{Hold, end_time};
use crate::model::ids::HoldId;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;
use crate::schedule::{AuditFile, Schedules};
use crate::text::error_chain::chain;

/// The path that sets a hold. Below it, each hold's number has a path that releases it.
pub(super) const PATH: &str = "/holds";

#[derive(Debug)]
enum Failure {
    /// A field of the form is wrong.
    Typed(FormError),
    /// The log or the rules are not available.
    FormsClosed,
    /// The log knows no such instance.
    Missing,
}

/// The request of a form; `None` when there is no such form.
enum HoldRequest {
    Hold,
    Release(HoldId),
}

/// Does what a form asks for, and redirects to the form's page.
pub(super) async fn answer(
    state: &Arc<WebState>,
    (head, body): (Parts, Incoming),
    sender: Sender,
) -> PageAnswer {
    let (words, now) = (Words::of(&head.headers), state.clock.now());
    let missing =
        || PageAnswer::page(StatusCode::NOT_FOUND, &super::page::not_found(words), ("/", now));
    let Some(request) = request(head.uri.path()) else { return missing() };
    if !is_from_here(&head.headers) {
        let text = "this form was not sent from a page of this address; a proxy has to pass \
                    `Host` on\n";
        return PageAnswer::text(StatusCode::FORBIDDEN, text);
    }
    let typed = match form::read(body).await {
        Ok(body) => TypedHold::read(&body),
        Err(answer) => return answer,
    };
    if typed.is_too_long() {
        return PageAnswer::text(StatusCode::PAYLOAD_TOO_LARGE, "that is no hold\n");
    }
    let page = match request {
        HoldRequest::Hold => typed.hold_page(),
        HoldRequest::Release(_) => typed.release_page(),
    };
    let Some(page) = page else { return missing() };
    let Some(_turn) = state.turn().await else {
        return PageAnswer::busy(words, (&page, now)).lasting();
    };
    let is_ours = state.seal.is_on(&typed.seal, &head.headers, state.clock.now());
    let done = match request {
        _ if !is_ours => Err(Failure::Typed(FormError::Seal)),
        HoldRequest::Hold => set_once(state, &typed, &sender).await,
        HoldRequest::Release(hold) => {
            release(state, hold, &sender.author(&sender.remembered)).await
        }
    };
    match done {
        Ok(done) => {
            let join = if page.starts_with(HOLD_PATH) { '&' } else { '?' };
            let to = format!("{page}{join}{}", done.query());
            let answer =
                PageAnswer::text(StatusCode::SEE_OTHER, "").with_text(header::LOCATION, &to);
            match done {
                FormDone::Held(_) if sender.user.is_none() => {
                    answer.with_text(header::SET_COOKIE, &remember(&typed.who))
                }
                _ => answer,
            }
        }
        Err(failure) => again(state, (&head, words, sender), &page, (typed, failure)).await,
    }
}

fn request(path: &str) -> Option<HoldRequest> {
    match path.strip_prefix(PATH)? {
        "" => Some(HoldRequest::Hold),
        rest => {
            let number = rest.strip_prefix('/')?.strip_suffix("/release")?;
            Some(HoldRequest::Release(HoldId::from(number.parse::<i64>().ok()?)))
        }
    }
}

/// Shows the page again, with the input and its errors.
async fn again(
    state: &WebState,
    (head, words, sender): (&Parts, Words, Sender),
    page: &str,
    (typed, failure): (TypedHold, Failure),
) -> PageAnswer {
    let (status, wrong) = match failure {
        Failure::Typed(wrong @ FormError::Seal) => (StatusCode::FORBIDDEN, Some(wrong)),
        Failure::Typed(wrong @ FormError::Log(_)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, Some(wrong))
        }
        Failure::Typed(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, Some(wrong)),
        Failure::FormsClosed => (StatusCode::CONFLICT, None),
        Failure::Missing => (StatusCode::NOT_FOUND, None),
    };
    let forms = Forms { typed, wrong, ..state.forms(&head.headers, sender, "") };
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    let now = state.clock.now();
    let page_request = PageRequest { words, path, query, forms, now };
    view::answer(state, page_request).await.with_status(status).lasting()
}

/// Sets a hold, unless this very form was sent before. A sender who goes away, as at a second tap,
/// does not end the work.
async fn set_once(
    state: &Arc<WebState>,
    typed: &TypedHold,
    sender: &Sender,
) -> Result<FormDone, Failure> {
    let (state, typed, sender) = (Arc::clone(state), typed.clone(), sender.clone());
    let work = async move {
        let sent = (typed.clone(), sender.author(&typed.who));
        state.sent.once(sent, set(&state, &typed, &sender)).await
    };
    tokio::spawn(work).await.expect("nothing ends a hold before it is recorded")
}

async fn set(state: &WebState, typed: &TypedHold, sender: &Sender) -> Result<FormDone, Failure> {
    if state.closed().is_some() {
        return Err(Failure::FormsClosed);
    }
    let log = state.open().await.map_err(|error| failed(&error))?;
    let hold = new_hold(state, &log, typed, sender).await;
    drop(log.close().await);
    let hold = match hold? {
        Ok(hold) => hold,
        Err(already) => return Ok(FormDone::Already(already.into())),
    };
    let audit = join(state).await?;
    let recorded = audit.hold_by_page(&hold).await;
    let ended = audit.end("done").await;
    let id = recorded.map_err(|error| failed(&error))?;
    ended.map_err(|error| failed(&error))?;
    Ok(FormDone::Held(id.into()))
}

/// The hold to set, or the one that is in force and makes it superfluous.
async fn new_hold(
    state: &WebState,
    log: &AuditReader,
    typed: &TypedHold,
    sender: &Sender,
) -> Result<Result<Hold, HoldId>, Failure> {
    let hold = meant(state, log, typed, sender).await?;
    let holds = log.holds(Some(state.clock.now())).await.map_err(|error| failed(&error))?;
    let known = log.instances_by_last_name().await.map_err(|error| failed(&error))?;
    let already = hold_page::already(&holds, &hold, &known).map(|entry| entry.id);
    Ok(already.map_or(Ok(hold), Err))
}

/// The hold to set, if it is allowed.
async fn meant(
    state: &WebState,
    log: &AuditReader,
    typed: &TypedHold,
    sender: &Sender,
) -> Result<Hold, Failure> {
    let daemon = log.daemon().await.map_err(|error| failed(&error))?;
    let rules =
        state.rules.now(Some(log), daemon.as_ref()).await.map_err(|error| failed(&error))?;
    let Ok(schedules) = rules.in_use else { return Err(Failure::FormsClosed) };
    let subject = subject(log, &schedules, typed).await?;
    let now = state.clock.now();
    let wrong = |error| Failure::Typed(FormError::Until(error));
    let until = if typed.until.is_empty() {
        let known = log.directory().await.map_err(|error| failed(&error))?;
        let (until, _) = end_time::tonight(&subject, &schedules, &known, now);
        end_time::judge(until, &schedules, now).map_err(wrong)?;
        until
    } else {
        end_time::parse(&typed.until, &schedules, now).map_err(wrong)?
    };
    let why = Some(typed.why.clone()).filter(|why| !why.is_empty());
    let who = sender.author(&typed.who);
    Ok(Hold { subject, until, skip: typed.is_skipped(), why, who })
}

/// The thing to hold: an instance that the log has seen, or a rule of the file.
async fn subject(
    log: &AuditReader,
    schedules: &Schedules,
    typed: &TypedHold,
) -> Result<Subject, Failure> {
    if typed.instance.is_empty() {
        let rule = schedules.entry(&typed.rule).map(|_| Subject::Rule(typed.rule.clone()));
        return rule.ok_or(Failure::Typed(FormError::Rule));
    }
    let no = InstanceNo::new(typed.instance.as_str()).map_err(|_| Failure::Missing)?;
    let is_known = instance::is_known(log, &no).await.map_err(|error| failed(&error))?;
    if is_known { Ok(Subject::Instance(no.to_string())) } else { Err(Failure::Missing) }
}

async fn release(state: &WebState, hold: HoldId, who: &str) -> Result<FormDone, Failure> {
    if state.closed().is_some() {
        return Err(Failure::FormsClosed);
    }
    let audit = join(state).await?;
    let released = audit.release(&[hold], who).await;
    let ended = audit.end("done").await;
    let released = released.map_err(|error| failed(&error))?;
    ended.map_err(|error| failed(&error))?;
    let done = if released.is_empty() { FormDone::WasOver } else { FormDone::Released };
    Ok(done(hold.into()))
}

/// Begins to write, to the shared log of the file in use too if there is one.
async fn join(state: &WebState) -> Result<AuditLog, Failure> {
    let joined = async {
        let log = state.open().await?;
        let daemon = log.daemon().await?;
        let rules = state.rules.now(Some(&log), daemon.as_ref()).await?;
        let Ok(schedules) = rules.in_use else { return Ok(None) };
        let file = AuditFile { path: state.log.clone(), ..schedules.audit.clone() };
        AuditLog::join(&file, Writer::Hold, Arc::clone(&state.clock)).await.map(Some)
    };
    joined.await.map_err(|error| failed(&error))?.ok_or(Failure::FormsClosed)
}

fn failed(error: &AuditError) -> Failure {
    let why = chain(error);
    warn!(error = why, "the hold was not written");
    Failure::Typed(FormError::Log(why))
}
