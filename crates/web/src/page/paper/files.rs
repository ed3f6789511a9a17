//! Files of reports: the template of a day on its way out, the check of what came back, its taking, and the receipts.

use super::{codes, day, reporter};
use crate::{
    error::{Answer, Failure},
    extract::{Parameters, Person},
    page::{
        show,
        upload::{Parts, parts},
    },
    state::State,
    view::{FileCheckPage, FileReceiptPage, FilesPage, ReplacedPage, Taken, compose_reason, path},
};
use akidoko_domain::{
    access::{Action, may},
    id::OrganisationCode,
    report::Behalf,
    survey::DAILY,
};
use akidoko_exchange::{
    reports::{self, ReportFileError},
    sheet::SheetError,
    table::{to_csv_cp932, to_csv_utf8},
};
use akidoko_service::{
    account::Session,
    report_file::{CheckedFile, FileChoices, FileTaken, LooseFile},
};
use axum::{
    extract::{Path, Request, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

async fn files_page(state: &State, session: &Session, status: StatusCode, problem: Option<String>) -> Answer {
    let receipts = state.service.report_files(&session.actor).await?;
    let count = state.service.acted_rows(&session.actor).len();
    let (today, _) = state.service.today();
    let page = FilesPage::new(state.frame(Some(session)), count, &receipts, today, state.service.now(), problem);
    show(status, &page)
}

/// The page that gives templates and takes files.
pub async fn report_files(Extract(state): Extract<State>, Person(session): Person) -> Answer {
    reporter(&state, &session)?;
    files_page(&state, &session, StatusCode::OK, None).await
}

/// The template of a day as a workbook.
pub async fn report_template_xlsx(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    template(&state, &session, &query, "xlsx").await
}

/// The same as CSV; `encoding=cp932` for old spreadsheets.
pub async fn report_template_csv(Extract(state): Extract<State>, Person(session): Person, query: Parameters) -> Answer {
    match query.get("encoding") {
        None | Some("" | "utf-8" | "cp932") => template(&state, &session, &query, "csv").await,
        Some(_) => Err(Failure::bad_request("encoding は utf-8 か cp932 を指定してください。")),
    }
}

/// The same template under its other addresses.
fn taken(query: &Parameters, day: NaiveDate) -> Taken {
    let hospitals =
        query.0.iter().filter(|(name, _)| name == "hospital").fold(String::new(), |all, (_, v)| all + "&hospital=" + &path::encode(v));
    let at = |page: &str| format!("{page}?day={day}{hospitals}");
    Taken {
        back: (path::REPORT_FILES.to_owned(), "ファイルで報告する"),
        csv: at(path::REPORT_TEMPLATE_CSV),
        xlsx: at(path::REPORT_TEMPLATE_XLSX),
    }
}

async fn template(state: &State, session: &Session, query: &Parameters, ending: &'static str) -> Result<Response, Failure> {
    reporter(state, session)?;
    let actor = &session.actor;
    let day = day(state, query.get("day").unwrap_or_default())?;
    let only: BTreeSet<OrganisationCode> = codes(query).into_iter().collect();
    let only = query.get("hospital").is_some().then_some(&only);
    let (survey, hospitals) = state.service.prefilled(actor, day, only).await?.ok_or_else(Failure::not_found)?;
    if hospitals.is_empty() {
        return Err(Failure::not_found());
    }
    if day < survey.valid_from {
        return Err(Failure::bad_request("この調査が始まる前の日付です。日付を確かめてください。"));
    }
    let rows = akidoko_service::Service::template_rows(&hospitals);
    let (kind, bytes) = match (ending, query.get("encoding")) {
        ("xlsx", _) => {
            let bytes = reports::workbook(&survey, day, &rows).map_err(|error| {
                tracing::error!(%error, "a template could not be made");
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
            })?;
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes)
        }
        (_, Some("cp932")) => {
            let table = reports::table(&survey, day, &rows);
            let (bytes, replaced) = to_csv_cp932(&table);
            // As with the board: told before, not found out afterwards.
            if !replaced.is_empty() && query.get("replaced") != Some("ok") {
                let of = taken(query, day);
                return show(StatusCode::OK, &ReplacedPage::new(state.frame(Some(session)), of, &table, &replaced));
            }
            ("text/csv; charset=shift_jis", bytes)
        }
        _ => ("text/csv; charset=utf-8", to_csv_utf8(&reports::table(&survey, day, &rows))),
    };
    // In the log before it is handed out.
    let detail = json!({ "format": ending, "rows": rows.len(), "day": day });
    state.service.log_export(actor, "report_template", detail).await?;
    let name = match rows.as_slice() {
        [only] => format!("report-{}-{}.{ending}", only.code, day.format("%Y%m%d")),
        _ => format!("reports-{}.{ending}", day.format("%Y%m%d")),
    };
    let headers = [(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    Ok((headers, bytes).into_response())
}

async fn too_large(state: &State, session: &Session) -> Answer {
    let words = ReportFileError::File(SheetError::TooLarge).japanese();
    files_page(state, session, StatusCode::PAYLOAD_TOO_LARGE, Some(words)).await
}

fn check_page(state: &State, session: &Session, file: &mut LooseFile, check: &CheckedFile, choices: &FileChoices, asked: bool) -> Answer {
    // The browser sends back which version of each day was seen.
    let seen: BTreeMap<u32, Option<u32>> =
        check.rows.iter().map(|r| (r.number, r.submission.as_ref().and_then(|s| s.expected_version))).collect();
    for row in &mut file.rows {
        row.seen = seen.get(&row.number).copied().flatten();
    }
    let catalogue = state.service.catalogue();
    let survey = catalogue.on(DAILY, choices.day).ok_or_else(Failure::not_found)?;
    let is_open = check.hard() > 0
        || check.is_hopeless()
        || (asked && (check.doubtful() > 0 || check.refusal.is_some() || check.needs_note(choices)));
    let status = if is_open { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    show(status, &FileCheckPage::new(state.frame(Some(session)), survey, file, check, choices, asked, state.service.now()))
}

/// Reads a file and shows its check. Nothing is taken.
pub async fn check_report_file(Extract(state): Extract<State>, Person(session): Person, request: Request) -> Answer {
    reporter(&state, &session)?;
    let Ok(parts) = parts(&state, request).await? else { return too_large(&state, &session).await };
    let day = day(&state, parts.get("day"))?;
    let Some((name, bytes)) = parts.file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let words = "ファイルが選ばれていないか、空です。記入したファイルを選んでください。";
        return files_page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(words.to_owned())).await;
    };
    // A large workbook takes its time: not on a thread that others wait for.
    let service = state.service.clone();
    let read = tokio::task::spawn_blocking(move || {
        let read = service.read_report_file(&name, &bytes, day)?;
        Ok::<_, ReportFileError>(LooseFile::of(&name, &bytes, read))
    });
    let read = read.await.map_err(|error| {
        tracing::error!(%error, "a file of reports could not be read");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    })?;
    let mut file = match read {
        Ok(file) => file,
        Err(error) => return files_page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(error.japanese())).await,
    };
    if file.rows.is_empty() {
        let words = "数の書かれた行がありません。様式に記入して、もう一度選んでください。";
        return files_page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(words.to_owned())).await;
    }
    // Whoever reports for itself or its members means each row; whoever acts for a whole prefecture filled in some of it.
    let choices = FileChoices { day, take_unchanged: may(session.actor.kind, Action::Report), ..FileChoices::default() };
    let check = state.service.check_report_file(&session.actor, &file, &choices, false).await?;
    check_page(&state, &session, &mut file, &check, &choices, false)
}

/// What is confirmed of words beside the figures, by the names of the findings.
const BESIDE: [&str; 2] = ["patient:reason", "patient:behalf"];

/// What the form of the check says beside its rows.
fn choices(state: &State, parts: &Parts) -> Result<FileChoices, Failure> {
    let numbers =
        |name: &str| -> BTreeSet<u32> { parts.fields.iter().filter(|(n, _)| n == name).filter_map(|(_, v)| v.parse().ok()).collect() };
    let ticked = numbers("confirm");
    let all = !parts.get("confirm_all").is_empty();
    let mut confirmed: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for (name, value) in &parts.fields {
        let Some((number, ids)) = value.split_once('=').filter(|_| name == "shown" || name == "kept") else { continue };
        let Ok(number) = number.parse::<u32>() else { continue };
        if name == "kept" || all || ticked.contains(&number) {
            confirmed.entry(number).or_default().extend(ids.split(',').filter(|id| !id.is_empty()).map(str::to_owned));
        }
    }
    Ok(FileChoices {
        day: day(state, parts.get("day"))?,
        confirmed,
        beside: parts.fields.iter().filter(|(n, v)| n == "confirm" && BESIDE.contains(&v.as_str())).map(|(_, v)| v.clone()).collect(),
        notes_confirmed: !parts.get("notes").is_empty(),
        take_unchanged: parts.get("unchanged") == "take",
        reason: compose_reason(parts.get("reason"), parts.get("reason_text")),
        behalf: Behalf::of_form(parts.get("behalf"), parts.get("behalf_words")),
    })
}

/// The rows with what was mended and without what was left out.
fn mended(parts: &Parts) -> Option<LooseFile> {
    let mut file: LooseFile = serde_json::from_str(parts.get("rows")).ok()?;
    let numbers: BTreeSet<u32> = file.rows.iter().map(|r| r.number).collect();
    let is_whole = file.rows.len() <= reports::ROW_LIMIT && numbers.len() == file.rows.len() && file.items.len() <= 400;
    if !is_whole || file.rows.iter().any(|r| r.cells.len() != file.items.len()) {
        return None;
    }
    let leave: BTreeSet<u32> = parts.fields.iter().filter(|(n, _)| n == "leave").filter_map(|(_, v)| v.parse().ok()).collect();
    file.rows.retain(|r| !leave.contains(&r.number));
    for (name, value) in &parts.fields {
        let Some((number, field)) = name.strip_prefix("c.").and_then(|n| n.split_once('.')) else { continue };
        if let Ok(number) = number.parse() {
            file.mend(number, field, value);
        }
    }
    Some(file)
}

/// Takes a file that was checked, all of it or nothing.
pub async fn take_report_file(Extract(state): Extract<State>, Person(session): Person, request: Request) -> Answer {
    reporter(&state, &session)?;
    let Ok(parts) = parts(&state, request).await? else { return too_large(&state, &session).await };
    let lost = || Failure::bad_request("画面から送られた内容を読めません。ファイルをもう一度取り込んでください。");
    let mut file = mended(&parts).ok_or_else(lost)?;
    if file.rows.is_empty() {
        let words = "受け取る行がありません。ファイルに記入して、もう一度選んでください。";
        return files_page(&state, &session, StatusCode::UNPROCESSABLE_ENTITY, Some(words.to_owned())).await;
    }
    let choices = choices(&state, &parts)?;
    match state.service.take_report_file(&session.actor, &file, &choices).await? {
        FileTaken::Receipt(receipt) => Ok(Redirect::to(&path::report_file(receipt.number)).into_response()),
        FileTaken::Again(receipt) => Ok(Redirect::to(&format!("{}?again=1", path::report_file(receipt.number))).into_response()),
        FileTaken::Check(check) => check_page(&state, &session, &mut file, &check, &choices, true),
    }
}

/// The receipt of a file.
pub async fn report_file(Extract(state): Extract<State>, Person(session): Person, Path(number): Path<String>, query: Parameters) -> Answer {
    reporter(&state, &session)?;
    let number = number.parse().map_err(|_| Failure::not_found())?;
    let receipt = state.service.report_file(&session.actor, number).await?.ok_or_else(Failure::not_found)?;
    let frame = state.frame(Some(&session));
    show(StatusCode::OK, &FileReceiptPage::new(frame, &receipt, query.get("again").is_some(), state.service.now()))
}
