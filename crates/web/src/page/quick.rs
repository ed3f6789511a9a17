//! A quick update, from a form or from a device that kept it until the line was back.

use super::{
    report::{Sent, failed, field, sent},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Code, Person},
    state::State,
    view::{Choice, ChoicePage, QuickInput, QuickPage, QuickProblem, form_values, path},
    words,
};
use akidoko_domain::{
    access::{ActFor, Action, may},
    id::OrganisationCode,
    report::{Behalf, Kind, Overtaken, Refusal, Said},
    survey::{Answers, Survey},
    time::jst_day,
};
use akidoko_service::{
    account::Session,
    quick::{QuickError, QuickScreen, QuickUpdate},
    report::{Receipt, SubmitError},
};
use axum::{
    Json,
    extract::State as Extract,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect},
};
use chrono::DateTime;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// My hospital's own quick screen; with several, the choice.
pub async fn quick(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    match own(&state, &session)? {
        Own::One(code) => {
            let screen = open(&state, &session, &code).await?;
            draw(&state, &session, &screen, StatusCode::OK, &Typed::default())
        }
        Own::Many(choices) => show(StatusCode::OK, &ChoicePage::quick(state.frame(Some(&session)), choices)),
    }
}

enum Own {
    One(OrganisationCode),
    Many(Vec<Choice>),
}

fn own(state: &State, session: &Session) -> Result<Own, Failure> {
    let actor = &session.actor;
    let ActFor::Hospitals(own) = &actor.scope.act_for else {
        return Err(Failure::forbidden().saying("空床の更新は医療機関ととりまとめ団体の ID で行います。病床ボードをご覧ください。"));
    };
    let rows = state.service.rows_of(own);
    if let ([only], true) = (rows.as_slice(), may(actor.kind, Action::ReadBoard)) {
        return Ok(Own::One(only.card.code.clone()));
    }
    let now = state.service.now();
    Ok(Own::Many(rows.iter().map(|r| Choice::quick(&r.card, r.as_of, now)).collect()))
}

/// The same screen without figures, for the device to keep.
pub async fn quick_shell(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let Own::One(code) = own(&state, &session)? else { return Err(Failure::not_found()) };
    let mut screen = open(&state, &session, &code).await?;
    screen.offer = None;
    draw(&state, &session, &screen, StatusCode::OK, &Typed { shell: true, ..Typed::default() })
}

/// The quick screen of a hospital.
pub async fn hospital_quick(Extract(state): Extract<State>, Person(session): Person, Code(code): Code) -> Answer {
    let screen = open(&state, &session, &code).await?;
    draw(&state, &session, &screen, StatusCode::OK, &Typed::default())
}

async fn open(state: &State, session: &Session, code: &OrganisationCode) -> Result<QuickScreen, Failure> {
    let screen = state.service.quick_screen(&session.actor, code).await?.ok_or_else(Failure::not_found)?;
    if !screen.may_report {
        return Err(Failure::forbidden().saying("この医療機関の空床は、お使いの ID では更新できません。"));
    }
    Ok(screen)
}

#[derive(Default)]
struct Typed {
    values: Option<BTreeMap<String, String>>,
    confirmed: BTreeSet<String>,
    behalf: (String, String),
    refusal: Option<Refusal>,
    nothing: bool,
    shell: bool,
}

fn draw(state: &State, session: &Session, screen: &QuickScreen, status: StatusCode, typed: &Typed) -> Answer {
    let stands: Answers = if typed.shell { Answers::new() } else { stands(screen) };
    let values = typed.values.clone().unwrap_or_else(|| form_values(&stands));
    let input = QuickInput {
        survey: &screen.survey,
        card: &screen.row.card,
        stands: &stands,
        as_of: screen.row.as_of,
        now: state.service.now(),
        values: &values,
        confirmed: &typed.confirmed,
        problem: if typed.nothing { Some(QuickProblem::Nothing) } else { typed.refusal.as_ref().map(QuickProblem::Refused) },
        offer: screen.offer.as_ref(),
        has_patterns: screen.has_patterns,
        on_behalf: screen.on_behalf,
        behalf: (&typed.behalf.0, &typed.behalf.1),
        shell: typed.shell,
    };
    show(status, &QuickPage::new(state.frame(Some(session)), &input))
}

/// What stands on the board, by the items of the survey.
fn stands(screen: &QuickScreen) -> Answers {
    let items = screen.survey.items();
    items.filter_map(|i| Some((i.id.clone(), screen.row.cells.get(&i.column?)?.value.clone()))).collect()
}

/// Takes an update.
pub async fn update_quickly(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    headers: HeaderMap,
    form: Sent,
) -> Answer {
    let fields = sent(form)?;
    let update = read(&fields)?;
    let script = headers.get(header::ACCEPT).is_some_and(|a| a.as_bytes().starts_with(b"application/json"));
    let confirmed = update.confirmed.clone();
    let survey = state.service.catalogue().on(akidoko_domain::survey::DAILY, jst_day(state.service.now())).cloned();
    match state.service.update_quickly(&session.actor, &code, update).await {
        Ok(receipt) if script => Ok(Json(taken(&receipt, survey.as_ref())).into_response()),
        Ok(receipt) => Ok(Redirect::to(&path::receipt(&code, receipt.date, receipt.accepted.version)).into_response()),
        Err(error) if script => refused(error, survey.as_ref()),
        Err(QuickError::Submit(SubmitError::Refused(refusal))) => {
            let screen = open(&state, &session, &code).await?;
            let typed =
                Typed { values: Some(values(&fields)), confirmed, behalf: behalf_of(&fields), refusal: Some(refusal), ..Typed::default() };
            draw(&state, &session, &screen, StatusCode::UNPROCESSABLE_ENTITY, &typed)
        }
        Err(QuickError::Nothing) => {
            let screen = open(&state, &session, &code).await?;
            draw(&state, &session, &screen, StatusCode::UNPROCESSABLE_ENTITY, &Typed { nothing: true, ..Typed::default() })
        }
        Err(QuickError::Submit(error)) => Err(failed(error)),
        Err(error) => Err(Failure::new(StatusCode::CONFLICT, code_of(&error)).saying(sentence(&error))),
    }
}

fn values(fields: &[(String, String)]) -> BTreeMap<String, String> {
    fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect()
}

/// Only what differs from what the form showed. Without that, all of it.
fn read(fields: &[(String, String)]) -> Result<QuickUpdate, Failure> {
    let was = |id: &str| fields.iter().find(|(n, _)| n.strip_prefix("was.") == Some(id)).map(|(_, v)| v.replace("\r\n", "\n"));
    let changed =
        values(fields).into_iter().filter(|(id, value)| was(id).is_none_or(|was| was.trim() != value.replace("\r\n", "\n").trim()));
    let moment = |name: &str| match field(fields, name) {
        "" => Ok(None),
        ms => ms.parse::<i64>().ok().and_then(DateTime::from_timestamp_millis).map(Some).ok_or_else(unreadable),
    };
    let (typed_at, sent_at) = (moment("typed_at")?, moment("sent_at")?);
    let once = match field(fields, "id") {
        "" => None,
        id => Some(id.parse().map_err(|_| unreadable())?),
    };
    Ok(QuickUpdate {
        answers: changed.map(|(id, value)| (id, value.into())).collect(),
        confirmed: fields.iter().filter(|(n, _)| n == "confirm").map(|(_, v)| v.clone()).collect(),
        said: typed_at.map(|typed_at| Said { typed_at, sent_at }),
        once,
        behalf: Behalf::of_form(field(fields, "behalf"), field(fields, "behalf_words")),
        operator: Some(field(fields, "operator")).filter(|o| !o.is_empty()).map(str::to_owned),
    })
}

fn behalf_of(fields: &[(String, String)]) -> (String, String) {
    (field(fields, "behalf").to_owned(), field(fields, "behalf_words").to_owned())
}

fn unreadable() -> Failure {
    Failure::bad_request("画面から送られた内容を読めません。画面を開き直してください。")
}

/// What a script shows of an update that stands.
fn taken(receipt: &Receipt, survey: Option<&Survey>) -> Value {
    let a = &receipt.accepted;
    let overtaken: Vec<Value> =
        a.overtaken.iter().map(|o| json!({ "item": o.item, "sentence": overtaken_sentence(o, survey), "stands": o.stands })).collect();
    json!({
        "version": a.version, "report_date": a.report_date, "as_of": a.as_of.timestamp_millis(), "received_at": a.received_at.timestamp_millis(),
        "clock": words::clock(a.received_at), "typed": words::clock(a.as_of), "kind": Kind::Quick, "overtaken": overtaken,
    })
}

/// 「空床 計は載せませんでした。09:45 に 外来当直 H9900458-03 が 5 と報告しています。」
fn overtaken_sentence(o: &Overtaken, survey: Option<&Survey>) -> String {
    let item = survey.and_then(|s| s.item(&o.item));
    let label = survey.map_or_else(|| o.item.clone(), |s| words::label(s, &o.item));
    let word = |value| item.map_or_else(String::new, |i| words::value(i, value));
    let who = format!("{} {}", o.by.operator, o.by.sign_in);
    let who = if who.trim().is_empty() { o.by.organisation.clone() } else { who.trim().to_owned() };
    let (stands, brought) = (word(o.stands.as_ref()), word(o.brought.as_ref()));
    let clock = words::clock(o.as_of);
    format!("{label} {brought} は載せませんでした。そのあと {clock} に {who} が {stands} と報告しています。")
}

fn code_of(error: &QuickError) -> &'static str {
    match error {
        QuickError::Nothing => "nothing",
        QuickError::TooOld => "too_old",
        QuickError::OtherOperator => "other_operator",
        QuickError::Submit(_) => "refused",
    }
}

fn sentence(error: &QuickError) -> &'static str {
    match error {
        QuickError::Nothing => "変えたところがありません。",
        QuickError::TooOld => "入力から 24 時間を過ぎたので、載せませんでした。いまの値を入れ直してください。",
        QuickError::OtherOperator => "ほかの操作者が入力した更新です。入力した本人がサインインすると送ります。",
        QuickError::Submit(_) => "載せられませんでした。",
    }
}

/// Why not, for a script: what asks for a person again carries the names to confirm.
fn refused(error: QuickError, survey: Option<&Survey>) -> Answer {
    let problem = |status: StatusCode, code: &str, sentence: String, warnings: Vec<Value>| {
        (status, Json(json!({ "code": code, "sentence": sentence, "warnings": warnings }))).into_response()
    };
    let line = |f: &akidoko_domain::report::Finding| {
        survey.map_or_else(|| words::problem(&f.problem), |s| format!("{}：{}", words::label(s, &f.item), words::problem(&f.problem)))
    };
    match error {
        QuickError::Submit(SubmitError::Refused(Refusal::Findings { errors, warnings })) if errors.is_empty() => {
            let asked = warnings.iter().map(|w| json!({ "id": w.id, "item": w.item, "sentence": line(w) })).collect();
            Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, "confirm", "確かめてから、もう一度送ってください。".to_owned(), asked))
        }
        QuickError::Submit(SubmitError::Refused(Refusal::Findings { errors, .. })) => {
            let sentence = errors.iter().map(line).collect::<Vec<_>>().join(" ");
            Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid", sentence, vec![]))
        }
        QuickError::Submit(SubmitError::Refused(refusal)) => {
            Ok(problem(StatusCode::UNPROCESSABLE_ENTITY, "refused", words::refusal(&refusal), vec![]))
        }
        QuickError::Submit(error) => {
            let failure = failed(error);
            let usual = "載せられませんでした。いまの ID で更新できる医療機関か、確かめてください。".to_owned();
            if failure.status.is_server_error() {
                return Err(failure);
            }
            Ok(problem(failure.status, failure.code, failure.sentence.unwrap_or(usual), vec![]))
        }
        error => Ok(problem(StatusCode::CONFLICT, code_of(&error), sentence(&error).to_owned(), vec![])),
    }
}
