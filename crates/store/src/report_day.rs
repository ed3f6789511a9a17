//! A hospital's day, written with its versions: whether it has been reported, when, and whether in time. Of it the database keeps counts by
//! prefecture and day, so that a year of the nation is read in one look.

use crate::{
    db::Store,
    error::StoreError,
    report::NewVersion,
    write::{Column, WriteTx},
};
use akidoko_domain::{
    due::{DueBook, punctual},
    id::{HospitalId, PrefCode},
    report::{Kind, ReportVersion},
    survey::{Catalogue, GMIS_DAILY, ItemKind},
};
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::Value;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

const TABLE: &str = "report_day";
const COLUMNS: [(&str, Column); 10] = [
    ("hospital_id", Column::Plain),
    ("survey", Column::Plain),
    ("report_date", Column::Plain),
    ("pref_code", Column::Plain),
    ("first_full_at", Column::Plain),
    ("on_time", Column::Plain),
    ("late", Column::Plain),
    ("corrected_at", Column::Plain),
    ("on_behalf", Column::Plain),
    ("unanswered", Column::Plain),
];
/// The first full version says whether the day came in time, the second that it is corrected; further ones leave the row as it is, and when
/// the last came is read from the versions: a correction costs nothing here. A file that says of a hospital that it answered nothing takes
/// its day back.
const END: &str = "ON CONFLICT (hospital_id, survey, report_date) DO UPDATE SET \
     corrected_at = CASE WHEN excluded.first_full_at IS NULL THEN NULL WHEN report_day.first_full_at IS NULL THEN excluded.corrected_at \
     ELSE COALESCE(report_day.corrected_at, excluded.corrected_at, excluded.first_full_at) END, \
     on_time = CASE WHEN excluded.first_full_at IS NULL THEN 0 WHEN report_day.first_full_at IS NULL THEN excluded.on_time ELSE report_day.on_time END, \
     late = CASE WHEN excluded.first_full_at IS NULL THEN 0 WHEN report_day.first_full_at IS NULL THEN excluded.late ELSE report_day.late END, \
     on_behalf = CASE WHEN excluded.first_full_at IS NULL THEN 0 WHEN report_day.first_full_at IS NULL THEN excluded.on_behalf ELSE report_day.on_behalf END, \
     first_full_at = CASE WHEN excluded.first_full_at IS NULL THEN NULL ELSE COALESCE(report_day.first_full_at, excluded.first_full_at) END, \
     unanswered = excluded.unanswered \
     WHERE excluded.first_full_at IS NULL OR report_day.first_full_at IS NULL OR report_day.corrected_at IS NULL \
     OR report_day.unanswered <> excluded.unanswered";

struct Day {
    prefecture: PrefCode,
    first_full_at: Option<DateTime<Utc>>,
    on_time: bool,
    late: bool,
    corrected_at: Option<DateTime<Utc>>,
    on_behalf: bool,
    unanswered: String,
}

impl Day {
    fn of(r: &ReportVersion, prefecture: PrefCode, book: &DueBook, catalogue: Option<&Catalogue>) -> Self {
        let (on_time, late) = punctual(r.report_date, book.on(prefecture, r.report_date), r.received_at);
        let answered = r.answers.values().any(Option::is_some);
        Self {
            prefecture,
            first_full_at: answered.then_some(r.received_at),
            on_time: answered && on_time,
            late: answered && late,
            corrected_at: None,
            on_behalf: answered && r.author.on_behalf,
            unanswered: if answered { unanswered(r, catalogue) } else { String::new() },
        }
    }
}

/// The services of which a published report says nothing, while it speaks of others.
fn unanswered(r: &ReportVersion, catalogue: Option<&Catalogue>) -> String {
    let Some(survey) = catalogue.filter(|_| r.survey == GMIS_DAILY).and_then(|c| c.version(&r.survey, r.survey_version)) else {
        return String::new();
    };
    let open = survey.items().filter(|i| matches!(i.kind, ItemKind::Status { .. }) && r.answers.get(&i.id).is_none_or(Option::is_none));
    open.map(|i| i.id.as_str()).collect::<Vec<_>>().join(",")
}

/// The days of full versions, one row each however many versions there are.
fn rows(versions: &[NewVersion], book: &DueBook, catalogue: Option<&Catalogue>) -> Vec<Vec<Value>> {
    let mut days: HashMap<(HospitalId, &str, NaiveDate), Day> = HashMap::with_capacity(versions.len());
    for (r, prefecture, _) in versions.iter().filter(|(r, ..)| r.kind == Kind::Full) {
        match days.entry((r.hospital, r.survey.as_str(), r.report_date)) {
            Entry::Vacant(free) => {
                free.insert(Day::of(r, *prefecture, book, catalogue));
            }
            Entry::Occupied(mut known) => {
                let next = Day::of(r, *prefecture, book, catalogue);
                let day = known.get_mut();
                if day.first_full_at.is_some() && next.first_full_at.is_some() {
                    day.corrected_at = next.first_full_at;
                    day.unanswered = next.unanswered;
                } else {
                    *day = next;
                }
            }
        }
    }
    let row = |((hospital, survey, on), d): ((HospitalId, &str, NaiveDate), Day)| {
        vec![
            hospital.0.into(),
            survey.into(),
            on.into(),
            d.prefecture.to_string().into(),
            d.first_full_at.into(),
            i32::from(d.on_time).into(),
            i32::from(d.late).into(),
            d.corrected_at.into(),
            i32::from(d.on_behalf).into(),
            d.unanswered.into(),
        ]
    };
    days.into_iter().map(row).collect()
}

impl Store {
    /// The due rules as this node knows them: read with the reference data, at the start and after each change of a prefecture.
    pub(crate) fn due_book(&self) -> Arc<DueBook> {
        self.inner.due.read().map(|book| book.clone()).unwrap_or_default()
    }

    pub(crate) fn keep_due_book(&self, book: DueBook) {
        if let Ok(mut kept) = self.inner.due.write() {
            *kept = Arc::new(book);
        }
    }
}

impl WriteTx {
    /// Notes the days of versions, with the end of the transaction.
    pub(crate) fn note_days_at_commit(&mut self, versions: &[NewVersion]) {
        let rows = rows(versions, &self.store().due_book(), None);
        self.insert_rows_at_commit(TABLE, &COLUMNS, rows, END);
    }

    /// Notes the days of versions that an import or the demo brings, by the rules as they stand in this transaction.
    pub(crate) async fn note_days(&self, versions: &[NewVersion], catalogue: &Catalogue) -> Result<(), StoreError> {
        let book = crate::due::book(&self.rows()).await?;
        self.insert_rows(TABLE, &COLUMNS, rows(versions, &book, Some(catalogue)), END).await
    }
}
