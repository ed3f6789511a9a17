//! 病床の状況: samples in their states.

use super::{data, frame, html};
use crate::view::*;
use akidoko_domain::{
    board::Column,
    id::PrefCode,
    organisation::OrganisationKind,
    picture::{BedRate, Measure, Phase, Phases, Side, Tally, Threshold, picture},
    time::{day_before, jst_day},
};
use akidoko_exchange::outlines::Outlines;
use akidoko_service::picture::{AlertRow, NationMeasure, NationPicture, NationTile, PhaseRow, PictureDay, PictureView, ThresholdRow};
use chrono::{Days, TimeDelta};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

pub fn phases() -> Phases {
    let step = |name: &str, beds, criteria: &str| Phase {
        name: name.to_owned(),
        ready_beds: Some(beds),
        ready_beds_severe: (beds > 300).then_some(30),
        criteria: criteria.to_owned(),
    };
    let steps = vec![step("1", 260, ""), step("2", 440, "使用率が 40 % を超えた日が続いたとき"), step("緊急Ⅰ", 620, "")];
    Phases { steps, current: 1 }
}

fn change() -> PhaseRow {
    PhaseRow {
        prefecture: PrefCode::new(99).unwrap(),
        set_at: data::now() - TimeDelta::days(3),
        phases: Some(phases()),
        reason: "使用率が 40 % を超えた日が続いたため".to_owned(),
        set_by: "P9900123-01　医療体制係".to_owned(),
    }
}

fn threshold(area: Option<&str>) -> ThresholdRow {
    let threshold =
        Threshold { measure: Measure::Rate(BedRate::Secured), area: area.map(str::to_owned), side: Side::Above, raise: 500, clear: 450 };
    ThresholdRow {
        id: Uuid::from_u128(7),
        prefecture: PrefCode::new(99).unwrap(),
        threshold,
        set_at: data::now() - TimeDelta::days(9),
        set_by: "P9900123-01　医療体制係".to_owned(),
    }
}

fn alert(n: u128, seen: bool, cleared: bool) -> AlertRow {
    let now = data::now();
    AlertRow {
        id: Uuid::from_u128(n),
        threshold: threshold((n == 2).then_some("9901")),
        raised: (now - TimeDelta::hours(2), Tally { part: 302, whole: 600, hospitals: 55 }),
        seen: seen.then(|| (now - TimeDelta::hours(1), "P9900123-01　医療体制係".to_owned())),
        cleared: cleared.then_some((now, Tally { part: 200, whole: 600, hospitals: 55 })),
    }
}

fn view() -> PictureView {
    let (at, rows) = (data::now(), data::rows());
    let now = picture(&rows, at);
    let today = jst_day(at);
    let day =
        |back: u64| PictureDay { prefecture: PrefCode::new(99).unwrap(), area: None, day: today - Days::new(back), sums: now.all.clone() };
    PictureView {
        prefecture: PrefCode::new(99).unwrap(),
        name: "青嶺県".to_owned(),
        at,
        yesterday: Some(now.clone()),
        last_week: None,
        areas: BTreeMap::from([("9901".to_owned(), "中央".to_owned()), ("9902".to_owned(), "北部".to_owned())]),
        days: [9, 8, 3, 2, 1].map(day).to_vec(),
        now,
        hidden: Arc::default(),
        phases: Some(phases()),
        changes: vec![change()],
        thresholds: vec![threshold(None)],
        alerts: vec![alert(1, false, false), alert(2, true, false), alert(3, true, true)],
    }
}

fn filter() -> PictureFilter {
    PictureFilter { prefecture: None, area: None, measure: Measure::Rate(BedRate::Secured), span: Span::Weeks }
}

fn officer() -> Frame {
    frame(Some(OrganisationKind::PrefectureHealth))
}

fn nation(value: Option<u64>, measure: NationMeasure) -> NationPicture {
    let day = day_before(jst_day(data::now()));
    let weeks: Vec<_> = (0..12).rev().map(|n| day - Days::new(7 * n)).collect();
    let tile = |n: u8| {
        let value = value.filter(|_| n != 29).map(|v| (v + u64::from(n) * 37) % 1100);
        NationTile {
            prefecture: PrefCode::new(n).unwrap(),
            name: format!("{n:02}県"),
            has_board: n != 29,
            tally: Tally { part: 1, whole: 2, hospitals: 3 },
            value,
            before: Some(400),
            line: (0..12).map(|w| (w != 4).then_some(u64::from(n) + w * 7)).collect(),
        }
    };
    let tiles = (1..=47).chain([98, 99]).map(tile).collect();
    let total = Tally { part: 46, whole: 100, hospitals: 2000 };
    NationPicture { measure, day, now: value.map(|_| data::now()), weeks, tiles, total, value }
}

pub fn all() -> Vec<(&'static str, String)> {
    let square = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"pref_code":"12"},"geometry":{"type":"Polygon","coordinates":[[[140.0,35.0],[141.0,35.0],[141.0,36.0],[140.0,35.0]]]}}]}"#;
    let outlines = Outlines::read(square.as_bytes()).unwrap();
    let mut withheld = view();
    withheld.hidden = Arc::new(BTreeSet::from([Column::SecuredBeds, Column::AvailableBeds]));
    withheld.phases = None;
    withheld.alerts.clear();
    let mut empty = PictureView { days: vec![], yesterday: None, thresholds: vec![], alerts: vec![], phases: None, ..view() };
    empty.now = picture([], data::now());
    let of_area = PictureFilter { area: Some("9901".to_owned()), prefecture: PrefCode::new(99), span: Span::Year, ..filter() };
    let typed = PictureTyped {
        form: "threshold".to_owned(),
        fields: BTreeMap::from([("raise".to_owned(), "五割".to_owned())]),
        problem: "使用率の値は、50 や 50.5 のように % で入れてください。".to_owned(),
    };
    let wrong =
        PictureTyped { form: "phases".to_owned(), problem: "名前を入れてください。".to_owned(), ..PictureTyped::default() };
    let settings = |changes: &[PhaseRow], typed, saved| {
        let thresholds = [threshold(None), threshold(Some("9901"))];
        html(&PictureSettingsPage::new(officer(), changes, if changes.is_empty() { &[] } else { &thresholds }, &view().areas, typed, saved))
    };
    let ministry = || frame(Some(OrganisationKind::Ministry));
    let reporting = NationMeasure::Reporting;
    let bed = NationMeasure::Bed(Measure::Figure(Column::AvailableBeds));
    let all = [reporting.clone(), bed.clone()];
    let today = jst_day(data::now());
    vec![
        (
            "picture",
            html(&PicturePage::new(officer().alerting(vec!["使用率が 50 %になりました。".to_owned()]), &view(), filter(), (true, false))),
        ),
        ("picture-area", html(&PicturePage::new(ministry(), &view(), of_area, (false, true)))),
        ("picture-withheld", html(&PicturePage::new(officer(), &withheld, filter(), (false, false)))),
        ("picture-empty", html(&PicturePage::new(officer(), &empty, filter(), (true, false)))),
        ("picture-settings", settings(&[], PictureTyped::default(), false)),
        ("picture-settings-saved", settings(&[change()], PictureTyped::default(), true)),
        ("picture-settings-threshold", settings(&[change()], typed, false)),
        ("picture-settings-phases", settings(&[change()], wrong, false)),
        (
            "nation-tiles",
            html(&NationPicturePage::new(ministry(), &nation(Some(460), reporting.clone()), &all, &Outlines::default(), false, today)),
        ),
        ("nation-map", html(&NationPicturePage::new(ministry(), &nation(Some(460), bed.clone()), &all, &outlines, true, today))),
        ("nation-unknown", html(&NationPicturePage::new(ministry(), &nation(None, reporting), &all, &outlines, false, today))),
    ]
}
