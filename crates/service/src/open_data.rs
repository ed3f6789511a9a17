//! Open data: a prefecture's day as a file that may be published, with a schema. It carries no free text, no telephone, nobody's name but the
//! hospital's, and nothing that a rule keeps from anyone: what a fire headquarters may not see, the public may not.

use crate::{Service, StoreError, board::BoardError};
use akidoko_domain::{
    access::Actor,
    board::Sharing,
    id::{HospitalId, PrefCode},
    organisation::OrganisationKind,
    report::{Kind, ReportVersion, speaker, standing},
    survey::{Answers, DAILY, Item, ItemKind, Survey, Value},
    time::{jst_day, to_jst},
};
use akidoko_exchange::table::{Cell, Column, Table};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// What stands before the answers: name, Table Schema type, title.
const BEFORE: [(&str, &str, &str); 13] = [
    ("row", "integer", "番号"),
    ("rows", "integer", "全件数"),
    ("report_date", "date", "報告日"),
    ("prefecture_code", "string", "都道府県コード"),
    ("prefecture", "string", "都道府県"),
    ("hospital_id", "string", "医療機関ID"),
    ("hospital", "string", "医療機関名"),
    ("secondary_medical_area_code", "string", "二次医療圏コード"),
    ("municipality_code", "string", "市区町村コード"),
    ("emergency_level", "string", "救急区分"),
    ("reported", "boolean", "報告あり"),
    ("reported_at", "datetime", "最後の報告の日時"),
    ("source", "string", "他システムの名前（この行の数をそこから取り込んだとき）"),
];

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum OpenDataError {
    /// As with the board.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A day of a prefecture, ready to be published.
pub struct OpenDay {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// The day.
    pub day: NaiveDate,
    /// The file.
    pub table: Table,
    /// The Table Schema of its columns.
    pub schema: Json,
}

/// May an item be published: it is no text of somebody's, and nothing keeps it from anyone.
fn is_public(item: &Item, kept: impl Fn(&Item) -> bool) -> bool {
    !matches!(item.kind, ItemKind::Text { .. } | ItemKind::Phone {}) && item.hidden_from.is_empty() && !kept(item)
}

fn schema_of(item: &Item) -> Json {
    let mut field = json!({ "name": item.id, "title": item.label });
    match &item.kind {
        ItemKind::Count { unit, .. } => {
            field["type"] = json!("integer");
            field["unit"] = json!(unit);
        }
        ItemKind::Date { .. } => field["type"] = json!("date"),
        ItemKind::Time { .. } => field["type"] = json!("time"),
        ItemKind::Choice { options } => {
            field["type"] = json!("string");
            field["constraints"] = json!({ "enum": options.iter().map(|o| &o.id).collect::<Vec<_>>() });
        }
        _ => field["type"] = json!("string"),
    }
    field
}

fn cell(item: &Item, answers: Option<&Answers>) -> Cell {
    match answers.and_then(|a| a.get(&item.id)?.as_ref()) {
        Some(Value::Count(n)) => Cell::Number(f64::from(*n)),
        Some(Value::Word(word)) => Cell::Text(word.clone()),
        // 未回答 is an empty cell, never a zero; the schema says so.
        _ => Cell::Blank,
    }
}

impl Service {
    /// A day of a prefecture as open data, for the health department whose it is and for the ministry. `None`: not for this actor, or a day that
    /// has not come.
    pub async fn open_day(&self, actor: &Actor, asked: Option<PrefCode>, day: NaiveDate) -> Result<Option<OpenDay>, OpenDataError> {
        if !matches!(actor.kind, OrganisationKind::PrefectureHealth | OrganisationKind::Ministry) {
            return Err(BoardError::Forbidden.into());
        }
        let board = self.board(actor, asked)?;
        let catalogue = self.catalogue();
        let Some(survey) = catalogue.on(DAILY, day).filter(|s| day <= jst_day(self.clock.now()) && s.valid_from <= day) else {
            return Ok(None);
        };
        let versions = self.store.read(&actor.scope).await?.period_versions(Some(board.prefecture), DAILY, day).await?;
        let mut of: HashMap<HospitalId, Vec<ReportVersion>> = HashMap::new();
        for version in versions.into_iter().filter(|v| board.rows.contains_key(&v.hospital)) {
            of.entry(version.hospital).or_default().push(version);
        }
        let standing_surveys = self.surveys.standing();
        let kept_from_some: Vec<_> =
            Sharing::KINDS.iter().map(|kind| standing_surveys.hidden_from(*kind, Some(board.prefecture))).collect();
        let kept = |item: &Item| item.column.is_some_and(|c| kept_from_some.iter().any(|hidden| hidden.contains(&c)));
        let items: Vec<&Item> = survey.items().filter(|i| is_public(i, kept)).collect();
        let mut rows: Vec<_> = board.rows.values().collect();
        rows.sort_by(|a, b| (&a.card.area_code, &a.card.code).cmp(&(&b.card.area_code, &b.card.code)));
        let count = rows.len();
        let lines = rows.iter().enumerate().map(|(n, row)| {
            let card = &row.card;
            let said = of.get(&card.id);
            let reported = said.is_some_and(|v| v.iter().any(|v| v.kind == Kind::Full));
            let answers = said.map(|v| standing(v.iter()));
            let at = said.and_then(|v| v.iter().map(|v| v.received_at).max());
            let text = |t: Option<&str>| t.map_or(Cell::Blank, |t| Cell::Text(t.to_owned()));
            let number = |n: usize| Cell::Number(f64::from(u32::try_from(n).unwrap_or(u32::MAX)));
            let before = [
                number(n + 1),
                number(count),
                Cell::Text(day.to_string()),
                Cell::Text(board.prefecture.to_string()),
                Cell::Text(board.name.clone()),
                Cell::Text(card.code.to_string()),
                Cell::Text(card.name.clone()),
                text(card.area_code.as_deref()),
                text(card.municipality_code.as_deref()),
                text(card.emergency_level.map(akidoko_domain::hospital::EmergencyLevel::as_str)),
                Cell::Text(reported.to_string()),
                at.map_or(Cell::Blank, |at| Cell::Text(moment(at))),
                text(Some(sources(said, &items, answers.as_ref())).filter(|s| !s.is_empty()).as_deref()),
            ];
            before.into_iter().chain(items.iter().map(|i| cell(i, answers.as_ref()))).collect()
        });
        Ok(Some(OpenDay {
            prefecture: board.prefecture,
            day,
            schema: schema(survey, &items),
            table: Table {
                title: format!("{} {day}", board.name),
                columns: BEFORE
                    .iter()
                    .map(|b| b.0.to_owned())
                    .chain(items.iter().map(|i| i.id.clone()))
                    .map(|header| Column { header })
                    .collect(),
                rows: lines.collect(),
            },
        }))
    }
}

/// The other systems out of which figures of the line were taken: what was overtaken, or is kept from the file, names none.
fn sources(versions: Option<&Vec<ReportVersion>>, items: &[&Item], answers: Option<&Answers>) -> String {
    let is_answered = |item: &&&Item| answers.is_some_and(|a| a.get(&item.id).is_some_and(Option::is_some));
    let source = |item: &&Item| speaker(versions?, &item.id)?.author.source.as_deref();
    let all: BTreeSet<&str> = items.iter().filter(is_answered).filter_map(source).collect();
    all.into_iter().collect::<Vec<_>>().join("、")
}

/// 2026-04-10T09:42:00+09:00
fn moment(at: DateTime<Utc>) -> String {
    to_jst(at).format("%Y-%m-%dT%H:%M:%S+09:00").to_string()
}

/// A Table Schema（Frictionless）of the file.
fn schema(survey: &Survey, items: &[&Item]) -> Json {
    let before = BEFORE.iter().map(|(name, kind, title)| json!({ "name": name, "type": kind, "title": title }));
    let fields: Vec<Json> = before.chain(items.iter().map(|i| schema_of(i))).collect();
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "title": survey.title, "version": survey.version, "primaryKey": ["report_date", "hospital_id"], "missingValues": [""], "fields": fields,
    })
}
