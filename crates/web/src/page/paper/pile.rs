//! A pile of sheets: a number is typed, its hospital's sheet opens, is entered and saved, and the next is asked for.

use super::day;
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    page::{application::Sent, application::field, application::read, show},
    state::State,
    view::{PileEntry, PileFind, PilePage, PileSaved, Sticky, path},
};
use akidoko_domain::{
    access::{Action, may},
    board::Row,
    id::OrganisationCode,
    report::{Behalf, Channel, Kind, Refusal, typed_cell},
    survey::DAILY,
    text::{fold_code, fold_digits, fold_search},
    time::from_jst,
};
use akidoko_service::{
    account::Session,
    report::{RawReport, Receipt, Repeat, SubmitError},
};
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// As many are named where several fit.
const NAMED: usize = 20;

fn act(state: &State, session: &Session) -> Result<(), Failure> {
    let acts = may(session.actor.kind, Action::ReportOnBehalf) && state.service.may_report_somehow(&session.actor);
    if acts {
        Ok(())
    } else {
        Err(Failure::forbidden().saying("用紙の入力は、代わって報告できる組織の ID で行います。"))
    }
}

fn sticky(state: &State, get: impl Fn(&str) -> String) -> Result<Sticky, Failure> {
    let why = get("why");
    Ok(Sticky {
        day: day(state, &get("day"))?,
        why: if why.is_empty() { "fax".to_owned() } else { why },
        words: get("words").chars().take(100).collect(),
        done: get("done").parse().unwrap_or(0).min(99_999),
    })
}

/// The hospital of a number, an ID, a name or a reading.
fn find(rows: &[Arc<Row>], typed: &str) -> Vec<Arc<Row>> {
    let code = fold_code(typed);
    let exact: Vec<Arc<Row>> = rows.iter().filter(|r| r.card.code.short() == code || r.card.code.as_str() == code).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    let folded = fold_search(typed);
    if folded.is_empty() {
        return Vec::new();
    }
    let is_whole = |r: &&Arc<Row>| fold_search(&r.card.name) == folded || fold_search(&r.card.kana) == folded;
    let whole: Vec<Arc<Row>> = rows.iter().filter(is_whole).cloned().collect();
    if whole.len() == 1 {
        return whole;
    }
    let holds = |r: &&Arc<Row>| fold_search(&r.card.name).contains(&folded) || fold_search(&r.card.kana).contains(&folded);
    rows.iter().filter(holds).take(NAMED).cloned().collect()
}

/// The search, or the sheet that was found.
pub async fn report_pile(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    act(&state, &session)?;
    let get = |name: &str| query.get(name).unwrap_or_default().trim().to_owned();
    let sticky = sticky(&state, get)?;
    let rows = state.service.acted_rows(&session.actor);
    let saved = query.get("saved").and_then(|c| c.parse::<OrganisationCode>().ok()).and_then(|code| {
        let row = rows.iter().find(|r| r.card.code == code)?;
        Some(PileSaved { name: row.card.name.clone(), code: code.to_string(), version: get("version").parse().ok()? })
    });
    let typed = get("q");
    let found = find(&rows, &typed);
    let find = match found.as_slice() {
        _ if typed.is_empty() => PileFind::Start,
        [] => PileFind::Nothing(typed),
        [one] => PileFind::One(Box::new(entry(&state, &session, one, sticky.day, None, ("", ""), None).await?)),
        several => {
            let line = |r: &Arc<Row>| {
                let href = format!("{}&q={}", sticky.href(), r.card.code);
                (r.card.name.clone(), r.card.code.short().to_owned(), href)
            };
            PileFind::Several(typed, several.iter().map(line).collect())
        }
    };
    show(StatusCode::OK, &PilePage::new(state.frame(Some(&session)), sticky, saved, find))
}

async fn entry(
    state: &State,
    session: &Session,
    row: &Row,
    day: NaiveDate,
    typed: Option<&BTreeMap<String, String>>,
    beside: (&str, &str),
    refusal: Option<&Refusal>,
) -> Result<PileEntry, Failure> {
    let only = BTreeSet::from([row.card.code.clone()]);
    let (survey, known) = state.service.prefilled(&session.actor, day, Some(&only)).await?.ok_or_else(Failure::not_found)?;
    let standing = known.into_iter().next().ok_or_else(Failure::not_found)?.standing;
    Ok(PileEntry::new(&row.card, &survey, (&standing.answers, standing.version, standing.is_reported), typed, beside, refusal))
}

/// `09:30`, 「9時30分」, `0930` on a day in Japan. `Err`: it is none.
fn moment(day: NaiveDate, typed: &str) -> Result<Option<DateTime<Utc>>, ()> {
    let digits: String =
        fold_digits(typed).chars().map(|c| if matches!(c, '：' | '時' | '.') { ':' } else { c }).filter(|c| *c != '分').collect();
    let digits = digits.trim_end_matches(':');
    if digits.is_empty() {
        return Ok(None);
    }
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) => (hour, minute),
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2).ok_or(())?,
        None => (digits, "0"),
    };
    let time = NaiveTime::from_hms_opt(hour.parse().map_err(|_| ())?, minute.parse().map_err(|_| ())?, 0).ok_or(())?;
    Ok(Some(from_jst(day.and_time(time))))
}

/// A sheet as it was typed.
struct Sheet<'a> {
    code: &'a OrganisationCode,
    day: NaiveDate,
    typed: &'a BTreeMap<String, String>,
    fields: &'a [(String, String)],
    behalf: Option<Behalf>,
}

async fn hand_in(state: &State, session: &Session, sheet: &Sheet<'_>) -> Result<Result<Receipt, SubmitError>, Failure> {
    let get = |name: &str| field(sheet.fields, name).trim();
    let Ok(as_of) = moment(sheet.day, get("at")) else { return Ok(Err(SubmitError::Refused(Refusal::BadAsOf))) };
    let (expected_version, behalf) = (get("expected_version").parse().ok(), sheet.behalf.clone());
    let actor = &session.actor;
    if get("act") == "same" {
        let repeat = Repeat {
            expected_version,
            seen: None,
            reason: Some(get("reason").to_owned()).filter(|r| !r.is_empty()),
            channel: Channel::Screen,
            behalf,
            as_of,
        };
        return Ok(state.service.repeat_of(actor, sheet.code, (akidoko_domain::survey::DAILY, sheet.day), repeat, &BTreeMap::new()).await);
    }
    let catalogue = state.service.catalogue();
    let survey = catalogue.on(DAILY, sheet.day).ok_or_else(Failure::not_found)?;
    let raw = |(id, text): (&String, &String)| {
        let text = survey.item(id).map_or_else(|| text.clone(), |item| typed_cell(item, text).raw);
        (id.clone(), text.into())
    };
    let is_confirmed = !get("confirmed").is_empty();
    let raw = RawReport {
        kind: Kind::Full,
        answers: sheet.typed.iter().map(raw).collect(),
        confirmed: sheet.fields.iter().filter(|(n, _)| n == "shown" && is_confirmed).map(|(_, v)| v.clone()).collect(),
        reason: Some(get("reason").to_owned()).filter(|r| !r.is_empty()),
        expected_version,
        channel: Channel::Screen,
        behalf,
        as_of,
    };
    Ok(state.service.submit(actor, sheet.code, sheet.day, raw).await)
}

/// Saves a sheet and asks for the next.
pub async fn enter_pile(Extract(state): Extract<State>, Person(session): Person, form: Sent) -> Answer {
    act(&state, &session)?;
    let fields = read(form)?;
    let get = |name: &str| field(&fields, name).trim().to_owned();
    let mut sticky = sticky(&state, get)?;
    let code: OrganisationCode = get("code").parse().map_err(|_| Failure::not_found())?;
    let rows = state.service.acted_rows(&session.actor);
    let row = rows.iter().find(|r| r.card.code == code).ok_or_else(Failure::not_found)?;
    let typed: BTreeMap<String, String> =
        fields.iter().filter_map(|(n, v)| Some((n.strip_prefix("a.")?.to_owned(), v.trim().to_owned()))).collect();
    let (at, reason) = (get("at"), get("reason"));
    let behalf = Behalf::of_form(&sticky.why, &sticky.words);
    let sheet = Sheet { code: &code, day: sticky.day, typed: &typed, fields: &fields, behalf };
    let result = hand_in(&state, &session, &sheet).await?;
    match result {
        Ok(receipt) => {
            sticky.done += 1;
            let to = format!("{}&saved={code}&version={}", sticky.href(), receipt.accepted.version);
            Ok(Redirect::to(&to).into_response())
        }
        Err(SubmitError::Refused(refusal)) => {
            let typed = if get("act") == "same" { None } else { Some(&typed) };
            let entry = entry(&state, &session, row, sticky.day, typed, (&at, &reason), Some(&refusal)).await?;
            let status = if matches!(refusal, Refusal::Conflict { .. }) { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            show(status, &PilePage::new(state.frame(Some(&session)), sticky, None, PileFind::One(Box::new(entry))))
        }
        Err(SubmitError::NotFound) => Err(Failure::not_found()),
        Err(SubmitError::Forbidden) => Err(Failure::forbidden()),
        Err(SubmitError::NothingBefore) => {
            let words = format!("{}?q={code}", path::REPORT_PILE);
            Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "nothing_before")
                .saying("前の報告がないので、変更なしでは保存できません。数を入れてください。")
                .with("again", words.into()))
        }
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_on_paper() {
        let day: NaiveDate = "2026-04-10".parse().unwrap();
        for (typed, expected) in [
            ("", Ok(None)),
            ("9:30", Ok(Some("2026-04-10T00:30:00Z"))),
            ("0930", Ok(Some("2026-04-10T00:30:00Z"))),
            ("９時３０分", Ok(Some("2026-04-10T00:30:00Z"))),
            ("9時", Ok(Some("2026-04-10T00:00:00Z"))),
            ("9", Ok(Some("2026-04-10T00:00:00Z"))),
            ("25:00", Err(())),
            ("朝", Err(())),
        ] {
            let expected = expected.map(|e| e.map(|e: &str| e.parse::<DateTime<Utc>>().unwrap()));
            assert_eq!(moment(day, typed), expected, "{typed}");
        }
    }
}
