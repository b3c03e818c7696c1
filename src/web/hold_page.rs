//! Collects the data for the page on which one rule or one server is held: the holds on it, and the
//! ends that can be chosen with one tap.
//!
//! [`super::hold`] does what its forms ask for. [`super::page`] draws it.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use hyper::StatusCode;
use url::form_urlencoded;

use super::forms::{DoneAbout, FormError, Forms, FormsClosed};
use super::instance;
use super::page::{self, Choice, End, HeldNow, HoldPage};
use super::page_request::{PageRequest, Viewed};
use super::state::WebState;
use crate::audit::{AuditError, AuditReader};
use crate::hold::held_firings::{HeldFirings, HoldSpan};
use crate::hold::{Hold, HoldEntry, end_time};
use crate::model::instance::InstanceNo;
use crate::model::known_instance::{Directory, KnownInstance};
use crate::model::subject::Subject;
use crate::schedule::{Rule, Schedules};

/// The hour of "until tomorrow 08:00".
const MORNING: u32 = 8;
/// Two ends that differ by less are the same to people.
const A_MOMENT: TimeDelta = TimeDelta::minutes(1);
/// The short hold.
const SHORT: TimeDelta = TimeDelta::hours(2);

/// The rule or the number in a query.
fn asked(query: &str) -> Option<Subject> {
    form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| match &*name {
        "rule" => Some(Subject::Rule(value.into_owned())),
        "server" => Some(Subject::Instance(value.trim().to_owned())),
        _ => None,
    })
}

pub(super) async fn view(
    state: &WebState,
    page_request: PageRequest<'_>,
    log: &AuditReader,
) -> Viewed {
    let Some(subject) = asked(page_request.query) else { return Ok(None) };
    let now = page_request.now;
    let daemon = log.daemon().await?;
    let rules = state.rules.now(Some(log), daemon.as_ref()).await?;
    let in_use = rules.in_use.as_deref().ok();
    let (instances, matched) = (log.instances_by_last_name().await?, log.last_matched().await?);
    let known = Directory { instances, matched };
    let name = match &subject {
        Subject::Rule(rule) => {
            let is_known = in_use.is_none_or(|file| file.entry(rule).is_some());
            // A form with such a rule gets its error.
            let is_told = page_request.forms.wrong == Some(FormError::Rule);
            (is_known || is_told).then(|| rule.clone())
        }
        Subject::Instance(no) | Subject::Tagged { name: no, .. } => named(log, &known, no).await?,
    };
    let Some(name) = name else { return Ok(None) };
    let without_rules = in_use.is_none().then_some(FormsClosed::Rules);
    let look = page_request.look(rules.zone);
    let forms = page_request.forms;
    let forms = Forms { closed: forms.closed.or(without_rules), ..forms };
    let (holds, others): (Vec<_>, Vec<_>) = log
        .holds(Some(now))
        .await?
        .into_iter()
        .partition(|it| is_on(&it.hold, &subject, &known.instances));
    let rules_of = |file| known.rules_about(&subject, file);
    let its_rules: Vec<&Rule> = in_use.map(rules_of).unwrap_or_default();
    let with_rules = others.into_iter().filter(|it| match &it.hold.subject {
        Subject::Rule(name) => its_rules.iter().any(|rule| rule.name.as_str() == name),
        Subject::Instance(_) | Subject::Tagged { .. } => false,
    });
    let with_rules = with_rules.collect();
    let held_now = |entry: HoldEntry| {
        let (on, until, skip) = (&entry.hold.subject, entry.hold.until, entry.hold.skip);
        let span = HoldSpan { from: entry.held_at, until, skip };
        let firings = in_use.map(|file| HeldFirings::of(on, file, &known, span));
        HeldNow { entry, firings }
    };
    let page = HoldPage {
        choices: in_use.map(|file| choices(&subject, file, &known, now)).unwrap_or_default(),
        holds: holds.into_iter().map(held_now).collect(),
        with_rules,
        subject,
        name,
        forms,
    };
    Ok(Some((StatusCode::OK, page::hold(look, &page))))
}

/// The name of a server with a number; `None` when the log does not know it.
async fn named(
    log: &AuditReader,
    known: &Directory,
    no: &str,
) -> Result<Option<String>, AuditError> {
    let Ok(number) = InstanceNo::new(no) else { return Ok(None) };
    let name = known.instances.iter().find(|it| it.no == number).map(|it| it.name.clone());
    match name.filter(|name| !name.is_empty()) {
        Some(name) => Ok(Some(name)),
        None => Ok(instance::is_known(log, &number).await?.then(|| no.to_owned())),
    }
}

/// What the result of a form is about, by its name.
pub(super) async fn about(
    log: &AuditReader,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<DoneAbout, AuditError> {
    let known = log.instances_by_last_name().await?;
    let name = match subject {
        Subject::Instance(no) => known.iter().find(|it| it.no.as_str() == no).map(|it| &*it.name),
        Subject::Tagged { name, .. } => Some(name.as_str()),
        Subject::Rule(_) => None,
    };
    let name = name.filter(|name| !name.is_empty());
    let name = name.map_or_else(|| subject.to_string(), ToOwned::to_owned);
    let holds = log.holds(Some(now)).await?;
    Ok(DoneAbout { name, is_held: holds.iter().any(|it| is_on(&it.hold, subject, &known)) })
}

/// The ends that one tap chooses, without those beyond `[limits] max_hold`. Of two that are the
/// same to people, only the first.
fn choices(subject: &Subject, file: &Schedules, known: &Directory, now: DateTime<Utc>) -> Vec<End> {
    let (tonight, _) = end_time::tonight(subject, file, known, now);
    let tomorrow = file.timezone.local(now).date() + TimeDelta::days(1);
    let morning = NaiveTime::from_hms_opt(MORNING, 0, 0).expect("08:00 is a time");
    let tomorrow = file.timezone.instant(tomorrow.and_time(morning));
    let is_night = end_time::is_small_hours(file.timezone, now);
    let of_night = if is_night { Choice::ThisNight } else { Choice::Tonight };
    let choices = [(of_night, tonight), (Choice::Short, now + SHORT), (Choice::Tomorrow, tomorrow)];
    let mut ends: Vec<End> = Vec::new();
    for (choice, until) in choices {
        let is_told = ends.iter().any(|it| (it.until - until).abs() < A_MOMENT);
        if !is_told && end_time::judge(until, file, now).is_ok() {
            let span = HoldSpan { from: now, until, skip: false };
            let firings = HeldFirings::of(subject, file, known, span);
            ends.push(End { choice, until, firings });
        }
    }
    ends
}

/// Whether a hold is on this rule, or on this server.
pub(super) fn is_on(hold: &Hold, subject: &Subject, known: &[KnownInstance]) -> bool {
    match subject {
        Subject::Rule(_) => hold.subject == *subject,
        Subject::Instance(no) | Subject::Tagged { name: no, .. } => {
            let mut these = known.iter().filter(|it| it.no.as_str() == no);
            hold.subject == *subject || these.any(|it| hold.is_on(&it.account, &it.no, &it.name))
        }
    }
}

/// The hold that makes another one superfluous: on the same subject, not by a tag, and as long but
/// for less than a minute.
pub(super) fn already<'h>(
    holds: &'h [HoldEntry],
    wanted: &Hold,
    known: &[KnownInstance],
) -> Option<&'h HoldEntry> {
    holds.iter().find(|entry| {
        let is_by_tag = matches!(entry.hold.subject, Subject::Tagged { .. });
        let is_as_long = entry.hold.until + A_MOMENT > wanted.until;
        // Of two that end together, the one that catches up counts.
        let is_as_strong = !entry.hold.skip || wanted.skip || entry.hold.until > wanted.until;
        !is_by_tag && is_as_long && is_as_strong && is_on(&entry.hold, &wanted.subject, known)
    })
}
