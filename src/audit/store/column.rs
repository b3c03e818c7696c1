//! Turns types into column types.

use crate::model::ids::{DeferredId, FileId, FiringId, HoldId, NoticeId};
use crate::model::instance::{AccountName, Action, InstanceNo, RegionCode, RuleName};
use crate::model::outcome::Outcome;

/// Makes a type a column: `column!(number Millis)` wraps a number; `column!(word Name, of)` is
/// stored as a word, which `of` reads and `as_str` gives; `column!(with Name, word, of)` has
/// `word` give it; `column!(text Reason)` reads any text.
macro_rules! column {
    (number $name:ty) => {
        column!(@as i64, $name, |it: &$name| it.0, |stored| Ok(Self(stored)));
    };
    (word $name:ty, $of:expr) => {
        column!(@as String, $name, |it: &$name| it.as_str().to_owned(), |stored| Ok($of(stored)?));
    };
    (with $name:ty, $word:expr, $of:expr) => {
        column!(@as String, $name, |it: &$name| $word(*it).to_owned(), |stored| Ok($of(stored)?));
    };
    (text $name:ty) => {
        column!(@as String, $name, ToString::to_string, |stored| Ok(Self::from(stored)));
    };
    (@as $stored:ty, $name:ty, $into:expr, |$read:ident| $of:expr) => {
        impl sqlx::Type<sqlx::Sqlite> for $name {
            fn type_info() -> sqlx::sqlite::SqliteTypeInfo {
                <$stored as sqlx::Type<sqlx::Sqlite>>::type_info()
            }

            fn compatible(column: &sqlx::sqlite::SqliteTypeInfo) -> bool {
                <$stored as sqlx::Type<sqlx::Sqlite>>::compatible(column)
            }
        }

        impl sqlx::Encode<'_, sqlx::Sqlite> for $name {
            fn encode_by_ref(
                &self,
                arguments: &mut sqlx::sqlite::SqliteArgumentsBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <$stored as sqlx::Encode<sqlx::Sqlite>>::encode($into(self), arguments)
            }
        }

        impl sqlx::Decode<'_, sqlx::Sqlite> for $name {
            fn decode(
                value: sqlx::sqlite::SqliteValueRef<'_>,
            ) -> Result<Self, sqlx::error::BoxDynError> {
                let $read = <$stored as sqlx::Decode<sqlx::Sqlite>>::decode(value)?;
                $of
            }
        }
    };
}

pub(crate) use column;

column!(number FileId);
column!(number FiringId);
column!(number HoldId);
column!(number NoticeId);
column!(number DeferredId);
column!(word InstanceNo, InstanceNo::new);
column!(word AccountName, AccountName::new);
column!(word RegionCode, RegionCode::new);
column!(word RuleName, RuleName::new);
column!(word Action, |word: String| Action::from_word(&word).ok_or(word));
column!(word Outcome, |word: String| word.parse::<Outcome>());

#[cfg(test)]
mod tests {
    use sqlx::{Connection as _, SqliteConnection};

    use crate::audit::SourceKind;
    use crate::audit::store::row::row;

    row! {
        #[derive(Debug)]
        #[expect(dead_code, reason = "only read")]
        struct Line {
            seq: i64,
            kind: SourceKind,
            instances: Vec<String> = json,
        }
    }

    #[tokio::test]
    async fn a_column_that_cannot_be_read_is_named() {
        let mut connection = SqliteConnection::connect(":memory:").await.unwrap();
        let mut line = async |columns: &'static str| {
            sqlx::query_as::<_, Line>(columns).fetch_one(&mut connection).await
        };
        line("SELECT 1 AS seq, 'region' AS kind, '[\"7\"]' AS instances").await.unwrap();
        for (columns, wrong) in [
            ("SELECT 'x' AS seq, 'region' AS kind, '[]' AS instances", "seq"),
            ("SELECT 1 AS seq, 'planet' AS kind, '[]' AS instances", "kind"),
            ("SELECT 1 AS seq, 'region' AS kind, '[7]' AS instances", "instances"),
        ] {
            match line(columns).await {
                Err(sqlx::Error::ColumnDecode { index, .. }) => assert!(index.contains(wrong)),
                other => panic!("{columns}: {other:?}"),
            }
        }
    }
}
