//! Reference data: prefectures, medical areas, municipalities, holidays.

use crate::{db::Store, error::StoreError, read::places, write::WriteTx};
use akidoko_domain::{
    area::{Holiday, MedicalArea, Municipality, prefecture_name},
    due::DueBook,
    id::PrefCode,
};
use chrono::NaiveDate;
use sea_orm::{FromQueryResult, Value};
use std::collections::{BTreeMap, BTreeSet};

/// All reference data, for look-ups in memory: it is small and seldom changes.
#[derive(Debug, Clone, Default)]
pub struct Reference {
    /// Names by code.
    pub prefectures: BTreeMap<PrefCode, String>,
    /// Name and prefecture by code.
    pub areas: BTreeMap<String, (PrefCode, String)>,
    /// By six-digit code.
    pub municipalities: BTreeMap<String, ReferenceMunicipality>,
    /// National holidays.
    pub holidays: BTreeSet<NaiveDate>,
    /// Until when reports are due.
    pub due: DueBook,
}

/// A municipality as looked up.
#[derive(Debug, Clone)]
pub struct ReferenceMunicipality {
    /// Its prefecture.
    pub prefecture: PrefCode,
    /// With the city before a ward's name.
    pub full_name: String,
    /// Its reading.
    pub kana: String,
    /// Its medical area.
    pub area: Option<String>,
}

#[derive(FromQueryResult)]
struct Named {
    code: String,
    pref_code: String,
    name: String,
}

#[derive(FromQueryResult)]
struct MunicipalityRow {
    code: String,
    pref_code: String,
    name: String,
    kana: String,
    parent_name: Option<String>,
    area_code: Option<String>,
}

#[derive(FromQueryResult)]
struct HolidayRow {
    on_date: NaiveDate,
}

const MUNICIPALITIES: &str = "SELECT m.code, m.pref_code, m.name, m.kana, p.name AS parent_name, COALESCE(m.area_code, p.area_code) AS area_code \
     FROM municipality m LEFT JOIN municipality p ON p.code = m.parent_code";

impl Store {
    /// Reads all reference data.
    pub async fn reference(&self) -> Result<Reference, StoreError> {
        let rows = self.system_rows();
        let pref = |code: &str| code.parse::<PrefCode>().map_err(StoreError::corrupt);
        let mut reference = Reference::default();
        for r in rows.all::<Named>("SELECT code, code AS pref_code, name FROM prefecture", vec![]).await? {
            reference.prefectures.insert(pref(&r.pref_code)?, r.name);
        }
        for r in rows.all::<Named>("SELECT code, pref_code, name FROM medical_area", vec![]).await? {
            reference.areas.insert(r.code, (pref(&r.pref_code)?, r.name));
        }
        for r in rows.all::<MunicipalityRow>(MUNICIPALITIES, vec![]).await? {
            let full_name = r.parent_name.map_or_else(|| r.name.clone(), |parent| format!("{parent}{}", r.name));
            let municipality = ReferenceMunicipality { prefecture: pref(&r.pref_code)?, full_name, kana: r.kana, area: r.area_code };
            reference.municipalities.insert(r.code, municipality);
        }
        for r in rows.all::<HolidayRow>("SELECT on_date FROM holiday", vec![]).await? {
            reference.holidays.insert(r.on_date);
        }
        reference.due = crate::due::book(&rows).await?;
        self.keep_due_book(reference.due.clone());
        Ok(reference)
    }
}

/// What a row of reference data did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upsert {
    Added,
    Changed,
    Kept,
}

impl WriteTx {
    /// Makes sure that a prefecture stands, real ones by their official name. True if it is new.
    pub async fn ensure_prefecture(&self, code: PrefCode, name: Option<&str>) -> Result<bool, StoreError> {
        let name = name.or(prefecture_name(code)).unwrap_or("（名称未登録）");
        let sql = "INSERT INTO prefecture (code, name, invented) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING";
        Ok(self.execute(sql, vec![code.to_string().into(), name.into(), code.is_invented().into()]).await? == 1)
    }

    async fn upsert(&self, table: &str, key: &str, columns: &[&str], values: Vec<Value>) -> Result<Upsert, StoreError> {
        #[derive(FromQueryResult)]
        struct Found {
            same: bool,
        }
        // NULL is compared like a value: IS NOT DISTINCT FROM stands on both databases.
        let same = columns
            .iter()
            .enumerate()
            .skip(1)
            .map(|(i, c)| format!("{c} IS NOT DISTINCT FROM ${}", i + 1))
            .collect::<Vec<_>>()
            .join(" AND ");
        let found = format!("SELECT ({same}) AS same FROM {table} WHERE {key} = $1");
        Ok(match self.rows().one::<Found>(&found, values.clone()).await? {
            Some(Found { same: true }) => Upsert::Kept,
            Some(Found { same: false }) => {
                let set = columns.iter().enumerate().skip(1).map(|(i, c)| format!("{c} = ${}", i + 1)).collect::<Vec<_>>().join(", ");
                self.execute(&format!("UPDATE {table} SET {set} WHERE {key} = $1"), values).await?;
                Upsert::Changed
            }
            None => {
                let sql = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places(1, columns.len()));
                self.execute(&sql, values).await?;
                Upsert::Added
            }
        })
    }

    /// Takes municipalities; counts added, changed, kept.
    pub async fn put_municipalities(&self, rows: &[Municipality]) -> Result<[u64; 3], StoreError> {
        let mut counts = [0; 3];
        for m in rows {
            let values = vec![
                m.code.clone().into(),
                m.prefecture.to_string().into(),
                m.name.clone().into(),
                m.kana.clone().into(),
                m.parent.clone().into(),
                m.area.clone().into(),
            ];
            let columns = ["code", "pref_code", "name", "kana", "parent_code", "area_code"];
            counts[self.upsert("municipality", "code", &columns, values).await? as usize] += 1;
        }
        Ok(counts)
    }

    /// Takes medical areas; counts added, changed, kept.
    pub async fn put_areas(&self, rows: &[MedicalArea]) -> Result<[u64; 3], StoreError> {
        let mut counts = [0; 3];
        for a in rows {
            let values = vec![a.code.clone().into(), a.prefecture.to_string().into(), a.name.clone().into()];
            counts[self.upsert("medical_area", "code", &["code", "pref_code", "name"], values).await? as usize] += 1;
        }
        Ok(counts)
    }

    /// Takes holidays; counts added, changed, kept.
    pub async fn put_holidays(&self, rows: &[Holiday]) -> Result<[u64; 3], StoreError> {
        let mut counts = [0; 3];
        for h in rows {
            counts[self.upsert("holiday", "on_date", &["on_date", "name"], vec![h.on.into(), h.name.clone().into()]).await? as usize] += 1;
        }
        Ok(counts)
    }
}
