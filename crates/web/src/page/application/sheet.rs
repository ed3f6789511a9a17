//! The sheet on its way out and back: the form with what is known filled in, the check of what was dropped, and its saving, all or
//! nothing. Between check and saving its rows lie in the browser; what comes back is read and checked as if it came for the first time.

use super::{Place, failed, helper};
use crate::{
    error::{Answer, Failure},
    extract::Person,
    page::{show, upload::parts},
    state::State,
    view::{SheetCheckPage, SheetPage, Uploaded, application_cells, path},
};
use akidoko_domain::application::Column;
use akidoko_exchange::sheet::{self, ROW_LIMIT, SheetError};
use akidoko_service::application::{SaveError, SheetCheck};
use axum::{
    extract::{Request, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

type Rows = Vec<(u32, BTreeMap<Column, String>)>;

fn sheet_page(state: &State, place: &Place, status: StatusCode, problem: Option<String>) -> Answer {
    let domains = &state.service.post().sender_domains;
    show(status, &SheetPage::new(state.frame(Some(&place.session)), &place.name, domains, problem))
}

fn too_large(state: &State, place: &Place) -> Answer {
    sheet_page(state, place, StatusCode::PAYLOAD_TOO_LARGE, Some(SheetError::TooLarge.japanese()))
}

/// The rows as they lie in the browser.
fn to_json(rows: &Rows, mended: &BTreeSet<(u32, Column)>) -> String {
    let row = |(number, cells): &(u32, BTreeMap<Column, String>)| {
        let cells: BTreeMap<&str, &str> = cells.iter().map(|(c, v)| (c.as_str(), v.as_str())).collect();
        let mended: Vec<&str> = mended.range((*number, Column::Prefecture)..=(*number, Column::Remarks)).map(|(_, c)| c.as_str()).collect();
        json!([number, cells, mended])
    };
    serde_json::Value::Array(rows.iter().map(row).collect()).to_string()
}

/// The same back. `None` where it is not what was sent out.
fn of_json(text: &str) -> Option<(Rows, BTreeSet<(u32, Column)>)> {
    let all: Vec<(u32, BTreeMap<String, String>, Vec<String>)> = serde_json::from_str(text).ok()?;
    let numbers: BTreeSet<u32> = all.iter().map(|(n, ..)| *n).collect();
    if all.len() > ROW_LIMIT || numbers.len() != all.len() {
        return None;
    }
    let mut mended = BTreeSet::new();
    let rows = all.into_iter().map(|(number, cells, marks)| {
        mended.extend(marks.iter().filter_map(|c| Some((number, Column::parse(c)?))));
        (number, cells.into_iter().filter_map(|(c, v)| Some((Column::parse(&c)?, v))).collect())
    });
    Some((rows.collect(), mended))
}

/// Lays what was mended over the rows, and leaves out what was to be left out.
fn mend(rows: &mut Rows, mended: &mut BTreeSet<(u32, Column)>, fields: &[(String, String)]) {
    let leave: BTreeSet<u32> = fields.iter().filter(|(n, _)| n == "leave").filter_map(|(_, v)| v.parse().ok()).collect();
    rows.retain(|(number, _)| !leave.contains(number));
    let cell = |name: &str| {
        let (number, column) = name.strip_prefix("c.")?.split_once('.')?;
        Some((number.parse::<u32>().ok()?, Column::parse(column)?))
    };
    let typed: BTreeMap<(u32, Column), &String> = fields.iter().filter_map(|(n, v)| Some((cell(n)?, v))).collect();
    let places: BTreeMap<u32, usize> = rows.iter().enumerate().map(|(i, (n, _))| (*n, i)).collect();
    for ((number, column), value) in typed {
        let Some(cells) = places.get(&number).and_then(|i| rows.get_mut(*i)).map(|(_, cells)| cells) else { continue };
        if cells.get(&column).map_or("", String::as_str) != value.trim() {
            cells.insert(column, value.trim().to_owned());
            mended.insert((number, column));
        }
    }
}

fn check_page(state: &State, place: &Place, file: &str, check: &SheetCheck, (rows, mended): (&Rows, &BTreeSet<(u32, Column)>)) -> Answer {
    let status = if check.hard() > 0 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let uploaded = Uploaded { file, mended, json: to_json(rows, mended) };
    let domains = &state.service.post().sender_domains;
    show(status, &SheetCheckPage::new(state.frame(Some(&place.session)), domains, check, uploaded))
}

/// The page that takes a sheet.
pub async fn application_sheet(Extract(state): Extract<State>, person: Person) -> Answer {
    let place = helper(&state, person)?;
    sheet_page(&state, &place, StatusCode::OK, None)
}

/// The form as a workbook, with what is known filled in.
pub async fn application_template(Extract(state): Extract<State>, person: Person) -> Answer {
    let place = helper(&state, person)?;
    let list = state.service.applications(place.actor()).await.map_err(failed)?;
    let reference = state.service.live().reference();
    let mut forms: Vec<_> = list.rows.iter().filter(|v| !v.row.state.is_over()).map(|v| &v.row.form).collect();
    forms.sort_by(|a, b| (&a.name_kana, &a.name).cmp(&(&b.name_kana, &b.name)));
    let rows: Vec<_> = forms.into_iter().map(|form| application_cells(form, &reference)).collect();
    let bytes = sheet::template(&place.name, &state.service.post().sender_domains, &rows).map_err(|error| {
        tracing::error!(%error, "the form could not be made");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    })?;
    // In the log before it is handed out: it names people.
    let detail = json!({ "format": "xlsx", "rows": rows.len(), "prefecture": place.prefecture });
    state.service.log_export(place.actor(), "applications", detail).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let name = format!("attachment; filename=\"applications-{}.xlsx\"", place.prefecture);
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// Reads a sheet and shows its check. Nothing is saved.
pub async fn check_application_sheet(Extract(state): Extract<State>, person: Person, request: Request) -> Answer {
    let place = helper(&state, person)?;
    let Ok(parts) = parts(&state, request).await? else { return too_large(&state, &place) };
    let Some((name, bytes)) = parts.file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let words = "ファイルが選ばれていないか、空です。記入したシートを選んでください。";
        return sheet_page(&state, &place, StatusCode::UNPROCESSABLE_ENTITY, Some(words.to_owned()));
    };
    // A large workbook takes its time: not on a thread that others wait for.
    let file = name.clone();
    let read = tokio::task::spawn_blocking(move || sheet::read(&file, &bytes)).await.map_err(|error| {
        tracing::error!(%error, "a sheet could not be read");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "error")
    })?;
    let rows: Rows = match read {
        Ok(rows) => rows.into_iter().map(|r| (r.number, r.cells)).collect(),
        Err(error) => return sheet_page(&state, &place, StatusCode::UNPROCESSABLE_ENTITY, Some(error.japanese())),
    };
    let check = state.service.check_sheet(place.actor(), &rows).await.map_err(failed)?;
    check_page(&state, &place, &name, &check, (&rows, &BTreeSet::new()))
}

/// Saves a sheet that was checked, all of it or nothing.
pub async fn save_application_sheet(Extract(state): Extract<State>, person: Person, request: Request) -> Answer {
    let place = helper(&state, person)?;
    let Ok(parts) = parts(&state, request).await? else { return too_large(&state, &place) };
    let lost = || Failure::bad_request("画面から送られた内容を読めません。シートをもう一度取り込んでください。");
    let (mut rows, mut mended) = of_json(parts.get("rows")).ok_or_else(lost)?;
    mend(&mut rows, &mut mended, &parts.fields);
    if rows.is_empty() {
        let words = "保存する行がありません。シートに記入して、もう一度取り込んでください。";
        return sheet_page(&state, &place, StatusCode::UNPROCESSABLE_ENTITY, Some(words.to_owned()));
    }
    match state.service.save_sheet(place.actor(), &rows).await {
        Ok(saved) => {
            let to = format!("{}?added={}&changed={}&kept={}", path::APPLICATIONS, saved.added, saved.changed, saved.kept);
            Ok(Redirect::to(&to).into_response())
        }
        Err(SaveError::Rows(check)) => {
            let file: String = parts.get("file").chars().take(120).collect();
            check_page(&state, &place, &file, &check, (&rows, &mended))
        }
        Err(SaveError::Other(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn rows_come_back_as_they_left_and_are_mended_on_the_way() {
        let cells = |name: &str| BTreeMap::from([(Column::Name, name.to_owned()), (Column::Phone, "043".to_owned())]);
        let rows: Rows = vec![(4, cells("<あ>")), (5, cells("い")), (9, cells("う"))];
        let text = to_json(&rows, &BTreeSet::from([(5, Column::Name)]));
        let (mut back, mut mended) = of_json(&text).unwrap();
        assert_eq!(back, rows);
        let fields = [
            field("c.4.phone", " 0430000000 "),
            field("c.5.phone", "043"),
            field("leave", "9"),
            field("c.77.phone", "1"),
            field("c.4.x", "1"),
        ];
        mend(&mut back, &mut mended, &fields);
        assert_eq!(back.len(), 2);
        assert_eq!(back[0].1[&Column::Phone], "0430000000");
        assert_eq!(mended, BTreeSet::from([(4, Column::Phone), (5, Column::Name)]));
    }

    #[test]
    fn what_was_not_sent_out_is_not_taken_back() {
        for text in ["", "{}", "[[1,{}]]", "[[1,{},[]],[1,{},[]]]", "[[-1,{},[]]]", "[[1,{\"name\":2},[]]]"] {
            assert!(of_json(text).is_none(), "{text}");
        }
        let many = serde_json::Value::Array((0..=ROW_LIMIT).map(|n| json!([n, {}, []])).collect()).to_string();
        assert!(of_json(&many).is_none());
        assert_eq!(of_json("[[1,{\"unknown\":\"x\"},[\"unknown\"]]]").unwrap().0, vec![(1, BTreeMap::new())]);
    }
}
