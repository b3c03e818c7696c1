//! The parts that sections of a report share: tables and times.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use crate::time::zone::Zone;

/// A column: its head, and whether it holds amounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) is_amount: bool,
}

pub(super) const fn words(head: &'static str) -> Column {
    Column { head, is_amount: false }
}

pub(super) const fn amounts(head: &'static str) -> Column {
    Column { head, is_amount: true }
}

/// A table that becomes a list of facts on a narrow screen. The first cell of a row is its head.
/// Explicit roles keep the table a table for screen readers, whatever the style does.
pub(super) fn stacked(caption: &str, columns: &[Column], rows: &[Vec<Markup>]) -> Markup {
    let class = |column: &Column| column.is_amount.then_some("amount");
    let rest = columns.get(1..).unwrap_or_default();
    html! {
        table.stacked role="table" {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    @for column in columns {
                        th role="columnheader" scope="col" class=[class(column)] { (column.head) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        @if let Some((first, cells)) = row.split_first() {
                            th role="rowheader" scope="row" { (first) }
                            @for (column, cell) in rest.iter().zip(cells) {
                                @if cell.0.is_empty() {
                                    td.none role="cell" {}
                                } @else {
                                    td role="cell" class=[class(column)] data-head=(column.head) {
                                        (cell)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A table of numbers that stays a table on every screen.
pub(super) fn numbers(caption: &str, heads: &[String], rows: &[Vec<String>]) -> Markup {
    html! {
        table.numbers {
            caption { (caption) }
            thead {
                tr {
                    @for (place, head) in heads.iter().enumerate() {
                        th scope="col" class=[(place > 0).then_some("amount")] { (head) }
                    }
                }
            }
            tbody {
                @for row in rows {
                    tr {
                        @if let Some((first, cells)) = row.split_first() {
                            th scope="row" { (first) }
                            @for cell in cells { td.amount { (cell) } }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn time(zone: Zone, at: DateTime<Utc>) -> String {
    zone.show(at).format("%F %H:%M%:z").to_string()
}
