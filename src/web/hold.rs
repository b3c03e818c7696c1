//! Sets and releases holds for whoever reads the page: the only thing that writes.
//!
//! On the terms of `lightsout hold`, but for what the cloud alone knows: the page never asks it.

use std::net::IpAddr;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{StatusCode, header};
use tracing::warn;

use super::answer::Answer;
use super::asked::Asked;
use super::csrf::is_from_here;
use super::forms::{Desk, Done, TypedHold, Wrong};
use super::state::Site;
use super::words::{Language, Words};
use super::{form, instance, view};
use crate::audit::{AuditError, AuditLog, AuditReader, Writer};
use crate::hold::{Hold, end_time};
use crate::model::ids::HoldId;
use crate::model::instance::InstanceNo;
use crate::model::subject::Subject;
use crate::schedule::Schedules;
use crate::text::error_chain::chain;

/// Where a hold is set; under it, by its number, where it is released.
pub(super) const PATH: &str = "/holds";

/// Why nothing was done.
#[derive(Debug)]
enum Failure {
    /// Something is wrong with what was typed.
    Typed(Wrong),
    /// The log or the rules are not there to hold anything.
    Closed,
    /// The log knows no such instance.
    Missing,
}

/// What a form asks for; `None` where there is no such form.
enum Wish {
    Hold,
    Release(HoldId),
}

/// Does what a form asks for, and leads back to the page that it is on.
pub(super) async fn answer(site: &Site, (head, body): (Parts, Incoming), from: IpAddr) -> Answer {
    let words = Language::of(&head.headers).words();
    let Some(wish) = wish(head.uri.path()) else {
        return Answer::page(StatusCode::NOT_FOUND, super::page::not_found(words));
    };
    if !is_from_here(&head.headers) {
        let text = "this form was not sent from a page of this address; a proxy has to pass \
                    `Host` on\n";
        return Answer::text(StatusCode::FORBIDDEN, text);
    }
    let typed = match form::read(body).await {
        Ok(body) => TypedHold::read(&body),
        Err(answer) => return answer,
    };
    if typed.is_too_long() {
        return Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "that is no hold\n");
    }
    let Some(page) = typed.page() else {
        return Answer::page(StatusCode::NOT_FOUND, super::page::not_found(words));
    };
    let Some(_turn) = site.turn().await else {
        return Answer::page(StatusCode::SERVICE_UNAVAILABLE, super::page::busy(words))
            .with(header::RETRY_AFTER, "5");
    };
    let is_ours = site.seal.is_on(&typed.seal, &head.headers, site.clock.now());
    let done = match wish {
        _ if !is_ours => Err(Failure::Typed(Wrong::Seal)),
        Wish::Hold => set(site, &typed, from).await,
        Wish::Release(hold) => release(site, hold, &who(&typed.who, from)).await,
    };
    match done {
        Ok(done) => Answer::text(StatusCode::SEE_OTHER, "")
            .with_text(header::LOCATION, &format!("{page}?{}#holds", done.query())),
        Err(failure) => again(site, (&head, words), &page, (typed, failure)).await,
    }
}

fn wish(path: &str) -> Option<Wish> {
    match path.strip_prefix(PATH)? {
        "" => Some(Wish::Hold),
        rest => {
            let number = rest.strip_prefix('/')?.strip_suffix("/release")?;
            Some(Wish::Release(HoldId::from(number.parse::<i64>().ok()?)))
        }
    }
}

/// Shows the page once more, with what was typed and what is wrong with it.
async fn again(
    site: &Site,
    (head, words): (&Parts, &'static Words),
    path: &str,
    (typed, failure): (TypedHold, Failure),
) -> Answer {
    let (status, wrong) = match failure {
        Failure::Typed(wrong @ Wrong::Seal) => (StatusCode::FORBIDDEN, Some(wrong)),
        Failure::Typed(wrong @ Wrong::Log(_)) => (StatusCode::INTERNAL_SERVER_ERROR, Some(wrong)),
        Failure::Typed(wrong) => (StatusCode::UNPROCESSABLE_ENTITY, Some(wrong)),
        Failure::Closed => (StatusCode::CONFLICT, None),
        Failure::Missing => (StatusCode::NOT_FOUND, None),
    };
    let desk = Desk { typed, wrong, ..site.desk(&head.headers, "") };
    view::answer(site, Asked { words, path, query: "", desk }).await.with_status(status)
}

/// Sets a hold.
async fn set(site: &Site, typed: &TypedHold, from: IpAddr) -> Result<Done, Failure> {
    if site.closed().is_some() {
        return Err(Failure::Closed);
    }
    let log = site.open().await.map_err(|error| failed(&error))?;
    let hold = meant(site, &log, typed, from).await;
    drop(log.close().await);
    let hold = hold?;
    let audit = join(site).await?;
    let recorded = audit.hold_by_page(&hold).await;
    let ended = audit.end("done").await;
    let id = recorded.map_err(|error| failed(&error))?;
    ended.map_err(|error| failed(&error))?;
    Ok(Done::Held(id.into()))
}

/// The hold that is meant, if it may be one.
async fn meant(
    site: &Site,
    log: &AuditReader,
    typed: &TypedHold,
    from: IpAddr,
) -> Result<Hold, Failure> {
    let daemon = log.daemon().await.map_err(|error| failed(&error))?;
    let rules = site.rules.now(Some(log), daemon.as_ref()).await.map_err(|error| failed(&error))?;
    let Ok(schedules) = rules.in_use else { return Err(Failure::Closed) };
    let subject = subject(log, &schedules, typed).await?;
    let now = site.clock.now();
    let wrong = |error| Failure::Typed(Wrong::Until(error));
    let until = if typed.until.is_empty() {
        let known = log.directory().await.map_err(|error| failed(&error))?;
        let (until, _) = end_time::tonight(&subject, &schedules, &known, now);
        end_time::judge(until, &schedules, now).map_err(wrong)?;
        until
    } else {
        end_time::parse(&typed.until, &schedules, now).map_err(wrong)?
    };
    let why = Some(typed.why.clone()).filter(|why| !why.is_empty());
    let who = who(&typed.who, from);
    Ok(Hold { subject, until, skip: typed.is_skipped(), why, who })
}

/// What is to be held: an instance that the log has seen, or a rule of the file.
async fn subject(
    log: &AuditReader,
    schedules: &Schedules,
    typed: &TypedHold,
) -> Result<Subject, Failure> {
    if typed.instance.is_empty() {
        let rule = schedules.entry(&typed.rule).map(|_| Subject::Rule(typed.rule.clone()));
        return rule.ok_or(Failure::Typed(Wrong::Rule));
    }
    let no = InstanceNo::new(typed.instance.as_str()).map_err(|_| Failure::Missing)?;
    let is_known = instance::is_known(log, &no).await.map_err(|error| failed(&error))?;
    if is_known { Ok(Subject::Instance(no.to_string())) } else { Err(Failure::Missing) }
}

/// Releases a hold.
async fn release(site: &Site, hold: HoldId, who: &str) -> Result<Done, Failure> {
    if site.closed().is_some() {
        return Err(Failure::Closed);
    }
    let audit = join(site).await?;
    let released = audit.release(&[hold], who).await;
    let ended = audit.end("done").await;
    let released = released.map_err(|error| failed(&error))?;
    ended.map_err(|error| failed(&error))?;
    let done = if released.is_empty() { Done::WasOver } else { Done::Released };
    Ok(done(hold.into()))
}

async fn join(site: &Site) -> Result<AuditLog, Failure> {
    let clock = std::sync::Arc::clone(&site.clock);
    AuditLog::join(&site.log, Writer::Hold, clock).await.map_err(|error| failed(&error))
}

fn failed(error: &AuditError) -> Failure {
    let why = chain(error);
    warn!(error = why, "the hold was not written");
    Failure::Typed(Wrong::Log(why))
}

/// Who it was, as far as a page knows: what somebody typed is never shown without the address.
fn who(name: &str, from: IpAddr) -> String {
    match name {
        "" => format!("page, from {from}"),
        name => format!("{name} (page, {from})"),
    }
}
