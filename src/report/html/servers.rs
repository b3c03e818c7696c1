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
    html! {
        section {
            h2 { "Servers" }
            @if report.instances.is_empty() { p { "No server was seen in this time." } }
            @if !meant.is_empty() {
                (table("Servers that rules were about, those with trouble first", &meant, (report, origin)))
            }
            @if !others.is_empty() {
                (table("Servers that no rule was about", &others, (report, origin)))
            }
        }
    }
}

fn table(
    caption: &str,
    servers: &[&InstanceReport],
    (report, origin): (&Report, &Origin<'_>),
) -> Markup {
    let mut columns = vec![words("Server")];
    if servers.iter().any(|one| one.is_meant) {
        columns.extend([words("Trouble"), amounts("Nights off")]);
    }
    columns.extend([amounts("Hours off"), amounts("Share off"), amounts("Hours unknown")]);
    columns.extend(report.currency.is_some().then(|| amounts("Saved")));
    let caption = match &report.currency {
        Some(currency) => format!("{caption}; saved in {}", harmless(currency)),
        None => caption.to_owned(),
    };
    let rows: Vec<_> = servers.iter().map(|one| row(one, report, origin)).collect();
    stacked(&caption, &columns, &rows)
}

fn row(one: &InstanceReport, report: &Report, origin: &Origin<'_>) -> Vec<Markup> {
    let mut row =
        vec![html! { (origin.server(&one.no, &one.shown_name())) span.small { (which(one)) } }];
    if one.is_meant {
        let short = one.shortfalls();
        let all = one.nights.all();
        row.push(html! { @if !short.is_empty() { span.bad { (short.join(", ")) } } });
        row.push(html! { @if all > 0 { (number(one.nights.off)) " of " (number(all)) } });
    }
    row.extend([
        html! { (hours_text(one.spent.off)) },
        html! { (off_share(&one.spent)) },
        html! { (hours_text(one.spent.unknown)) },
    ]);
    if let Some(currency) = &report.currency {
        row.push(html! { (saved(&one.saved, &one.spent, currency)) });
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
