//! The daily report.

use super::show;
use crate::{
    error::{Answer, Failure},
    extract::{Code, Day, Parameters, Person},
    state::State,
    view::{
        Choice, ChoicePage, Conflict, Filled, Previous, ReceiptPage, ReportInput, ReportPage, chosen, compose_reason, form_values,
        give_back, give_line, path,
    },
};
use akidoko_domain::{
    access::{ActFor, Action, may},
    report::{Behalf, Channel, Kind, Refusal, ReportVersion, standing},
    survey::{Answers, DAILY},
};
use akidoko_service::{
    account::Session,
    correction::RequestError,
    report::{DayReport, RawReport, Repeat, SubmitError},
};
use axum::{
    Form,
    extract::{Path, State as Extract, rejection::FormRejection},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use std::collections::{BTreeMap, BTreeSet};

/// Today's report: my own hospital's, or for those who report for several the choice.
pub async fn mine(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    let actor = &session.actor;
    if may(actor.kind, Action::ReportOnBehalf) && !may(actor.kind, Action::Report) {
        return Ok(Redirect::to(path::REPORT_PILE).into_response());
    }
    if !may(actor.kind, Action::Report) {
        return Err(Failure::forbidden().saying("報告の入力は医療機関ととりまとめ団体の ID で行います。病床ボードをご覧ください。"));
    }
    let (today, _) = state.service.today();
    let ActFor::Hospitals(own) = &actor.scope.act_for else { return Err(Failure::forbidden()) };
    let rows = state.service.rows_of(own);
    if let ([only], true) = (rows.as_slice(), may(actor.kind, Action::ReadBoard)) {
        return Ok(Redirect::to(&path::report(&only.card.code, today)).into_response());
    }
    let now = state.service.now();
    let choices = rows.iter().map(|r| Choice::hospital(&r.card, r.as_of, now)).collect();
    show(StatusCode::OK, &ChoicePage::hospitals(state.frame(Some(&session)), choices))
}

/// What was typed, for a screen that is shown again.
#[derive(Default)]
struct Typed<'a> {
    values: BTreeMap<String, String>,
    confirmed: BTreeSet<String>,
    reason: (&'a str, &'a str),
    behalf: (&'a str, &'a str),
    refusal: Option<&'a Refusal>,
    /// The version that was on the screen.
    expected: Option<u32>,
    /// Without the pattern that would fit.
    plain: bool,
    calls: Vec<(String, String, String)>,
}

async fn screen(state: &State, session: &Session, day: &DayReport, status: StatusCode, mut typed: Typed<'_>) -> Answer {
    let row = state.service.row_of(&day.hospital).ok_or_else(Failure::not_found)?;
    let newest = day.versions.first();
    // Where the day has been reported, its own figures are what changes are held against; else those of the last report.
    // Part updates are no report of the day.
    let reported = newest.filter(|_| day.versions.iter().any(|v| v.kind == Kind::Full));
    let previous = match (reported, &day.previous) {
        (Some(v), _) => Some(Previous { answers: &day.answers, date: v.report_date, version: v.version, received_at: v.received_at }),
        (None, Some(v)) => Some(Previous { answers: &v.answers, date: v.report_date, version: v.version, received_at: v.received_at }),
        (None, None) => None,
    };
    let prefecture = state.service.live().reference().prefectures.get(&row.card.prefecture).cloned().unwrap_or_default();
    let conflict = match (typed.refusal, newest) {
        (Some(Refusal::Conflict { .. }), Some(newest)) => {
            let base = day.answers_at(typed.expected.unwrap_or(0));
            Some(Conflict::new(&day.shown, newest, &base, &day.answers, &mut typed.values))
        }
        _ => None,
    };
    let before = form_values(&day.answers);
    let offer = day.offer.as_ref().filter(|_| !typed.plain && conflict.is_none());
    let input = ReportInput {
        survey: &day.shown,
        card: &row.card,
        prefecture: &prefecture,
        date: day.date,
        now: state.service.now(),
        // What was seen when it was typed, until the table of a conflict shows what came since: the next press is held against that.
        version: typed.expected.filter(|_| conflict.is_none()).unwrap_or_else(|| newest.map_or(0, |v| v.version)),
        values: &typed.values,
        previous,
        last: &day.answers,
        reported_at: reported.map(|v| v.received_at),
        refusal: typed.refusal,
        confirmed: &typed.confirmed,
        on_behalf: day.on_behalf,
        due: state.service.due_of(row.card.prefecture, day.date),
        reason: typed.reason,
        usual: &day.usual,
        filled: offer.map(|o| Filled { name: &o.name, answers: &o.answers, before: &before }),
        conflict: conflict.as_ref(),
        behalf: typed.behalf,
        author: newest.map(|v| &v.author),
    };
    let page = ReportPage::new(state.frame(Some(session)).calling(typed.calls.clone()), &input);
    let asks = state.service.must_ask(&session.actor, day.date).await?;
    let waiting =
        if asks.is_some() { state.service.waiting_correction(&session.actor, row.card.id, (DAILY, day.date)).await? } else { None };
    let give = if typed.refusal.is_none() && day.date == state.service.today().0 {
        state.service.last_shown(&session.actor, &row, day.versions.last().or(day.previous.as_ref())).await?
    } else {
        None
    };
    let give = give.and_then(|(shown, read_by)| give_line(shown, read_by, input.now));
    show(status, &page.asking(asks, waiting.map(path::correction)).with_give(give))
}

async fn open(
    state: &State,
    session: &Session,
    code: &akidoko_domain::id::OrganisationCode,
    date: chrono::NaiveDate,
) -> Result<DayReport, Failure> {
    let day = state.service.day_report(&session.actor, code, date).await?.ok_or_else(Failure::not_found)?;
    if !day.may_report {
        return Err(Failure::forbidden().saying("この医療機関の報告は、お使いの ID では入力できません。"));
    }
    Ok(day)
}

/// The screen of a day.
pub async fn form(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, Day(date): Day, query: Parameters) -> Answer {
    let day = open(&state, &session, &code, date).await?;
    let (today, _) = state.service.today();
    if date > today {
        return Err(Failure::bad_request("先の日付の報告はできません。今日の報告を開いてください。"));
    }
    let calls = super::query::calls(&state, &session).await?;
    let plain = query.get("pattern") == Some("0");
    let mut values = form_values(&day.answers);
    if let Some(offer) = day.offer.as_ref().filter(|_| !plain) {
        values.extend(form_values(&offer.answers));
    }
    screen(&state, &session, &day, StatusCode::OK, Typed { values, plain, calls, ..Typed::default() }).await
}

pub(super) type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

pub(super) fn sent(form: Sent) -> Result<Vec<(String, String)>, Failure> {
    form.map(|Form(fields)| fields).map_err(|rejection| {
        let status = if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY { StatusCode::BAD_REQUEST } else { rejection.status() };
        Failure::new(status, "unreadable").saying("画面から送られた内容を読めません。画面を開き直して、もう一度入力してください。")
    })
}

pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

pub(super) fn expected(fields: &[(String, String)]) -> Result<Option<u32>, Failure> {
    let text = field(fields, "expected_version");
    let wrong = |_| Failure::bad_request("画面から送られた版の番号を読めません。画面を開き直してください。");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// Takes a day's report.
pub async fn submit(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, Day(date): Day, form: Sent) -> Answer {
    let fields = sent(form)?;
    let mut values: BTreeMap<String, String> =
        fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.clone()))).collect();
    chosen(&fields, &mut values);
    let confirmed: BTreeSet<String> = fields.iter().filter(|(n, _)| n == "confirm").map(|(_, v)| v.clone()).collect();
    let reason = (field(&fields, "reason"), field(&fields, "reason_text"));
    let expected = expected(&fields)?;
    let behalf = (field(&fields, "behalf"), field(&fields, "behalf_words"));
    let raw = RawReport {
        kind: Kind::Full,
        answers: values.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect(),
        confirmed: confirmed.clone(),
        reason: compose_reason(reason.0, reason.1),
        expected_version: expected,
        channel: Channel::Screen,
        behalf: Behalf::of_form(behalf.0, behalf.1),
        as_of: None,
    };
    let again = |refusal| Typed {
        values: values.clone(),
        confirmed: confirmed.clone(),
        reason,
        behalf,
        refusal: Some(refusal),
        expected,
        ..Typed::default()
    };
    if survey_changed(&state, date, &fields) {
        // The survey got a new version while the screen was open: it comes back in the new one, with everything that was typed.
        let day = open(&state, &session, &code, date).await?;
        return screen(&state, &session, &day, StatusCode::CONFLICT, again(&Refusal::SurveyChanged)).await;
    }
    let mut outcome = state.service.submit(&session.actor, &code, date, raw.clone()).await;
    if matches!(outcome, Err(SubmitError::Refused(Refusal::WindowClosed { .. }))) {
        // After the window what was typed asks for the prefecture's consent, by the same press.
        outcome = match state.service.request_correction(&session.actor, &code, (DAILY, date), raw).await {
            Ok(id) => return Ok(Redirect::to(&path::correction(id)).into_response()),
            // The screen comes back with what was typed, and leads to the one that waits.
            Err(RequestError::Waiting(_)) => {
                let day = open(&state, &session, &code, date).await?;
                let typed = Typed { values, confirmed, reason, behalf, expected, ..Typed::default() };
                return screen(&state, &session, &day, StatusCode::CONFLICT, typed).await;
            }
            Err(RequestError::Open) => return Err(window_is_open()),
            Err(RequestError::Submit(error)) => Err(error),
        };
    }
    match outcome {
        Ok(receipt) => Ok(Redirect::to(&path::receipt(&code, date, receipt.accepted.version)).into_response()),
        Err(SubmitError::Refused(refusal)) => {
            let day = open(&state, &session, &code, date).await?;
            let status = if matches!(refusal, Refusal::Conflict { .. }) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            screen(&state, &session, &day, status, again(&refusal)).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// Did the survey get a new version while the screen was open?
fn survey_changed(state: &State, date: chrono::NaiveDate, fields: &[(String, String)]) -> bool {
    let seen = field(fields, "survey_version").parse::<u32>().ok();
    seen.is_some_and(|seen| state.service.catalogue().on(DAILY, date).is_some_and(|s| s.version != seen))
}

/// 変更なし, as a screen sends it.
pub(super) fn repeat(fields: &[(String, String)]) -> Result<Repeat, Failure> {
    let behalf = Behalf::of_form(field(fields, "behalf"), field(fields, "behalf_words"));
    let seen = Some(field(fields, "seen")).filter(|s| !s.is_empty()).map(str::to_owned);
    Ok(Repeat { expected_version: expected(fields)?, seen, reason: None, channel: Channel::Screen, behalf, as_of: None })
}

/// Something else stands than what 「変更なし」 was said of.
pub(super) fn moved(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Conflict { .. } | Refusal::Moved)
}

/// 変更なし
pub async fn confirm(Extract(state): Extract<State>, Person(session): Person, Code(code): Code, Day(date): Day, form: Sent) -> Answer {
    let fields = sent(form)?;
    let expected = expected(&fields)?;
    let behalf = (field(&fields, "behalf"), field(&fields, "behalf_words"));
    let pattern: BTreeMap<String, String> =
        fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("p.")?.to_owned(), v.clone()))).collect();
    let filled_in = pattern.iter().map(|(id, v)| (id.clone(), v.clone().into())).collect();
    let repeat = repeat(&fields)?;
    match state.service.repeat_of(&session.actor, &code, (DAILY, date), repeat, &filled_in).await {
        Ok(receipt) => Ok(Redirect::to(&path::receipt(&code, date, receipt.accepted.version)).into_response()),
        Err(SubmitError::Refused(refusal)) => {
            let day = open(&state, &session, &code, date).await?;
            let mut values = form_values(&day.answers);
            if moved(&refusal) {
                // Nothing was typed, so there is nothing to choose: the screen shows what stands now.
                let typed = Typed { values, behalf, refusal: Some(&Refusal::Moved), plain: true, ..Typed::default() };
                return screen(&state, &session, &day, StatusCode::CONFLICT, typed).await;
            }
            // What the pattern had filled in is what the refusal speaks of.
            values.extend(pattern);
            let typed = Typed { values, behalf, refusal: Some(&refusal), expected, ..Typed::default() };
            screen(&state, &session, &day, StatusCode::UNPROCESSABLE_ENTITY, typed).await
        }
        Err(error) => Err(failed(error)),
    }
}

/// The ministry gave more days between two presses.
pub(super) fn window_is_open() -> Failure {
    Failure::new(StatusCode::CONFLICT, "open").saying("訂正できる期間になりました。もう一度送ってください。")
}

pub(super) fn failed(error: SubmitError) -> Failure {
    match error {
        SubmitError::NotFound => Failure::not_found(),
        SubmitError::Forbidden => Failure::forbidden().saying("この医療機関の報告は、お使いの ID では入力できません。"),
        SubmitError::NothingBefore => {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_before").saying("前の報告がありません。今日の報告を入力してください。")
        }
        SubmitError::Refused(refusal) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "refused").saying(crate::words::refusal(&refusal)),
        SubmitError::Store(error) => error.into(),
    }
}

/// The receipt of a version.
pub async fn receipt(
    Extract(state): Extract<State>,
    Person(session): Person,
    Code(code): Code,
    Day(date): Day,
    Path(all): Path<Vec<(String, String)>>,
) -> Answer {
    let number: Option<u32> = all.iter().find(|(n, _)| n == "version").and_then(|(_, v)| v.parse().ok());
    let day = open(&state, &session, &code, date).await?;
    let at = day.versions.iter().position(|v| Some(v.version) == number).ok_or_else(Failure::not_found)?;
    let first = day.previous.is_none() && day.versions[at + 1..].is_empty();
    let before = (!first).then(|| day.answers_at(day.versions[at].version.saturating_sub(1)));
    let row = state.service.row_of(&day.hospital).ok_or_else(Failure::not_found)?;
    let prefecture = state.service.live().reference().prefectures.get(&row.card.prefecture).cloned().unwrap_or_default();
    let history = state.service.may_read_history(&session.actor, day.hospital.hospital.id);
    let frame = state.frame(Some(&session));
    let about = (history, day.versions.iter().any(|v| v.kind == Kind::Full));
    let page =
        ReceiptPage::new(frame, (&row.card, &prefecture), &day.survey, &day.versions[at], before.as_ref(), about, state.service.now());
    let give = state.service.give_back(&session.actor, &row).await?;
    show(StatusCode::OK, &page.with_give(give.map(|give| give_back(&give, state.service.now())).unwrap_or_default()))
}

/// What stood before a version: the last report, with the period's earlier versions.
pub(super) fn stood(previous: Option<&ReportVersion>, earlier: &[ReportVersion]) -> Option<Answers> {
    let none = previous.is_none() && earlier.is_empty();
    (!none).then(|| standing(earlier.iter().chain(previous)))
}
