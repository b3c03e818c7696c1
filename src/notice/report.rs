//! Makes a notice of a report: its sentence, its sums, the rules and the servers with trouble. A
//! program also receives the whole report.
//!
//! [`super::reports`] decides when one is due. The sums come from [`crate::report`].

use chrono::{DateTime, SecondsFormat, Utc};

use super::body::{Body, ReportDigest};
use super::brief::brief;
use super::digest;
use super::words::NoticeWords;
use crate::model::language::Language;
use crate::report::html::{self, Origin};
use crate::report::{Figure, Report, lines, markdown};
use crate::schedule::notify::{Channel, Event};

/// The most rules or servers with trouble that are named; the rest are counted.
const MOST_NAMED: usize = 10;
/// The most servers in a notice to a webhook, and to a program.
const MOST_POSTED: usize = 50;
const MOST_PIPED: usize = 5_000;
/// The largest page or text that a program is given, in bytes.
const LARGEST: usize = 1 << 20;
/// The longest sentence. Together with the words about a late report, it fits into Discord's 2,000
/// characters.
const LONGEST_TEXT: usize = 1_500;
/// The longest line about a rule or a server.
const LONGEST_LINE: usize = 200;

pub(super) fn of_report(report: &Report, origin: &Origin<'_>, channel: &Channel) -> Body {
    let is_program = matches!(channel, Channel::Command { .. });
    let most = if is_program { MOST_PIPED } else { MOST_POSTED };
    let whole = |text: String| (is_program && text.len() <= LARGEST).then_some(text);
    let instances = report.instances.iter().take(most);
    let digest = ReportDigest {
        since: rfc3339(report, report.span.from),
        until: rfc3339(report, report.span.until),
        late: false,
        total: lines::total(report),
        rules: report.rules.iter().map(lines::rule).collect(),
        instances: instances.map(|one| lines::instance(one, report)).collect(),
        instances_left_out: report.instances.len().saturating_sub(most),
        weeks: report.weeks.iter().map(|week| lines::week(week, report)).collect(),
        markdown: whole(markdown::text(report, origin.language)),
        html: whole(html::page(report, origin)),
    };
    let at = |at| report.zone.show(at).format("%F %H:%M%:z");
    let [from, until] = [report.span.from, report.span.until].map(|it| at(it).to_string());
    let sentence = report.sentence(origin.language);
    let text = NoticeWords(origin.language).report(&from, &until, &sentence);
    Body {
        event: Event::Report.as_str(),
        text: brief(&text, LONGEST_TEXT),
        details: details(report, origin.language),
        report: Some(Box::new(digest)),
        ..Body::default()
    }
}

/// The notice that tries out a target of reports.
pub fn of_test(target: &str, report: &Report, origin: &Origin<'_>, channel: &Channel) -> Body {
    let Body { event, text, .. } = digest::of_test(target, origin.language);
    let body = of_report(report, origin, channel);
    Body { event, text: format!("{text}; {}", body.text), ..body }
}

/// Says in the notice that the report comes long after its time.
pub(super) fn is_late(body: &mut Body, report: &Report, language: Language) {
    let due_at = report.zone.show(report.span.until).format("%F %H:%M%:z");
    body.text.push(' ');
    body.text.push_str(&NoticeWords(language).report_is_late(&due_at.to_string()));
    if let Some(report) = &mut body.report {
        report.late = true;
    }
}

/// One line for each sum, rule and server with trouble.
fn details(report: &Report, language: Language) -> Vec<String> {
    let words = NoticeWords(language);
    let figures = report.figures(language);
    let mut details: Vec<String> = figures.iter().map(|one| figure(words, one)).collect();
    let rules = report.rules.iter().filter_map(|rule| rule.trouble(language));
    details.extend(some(rules.collect(), |more| words.more_troubled_rules(more)));
    let servers = report.instances.iter().filter_map(|one| {
        let short = one.shortfalls(language);
        (!short.is_empty()).then(|| format!("{}: {}", one.shown_name(), short.join(", ")))
    });
    details.extend(some(servers.collect(), |more| words.more_troubled_servers(more)));
    details
}

fn figure(words: NoticeWords, Figure { name, figure, more }: &Figure) -> String {
    words.beside(&format!("{name}: {figure}"), &more.join(", "))
}

/// The first lines, and the number of the others.
fn some(mut lines: Vec<String>, others: impl Fn(usize) -> String) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST_NAMED);
    lines.truncate(MOST_NAMED);
    let mut lines: Vec<String> = lines.iter().map(|line| brief(line, LONGEST_LINE)).collect();
    lines.extend((more > 0).then(|| others(more)));
    lines
}

fn rfc3339(report: &Report, at: DateTime<Utc>) -> String {
    report.zone.show(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}
