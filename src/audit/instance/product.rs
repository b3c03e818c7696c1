//! The products as which instances are sold: recorded when new or changed, read for reports.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::SqliteConnection;

use super::attribution::LONGEST_READING;
use crate::audit::store::error::AuditError;
use crate::audit::store::reader::AuditReader;
use crate::audit::store::record::{ProductRecord, json, text};
use crate::audit::store::row::row;
use crate::model::instance::{AccountName, Instance, InstanceNo, Product};

/// An instance, by its account and its number.
#[derive(Serialize)]
struct Of<'a>(&'a str, &'a str);

row! {
    struct ProductRow of "product" {
        account: AccountName,
        instance_no: InstanceNo,
        at: DateTime<Utc> = of_number,
        what: Columns = flat,
    }
}

row! {
    struct SoldRow of "product" {
        account: AccountName,
        instance_no: InstanceNo,
        what: Columns = flat,
    }
}

row! {
    #[derive(PartialEq, Eq)]
    struct Columns {
        product_code: Option<String>,
        spec_code: Option<String>,
        server_type: Option<String>,
    }
}

/// The rows to add for these instances. A list without the product changes nothing.
pub(crate) async fn news(
    connection: &mut SqliteConnection,
    account: &AccountName,
    instances: &[&Instance],
) -> Result<Vec<ProductRecord>, sqlx::Error> {
    let said: Vec<&&Instance> =
        instances.iter().filter(|instance| instance.product != Product::default()).collect();
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let of: Vec<Of<'_>> =
        said.iter().map(|instance| Of(account.as_str(), instance.no.as_str())).collect();
    let last: Vec<Columns> = sqlx::query_as(
        "SELECT product.product_code, product.spec_code, product.server_type
        FROM json_each(?1) AS of
        LEFT JOIN product ON product.seq = (
            SELECT max(last.seq)
            FROM product AS last
            WHERE last.account = of.value ->> 0 AND last.instance_no = of.value ->> 1
        )
        ORDER BY of.key",
    )
    .bind(json(&of))
    .fetch_all(connection)
    .await?;
    let fresh = said.iter().zip(last).filter(|(instance, last)| Columns::of(instance) != *last);
    let record = |(instance, _): (&&&Instance, _)| {
        let Columns { product_code, spec_code, server_type } = Columns::of(instance);
        let (account, instance_no) = (account.to_string(), instance.no.to_string());
        ProductRecord { account, instance_no, product_code, spec_code, server_type }
    };
    Ok(fresh.map(record).collect())
}

impl AuditReader {
    /// The last known product of each instance.
    pub async fn sold(&self) -> Result<HashMap<(AccountName, InstanceNo), Product>, AuditError> {
        let rows: Vec<SoldRow> = sqlx::query_as(
            "SELECT seq, account, instance_no, product_code, spec_code, server_type
            FROM product
            WHERE seq IN (SELECT max(seq) FROM product GROUP BY account, instance_no)",
        )
        .fetch_all(&mut *self.connection().await)
        .await?;
        let sold = |row: SoldRow| ((row.account, row.instance_no), row.what.into());
        Ok(rows.into_iter().map(sold).collect())
    }
}

impl Columns {
    fn of(instance: &Instance) -> Self {
        let Product { product_code, spec_code, server_type } = &instance.product;
        let column = |code: &Option<String>| code.as_deref().map(text);
        Self {
            product_code: column(product_code),
            spec_code: column(spec_code),
            server_type: column(server_type),
        }
    }
}

/// The products of each instance in entries before a number, each with the time from which it was
/// sold, in order. The first one counts from the observation, which is a little older than its
/// entry: a server that was off then has been off since that observation.
pub(crate) async fn products(
    connection: &mut SqliteConnection,
    below: i64,
) -> Result<Vec<Kept<Product>>, AuditError> {
    let rows: Vec<ProductRow> = sqlx::query_as(
        "SELECT
            product.seq,
            product.account,
            product.instance_no,
            coalesce(
                (
                    SELECT look.seen_at
                    FROM seen AS look
                    WHERE look.seq = (
                            SELECT max(seen.seq)
                            FROM seen
                            WHERE seen.account = product.account
                                AND seen.instance_no = product.instance_no
                                AND seen.seq < product.seq
                        )
                        AND look.seen_at BETWEEN told.at - ?2 AND told.at
                        AND NOT EXISTS (
                            SELECT 1
                            FROM product AS earlier
                            WHERE earlier.account = product.account
                                AND earlier.instance_no = product.instance_no
                                AND earlier.seq < product.seq
                        )
                ),
                told.at
            ) AS at,
            product.product_code,
            product.spec_code,
            product.server_type
        FROM product
        CROSS JOIN entry AS told ON told.seq = product.seq
        WHERE product.seq < ?1
        ORDER BY product.seq",
    )
    .bind(below)
    .bind(LONGEST_READING.num_milliseconds())
    .fetch_all(connection)
    .await?;
    let kept = |row: ProductRow| Kept {
        account: row.account,
        no: row.instance_no,
        at: row.at,
        what: row.what.into(),
    };
    Ok(rows.into_iter().map(kept).collect())
}

impl From<Columns> for Product {
    fn from(Columns { product_code, spec_code, server_type }: Columns) -> Self {
        Self { product_code, spec_code, server_type }
    }
}

/// A fact about an instance that holds from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept<T> {
    pub account: AccountName,
    pub no: InstanceNo,
    pub at: DateTime<Utc>,
    pub what: T,
}
