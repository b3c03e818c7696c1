//! Draws one row for each server: most trouble first, servers without a rule last.

use maud::{Markup, html};

use super::Origin;
use super::parts::{amounts, stacked, words};
use crate::report::summary::{off_share, saved};
use crate::report::{InstanceReport, Report, hours_text, number};
use crate::text::sanitize::harmless;

/// Every server with its nights, hours and money.
pub(super) fn servers(report: &Report, origin: &Origin<'_>) -> Markup {
    let (meant, others): (Vec<_>, Vec<_>) = report.instances.iter().partition(|one| one.is_meant);
    let say = origin.words();
    html! {
        section {
            h2 { (say.servers()) }
            @if report.instances.is_empty() { p { (say.no_server()) } }
            @if !meant.is_empty() { (table(say.servers_meant(), &meant, (report, origin))) }
            @if !others.is_empty() { (table(say.servers_besides(), &others, (report, origin))) }
        }
    }
}

fn table(
    caption: &str,
    servers: &[&InstanceReport],
    (report, origin): (&Report, &Origin<'_>),
) -> Markup {
    let say = origin.words();
    let mut columns = vec![words(say.server())];
    if servers.iter().any(|one| one.is_meant) {
        columns.extend([words(say.trouble()), amounts(say.nights_off())]);
    }
    let hours = [say.hours_off(), say.share(), say.hours_unknown()];
    columns.extend(hours.map(amounts));
    columns.extend(report.currency.is_some().then(|| amounts(say.saved())));
    let caption = match &report.currency {
        Some(currency) => say.caption_saved(caption, &harmless(currency)),
        None => caption.to_owned(),
    };
    let rows: Vec<_> = servers.iter().map(|one| row(one, report, origin)).collect();
    stacked(&caption, &columns, &rows)
}

fn row(one: &InstanceReport, report: &Report, origin: &Origin<'_>) -> Vec<Markup> {
    let language = origin.language;
    let mut row =
        vec![html! { (origin.server(&one.no, &one.shown_name())) span.small { (which(one)) } }];
    if one.is_meant {
        let short = one.shortfalls(language);
        let all = one.nights.all();
        let nights = origin.words().of_all(&number(one.nights.off), &number(all));
        row.push(html! { @if !short.is_empty() { span.bad { (short.join(", ")) } } });
        row.push(html! { @if all > 0 { (nights) } });
    }
    row.extend([
        html! { (hours_text(one.spent.off)) },
        html! { (off_share(&one.spent, language)) },
        html! { (hours_text(one.spent.unknown)) },
    ]);
    if let Some(currency) = &report.currency {
        row.push(html! { (saved(&one.saved, &one.spent, currency, language)) });
    }
    row
}

fn which(one: &InstanceReport) -> String {
    let sold_as = one.product.spec_code.as_ref().or(one.product.product_code.as_ref());
    let which = [one.account.as_str(), &one.region, one.no.as_str()];
    let which = which.into_iter().chain(sold_as.map(String::as_str));
    let which: Vec<_> = which.filter(|part| !part.is_empty()).collect();
    harmless(&which.join(" · "))
}
