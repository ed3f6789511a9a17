//! The template of a day: a table with a row a hospital, or one hospital with its items down the rows, made from the survey. What is known
//! already stands in it; what identifies a row is locked, choices come from lists.

use super::{CODE_HEADING, DAY_HEADING, FORM_HEADING, Form, MARK, MARKER, NAME_HEADING};
use crate::table::{Cell, Column, Table, TableError};
use akidoko_domain::{
    report::{headings, options},
    survey::{Answers, Item, ItemKind, Survey, Value},
};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationRule, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, ProtectionOptions, Workbook,
    Worksheet, XlsxError,
};

/// A hospital in a template.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateRow {
    /// Its ID.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it reported last.
    pub answers: Answers,
}

const SHEET: &str = "報告";
const HELP: &str = "記入のしかた";
const CHOICES: &str = "選択肢";
/// The columns before the items.
const LEAD: [&str; 4] = [CODE_HEADING, NAME_HEADING, DAY_HEADING, FORM_HEADING];

/// An answer as it stands in a file: a number as a number, a choice in its word.
fn shown(item: &Item, value: &Value) -> Cell {
    match value {
        Value::Count(n) => Cell::Number(f64::from(*n)),
        Value::Word(word) => {
            let label = options(item).into_iter().find(|(id, _)| id == word).and_then(|(_, words)| words.into_iter().next());
            Cell::Text(label.unwrap_or_else(|| word.clone()))
        }
    }
}

/// The template as a plain table, for CSV.
pub fn table(survey: &Survey, day: NaiveDate, rows: &[TemplateRow]) -> Table {
    let items = headings(survey);
    let form = Form { survey: survey.code.clone(), version: survey.version }.words();
    let headers = LEAD.iter().map(|h| (*h).to_owned()).chain(items.iter().map(|(_, h)| h.clone()));
    let line = |row: &TemplateRow| {
        let lead = [row.code.clone(), row.name.clone(), day.to_string(), form.clone()].map(Cell::Text);
        let cells = items.iter().map(|(item, _)| match row.answers.get(&item.id) {
            Some(Some(value)) => shown(item, value),
            _ => Cell::Blank,
        });
        lead.into_iter().chain(cells).collect()
    };
    Table { title: survey.title.clone(), columns: headers.map(|header| Column { header }).collect(), rows: rows.iter().map(line).collect() }
}

/// The template as a workbook: of one hospital with its items down the rows, of several with a row each.
pub fn workbook(survey: &Survey, day: NaiveDate, rows: &[TemplateRow]) -> Result<Vec<u8>, TableError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(SHEET)?;
    if let [only] = rows {
        down(sheet, survey, day, only)?;
    } else {
        across(sheet, survey, day, rows)?;
    }
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        sort: true,
        use_autofilter: true,
        ..Default::default()
    });
    help(book.add_worksheet(), survey)?;
    choices(book.add_worksheet(), survey)?;
    let marker = book.add_worksheet();
    marker.set_name(MARKER)?.set_very_hidden(true);
    let form = Form { survey: survey.code.clone(), version: survey.version }.words();
    marker.write_string(0, 0, MARK)?.write_string(0, 1, &form)?;
    Ok(book.save_to_buffer()?)
}

struct Looks {
    heading: Format,
    fixed: Format,
    day: Format,
    number: Format,
    text: Format,
}

impl Looks {
    fn new() -> Self {
        let boxed = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
        let grey = boxed.clone().set_background_color(Color::RGB(0x00F2_F2F2));
        Self {
            heading: grey.clone().set_bold().set_text_wrap().set_align(FormatAlign::VerticalCenter),
            fixed: grey.clone().set_num_format("@"),
            day: boxed.clone().set_num_format("yyyy-mm-dd").set_unlocked(),
            number: boxed.clone().set_num_format("0").set_unlocked(),
            // As text, so that leading zeros stay.
            text: boxed.set_num_format("@").set_unlocked(),
        }
    }

    fn of(&self, item: &Item) -> &Format {
        if matches!(item.kind, ItemKind::Count { .. }) { &self.number } else { &self.text }
    }
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, item: &Item, value: Option<&Value>, looks: &Looks) -> Result<(), XlsxError> {
    match value.map(|v| shown(item, v)) {
        Some(Cell::Number(n)) => sheet.write_number_with_format(row, column, n, looks.of(item))?,
        Some(Cell::Text(words)) => sheet.write_string_with_format(row, column, words, looks.of(item))?,
        _ => sheet.write_blank(row, column, looks.of(item))?,
    };
    Ok(())
}

fn across(sheet: &mut Worksheet, survey: &Survey, day: NaiveDate, rows: &[TemplateRow]) -> Result<(), XlsxError> {
    let looks = Looks::new();
    let items = headings(survey);
    let form = Form { survey: survey.code.clone(), version: survey.version }.words();
    let place = |i: usize| u16::try_from(LEAD.len() + i).unwrap_or(u16::MAX);
    for (at, heading) in LEAD.iter().map(|h| (*h).to_owned()).chain(items.iter().map(|(_, h)| h.clone())).enumerate() {
        sheet.write_string_with_format(0, u16::try_from(at).unwrap_or(u16::MAX), heading, &looks.heading)?;
    }
    let mut line = 0;
    for row in rows {
        line += 1;
        sheet.write_string_with_format(line, 0, &row.code, &looks.fixed)?;
        sheet.write_string_with_format(line, 1, &row.name, &looks.fixed)?;
        sheet.write_datetime_with_format(line, 2, date(day)?, &looks.day)?;
        sheet.write_string_with_format(line, 3, &form, &looks.fixed)?;
        for (i, (item, _)) in items.iter().enumerate() {
            put(sheet, line, place(i), item, row.answers.get(&item.id).and_then(Option::as_ref), &looks)?;
        }
    }
    for (i, (item, _)) in items.iter().enumerate() {
        sheet.set_column_width(place(i), if matches!(item.kind, ItemKind::Text { .. }) { 30 } else { 13 })?;
        if let Some(rule) = rule(i, item)? {
            sheet.add_data_validation(1, place(i), line.max(1), place(i), &rule)?;
        }
    }
    sheet.set_column_width(0, 12)?.set_column_width(1, 26)?.set_column_width(2, 12)?.set_column_width(3, 9)?.set_row_height(0, 48)?;
    sheet.set_freeze_panes(1, 2)?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}

fn down(sheet: &mut Worksheet, survey: &Survey, day: NaiveDate, row: &TemplateRow) -> Result<(), XlsxError> {
    let looks = Looks::new();
    for (at, heading) in ["項目", "値", "前回の値", "選べる値"].into_iter().enumerate() {
        sheet.write_string_with_format(0, u16::try_from(at).unwrap_or_default(), heading, &looks.heading)?;
    }
    let form = Form { survey: survey.code.clone(), version: survey.version }.words();
    for (line, words) in [(1, (CODE_HEADING, &row.code)), (2, (NAME_HEADING, &row.name)), (4, (FORM_HEADING, &form))] {
        sheet.write_string_with_format(line, 0, words.0, &looks.heading)?.write_string_with_format(line, 1, words.1, &looks.fixed)?;
    }
    sheet.write_string_with_format(3, 0, DAY_HEADING, &looks.heading)?.write_datetime_with_format(3, 1, date(day)?, &looks.day)?;
    let mut line = 4;
    for (i, (item, heading)) in headings(survey).into_iter().enumerate() {
        line += 1;
        let value = row.answers.get(&item.id).and_then(Option::as_ref);
        sheet.write_string_with_format(line, 0, &heading, &looks.heading)?;
        put(sheet, line, 1, item, value, &looks)?;
        match value.map(|v| shown(item, v)) {
            Some(Cell::Number(n)) => sheet.write_number_with_format(line, 2, n, &looks.heading)?,
            Some(Cell::Text(words)) => sheet.write_string_with_format(line, 2, words, &looks.fixed)?,
            _ => sheet.write_blank(line, 2, &looks.fixed)?,
        };
        let words: Vec<String> = options(item).into_iter().filter_map(|(_, w)| w.into_iter().next()).collect();
        sheet.write_string_with_format(line, 3, words.join("・"), &looks.fixed)?;
        if let Some(rule) = rule(i, item)? {
            sheet.add_data_validation(line, 1, line, 1, &rule)?;
        }
    }
    sheet.set_column_width(0, 34)?.set_column_width(1, 24)?.set_column_width(2, 24)?.set_column_width(3, 30)?;
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 1);
    Ok(())
}

const A4: u8 = 9;

fn date(day: NaiveDate) -> Result<ExcelDateTime, XlsxError> {
    let small = |n: u32| u8::try_from(n).unwrap_or_default();
    ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or_default(), small(day.month()), small(day.day()))
}

/// What a cell takes: a word of the list, a whole number within bounds.
fn rule(place: usize, item: &Item) -> Result<Option<DataValidation>, XlsxError> {
    if let ItemKind::Count { max, .. } = &item.kind {
        let rule = DataValidation::new()
            .allow_whole_number(DataValidationRule::Between(0, i32::try_from(*max).unwrap_or(i32::MAX)))
            .set_error_title("数")?
            .set_error_message(format!("0 から {max} までの整数を入れてください。わからないときは空けておきます。"))?;
        return Ok(Some(rule));
    }
    let count = options(item).len();
    if count == 0 {
        return Ok(None);
    }
    // By reference: a list in the cell itself may be no longer than 255 characters, and has no commas.
    let column = crate::sheet::rows::letters(u16::try_from(place).unwrap_or(u16::MAX));
    let rule = DataValidation::new()
        .allow_list_formula(Formula::new(format!("'{CHOICES}'!${column}$2:${column}${}", count + 1)))
        .set_error_title("選択肢")?
        .set_error_message("一覧から選んでください。わからないときは空けておきます。")?;
    Ok(Some(rule))
}

/// The words of each item's list, under its heading.
fn choices(sheet: &mut Worksheet, survey: &Survey) -> Result<(), XlsxError> {
    sheet.set_name(CHOICES)?.set_hidden(true);
    for (i, (item, heading)) in headings(survey).into_iter().enumerate() {
        let column = u16::try_from(i).unwrap_or(u16::MAX);
        sheet.write_string(0, column, &heading)?;
        let mut row = 0;
        for (_, words) in options(item) {
            row += 1;
            sheet.write_string(row, column, words.first().map_or("", String::as_str))?;
        }
    }
    Ok(())
}

fn help(sheet: &mut Worksheet, survey: &Survey) -> Result<(), XlsxError> {
    sheet.set_name(HELP)?;
    let lines = [
        ("この様式について".to_owned(), format!("{}（第 {} 版）の報告です。", survey.title, survey.version)),
        ("数".to_owned(), "0 以上の整数を入れます。0 床と「わからない」は別です。わからないときは空けておきます。".to_owned()),
        ("選択".to_owned(), "一覧から選びます。わからないときは空けておきます。".to_owned()),
        ("報告日".to_owned(), "いつの報告かを、西暦で入れます。".to_owned()),
        ("患者さんのこと".to_owned(), "氏名・生年月日・住所・番号は書きません。".to_owned()),
        ("行と列".to_owned(), "見出しと医療機関ID は変えません。報告しない医療機関は、数を消しておきます。".to_owned()),
    ];
    sheet.write_string(0, 0, "項目")?.write_string(0, 1, "説明")?;
    let mut row = 0;
    for (what, words) in lines {
        row += 1;
        sheet.write_string(row, 0, what)?.write_string(row, 1, words)?;
    }
    for (item, heading) in headings(survey) {
        row += 1;
        let help = item.help.clone().unwrap_or_default();
        sheet.write_string(row, 0, heading)?.write_string(row, 1, help)?;
    }
    sheet.set_column_width(0, 34)?.set_column_width(1, 80)?;
    Ok(())
}
