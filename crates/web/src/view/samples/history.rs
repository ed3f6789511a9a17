//! Samples of what explains: history, versions, why, requests for correction, what a report did.

use super::{data, frame, hospital, html, now};
use crate::view::{
    CorrectionPage, CorrectionsPage, HistoryInput, HistoryPage, HospitalPage, Rights, Said, VersionInput, VersionPage, WhyPage, give_back,
};
use akidoko_domain::{
    board::{Column, Totals},
    hospital::Attributes,
    id::{CorrectionId, OrganisationId},
    organisation::OrganisationKind,
    report::{Correction, CorrectionState, DayFigures, Decided, Kind, Punctuality, Refusal},
    survey::{Answers, Catalogue, DAILY, Value},
};
use akidoko_service::{
    HospitalDetail, StoredHospital,
    correction::CorrectionView,
    give_back::{AreaToday, GiveBack, ReadBy},
    history::{History, Why},
};
use chrono::{NaiveDate, TimeDelta};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

fn detail() -> HospitalDetail {
    let card = data::rows()[0].card.clone();
    HospitalDetail {
        hospital: StoredHospital {
            id: card.id,
            code: card.code.clone(),
            organisation: OrganisationId(Uuid::from_u128(7)),
            prefecture: card.prefecture,
            attributes: Attributes { name: Some(card.name.clone()), ..Attributes::default() },
        },
        codes: vec![],
    }
}

fn correction(state: CorrectionState) -> Correction {
    let mut answers = data::answers();
    answers.insert("available_beds".into(), Some(Value::Count(2)));
    let asked = data::version(1, Kind::Full, answers.clone(), now() - TimeDelta::hours(2));
    let by = Decided { organisation: "青嶺県健康医療部".into(), sign_in: "P9900001-01".into(), operator: "医療対策課".into() };
    Correction {
        id: CorrectionId(Uuid::from_u128(9)),
        hospital: asked.hospital,
        prefecture: data::rows()[0].card.prefecture,
        survey: DAILY.into(),
        survey_version: 1,
        report_date: "2026-03-20".parse().unwrap(),
        kind: Kind::Full,
        answers,
        confirmed: BTreeSet::from(["patient:board_comment".to_owned()]),
        reason: "入力の誤り：数え違い".into(),
        author: asked.author,
        account: None,
        requested_at: now() - TimeDelta::hours(2),
        state,
        decided: (state != CorrectionState::Waiting).then(|| (now() - TimeDelta::hours(1), by)),
        words: (state == CorrectionState::Declined).then(|| "月報に使った値です。".into()),
        version: (state == CorrectionState::Consented).then_some(2),
    }
}

fn view(state: CorrectionState, refusal: Option<Refusal>) -> CorrectionView {
    let catalogue = Catalogue::shipped();
    let mut stood = data::version(1, Kind::Full, data::answers(), now() - TimeDelta::days(21));
    stood.report_date = "2026-03-20".parse().unwrap();
    CorrectionView {
        correction: correction(state),
        hospital: detail(),
        survey: catalogue.version(DAILY, 1).unwrap().clone(),
        stands: Some(stood.answers.clone()),
        versions: vec![stood],
        refusal,
        may_decide: state == CorrectionState::Waiting,
        may_withdraw: false,
    }
}

fn histories() -> Vec<(&'static str, String)> {
    let card = data::rows()[0].card.clone();
    let catalogue = Catalogue::shipped();
    let empty = || History {
        hospital: detail(),
        month: "2026-04-01".parse().unwrap(),
        versions: vec![],
        is_cut: None,
        before: vec![],
        corrections: vec![],
        around: (None, None),
        known: None,
    };
    let months = (NaiveDate::from_ymd_opt(2026, 3, 1), None);
    let mut asked = correction(CorrectionState::Declined);
    asked.report_date = "2026-04-02".parse().unwrap();
    let full = History { versions: data::versions(), corrections: vec![asked], around: months, ..empty() };
    let mut cells = akidoko_domain::report::Cells::default();
    let v = data::version(1, Kind::Full, data::answers(), now());
    cells.apply(catalogue.version(DAILY, 1).unwrap(), v.kind, &v.answers, v.author.clone(), v.as_of);
    let then = History { known: Some((now(), vec![(DAILY.to_owned(), cells)])), versions: data::versions(), ..empty() };
    let page = |history: &History, item: Option<&str>| {
        let input =
            HistoryInput { card: &card, catalogue: &catalogue, history, item, sees: &|_| true, opens_corrections: true, now: now() };
        html(&HistoryPage::new(hospital(), &input))
    };
    vec![
        ("history", page(&full, None)),
        ("history-item", page(&full, Some("available_beds"))),
        ("history-at", page(&then, None)),
        ("history-empty", page(&empty(), None)),
    ]
}

fn version_page(number: usize) -> String {
    let catalogue = Catalogue::shipped();
    let versions = data::versions();
    let consented = correction(CorrectionState::Consented);
    let input = VersionInput {
        card: &data::rows()[0].card,
        survey: catalogue.version(DAILY, 1).unwrap(),
        version: &versions[number],
        before: &versions[number + 1..],
        correction: (number == 0).then_some(&consented),
        newest: 3,
        sees: &|_| true,
        now: now(),
    };
    html(&VersionPage::new(hospital(), &input))
}

fn why(kind: OrganisationKind, item: &str, empty: bool) -> String {
    let catalogue = Catalogue::shipped();
    let why = Why {
        row: Arc::new(data::rows()[0].clone()),
        column: Column::parse(item),
        item: catalogue.item(DAILY, item).unwrap().clone(),
        survey: (DAILY.to_owned(), 1),
        versions: if empty { vec![] } else { data::versions() },
        first: "2026-01-08".parse().unwrap(),
        more: !empty,
        corrections: vec![],
        operators: kind == OrganisationKind::PrefectureHealth,
    };
    html(&WhyPage::new(frame(Some(kind)), &catalogue, item, &why, None, now()))
}

fn given(shown: bool) -> GiveBack {
    let first: NaiveDate = "2026-02-14".parse().unwrap();
    let day = |(at, day): (usize, NaiveDate)| {
        let known = at % 9 != 4;
        let figure = |n: usize| known.then(|| u32::try_from(n).unwrap());
        DayFigures { day, reported: known, available: figure(at % 7), inpatients: figure(6 + at % 5), secured: figure(16) }
    };
    let totals = Totals { hospitals: 6, accepting: 4, available: Some(38), severe: Some(6), moderate: Some(20), mild: None, unanswered: 2 };
    GiveBack {
        shown: shown.then(|| (akidoko_domain::time::jst_day(now()), now() - TimeDelta::minutes(40))),
        read_by: if shown { ReadBy { fire_headquarters: 1, hospitals: 3, others: 1 } } else { ReadBy::default() },
        punctuality: Punctuality { due: 28, on_time: 25, late: 2, missing: 1, streak: 6 },
        days: if shown { first.iter_days().take(56).enumerate().map(day).collect() } else { vec![] },
        area: Some(AreaToday { name: Some("沿岸医療圏".into()), hospitals: 6, reported: 4, totals, own: shown.then_some(4) }),
    }
}

/// Every screen in every state: a name and the page.
pub fn all() -> Vec<(&'static str, String)> {
    let prefecture = || frame(Some(OrganisationKind::PrefectureHealth));
    let list = |waiting: &[CorrectionView], decides| {
        let over = [(correction(CorrectionState::Declined), "凪浦市民病院".to_owned())];
        let frame = if decides { prefecture() } else { hospital() };
        let over: &[_] = if waiting.is_empty() { &[] } else { &over };
        html(&CorrectionsPage::new(frame, (waiting, 0), (over, &Catalogue::shipped()), (decides, 14), now()))
    };
    let one = |frame, view: &CorrectionView, said| html(&CorrectionPage::new(frame, view, said, now()));
    let said = Said { problem: Some("同意しない理由を書いてください。".into()), about_words: true, words: String::new() };
    let mut withdrawing = view(CorrectionState::Waiting, None);
    (withdrawing.may_decide, withdrawing.may_withdraw) = (false, true);
    let mut first = view(CorrectionState::Waiting, Some(Refusal::BeforeSurvey));
    (first.stands, first.versions) = (None, vec![]);
    let rows = data::rows();
    let own = |shown| {
        let page = HospitalPage::new(hospital(), &rows[0], &rows, Rights { history: true, report: true, on_behalf: false }, now());
        html(&page.with_give(give_back(&given(shown), now())))
    };
    let mut pages = histories();
    pages.extend([
        ("version", version_page(0)),
        ("version-full", version_page(2)),
        ("why", why(OrganisationKind::FireHeadquarters, "available_beds", false)),
        ("why-officer", why(OrganisationKind::PrefectureHealth, "emergency_status", false)),
        ("why-nothing", why(OrganisationKind::FireHeadquarters, "available_beds", true)),
        ("hospital-own", own(true)),
        ("hospital-own-new", own(false)),
        ("corrections", list(&[view(CorrectionState::Waiting, None)], true)),
        ("corrections-none", list(&[], false)),
        ("correction", one(prefecture(), &view(CorrectionState::Waiting, None), said)),
        ("correction-refused", one(prefecture(), &first, Said::default())),
        ("correction-own", one(hospital(), &withdrawing, Said::default())),
        ("correction-yes", one(prefecture(), &view(CorrectionState::Consented, None), Said::default())),
        ("correction-no", one(hospital(), &view(CorrectionState::Declined, None), Said::default())),
        ("correction-back", one(hospital(), &view(CorrectionState::Withdrawn, None), Said::default())),
    ]);
    pages
}

#[test]
fn a_dispatcher_learns_no_operator_and_no_reason() {
    let fire = why(OrganisationKind::FireHeadquarters, "available_beds", false);
    let officer = why(OrganisationKind::PrefectureHealth, "available_beds", false);
    for (words, told) in
        [("凪浦市民病院", true), ("2 床 → <b>4 床</b>", true), ("病床管理室", false), ("看護師の配置", false), ("H9900458", false)]
    {
        assert_eq!(fire.contains(words), told, "{words}");
        assert!(officer.contains(words), "{words}");
    }
    // 未回答 is never a zero.
    let mut versions = data::versions();
    versions[0].answers = Answers::from([("available_beds".to_owned(), None)]);
    assert!(!fire.contains("0 床 → "));
}
