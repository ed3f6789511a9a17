//! 緊急調査: what prefectures ask chosen hospitals, and what they answer.

use crate::{
    error::StoreError,
    read::{Reader, places, wall_filter},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    id::{HospitalId, OrganisationCode, PrefCode, QueryId},
    survey::{Answers, Item},
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A query as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRow {
    /// Its id.
    pub id: QueryId,
    /// Who asks.
    pub prefecture: PrefCode,
    /// 件名
    pub title: String,
    /// Why it is asked.
    pub note: String,
    /// The questions.
    pub items: Vec<Item>,
    /// By when.
    pub due_at: DateTime<Utc>,
    /// Counts its changes.
    pub revision: i32,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// By whom.
    pub asked_by: String,
    /// When those who had not answered were reminded last.
    pub reminded_at: Option<DateTime<Utc>>,
    /// Since when it is closed.
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    pref_code: String,
    title: String,
    note: String,
    items: String,
    due_at: DateTime<Utc>,
    revision: i32,
    asked_at: DateTime<Utc>,
    asked_by: String,
    reminded_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
}

impl TryFrom<Found> for QueryRow {
    type Error = StoreError;
    fn try_from(r: Found) -> Result<Self, StoreError> {
        Ok(Self {
            id: QueryId(r.id),
            prefecture: r.pref_code.parse().map_err(StoreError::corrupt)?,
            title: r.title,
            note: r.note,
            items: serde_json::from_str(&r.items).map_err(StoreError::corrupt)?,
            due_at: r.due_at,
            revision: r.revision,
            asked_at: r.asked_at,
            asked_by: r.asked_by,
            reminded_at: r.reminded_at,
            closed_at: r.closed_at,
        })
    }
}

const COLUMNS: &str = "SELECT q.id, q.pref_code, q.title, q.note, CAST(q.items AS TEXT) AS items, q.due_at, q.revision, q.asked_at, q.asked_by, \
     q.reminded_at, q.closed_at FROM query q";

/// A hospital that is asked, and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryAnswer {
    /// What is asked.
    pub query: QueryId,
    /// Who.
    pub hospital: HospitalId,
    /// The answer, if there is one.
    pub answers: Option<Answers>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who wrote it.
    pub answered_by: Option<String>,
}

#[derive(FromQueryResult)]
struct FoundAnswer {
    query_id: Uuid,
    hospital_id: Uuid,
    answers: Option<String>,
    answered_at: Option<DateTime<Utc>>,
    answered_by: Option<String>,
}

impl TryFrom<FoundAnswer> for QueryAnswer {
    type Error = StoreError;
    fn try_from(r: FoundAnswer) -> Result<Self, StoreError> {
        Ok(Self {
            query: QueryId(r.query_id),
            hospital: HospitalId(r.hospital_id),
            answers: r.answers.as_deref().map(serde_json::from_str).transpose().map_err(StoreError::corrupt)?,
            answered_at: r.answered_at,
            answered_by: r.answered_by,
        })
    }
}

const ANSWERS: &str =
    "SELECT a.query_id, a.hospital_id, CAST(a.answers AS TEXT) AS answers, a.answered_at, a.answered_by FROM query_hospital a";

impl Reader {
    /// The newest queries of a prefecture, if the scope sees it.
    pub async fn queries(&self, prefecture: PrefCode, limit: u32) -> Result<Vec<QueryRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND q.pref_code = $2 ORDER BY q.asked_at DESC LIMIT $3", wall_filter("q.pref_code"));
        let found: Vec<Found> = self.all(&sql, vec![self.wall(), prefecture.to_string().into(), i64::from(limit).into()]).await?;
        found.into_iter().map(QueryRow::try_from).collect()
    }

    /// A query, if the scope sees it.
    pub async fn query(&self, id: QueryId) -> Result<Option<QueryRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE {} AND q.id = $2", wall_filter("q.pref_code"));
        let found: Option<Found> = self.one(&sql, vec![self.wall(), id.0.into()]).await?;
        found.map(QueryRow::try_from).transpose()
    }

    /// Whom these queries ask, and what they answered.
    pub async fn query_answers(&self, queries: &[QueryId]) -> Result<Vec<QueryAnswer>, StoreError> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("{ANSWERS} WHERE {} AND a.query_id IN ({})", wall_filter("a.pref_code"), places(2, queries.len()));
        let values = [self.wall()].into_iter().chain(queries.iter().map(|q| q.0.into())).collect();
        let found: Vec<FoundAnswer> = self.all(&sql, values).await?;
        found.into_iter().map(QueryAnswer::try_from).collect()
    }

    /// The open queries that these hospitals have not answered, each with the hospital, the one that is due first before the others.
    pub async fn queries_waiting(&self, hospitals: &[HospitalId]) -> Result<Vec<(QueryRow, HospitalId)>, StoreError> {
        let mut waiting = Vec::new();
        for some in hospitals.chunks(400) {
            let sql = format!(
                "{ANSWERS} JOIN query q ON q.id = a.query_id WHERE {} AND a.answers IS NULL AND q.closed_at IS NULL AND a.hospital_id IN ({})",
                wall_filter("a.pref_code"),
                places(2, some.len())
            );
            let values = [self.wall()].into_iter().chain(some.iter().map(|h| h.0.into())).collect();
            let found: Vec<FoundAnswer> = self.all(&sql, values).await?;
            for f in found {
                if let Some(query) = self.query(QueryId(f.query_id)).await? {
                    waiting.push((query, HospitalId(f.hospital_id)));
                }
            }
        }
        waiting.sort_by_key(|(q, h)| (q.due_at, q.id, *h));
        Ok(waiting)
    }
}

impl WriteTx {
    /// A query as it stands in this transaction.
    pub async fn query(&self, id: QueryId) -> Result<Option<QueryRow>, StoreError> {
        let found: Option<Found> = self.rows().one(&format!("{COLUMNS} WHERE q.id = $1"), vec![id.0.into()]).await?;
        found.map(QueryRow::try_from).transpose()
    }

    /// Writes a query, new or changed.
    pub async fn put_query(&self, row: &QueryRow) -> Result<(), StoreError> {
        let values = vec![
            row.id.0.into(),
            row.prefecture.to_string().into(),
            row.title.as_str().into(),
            row.note.as_str().into(),
            serde_json::to_string(&row.items).map_err(StoreError::corrupt)?.into(),
            row.due_at.into(),
            row.revision.into(),
            row.asked_at.into(),
            row.asked_by.as_str().into(),
            row.reminded_at.into(),
            row.closed_at.into(),
        ];
        let set =
            "due_at = excluded.due_at, revision = excluded.revision, reminded_at = excluded.reminded_at, closed_at = excluded.closed_at";
        self.insert_rows("query", &PUT, vec![values], &format!("ON CONFLICT (id) DO UPDATE SET {set}")).await
    }

    /// Notes whom it asks.
    pub async fn add_query_hospitals(&self, query: QueryId, prefecture: PrefCode, hospitals: &[HospitalId]) -> Result<(), StoreError> {
        let rows = hospitals.iter().map(|h| vec![query.0.into(), h.0.into(), prefecture.to_string().into()]).collect();
        self.insert_rows("query_hospital", &ASKED, rows, "").await
    }

    /// Whom it asks, as it stands in this transaction.
    pub async fn query_hospitals(&self, query: QueryId) -> Result<Vec<QueryAnswer>, StoreError> {
        let found: Vec<FoundAnswer> = self.rows().all(&format!("{ANSWERS} WHERE a.query_id = $1"), vec![query.0.into()]).await?;
        found.into_iter().map(QueryAnswer::try_from).collect()
    }

    /// Writes a hospital's answer. `false`: it is not asked.
    pub async fn answer_query(&self, query: QueryId, hospital: HospitalId, answers: &Answers, by: &str) -> Result<bool, StoreError> {
        let json = serde_json::to_string(answers).map_err(StoreError::corrupt)?;
        let cast = match self.store().backend() {
            crate::Backend::Postgres => "CAST($3 AS jsonb)",
            crate::Backend::Sqlite => "$3",
        };
        let sql = format!(
            "UPDATE query_hospital SET answers = {cast}, answered_at = $4, answered_by = $5 WHERE query_id = $1 AND hospital_id = $2"
        );
        let values = vec![query.0.into(), hospital.0.into(), json.into(), self.now().into(), by.into()];
        Ok(self.execute(&sql, values).await? == 1)
    }
}

const fn plain(name: &'static str) -> (&'static str, Column) {
    (name, Column::Plain)
}

const PUT: [(&str, Column); 11] = [
    plain("id"),
    plain("pref_code"),
    plain("title"),
    plain("note"),
    ("items", Column::Json),
    plain("due_at"),
    plain("revision"),
    plain("asked_at"),
    plain("asked_by"),
    plain("reminded_at"),
    plain("closed_at"),
];
const ASKED: [(&str, Column); 3] = [plain("query_id"), plain("hospital_id"), plain("pref_code")];

/// A hospital that is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryAddressee {
    /// Which.
    pub hospital: HospitalId,
    /// Its ID.
    pub code: OrganisationCode,
    /// Its name.
    pub name: String,
    /// Its mailbox, if one is known.
    pub mailbox: Option<String>,
}

#[derive(FromQueryResult)]
struct FoundAddressee {
    hospital_id: Uuid,
    code: String,
    name: String,
    mailbox: Option<String>,
}

impl WriteTx {
    /// Where these hospitals of a prefecture are written to. One whose organisation is suspended is not.
    pub async fn query_addressees(&self, prefecture: PrefCode, hospitals: &[HospitalId]) -> Result<Vec<QueryAddressee>, StoreError> {
        let mut all = Vec::with_capacity(hospitals.len());
        for some in hospitals.chunks(400) {
            let sql = format!(
                "SELECT h.id AS hospital_id, o.code, o.name, o.mailbox FROM hospital h JOIN organisation o ON o.id = h.organisation_id \
                 WHERE h.pref_code = $1 AND o.suspended_at IS NULL AND h.id IN ({})",
                places(2, some.len())
            );
            let values = [prefecture.to_string().into()].into_iter().chain(some.iter().map(|h| h.0.into())).collect();
            for r in self.rows().all::<FoundAddressee>(&sql, values).await? {
                all.push(QueryAddressee {
                    hospital: HospitalId(r.hospital_id),
                    code: r.code.parse().map_err(StoreError::corrupt)?,
                    name: r.name,
                    mailbox: r.mailbox.filter(|m| !m.is_empty()),
                });
            }
        }
        Ok(all)
    }
}
