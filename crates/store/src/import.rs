//! Taking registers and published answers in. All of an import is one transaction of the system role: it is there whole or not at all.

use crate::{
    entity,
    error::StoreError,
    organisation,
    read::places,
    report::ImportedReport,
    staging::{StagedDay, StagedRegister},
    write::{Column, WriteTx},
};
use akidoko_domain::{
    hospital::{Attributes, CodeSystem, Link, Statement},
    id::{HospitalId, OrganisationCode, OrganisationId, PrefCode},
    organisation::{Organisation, OrganisationKind},
    report::{Author, Channel, Kind, ReportVersion},
    survey::{Answers, Catalogue, GMIS_DAILY, Status, Value},
    time,
};
use chrono::NaiveDate;
use sea_orm::FromQueryResult;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// What an import did, by hospital or report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New.
    pub added: u64,
    /// Known, and now different.
    pub changed: u64,
    /// Known and the same.
    pub kept: u64,
}

/// What a batch did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many of which.
    pub counts: Counts,
    /// Whose boards changed.
    pub prefectures: BTreeSet<PrefCode>,
    /// What cannot be taken, with its line where there is one: the import must be given up.
    pub refused: Vec<(Option<u64>, Refused)>,
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The hospital stands in another prefecture: it cannot move through a wall by a file.
    OtherPrefecture {
        /// The register's code.
        code: String,
        /// Where it stands.
        stands_in: PrefCode,
    },
    /// No register has brought this hospital.
    UnknownHospital {
        /// The register's code.
        code: String,
    },
    /// Both hospitals of a link have answered the same survey on the same day.
    BothReported {
        /// 医療情報ネット's id.
        mednet: String,
        /// The G-MIS id.
        gmis: String,
    },
    /// A code is linked to another one already.
    LinkedElsewhere {
        /// 医療情報ネット's id.
        mednet: String,
        /// The G-MIS id.
        gmis: String,
    },
}

/// A hospital that is not there yet: its ids come from outside, where chance is.
pub struct NewHospital {
    /// Our id.
    pub id: HospitalId,
    /// Its organisation.
    pub organisation: OrganisationId,
    /// The number from which its organisation ID is built.
    pub serial: u32,
}

/// Statements of one register.
pub struct RegisterBatch<'a> {
    /// The register.
    pub system: CodeSystem,
    /// The statements.
    pub rows: &'a [StagedRegister],
}

#[derive(FromQueryResult)]
struct CodeRow {
    code: String,
    hospital_id: Uuid,
    pref_code: String,
}

#[derive(FromQueryResult)]
struct LinkRow {
    mednet: String,
    gmis: String,
}

#[derive(FromQueryResult)]
struct StatementRow {
    hospital_id: Uuid,
    system: String,
    valid_from: NaiveDate,
    attributes: serde_json::Value,
}

#[derive(FromQueryResult)]
struct Taken {
    code: String,
}

impl WriteTx {
    /// Which hospitals these codes name.
    async fn hospitals_of(&self, system: CodeSystem, codes: &[&str]) -> Result<HashMap<String, (HospitalId, PrefCode)>, StoreError> {
        if codes.is_empty() {
            return Ok(HashMap::new());
        }
        let sql =
            format!("SELECT code, hospital_id, pref_code FROM hospital_code WHERE system = $1 AND code IN ({})", places(2, codes.len()));
        let values = std::iter::once(system.as_str().into()).chain(codes.iter().map(|c| (*c).into())).collect();
        let rows: Vec<CodeRow> = self.rows().all(&sql, values).await?;
        rows.into_iter().map(|r| Ok((r.code, (HospitalId(r.hospital_id), r.pref_code.parse().map_err(StoreError::corrupt)?)))).collect()
    }

    /// The codes of the other register to which these are linked.
    async fn linked(&self, system: CodeSystem, codes: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        if codes.is_empty() || !matches!(system, CodeSystem::Mednet | CodeSystem::Gmis) {
            return Ok(HashMap::new());
        }
        let sql = format!("SELECT mednet, gmis FROM hospital_link WHERE {system} IN ({})", places(1, codes.len()));
        let rows: Vec<LinkRow> = self.rows().all(&sql, codes.iter().map(|c| (*c).into()).collect()).await?;
        Ok(rows.into_iter().map(|r| if system == CodeSystem::Mednet { (r.mednet, r.gmis) } else { (r.gmis, r.mednet) }).collect())
    }

    /// Takes statements of a register: adds hospitals that no code or link knows, keeps the history of attributes, and merges them.
    /// At most 1,000 rows, each code at most once.
    pub async fn take_registers(
        &mut self,
        batch: &RegisterBatch<'_>,
        mut chance: impl FnMut() -> NewHospital,
    ) -> Result<Applied, StoreError> {
        let other = if batch.system == CodeSystem::Mednet { CodeSystem::Gmis } else { CodeSystem::Mednet };
        let codes: Vec<&str> = batch.rows.iter().map(|r| r.code.as_str()).collect();
        let mut known = self.hospitals_of(batch.system, &codes).await?;
        let unknown: Vec<&str> = codes.iter().copied().filter(|c| !known.contains_key(*c)).collect();
        let links = self.linked(batch.system, &unknown).await?;
        let linked: Vec<&str> = links.values().map(String::as_str).collect();
        let behind_links = self.hospitals_of(other, &linked).await?;

        let mut applied = Applied::default();
        let mut new = Vec::new();
        let mut new_codes = Vec::new();
        for row in batch.rows {
            if !known.contains_key(&row.code) {
                let found = links.get(&row.code).and_then(|code| behind_links.get(code)).copied();
                let (hospital, prefecture) = found.unwrap_or_else(|| {
                    let chance = chance();
                    let hospital = (chance.id, row.prefecture);
                    new.push((chance, row));
                    hospital
                });
                known.insert(row.code.clone(), (hospital, prefecture));
                new_codes.push(entity::hospital_code::Model {
                    system: batch.system.as_str().to_owned(),
                    code: row.code.clone(),
                    hospital_id: hospital.0,
                    pref_code: prefecture.to_string(),
                    valid_from: row.day,
                    valid_to: None,
                });
            }
            let (_, stands_in) = known[&row.code];
            if stands_in != row.prefecture {
                applied.refused.push((Some(row.line), Refused::OtherPrefecture { code: row.code.clone(), stands_in }));
            }
        }
        if !applied.refused.is_empty() {
            return Ok(applied);
        }
        let added: HashSet<HospitalId> = new.iter().map(|(chance, _)| chance.id).collect();
        self.add_hospitals(new).await?;
        self.insert(new_codes).await?;
        self.take_statements(batch, &known, &added, &mut applied).await?;
        Ok(applied)
    }

    async fn add_hospitals(&mut self, new: Vec<(NewHospital, &StagedRegister)>) -> Result<(), StoreError> {
        let mut serials: Vec<(NewHospital, &StagedRegister)> = new;
        let prefectures: BTreeSet<PrefCode> = serials.iter().map(|(_, row)| row.prefecture).collect();
        for prefecture in prefectures {
            self.ensure_prefecture(prefecture, None).await?;
        }
        // IDs are drawn by lot; whoever draws a taken one takes the next free one.
        let mut codes: Vec<OrganisationCode> = Vec::with_capacity(serials.len());
        let draw = |chance: &NewHospital, row: &StagedRegister, step: u32| {
            OrganisationCode::build(OrganisationKind::Hospital.class_letter(), Some(row.prefecture), chance.serial.wrapping_add(step))
        };
        let wanted: Vec<String> = serials.iter().map(|(chance, row)| draw(chance, row, 0).to_string()).collect();
        let mut taken: HashSet<String> = HashSet::new();
        if !wanted.is_empty() {
            let sql = format!("SELECT code FROM organisation WHERE code IN ({})", places(1, wanted.len()));
            taken.extend(
                self.rows().all::<Taken>(&sql, wanted.iter().map(|c| c.as_str().into()).collect()).await?.into_iter().map(|t| t.code),
            );
        }
        for (chance, row) in &serials {
            let mut step = 0;
            let code = loop {
                let code = draw(chance, row, step);
                if taken.insert(code.to_string()) && (step == 0 || !self.is_taken(&code).await?) {
                    break code;
                }
                step += 1;
            };
            codes.push(code);
        }
        let now = self.now();
        let organisations = serials.iter().zip(codes).map(|((chance, row), code)| {
            let organisation = Organisation {
                id: chance.organisation,
                code,
                kind: OrganisationKind::Hospital,
                prefecture: Some(row.prefecture),
                name: row.attributes.name.clone().unwrap_or_else(|| row.code.clone()),
            };
            organisation::model(&organisation, now)
        });
        self.insert(organisations.collect()).await?;
        let hospitals = serials.drain(..).map(|(chance, row)| entity::hospital::Model {
            id: chance.id.0,
            pref_code: row.prefecture.to_string(),
            organisation_id: chance.organisation.0,
            attributes: serde_json::Value::Object(serde_json::Map::new()),
            merged_into: None,
            updated_at: now,
        });
        self.insert(hospitals.collect()).await
    }

    /// An ID that nobody has: the one that was drawn, or the next free one after it. Of a million in a prefecture and class two are drawn alike
    /// sooner than one thinks.
    pub async fn free_code(
        &self,
        kind: OrganisationKind,
        prefecture: Option<PrefCode>,
        drawn: u32,
    ) -> Result<OrganisationCode, StoreError> {
        let mut serial = drawn;
        loop {
            let code = OrganisationCode::build(kind.class_letter(), prefecture, serial);
            if !self.is_taken(&code).await? {
                return Ok(code);
            }
            serial = serial.wrapping_add(1);
        }
    }

    /// Makes a hospital that no register brought: with its organisation, in its prefecture.
    pub async fn add_own_hospital(
        &mut self,
        organisation: &Organisation,
        id: HospitalId,
        attributes: &Attributes,
    ) -> Result<(), StoreError> {
        let prefecture = organisation.prefecture.ok_or_else(|| StoreError::Configuration("a hospital has a prefecture".to_owned()))?;
        let json = serde_json::to_value(attributes).map_err(StoreError::corrupt)?;
        self.add_organisation(organisation).await?;
        self.insert(vec![entity::hospital::Model {
            id: id.0,
            pref_code: prefecture.to_string(),
            organisation_id: organisation.id.0,
            attributes: json.clone(),
            merged_into: None,
            updated_at: self.now(),
        }])
        .await?;
        self.insert(vec![entity::hospital_statement::Model {
            hospital_id: id.0,
            system: CodeSystem::Own.as_str().to_owned(),
            valid_from: time::jst_day(self.now()),
            pref_code: prefecture.to_string(),
            attributes: json,
        }])
        .await
    }

    async fn is_taken(&self, code: &OrganisationCode) -> Result<bool, StoreError> {
        let sql = "SELECT code FROM organisation WHERE code = $1";
        Ok(self.rows().one::<Taken>(sql, vec![code.as_str().into()]).await?.is_some())
    }

    async fn statements(&self, hospitals: &[HospitalId]) -> Result<HashMap<HospitalId, Vec<Statement>>, StoreError> {
        let mut by_hospital: HashMap<HospitalId, Vec<Statement>> = HashMap::new();
        if hospitals.is_empty() {
            return Ok(by_hospital);
        }
        let sql = format!(
            "SELECT hospital_id, system, valid_from, attributes FROM hospital_statement WHERE hospital_id IN ({})",
            places(1, hospitals.len())
        );
        let rows: Vec<StatementRow> = self.rows().all(&sql, hospitals.iter().map(|h| h.0.into()).collect()).await?;
        for r in rows {
            let statement = Statement {
                system: r.system.parse().map_err(|()| StoreError::corrupt(&r.system))?,
                valid_from: r.valid_from,
                attributes: serde_json::from_value(r.attributes).map_err(StoreError::corrupt)?,
            };
            by_hospital.entry(HospitalId(r.hospital_id)).or_default().push(statement);
        }
        Ok(by_hospital)
    }

    /// A statement is kept where it differs from what the register said last before it; so the history holds changes, not copies.
    async fn take_statements(
        &mut self,
        batch: &RegisterBatch<'_>,
        known: &HashMap<String, (HospitalId, PrefCode)>,
        added: &HashSet<HospitalId>,
        applied: &mut Applied,
    ) -> Result<(), StoreError> {
        let hospitals: Vec<HospitalId> = known.values().map(|(id, _)| *id).collect();
        let mut statements = self.statements(&hospitals).await?;
        let mut rows = Vec::new();
        let mut merged: HashSet<HospitalId> = HashSet::new();
        for row in batch.rows {
            let (hospital, prefecture) = known[&row.code];
            let history = statements.entry(hospital).or_default();
            let before = history.iter().filter(|s| s.system == batch.system && s.valid_from <= row.day).max_by_key(|s| s.valid_from);
            let (same_day, same) = before.map_or((false, false), |s| (s.valid_from == row.day, s.attributes == row.attributes));
            match (added.contains(&hospital), same) {
                (true, _) => applied.counts.added += 1,
                (false, true) => applied.counts.kept += 1,
                (false, false) => applied.counts.changed += 1,
            }
            if same {
                continue;
            }
            let json = serde_json::to_value(&row.attributes).map_err(StoreError::corrupt)?;
            if same_day {
                let sql = "UPDATE hospital_statement SET attributes = $4 WHERE hospital_id = $1 AND system = $2 AND valid_from = $3";
                self.execute(sql, vec![hospital.0.into(), batch.system.as_str().into(), row.day.into(), json.into()]).await?;
                history.retain(|s| !(s.system == batch.system && s.valid_from == row.day));
            } else {
                rows.push(entity::hospital_statement::Model {
                    hospital_id: hospital.0,
                    system: batch.system.as_str().to_owned(),
                    valid_from: row.day,
                    pref_code: prefecture.to_string(),
                    attributes: json,
                });
            }
            history.push(Statement { system: batch.system, valid_from: row.day, attributes: row.attributes.clone() });
            merged.insert(hospital);
            applied.prefectures.insert(prefecture);
        }
        self.insert(rows).await?;
        let anew: Vec<(HospitalId, Attributes)> = merged.iter().map(|id| (*id, Attributes::merge(&statements[id]))).collect();
        self.put_attributes(&anew).await
    }

    /// Writes merged attributes, all of them by two statements.
    async fn put_attributes(&self, hospitals: &[(HospitalId, Attributes)]) -> Result<(), StoreError> {
        let mut attributes = Vec::with_capacity(hospitals.len());
        let mut names = Vec::with_capacity(hospitals.len());
        for (id, a) in hospitals {
            attributes.push(vec![id.0.into(), serde_json::to_string(a).map_err(StoreError::corrupt)?.into(), self.now().into()]);
            names.extend(a.name.as_ref().map(|name| vec![id.0.into(), name.as_str().into()]));
        }
        self.execute_given(
            &[("id", Column::Plain), ("attributes", Column::Json), ("now", Column::Plain)],
            attributes,
            "UPDATE hospital SET attributes = given.attributes, updated_at = given.now FROM given WHERE hospital.id = given.id",
        )
        .await?;
        self.execute_given(
            &[("id", Column::Plain), ("name", Column::Plain)],
            names,
            "UPDATE organisation SET name = given.name FROM given JOIN hospital h ON h.id = given.id \
             WHERE organisation.id = h.organisation_id AND organisation.name <> given.name",
        )
        .await
    }

    /// Takes links of two registers. Where both hospitals stand, the one of 医療情報ネット goes into the one of G-MIS with its codes and
    /// statements; where one stands, it takes the other's code when that register is read.
    pub async fn take_links(&mut self, links: &[Link]) -> Result<Applied, StoreError> {
        let mut applied = Applied::default();
        let mednet: Vec<&str> = links.iter().map(|l| l.mednet.as_str()).collect();
        let gmis: Vec<&str> = links.iter().map(|l| l.gmis.as_str()).collect();
        let (known_links, known_back) = (self.linked(CodeSystem::Mednet, &mednet).await?, self.linked(CodeSystem::Gmis, &gmis).await?);
        let by_mednet = self.hospitals_of(CodeSystem::Mednet, &mednet).await?;
        let by_gmis = self.hospitals_of(CodeSystem::Gmis, &gmis).await?;
        let mut rows = Vec::new();
        for link in links {
            match (known_links.get(&link.mednet), known_back.get(&link.gmis)) {
                (Some(g), Some(m)) if *g == link.gmis && *m == link.mednet => applied.counts.kept += 1,
                (None, None) => {
                    applied.counts.added += 1;
                    rows.push(entity::hospital_link::Model { mednet: link.mednet.clone(), gmis: link.gmis.clone() });
                }
                _ => {
                    let refused = Refused::LinkedElsewhere { mednet: link.mednet.clone(), gmis: link.gmis.clone() };
                    applied.refused.push((Some(link.line), refused));
                    continue;
                }
            }
            let (Some((from, from_prefecture)), Some((into, into_prefecture))) = (by_mednet.get(&link.mednet), by_gmis.get(&link.gmis))
            else {
                continue;
            };
            if from == into {
                continue;
            }
            if from_prefecture != into_prefecture {
                let refused = Refused::OtherPrefecture { code: link.mednet.clone(), stands_in: *from_prefecture };
                applied.refused.push((Some(link.line), refused));
            } else if self.merge_hospitals(*from, *into).await? {
                applied.prefectures.insert(*into_prefecture);
            } else {
                let refused = Refused::BothReported { mednet: link.mednet.clone(), gmis: link.gmis.clone() };
                applied.refused.push((Some(link.line), refused));
            }
        }
        self.insert(rows).await?;
        Ok(applied)
    }

    /// False if both have answered the same survey on the same day, and nothing was changed.
    async fn merge_hospitals(&mut self, from: HospitalId, into: HospitalId) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct Number {
            n: i64,
        }
        // A report that comes meanwhile waits, and finds the hospital that stays.
        self.lock().await?;
        let both = "SELECT COUNT(*) AS n FROM report_version a JOIN report_version b ON a.survey = b.survey AND a.report_date = b.report_date \
                    WHERE a.hospital_id = $1 AND b.hospital_id = $2";
        let values = || vec![from.0.into(), into.0.into()];
        if self.rows().one::<Number>(both, values()).await?.is_some_and(|r| r.n > 0) {
            return Ok(false);
        }
        let records: Vec<_> = self.records(&[from, into]).await?;
        for table in [
            "hospital_code",
            "hospital_statement",
            "report_version",
            "report_day",
            "exemption",
            "call_note",
            "association_member",
            "correction_request",
        ] {
            let clash = match table {
                "hospital_statement" => {
                    " AND NOT EXISTS (SELECT 1 FROM hospital_statement s WHERE s.hospital_id = $2 AND s.system = hospital_statement.system \
                     AND s.valid_from = hospital_statement.valid_from)"
                }
                "association_member" => {
                    " AND NOT EXISTS (SELECT 1 FROM association_member m WHERE m.hospital_id = $2 \
                     AND m.organisation_id = association_member.organisation_id)"
                }
                // Both wait for the same day: the one that goes keeps its own.
                "correction_request" => {
                    " AND NOT EXISTS (SELECT 1 FROM correction_request r WHERE r.hospital_id = $2 AND r.survey = correction_request.survey \
                     AND r.report_date = correction_request.report_date)"
                }
                _ => "",
            };
            self.execute(&format!("UPDATE {table} SET hospital_id = $2 WHERE hospital_id = $1{clash}"), values()).await?;
        }
        // Surveys that only the one that goes had answered come along; of one that both had, the record is made of both.
        for record in records.iter().filter(|r| r.hospital == from) {
            let stays = records.iter().find(|r| r.hospital == into && r.survey == record.survey);
            let cells = stays.map_or_else(|| record.cells.clone(), |s| s.cells.clone().joined(&record.cells));
            let prefecture = self.prefecture_of(into).await?;
            self.put_records([(into, record.survey.as_str(), prefecture, &cells)]).await?;
        }
        self.execute("DELETE FROM hospital_record WHERE hospital_id = $1", vec![from.0.into()]).await?;
        let patterns = "UPDATE hospital_pattern SET hospital_id = $2 WHERE hospital_id = $1 \
                        AND NOT EXISTS (SELECT 1 FROM hospital_pattern WHERE hospital_id = $2)";
        self.execute(patterns, vec![from.0.into(), into.0.into()]).await?;
        self.execute(
            "UPDATE hospital SET merged_into = $2, updated_at = $3 WHERE id = $1",
            vec![from.0.into(), into.0.into(), self.now().into()],
        )
        .await?;
        let statements = self.statements(&[into]).await?;
        if let Some(history) = statements.get(&into) {
            self.put_attributes(&[(into, Attributes::merge(history))]).await?;
        }
        Ok(true)
    }

    async fn prefecture_of(&self, hospital: HospitalId) -> Result<PrefCode, StoreError> {
        let sql = "SELECT pref_code AS code FROM hospital WHERE id = $1";
        let row: Option<Taken> = self.rows().one(sql, vec![hospital.0.into()]).await?;
        row.ok_or_else(|| StoreError::corrupt("no such hospital"))?.code.parse().map_err(StoreError::corrupt)
    }

    /// Takes published answers, a hospital's day each, at most 1,000. The same answers again change nothing; others are a new version.
    pub async fn take_days(
        &mut self,
        system: CodeSystem,
        days: &[StagedDay],
        register: &str,
        catalogue: &Catalogue,
    ) -> Result<Applied, StoreError> {
        let codes: Vec<&str> = days.iter().map(|d| d.code.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
        let known = self.hospitals_of(system, &codes).await?;
        let mut applied = Applied::default();
        let unknown = codes.iter().filter(|c| !known.contains_key(**c)).take(5);
        applied.refused = unknown.map(|code| (None, Refused::UnknownHospital { code: (*code).to_owned() })).collect();
        if !applied.refused.is_empty() {
            return Ok(applied);
        }
        let hospitals: Vec<HospitalId> = known.values().map(|(id, _)| *id).collect();
        let dates: BTreeSet<NaiveDate> = days.iter().map(|d| d.day).collect();
        let mut newest: HashMap<(HospitalId, NaiveDate), ReportVersion> = HashMap::new();
        for day in dates {
            let versions = self.newest_versions(&hospitals, GMIS_DAILY, day).await?;
            newest.extend(versions.into_iter().map(|v| ((v.hospital, day), v)));
        }
        let mut reports = Vec::new();
        for day in days {
            let (hospital, prefecture) = known[&day.code];
            let Some(survey) = catalogue.on(GMIS_DAILY, day.day) else { continue };
            let answered = day.answers.iter().filter(|(_, status)| *status != Status::NoAnswer);
            let answers: Answers = answered.map(|(item, status)| (item.clone(), Some(Value::Word(status.as_str().to_owned())))).collect();
            let before = newest.get(&(hospital, day.day));
            match before {
                Some(v) if v.answers == answers && v.survey_version == survey.version => {
                    applied.counts.kept += 1;
                    continue;
                }
                Some(_) => applied.counts.changed += 1,
                None => applied.counts.added += 1,
            }
            let version = before.map_or(1, |v| v.version + 1);
            let author = Author {
                organisation: register.to_owned(),
                sign_in: String::new(),
                operator: String::new(),
                channel: Channel::File,
                on_behalf: false,
                behalf: None,
                source: None,
                report_date: day.day,
                version,
                received_at: self.now(),
            };
            let report = ReportVersion {
                hospital,
                survey: survey.code.clone(),
                survey_version: survey.version,
                report_date: day.day,
                version,
                kind: Kind::Full,
                answers,
                as_of: time::as_of(day.day, self.now()),
                received_at: self.now(),
                author,
                reason: before.map(|_| "公表データの更新".to_owned()),
            };
            reports.push(ImportedReport { report, prefecture });
            applied.prefectures.insert(prefecture);
        }
        self.add_reports(reports, catalogue).await?;
        Ok(applied)
    }

    /// Adds versions that were checked before, and brings the records up to date. For imports and the demo.
    pub async fn add_reports(&mut self, reports: Vec<ImportedReport>, catalogue: &Catalogue) -> Result<(), StoreError> {
        let hospitals: Vec<HospitalId> = reports.iter().map(|r| r.report.hospital).collect::<BTreeSet<_>>().into_iter().collect();
        let mut records: HashMap<(HospitalId, String), (PrefCode, akidoko_domain::report::Cells)> = HashMap::new();
        for some in hospitals.chunks(1000) {
            for r in self.records(some).await? {
                // The prefecture is filled in below, from the report that touches the record.
                records.insert((r.hospital, r.survey), (PrefCode::new(1).expect("1 is a code"), r.cells));
            }
        }
        let mut touched = BTreeSet::new();
        for ImportedReport { report, prefecture } in &reports {
            let survey = catalogue
                .version(&report.survey, report.survey_version)
                .ok_or_else(|| StoreError::corrupt(format!("no survey {} {}", report.survey, report.survey_version)))?;
            let key = (report.hospital, report.survey.clone());
            let (stands_in, cells) = records.entry(key.clone()).or_insert_with(|| (*prefecture, akidoko_domain::report::Cells::default()));
            *stands_in = *prefecture;
            cells.apply(survey, report.kind, &report.answers, report.author.clone(), report.as_of);
            touched.insert(key);
        }
        self.add_versions(reports.into_iter().map(|r| (r.report, r.prefecture, None)).collect(), catalogue).await?;
        let put = touched.iter().filter_map(|key| records.get(key).map(|(prefecture, cells)| (key.0, key.1.as_str(), *prefecture, cells)));
        self.put_records(put).await
    }
}
