//! Due rules, the ladder, exemptions.

use super::{
    completeness::{Sent, failed, field, read},
    show,
};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    state::State,
    view::{CompletenessSettingsPage, SettingsTyped, path},
    words::completeness as cw,
};
use akidoko_domain::{
    due::{Days, DueSetting, Ladder, RUNGS, Rung, Weekdays},
    id::OrganisationCode,
    text::fold_digits,
    time::DueRule,
};
use akidoko_service::{
    account::Session,
    completeness::{ExemptionAsk, SettingsError},
};
use axum::{
    extract::State as Extract,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use chrono::{NaiveDate, NaiveTime, Weekday};

type Fields = [(String, String)];

async fn page(state: &State, session: &Session, status: StatusCode, typed: SettingsTyped, saved: bool) -> Answer {
    let view = state.service.completeness_settings(&session.actor).await.map_err(failed)?;
    show(status, &CompletenessSettingsPage::new(state.frame(Some(session)), &view, typed, saved))
}

/// What stands.
pub async fn completeness_settings(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    page(&state, &session, StatusCode::OK, SettingsTyped::default(), query.get("saved").is_some()).await
}

/// A sentence for who typed, or an answer of its own.
fn problem(error: SettingsError) -> Result<&'static str, Failure> {
    Ok(match error {
        SettingsError::Rule(error) => cw::rule_error(error),
        SettingsError::Ladder(error) => cw::ladder_error(error),
        SettingsError::ExemptionDays => "「いつまで」は「いつから」より後の日付にしてください。1 年より前の日付からの免除はできません。",
        SettingsError::Endless => "曜日を選ばないときは「いつまで」も入れてください。使わない病院の ID は、停止を事務局に頼んでください。",
        SettingsError::Reason => "理由を 100 文字までで書いてください。",
        SettingsError::Patient => "理由に患者や人の名前のような書き方があります。患者のことは書かないでください。",
        SettingsError::Other(error) => return Err(failed(error)),
    })
}

/// Sets something.
pub async fn set_completeness(Extract(state): Extract<State>, Person(session): Person, sent: Sent) -> Answer {
    let fields = read(sent)?;
    let act = field(&fields, "act");
    // Who may not set it learns nothing of what was typed.
    state.service.completeness_settings(&session.actor).await.map_err(failed)?;
    let done = match act {
        "due" => match due(&fields) {
            Ok(setting) => state.service.set_due(&session.actor, setting).await.map_err(problem),
            Err(words) => Err(Ok(words)),
        },
        "drop_due" => match field(&fields, "valid_from").parse::<NaiveDate>() {
            Ok(day) => state.service.drop_due(&session.actor, day).await.map_err(problem),
            Err(_) => Err(Err(Failure::bad_request("画面を開き直して、もう一度操作してください。"))),
        },
        "ladder" => match ladder(&fields) {
            Ok(ladder) => state.service.set_ladder(&session.actor, &ladder).await.map_err(problem),
            Err(words) => Err(Ok(words)),
        },
        "exempt" => match exemption(&fields) {
            Ok(ask) => state.service.exempt(&session.actor, ask).await.map_err(problem),
            Err(words) => Err(Ok(words)),
        },
        "end_exemption" => state.service.end_exemption(&session.actor, field(&fields, "id")).await.map_err(problem),
        _ => Err(Err(Failure::bad_request("画面を開き直して、もう一度操作してください。"))),
    };
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{}?saved=1", path::COMPLETENESS_SETTINGS)).into_response()),
        Err(Err(failure)) => Err(failure),
        Err(Ok(words)) => {
            let typed = SettingsTyped {
                form: if act == "drop_due" { "due" } else { act }.to_owned(),
                weekdays: fields.iter().filter(|(n, _)| n == "weekday").map(|(_, v)| v.clone()).collect(),
                fields: fields.iter().cloned().collect(),
                problem: words.to_owned(),
            };
            page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, typed, false).await
        }
    }
}

fn time(fields: &Fields, name: &str) -> Result<NaiveTime, &'static str> {
    let text = fold_digits(field(fields, name)).replace('：', ":");
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(|_| "時刻は 24 時間で、10:00 の形で入れてください。")
}

fn due(fields: &Fields) -> Result<DueSetting, &'static str> {
    let day = |name| field(fields, name).parse::<NaiveDate>().map_err(|_| "日付は 2026-04-10 の形で入れてください。");
    let rule = |due, late| Ok::<_, &'static str>(DueRule { due: time(fields, due)?, late: time(fields, late)? });
    let working = rule("working_due", "working_late")?;
    let off = match field(fields, "off") {
        "same" => Some(working),
        "none" => None,
        "other" => Some(rule("off_due", "off_late")?),
        _ => return Err("土日・祝日・年末年始をどうするか、選んでください。"),
    };
    Ok(DueSetting { valid_from: day("valid_from")?, working, off })
}

fn ladder(fields: &Fields) -> Result<Ladder, &'static str> {
    let mut rungs = Vec::new();
    for n in 0..RUNGS {
        let text = fold_digits(field(fields, &format!("minutes{n}")));
        if text.is_empty() {
            continue;
        }
        let minutes: u16 = text.parse().map_err(|_| "催促の時刻は、締切の前後何分かを 0 から 720 までの数で入れてください。")?;
        let before = field(fields, &format!("side{n}")) != "after";
        let days = field(fields, &format!("days{n}"));
        let days = Days::ALL.into_iter().find(|d| d.as_str() == days).ok_or("どの日に催促するか、選んでください。")?;
        let minutes = i32::from(minutes);
        rungs.push(Rung { minutes: if before { -minutes } else { minutes }, days });
    }
    Ok(Ladder { rungs, at_night: !field(fields, "at_night").is_empty() })
}

fn exemption(fields: &Fields) -> Result<ExemptionAsk, &'static str> {
    let hospital: OrganisationCode = field(fields, "hospital").parse().map_err(|_| "免除する病院を選んでください。")?;
    let day = |text: &str| text.parse::<NaiveDate>().map_err(|_| "日付は 2026-04-10 の形で入れてください。");
    let to = field(fields, "to_on");
    use Weekday as W;
    let names = [("mon", W::Mon), ("tue", W::Tue), ("wed", W::Wed), ("thu", W::Thu), ("fri", W::Fri), ("sat", W::Sat), ("sun", W::Sun)];
    let ticked = fields.iter().filter(|(n, _)| n == "weekday").filter_map(|(_, v)| Some(names.iter().find(|(name, _)| name == v)?.1));
    Ok(ExemptionAsk {
        hospital,
        from_on: day(field(fields, "from_on"))?,
        to_on: if to.is_empty() { None } else { Some(day(to)?) },
        weekdays: Weekdays::of(ticked).unwrap_or(Weekdays::ALL),
        reason: field(fields, "reason").to_owned(),
    })
}
