//! Who has not reported: samples in their states.

use super::{data, frame, html};
use crate::view::*;
use akidoko_domain::{
    board::Row,
    due::{CallResult, DayCount, DayState, DueSetting, Exempt, Exemption, Filed, Ladder, Rate, Rung, Weekdays},
    id::{HospitalId, OrganisationCode, PrefCode},
    organisation::OrganisationKind,
    time::DueRule,
};
use akidoko_service::completeness::{
    CallNote, ExemptionRow, HospitalDay, LadderRow, NationDay, PrefectureDay, ReminderPlan, SettingsView, Trend,
};
use chrono::{Days, NaiveDate, TimeDelta};
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

fn hospital(row: Row, n: usize, day: NaiveDate) -> HospitalDay {
    let now = data::now();
    let filed = Filed { first_full_at: now - TimeDelta::minutes(9), on_time: true, late: false, corrected_at: None, on_behalf: n == 4 };
    let (state, filed) = match n % 6 {
        0 => (DayState::Missing, None),
        1 => (DayState::NotYet, None),
        2 => (DayState::Late, Some(Filed { on_time: false, late: true, ..filed })),
        3 => (DayState::Corrected, Some(Filed { corrected_at: Some(now), ..filed })),
        4 => (DayState::Reported, Some(filed)),
        _ => (DayState::Exempt(Exempt::Closed), None),
    };
    let note = CallNote {
        id: Uuid::nil(),
        hospital: row.card.id,
        at: now,
        result: CallResult::Later,
        words: "昼までに入力するとのこと".to_owned(),
        who: "青嶺県健康医療部 医療対策課".to_owned(),
    };
    HospitalDay {
        row: Arc::new(row),
        state,
        exempt: matches!(state, DayState::Exempt(_)).then_some(Exempt::Closed),
        filed,
        last_on: (n != 1).then(|| day - Days::new(1 + n as u64)),
        has_mailbox: n != 0,
        reminders: Vec::new(),
        calls: if n == 0 { vec![note] } else { Vec::new() },
    }
}

fn day() -> PrefectureDay {
    let now = data::now();
    let day = akidoko_domain::time::jst_day(now);
    let hospitals = data::rows().into_iter().enumerate().map(|(n, row)| hospital(row, n, day)).collect();
    let areas = BTreeMap::from([("9901".to_owned(), "中央".to_owned()), ("9902".to_owned(), "北部".to_owned())]);
    PrefectureDay {
        prefecture: PrefCode::new(99).unwrap(),
        name: "青嶺県".to_owned(),
        day,
        rule: Some(DueRule::default()),
        now,
        hospitals,
        areas,
    }
}

fn trend() -> Vec<Trend> {
    let first: NaiveDate = "2026-03-14".parse().unwrap();
    let of = |(n, from): (usize, NaiveDate)| {
        let count = DayCount { hospitals: 31, reported: 20 + n as u64 % 9, on_time: 15 + n as u64 % 5, ..DayCount::default() };
        let off = n % 7 == 1;
        Trend { from, to: from, count: if off { DayCount { hospitals: 31, exempt: 31, ..DayCount::default() } } else { count } }
    };
    first.iter_days().take(28).enumerate().map(of).collect()
}

fn owing(name: &str, mailbox: Option<&str>, reminded: bool) -> akidoko_service::completeness::Owing {
    akidoko_service::completeness::Owing {
        hospital: HospitalId(Uuid::nil()),
        code: OrganisationCode::build('H', PrefCode::new(99), 7),
        name: name.to_owned(),
        mailbox: mailbox.map(str::to_owned),
        reminded_at: reminded.then(data::now),
        is_done: false,
    }
}

fn settings() -> SettingsView {
    let today: NaiveDate = "2026-04-10".parse().unwrap();
    let due = DueSetting { valid_from: today, working: DueRule::default(), off: None };
    let rows: Vec<Arc<Row>> = data::rows().into_iter().map(Arc::new).collect();
    let exemption = |weekdays, suspended: bool| ExemptionRow {
        id: (!suspended).then(Uuid::nil),
        hospital: rows[0].card.id,
        prefecture: PrefCode::new(99).unwrap(),
        exemption: Exemption { from_on: today, to_on: None, weekdays, suspended },
        reason: "日曜休診".to_owned(),
        set_by: "P9900123-02".to_owned(),
    };
    let ladder = Ladder { rungs: vec![Rung { minutes: -30, days: akidoko_domain::due::Days::All }], at_night: true };
    SettingsView {
        prefecture: PrefCode::new(99).unwrap(),
        today,
        due,
        later: vec![DueSetting { valid_from: today + Days::new(5), off: Some(DueRule::default()), ..due }],
        ladder: Some(LadderRow { prefecture: PrefCode::new(99).unwrap(), ladder, set_at: data::now(), set_by: String::new() }),
        exemptions: vec![(exemption(Weekdays::new(1).unwrap(), false), rows[0].clone()), (exemption(Weekdays::ALL, true), rows[1].clone())],
        hospitals: rows,
    }
}

pub(super) fn all() -> Vec<(&'static str, String)> {
    let officer = || frame(Some(OrganisationKind::PrefectureHealth));
    let page = |day: &PrefectureDay, filter: CompletenessFilter, rights, reminded| {
        html(&CompletenessPage::new(officer(), day, filter, &trend(), rights, reminded))
    };
    let filter = |state: &str| CompletenessFilter { state: state.to_owned(), ..CompletenessFilter::default() };
    let empty = PrefectureDay { hospitals: Vec::new(), areas: BTreeMap::new(), rule: None, ..day() };
    let published = CompletenessFilter { published: true, area: "9901".to_owned(), unit: Unit::Week, ..filter("all") };
    let plan = ReminderPlan {
        day: day().day,
        rule: Some(DueRule::default()),
        mailed: vec![owing("霧笛病院", Some("iji@muteki.example.jp"), false)],
        without_mailbox: vec![owing("遠鳴病院", None, false)],
        reminded: vec![owing("花筏病院", Some("iji@ikada.example.jp"), true)],
    };
    let nothing = ReminderPlan { rule: None, mailed: vec![], without_mailbox: vec![], reminded: vec![], ..plan.clone() };
    let remind = |plan: &ReminderPlan| {
        html(&RemindPage::new(officer(), plan, data::now(), |_| Some(("0000000130".to_owned(), "000-000-0130".to_owned()))))
    };
    let typed = CallTyped {
        hospital: day().hospitals[0].row.card.code.to_string(),
        result: "later".to_owned(),
        words: "山田さん".to_owned(),
        problem: "人の名前のような書き方があります。".to_owned(),
        may_confirm: true,
    };
    let calls = |typed: Option<&CallTyped>, noted| html(&CallsPage::new(officer(), &day(), "0".repeat(32), typed, noted));
    let set = |form: &str| {
        let typed =
            SettingsTyped { form: form.to_owned(), problem: "日付を確かめてください。".to_owned(), ..SettingsTyped::default() };
        html(&CompletenessSettingsPage::new(officer(), &settings(), typed, false))
    };
    let line = NationDay {
        prefecture: PrefCode::new(99).unwrap(),
        name: "青嶺県".to_owned(),
        count: DayCount { hospitals: 31, reported: 21, on_time: 20, ..DayCount::default() },
        rule: None,
        week: Rate { part: 9, of: 10 },
        week_on_time: Rate::default(),
    };
    let ministry = || frame(Some(OrganisationKind::Ministry));
    let nation =
        |lines: &[NationDay], trend: &[Trend]| html(&NationPage::new(ministry(), day().day, lines, trend, &CompletenessFilter::default()));
    vec![
        ("completeness", page(&day(), filter(""), (true, false), Some(3))),
        ("completeness-all", page(&day(), filter("all"), (true, false), Some(0))),
        ("completeness-published", page(&day(), published, (false, true), None)),
        ("completeness-empty", html(&CompletenessPage::new(officer(), &empty, filter(""), &[], (false, false), None))),
        ("completeness-nation", nation(&[line], &trend())),
        ("completeness-nation-empty", nation(&[], &[])),
        ("completeness-remind", remind(&plan)),
        ("completeness-remind-nobody", remind(&nothing)),
        ("completeness-calls", calls(None, true)),
        ("completeness-calls-wrong", calls(Some(&typed), false)),
        ("completeness-settings", html(&CompletenessSettingsPage::new(officer(), &settings(), SettingsTyped::default(), true))),
        ("completeness-settings-due", set("due")),
        ("completeness-settings-ladder", set("ladder")),
        ("completeness-settings-exempt", set("exempt")),
    ]
}
