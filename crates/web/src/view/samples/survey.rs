//! Samples of the screens of surveys: answering, marking, the desk, queries. Every name and number is invented.

use super::{frame, html, now, rows};
use crate::view::*;
use akidoko_domain::{
    id::{OrganisationCode, PrefCode, QueryId},
    organisation::OrganisationKind,
    query::QueryProblem,
    report::{Finding, Kind, Problem, Refusal, ReportVersion},
    survey::{Answers, Catalogue, Flaw, Flawed, Mark, Marks, Place, Rate, Survey, TypedItem, Value, flaws},
};
use akidoko_service::{
    answer::PrefectureReport,
    duties::{Asked, Duties, Progress, Respondents},
    query::{Answered, Asking, QueryAnswer, QueryRow},
    survey_answers::{Given, SurveyAnswers},
    survey_editor::{SurveyDraft, SurveyFile},
    survey_marks::Marking,
};
use chrono::{NaiveDate, TimeDelta};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn hospital() -> Frame {
    frame(Some(OrganisationKind::Hospital)).calling(vec![("/queries/x".into(), "停電の影響".into(), "4月10日（金）12:00".into())])
}

fn health() -> Frame {
    frame(Some(OrganisationKind::PrefectureHealth))
}

fn ministry() -> Frame {
    frame(Some(OrganisationKind::Ministry))
}

fn survey(code: &str) -> Survey {
    Catalogue::shipped().version(code, 1).unwrap().clone()
}

fn monday() -> NaiveDate {
    survey("ppe_weekly").period(akidoko_domain::time::jst_day(now())).first
}

fn version(survey: &str, answers: Answers, number: u32) -> ReportVersion {
    ReportVersion {
        survey: survey.to_owned(),
        report_date: monday(),
        ..super::version(number, Kind::Full, answers, now() - TimeDelta::hours(2))
    }
}

fn draft(survey: &Survey, at: chrono::DateTime<chrono::Utc>) -> SurveyDraft {
    SurveyDraft { survey: survey.clone(), revision: 3, written_by: "厚生労働省 医療班".to_owned(), updated_at: at }
}

/// All.
pub(super) fn all() -> Vec<(&'static str, String)> {
    let mut pages = answering();
    pages.extend(lists());
    pages.extend(desk());
    pages.extend(queries());
    pages
}

fn answer(code: &str, refusal: Option<&Refusal>, sheet: Option<&str>, reported: bool, preview: bool) -> String {
    let (survey, card) = (survey(code), rows()[0].card.clone());
    let period = survey.period(akidoko_domain::time::jst_day(now()));
    let known = Answers::from([
        (survey.sections[0].items[0].id.clone(), Some(Value::Count(1200))),
        (survey.sections[1].skip_id(), super::word("yes")),
    ]);
    let (values, confirmed) = (form_values(&known), BTreeSet::new());
    let previous =
        Previous { answers: &known, date: period.first - TimeDelta::days(7), version: 1, received_at: now() - TimeDelta::days(7) };
    let report = ReportInput {
        survey: &survey,
        card: &card,
        prefecture: "",
        date: period.first,
        now: now(),
        version: u32::from(reported),
        values: &values,
        previous: (!preview).then_some(previous),
        last: &known,
        reported_at: reported.then(|| now() - TimeDelta::hours(1)),
        refusal,
        confirmed: &confirmed,
        on_behalf: reported,
        due: None,
        reason: ("", ""),
        usual: &[],
        filled: None,
        conflict: None,
        behalf: ("", ""),
        author: None,
    };
    let paths = ("/office/surveys/x/draft/preview", "/office/surveys/x/draft");
    let input =
        AnswerInput { report, period, due_at: Some(now() - TimeDelta::hours(1)), skipped_sheet: sheet, preview: preview.then_some(paths) };
    html(&AnswerPage::new(hospital(), &input).would_be_taken(preview))
}

fn answering() -> Vec<(&'static str, String)> {
    let finding = Finding { item: "glove_outlook".into(), id: "glove_outlook".into(), problem: Problem::Required };
    let wrong = Refusal::Findings { errors: vec![finding], warnings: vec![] };
    let card = rows()[0].card.clone();
    let ppe = survey("ppe_weekly");
    let before = Answers::from([("glove_stock".to_owned(), Some(Value::Count(5)))]);
    let after = Answers::from([("glove_stock".to_owned(), Some(Value::Count(9))), ("skip:n95_mask".to_owned(), super::word("yes"))]);
    let (first, second) = (version("ppe_weekly", before.clone(), 1), version("ppe_weekly", after, 2));
    let receipt = |before| html(&AnswerReceiptPage::new(hospital(), &card, &ppe, &second, before, now()));
    let history = |versions: &[ReportVersion]| {
        html(&AnswerHistoryPage::new(hospital(), &card, (&Catalogue::shipped(), "ppe_weekly"), versions, now()))
    };
    vec![
        ("answer", answer("ppe_weekly", None, None, false, false)),
        ("answer-wrong", answer("ppe_weekly", Some(&wrong), None, true, false)),
        ("answer-changed", answer("ppe_weekly", Some(&Refusal::SurveyChanged), None, false, false)),
        ("answer-sheet", answer("agreement_yearly", None, Some("シート1"), false, false)),
        ("answer-preview", answer("agreement_yearly", None, None, false, true)),
        ("answer-receipt", receipt(Some(&before))),
        ("answer-receipt-first", receipt(None)),
        ("answer-history", history(&[second.clone(), first])),
        ("answer-history-empty", history(&[])),
    ]
}

fn lists() -> Vec<(&'static str, String)> {
    let card = (*rows()[0].card).clone();
    let asked = |code: &str, answered: Option<ReportVersion>, hours: i64| {
        let survey = survey(code);
        let period = survey.period(akidoko_domain::time::jst_day(now()));
        Asked { survey, period, due_at: Some(now() + TimeDelta::hours(hours)), answered }
    };
    let duties = || {
        let done = version("agreement_yearly", Answers::new(), 1);
        vec![Duties {
            card: card.clone(),
            asked: vec![asked("ppe_weekly", None, -3), asked("daily", None, 3), asked("agreement_yearly", Some(done), 3)],
        }]
    };
    let progress = || {
        let survey = survey("ppe_weekly");
        vec![Progress { period: survey.period(monday()), survey, due_at: None, asked: 30, answered: 12 }]
    };
    let marks = Marks(BTreeMap::from([("available_beds".to_owned(), Mark::Required), ("surgery_status".to_owned(), Mark::Hidden)]));
    let marking = |code: &str| Marking {
        survey: survey(code),
        prefecture: PrefCode::new(99).unwrap(),
        marks: marks.clone(),
        named: BTreeSet::from([card.id]),
    };
    let cards: Vec<_> = rows().iter().map(|r| r.card.clone()).collect();
    let given = || {
        let survey = survey("ppe_weekly");
        let answers = Answers::from([("n95_mask_stock".to_owned(), Some(Value::Count(1200)))]);
        let said = version("ppe_weekly", answers.clone(), 1);
        let hospitals =
            vec![Given { card: card.clone(), answer: Some((answers, said)) }, Given { card: (*rows()[1].card).clone(), answer: None }];
        SurveyAnswers { period: survey.period(monday()), survey, due_at: Some(now()), periods: vec![monday()], hospitals }
    };
    let names = || BTreeMap::from([(card.prefecture, "青嶺県".to_owned())]);
    let respondents = || {
        let survey = survey("ppe_weekly");
        let hospitals = vec![(card.clone(), false), ((*rows()[1].card).clone(), true)];
        Respondents { period: survey.period(monday()), survey, due_at: Some(now()), hospitals }
    };
    vec![
        ("survey-hospitals", html(&RespondentsPage::new(health(), &respondents(), now()))),
        ("survey-answers", html(&SurveyAnswersPage::new(health(), &given(), None, now()))),
        ("survey-answers-nation", html(&SurveyAnswersPage::new(ministry(), &given(), Some(&names()), now()))),
        ("surveys", html(&DutiesPage::new(hospital(), duties(), None, now()))),
        (
            "surveys-prefecture",
            html(&DutiesPage::new(health(), vec![Duties { card: card.clone(), asked: vec![] }], Some(progress()), now())),
        ),
        ("survey-items", html(&MarkingPage::new(health(), "青嶺県", &marking("daily"), None, &[], true))),
        ("survey-items-named", html(&MarkingPage::new(health(), "青嶺県", &marking("agreement_yearly"), Some(&marks), &cards, false))),
    ]
}

fn desk() -> Vec<(&'static str, String)> {
    let daily = survey("daily");
    let mut changed = Survey {
        version: 2,
        rates: vec![Rate {
            id: "use".into(), label: "使用率".into(), part: vec!["inpatients_total".into()], whole: "secured_beds".into()
        }],
        ..daily.clone()
    };
    changed.sections[1].may_skip = true;
    changed.sections[3].items.remove(0);
    let wrong = flaws(&changed, [&daily]);
    assert!(!wrong.is_empty(), "rules name what is gone");
    let whole =
        SurveyFile { code: "daily".into(), versions: vec![(daily.clone(), None)], draft: Some(draft(&changed, now())), flaws: wrong };
    let new = SurveyFile { code: "oxygen".into(), versions: vec![], draft: Some(draft(&daily, now())), flaws: vec![] };
    let flaw = |place, flaw| Flawed { place, flaw };
    let at = |field| Place::Item("beds".into(), field);
    let flawed = [
        flaw(at("label"), Flaw::Empty),
        flaw(at("id"), Flaw::BadId),
        flaw(at("column"), Flaw::ColumnTwice),
        flaw(at("max"), Flaw::NotANumber),
    ];
    let heads = [
        flaw(Place::Head("due_days"), Flaw::NotANumber),
        flaw(Place::Head("title"), Flaw::Empty),
        flaw(Place::Head("from"), Flaw::NotADay),
        flaw(Place::Head("year_from"), Flaw::NoSuchDay),
    ];
    let page = |file: &SurveyFile, input: DraftInput<'_>| html(&DraftPage::new(ministry(), file, &BTreeSet::new(), &input, now()).unwrap());
    let codes = [flaw(Place::Head("code"), Flaw::BadId), flaw(Place::Head("title"), Flaw::Empty)];
    let again = Some((("酸素".to_owned(), String::new()), Some("すでにあります。".to_owned()), codes.as_slice()));
    let item = TypedItem::of(daily.item("emergency_status").unwrap());
    let problem = || Some("直すところがあります。".to_owned());
    let rule = [
        flaw(Place::Rule("r".into(), "holds"), Flaw::BadRule(akidoko_domain::rule::RuleError::DividesByZero)),
        flaw(Place::Rule("r".into(), "id"), Flaw::Twice),
        flaw(Place::Rule("r".into(), "message"), Flaw::Empty),
    ];
    let report = |prefecture: u8, answers: Answers| PrefectureReport {
        prefecture: PrefCode::new(prefecture).unwrap(),
        report: version("daily", answers, 1),
    };
    let counts = |n: u32, whole: u32| {
        Answers::from([("inpatients_total".to_owned(), Some(Value::Count(n))), ("secured_beds".to_owned(), Some(Value::Count(whole)))])
    };
    let answers = [report(98, counts(30, 20)), report(99, counts(3, 0))];
    let names: BTreeMap<PrefCode, String> =
        [(97, "霞野県"), (98, "浅葱県"), (99, "青嶺県")].map(|(c, n)| (PrefCode::new(c).unwrap(), n.to_owned())).into();
    let rated = Survey { rates: changed.rates.clone(), ..daily.clone() };
    let rates = |answers: &[PrefectureReport], place| {
        html(&RatesPage::new(ministry(), ("日次報告", &rated), answers, &names, (None, place), now()))
    };
    vec![
        ("office-surveys", html(&SurveyFilesPage::new(ministry(), &[whole.clone(), new.clone()], None, now()))),
        ("office-surveys-wrong", html(&SurveyFilesPage::new(ministry(), &[], again, now()))),
        ("office-survey", html(&SurveyFilePage::new(ministry(), &whole, problem(), now()))),
        ("office-survey-new", html(&SurveyFilePage::new(ministry(), &SurveyFile { draft: None, ..new.clone() }, None, now()))),
        ("draft", page(&whole, DraftInput::default())),
        ("draft-wrong", page(&new, DraftInput { wrong: &heads, problem: problem(), from: Some("四月".into()), head: None })),
        ("item-new", html(&ItemPage::new(ministry(), (&daily, 3), None, (TypedItem::fresh(), "beds"), (None, &[]), false))),
        (
            "item-wrong",
            html(&ItemPage::new(ministry(), (&daily, 3), Some("emergency_status"), (item, "acceptance"), (problem(), &flawed), true)),
        ),
        ("rule-new", html(&RulePage::new(ministry(), (&daily, 3), None, TypedRule::default(), (None, &[])))),
        (
            "rule-wrong",
            html(&RulePage::new(ministry(), (&daily, 3), Some("ecmo_within"), TypedRule::of(&daily.rules[0]), (problem(), &rule))),
        ),
        ("rates", rates(&answers, None)),
        ("rates-prefecture", rates(&answers, Some(PrefCode::new(99).unwrap()))),
        ("rates-empty", rates(&[], None)),
    ]
}

fn queries() -> Vec<(&'static str, String)> {
    let item = |id: &str, label: &str, kind: &str| {
        TypedItem {
            id: id.into(),
            label: label.into(),
            kind: kind.into(),
            options: "足りている\n少ない".into(),
            unit: "人".into(),
            required: true,
            ..TypedItem::fresh()
        }
        .read()
        .unwrap()
    };
    let items = vec![
        item("q1", "受け入れられる透析患者", "count"),
        item("q2", "自家発電", "yes_no"),
        item("q3", "水", "choice"),
        item("q4", "困っていること", "text"),
    ];
    let query = |closed: bool, hours: i64| QueryRow {
        id: QueryId(Uuid::from_u128(7)),
        prefecture: PrefCode::new(99).unwrap(),
        title: "停電の影響".into(),
        note: "10 時の時点で答えてください。".into(),
        items: items.clone(),
        due_at: now() + TimeDelta::hours(hours),
        revision: 2,
        asked_at: now() - TimeDelta::hours(1),
        asked_by: "青嶺県健康医療部 医療対策課".into(),
        reminded_at: closed.then(now),
        closed_at: closed.then(now),
    };
    let given = Answers::from([
        ("q1".to_owned(), Some(Value::Count(4))),
        ("q2".to_owned(), super::word("yes")),
        ("q3".to_owned(), super::word("option_2")),
    ]);
    let all = rows();
    let answer = |n: usize, answers: Option<Answers>| QueryAnswer {
        query: QueryId(Uuid::from_u128(7)),
        hospital: all[n].card.id,
        answered_at: answers.as_ref().map(|_| now()),
        answered_by: answers.as_ref().map(|_| "凪浦市民病院 病床管理室".to_owned()),
        answers,
    };
    let answered = |closed| Answered {
        query: query(closed, 2),
        hospitals: vec![((*all[0].card).clone(), answer(0, Some(given.clone()))), ((*all[1].card).clone(), answer(1, None))],
    };
    let asking = |closed, hours, answers| Asking { query: query(closed, hours), card: (*all[0].card).clone(), answer: answer(0, answers) };
    let finding = Finding { item: "q1".into(), id: "q1".into(), problem: Problem::NotACount };
    let wrong = Refusal::Findings { errors: vec![finding], warnings: vec![] };
    let typed = || QueryAnswerInput {
        values: Some(BTreeMap::from([("q1".to_owned(), "x".to_owned())])),
        refusal: Some(&wrong),
        ..QueryAnswerInput::default()
    };
    let board = akidoko_service::live::Board::sample(PrefCode::new(99).unwrap(), "青嶺県", all.iter().cloned().map(std::sync::Arc::new));
    let form = |problems: &[QueryProblem], wrong: &[(usize, Flawed)], asked: Option<&BTreeSet<OrganisationCode>>| {
        html(&QueryFormPage::new(
            health(),
            &board,
            &QueryFields::fresh(),
            problems,
            wrong,
            asked.map(|a| (a, String::new(), String::new())),
        ))
    };
    let everyone: BTreeSet<OrganisationCode> = all.iter().map(|r| r.card.code.clone()).collect();
    let flawed = [(2, Flawed { place: Place::Item("q2".into(), "options"), flaw: Flaw::TooFewOptions })];
    vec![
        ("queries", html(&QueriesPage::new(health(), &[(query(false, 2), 3, 1), (query(false, -1), 3, 1), (query(true, 2), 3, 3)], now()))),
        ("queries-empty", html(&QueriesPage::new(health(), &[], now()))),
        ("query", html(&QueryPage::new(health(), &answered(false), Some("催促できません。"), now()))),
        ("query-closed", html(&QueryPage::new(health(), &answered(true), None, now()))),
        ("query-new", form(&[], &[], None)),
        ("query-wrong", form(&[QueryProblem::Title, QueryProblem::Due, QueryProblem::Nobody], &flawed, None)),
        ("query-check", form(&[], &[], Some(&everyone))),
        ("query-answer", html(&QueryAnswerPage::new(hospital(), &asking(false, 2, None), QueryAnswerInput::default(), now()))),
        ("query-answer-late", html(&QueryAnswerPage::new(hospital(), &asking(false, -2, None), typed(), now()))),
        (
            "query-answered",
            html(&QueryAnswerPage::new(hospital(), &asking(false, 2, Some(given.clone())), QueryAnswerInput::default(), now())),
        ),
        ("query-answer-closed", html(&QueryAnswerPage::new(hospital(), &asking(true, 2, None), QueryAnswerInput::default(), now()))),
    ]
}
