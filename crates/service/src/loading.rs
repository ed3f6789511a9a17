//! Puts the demo into a database, brings it up to the present at a later start, and lets its hospitals go on reporting.

use crate::{
    Service, Store, StoreError,
    admin::{AdminError, Administration},
    chance,
    demo::{self, DemoPrefecture, DemoReport},
};
use akidoko_domain::{
    area::{MedicalArea, Municipality},
    audit::{Category, Entry},
    event::EventKind,
    id::{HospitalId, OrganisationCode, OrganisationId, SignInName},
    organisation::{Organisation, OrganisationKind},
    report::{Author, Channel, ReportVersion, check},
    survey::{Answers, Catalogue, DAILY, Survey},
    time::{SharedClock, as_of, cut, jst_day},
};
use akidoko_store::{ImportedReport, PhaseRow, ReportWrite, ThresholdRow};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// The password of every sign-in of the demo.
pub const DEMO_PASSWORD: &str = "aomine-no-kumo-2026";
/// So many days lie behind the demo.
const DAYS: u32 = 42;

/// A sign-in of the demo.
#[derive(Debug, Clone)]
pub struct DemoSignIn {
    /// What to type.
    pub name: SignInName,
    /// The organisation.
    pub organisation: String,
    /// Its kind.
    pub kind: OrganisationKind,
}

/// The same at every start, so that they can be written down.
fn code_of(prefecture: &DemoPrefecture, kind: OrganisationKind, number: usize) -> OrganisationCode {
    // A stride spreads the IDs over the alphabet: two that differ in one character are easily mistaken.
    let serial = u32::try_from(number).unwrap_or_default().wrapping_mul(40_503).wrapping_add(7_919);
    OrganisationCode::build(kind.class_letter(), Some(prefecture.code), serial)
}

/// The sign-ins of the demo.
pub fn demo_sign_ins() -> Vec<DemoSignIn> {
    let mut list = Vec::new();
    for prefecture in demo::prefectures() {
        for organisation in &prefecture.organisations {
            let code = match (organisation.kind, organisation.hospitals.first()) {
                (OrganisationKind::Hospital, Some(hospital)) => code_of(&prefecture, OrganisationKind::Hospital, *hospital),
                (kind, _) => code_of(&prefecture, kind, 0),
            };
            let name = SignInName { organisation: code, operator: 1 };
            list.push(DemoSignIn { name, organisation: organisation.name.clone(), kind: organisation.kind });
        }
    }
    let ministry = demo::ministry();
    let code = OrganisationCode::build(OrganisationKind::Ministry.class_letter(), None, 7_919);
    list.push(DemoSignIn { name: SignInName { organisation: code, operator: 1 }, organisation: ministry.name, kind: ministry.kind });
    list
}

/// Puts the demo in, or brings it up to the present. Does nothing to a database that holds anything else.
pub async fn load_demo(store: &Store, clock: &SharedClock) -> Result<(), AdminError> {
    let now = clock.now();
    store.install_surveys(now).await?;
    let catalogue = store.catalogue().await?;
    let prefectures = demo::prefectures();
    let first = demo_sign_ins().first().map(|s| s.name.organisation.clone());
    let there = match &first {
        Some(code) => store.organisation_unscoped(code).await?.is_some(),
        None => false,
    };
    if !there {
        for prefecture in &prefectures {
            load_places(store, clock, prefecture).await?;
        }
        load_sign_ins(store, clock, &prefectures).await?;
    }
    let since = store.last_received_unscoped(DAILY).await?;
    for prefecture in &prefectures {
        load_reports(store, &catalogue, prefecture, since, now).await?;
    }
    Ok(())
}

async fn load_places(store: &Store, clock: &SharedClock, prefecture: &DemoPrefecture) -> Result<(), StoreError> {
    let now = clock.now();
    let mut tx = store.write_system(now).await?;
    tx.ensure_prefecture(prefecture.code, Some(prefecture.name)).await?;
    let areas: Vec<MedicalArea> = prefecture
        .areas
        .iter()
        .map(|a| MedicalArea { line: 0, code: a.code.clone(), prefecture: prefecture.code, name: a.name.to_owned() })
        .collect();
    tx.put_areas(&areas).await?;
    let municipalities: Vec<Municipality> = prefecture
        .municipalities
        .iter()
        .map(|m| Municipality {
            line: 0,
            code: m.code.clone(),
            prefecture: prefecture.code,
            name: m.name.to_owned(),
            kana: m.kana.to_owned(),
            parent: None,
            area: Some(m.area.clone()),
        })
        .collect();
    tx.put_municipalities(&municipalities).await?;
    for (number, hospital) in prefecture.hospitals.iter().enumerate() {
        let organisation = Organisation {
            id: OrganisationId(chance::uuid(now)),
            code: code_of(prefecture, OrganisationKind::Hospital, number),
            kind: OrganisationKind::Hospital,
            prefecture: Some(prefecture.code),
            name: hospital.name.to_owned(),
        };
        let attributes = prefecture.attributes(number).unwrap_or_default();
        tx.add_own_hospital(&organisation, HospitalId(chance::uuid(now)), &attributes).await?;
    }
    let set_by = "デモ".to_owned();
    tx.add_phase(&PhaseRow {
        prefecture: prefecture.code,
        set_at: cut(now),
        phases: Some(demo::phases()),
        reason: String::new(),
        set_by: set_by.clone(),
    })
    .await?;
    let threshold = demo::threshold();
    tx.add_threshold(&ThresholdRow { id: chance::uuid(now), prefecture: prefecture.code, threshold, set_at: cut(now), set_by }).await?;
    tx.event(Some(prefecture.code), EventKind::Board);
    tx.log(Entry::by_system(now, Category::Import, "demo", json!({ "prefecture": prefecture.code })));
    tx.commit().await?;
    Ok(())
}

async fn load_sign_ins(store: &Store, clock: &SharedClock, prefectures: &[DemoPrefecture]) -> Result<(), AdminError> {
    let administration = Administration::new(store.clone(), clock.clone());
    let operators: HashMap<String, &'static str> =
        prefectures.iter().flat_map(|p| &p.organisations).map(|o| (o.name.clone(), o.operator)).collect();
    for sign_in in demo_sign_ins() {
        let code = &sign_in.name.organisation;
        if sign_in.kind != OrganisationKind::Hospital {
            let prefecture = code.as_str()[1..3].parse().ok();
            let organisation = Organisation {
                id: OrganisationId(chance::uuid(clock.now())),
                code: code.clone(),
                kind: sign_in.kind,
                prefecture,
                name: sign_in.organisation.clone(),
            };
            administration.add(organisation).await?;
        }
        let operator = operators.get(&sign_in.organisation).copied().unwrap_or("医療班");
        administration.create_account(code, operator, Some(DEMO_PASSWORD)).await?;
    }
    for prefecture in prefectures {
        let Some(association) = prefecture.organisation(OrganisationKind::Association) else { continue };
        for member in &association.hospitals {
            let hospital = code_of(prefecture, OrganisationKind::Hospital, *member);
            administration.add_member(&code_of(prefecture, OrganisationKind::Association, 0), &hospital).await?;
        }
    }
    Ok(())
}

/// The hospitals of a demo prefecture by their place in it.
async fn hospitals(store: &Store, prefecture: &DemoPrefecture) -> Result<Vec<Option<HospitalId>>, StoreError> {
    let stored = store.hospitals_in_unscoped(prefecture.code).await?;
    let by_code: HashMap<OrganisationCode, HospitalId> = stored.into_iter().map(|h| (h.code, h.id)).collect();
    let number = 0..prefecture.hospitals.len();
    Ok(number.map(|n| by_code.get(&code_of(prefecture, OrganisationKind::Hospital, n)).copied()).collect())
}

async fn load_reports(
    store: &Store,
    catalogue: &Catalogue,
    prefecture: &DemoPrefecture,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let ids = hospitals(store, prefecture).await?;
    let history = demo::history(prefecture, jst_day(now), now, DAYS);
    let fresh: Vec<DemoReport> = history.into_iter().filter(|r| since.is_none_or(|s| r.received_at > s)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let mut tx = store.write_system(now).await?;
    let mut versions: HashMap<(HospitalId, NaiveDate), u32> = HashMap::new();
    let all: Vec<HospitalId> = ids.iter().flatten().copied().collect();
    for day in fresh.iter().map(|r| r.report_date).collect::<BTreeSet<_>>() {
        versions.extend(tx.newest_versions(&all, DAILY, day).await?.into_iter().map(|v| ((v.hospital, day), v.version)));
    }
    let mut reports = Vec::with_capacity(fresh.len());
    for report in fresh {
        let (Some(hospital), Some(survey)) = (ids.get(report.hospital).copied().flatten(), catalogue.on(DAILY, report.report_date)) else {
            continue;
        };
        let version = versions.entry((hospital, report.report_date)).or_default();
        *version += 1;
        reports.push(ImportedReport { report: version_of(prefecture, &report, hospital, survey, *version), prefecture: prefecture.code });
    }
    while !reports.is_empty() {
        let rest = reports.split_off(reports.len().min(1000));
        tx.add_reports(std::mem::replace(&mut reports, rest), catalogue).await?;
    }
    tx.event(Some(prefecture.code), EventKind::Board);
    tx.commit().await?;
    Ok(())
}

fn author_of(prefecture: &DemoPrefecture, report: &DemoReport) -> Author {
    let (organisation, code) = if report.organisation == OrganisationKind::Hospital {
        (prefecture.hospitals[report.hospital].name.to_owned(), code_of(prefecture, OrganisationKind::Hospital, report.hospital))
    } else {
        let name = prefecture.organisation(report.organisation).map(|o| o.name.clone()).unwrap_or_default();
        (name, code_of(prefecture, report.organisation, 0))
    };
    Author {
        organisation,
        sign_in: format!("{code}-01"),
        operator: report.operator.to_owned(),
        channel: Channel::Screen,
        on_behalf: report.on_behalf,
        behalf: report.behalf(),
        source: None,
        report_date: report.report_date,
        version: 0,
        received_at: cut(report.received_at),
    }
}

fn version_of(prefecture: &DemoPrefecture, report: &DemoReport, hospital: HospitalId, survey: &Survey, version: u32) -> ReportVersion {
    let author = Author { version, ..author_of(prefecture, report) };
    ReportVersion {
        hospital,
        survey: survey.code.clone(),
        survey_version: survey.version,
        report_date: report.report_date,
        version,
        kind: report.kind,
        answers: report.answers.clone(),
        as_of: as_of(report.report_date, author.received_at),
        received_at: author.received_at,
        author,
        reason: report.reason.clone(),
    }
}

impl Service {
    /// Lets the hospitals of the demo go on reporting, until the program ends.
    pub fn simulate(&self, seed: u64) {
        for prefecture in demo::prefectures() {
            let service = self.clone();
            tokio::spawn(async move {
                let mut random = demo::Random::new(seed ^ u64::from(prefecture.code.number()));
                loop {
                    if let Err(error) = service.simulate_one(&prefecture, &mut random).await {
                        tracing::warn!(%error, "a simulated report was not taken");
                        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
                    }
                }
            });
        }
    }

    async fn simulate_one(&self, prefecture: &DemoPrefecture, random: &mut demo::Random) -> Result<(), StoreError> {
        let ids = hospitals(&self.store, prefecture).await?;
        let all: Vec<HospitalId> = ids.iter().flatten().copied().collect();
        let records = self.store.records_unscoped(&all).await?;
        let known: HashMap<HospitalId, Answers> = records
            .into_iter()
            .filter(|r| r.survey == DAILY)
            .map(|r| (r.hospital, r.cells.items.into_iter().map(|(id, c)| (id, c.value)).collect()))
            .collect();
        let current = |n: usize| ids.get(n).copied().flatten().and_then(|id| known.get(&id).cloned());
        let (wait, report) = demo::next(prefecture, random, self.clock.now(), &current);
        tokio::time::sleep(wait).await;
        let (Some(hospital), Some(survey)) =
            (ids.get(report.hospital).copied().flatten(), self.catalogue().on(DAILY, report.report_date).cloned())
        else {
            return Ok(());
        };
        let author = author_of(prefecture, &report);
        let submission = report.submission(&survey);
        let detail = json!({ "simulated": true, "report_date": report.report_date, "kind": report.kind });
        let write = ReportWrite {
            hospital,
            prefecture: prefecture.code,
            survey: survey.code.clone(),
            survey_version: survey.version,
            report_date: report.report_date,
            kind: report.kind,
            account: None,
            licensed_beds: Some(prefecture.hospitals[report.hospital].beds_total),
            is_feed: false,
            check: Arc::new(move |known, now| check(&survey, known, &submission, author.clone(), now)),
            entry: Entry::by_system(self.clock.now(), Category::Report, "demo", detail),
            once: None,
        };
        match self.writer.report(write).await {
            Ok(_) => Ok(()),
            Err(akidoko_store::WriteError::Refused(refusal)) => Err(StoreError::Configuration(format!("{refusal:?}"))),
            Err(akidoko_store::WriteError::Store(error)) => Err(error),
        }
    }
}
