//! The sheet as it goes out: protected but for the cells to fill in, with lists to choose from, ready for the printer.

use super::FORM_VERSION;
use crate::table::TableError;
use akidoko_domain::{
    application::{Column, HeadquartersType},
    area::PREFECTURES,
};
use rust_xlsxwriter::{Color, DataValidation, Format, FormatAlign, FormatBorder, ProtectionOptions, Workbook, Worksheet, XlsxError};
use std::collections::BTreeMap;

/// The hidden sheet that tells the version of the form.
pub(super) const MARKER: &str = "様式";
/// What its first cell says, left of the version.
pub(super) const MARK: &str = "akidoko ID発行申請 様式・別添1";

const SHEET: &str = "ID発行申請";
const EXAMPLE: &str = "記入例";
/// So many rows there are at least; most prefectures have fewer headquarters.
const ROWS: usize = 60;
/// Title, notes, header: the rows above the first application.
const HEADER_ROW: u32 = 2;

/// The sheet for a prefecture to fill in. What is known of an application already stands in its row; `sender_domains` are those that the
/// notices will come from.
pub fn template(prefecture_name: &str, sender_domains: &[String], rows: &[BTreeMap<Column, String>]) -> Result<Vec<u8>, TableError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name(SHEET)?;
    let title = if prefecture_name.is_empty() {
        "ID発行申請（様式・別添1）".into()
    } else {
        format!("ID発行申請（様式・別添1）　{prefecture_name}")
    };
    let blank = BTreeMap::new();
    let row_count = rows.len().max(ROWS);
    let all = rows.iter().chain(std::iter::repeat(&blank)).take(row_count);
    fill(sheet, &title, &notes(sender_domains), prefecture_name, all)?;
    let example = book.add_worksheet();
    example.set_name(EXAMPLE)?;
    let invented = invented();
    fill(
        example,
        "記入例（架空の消防本部です。このシートは読み込みません。）",
        &notes(sender_domains),
        "青嶺県",
        std::iter::once(&invented),
    )?;
    let marker = book.add_worksheet();
    marker.set_name(MARKER)?.set_very_hidden(true);
    marker.write_string(0, 0, MARK)?.write_number(0, 1, FORM_VERSION)?;
    Ok(book.save_to_buffer()?)
}

fn notes(sender_domains: &[String]) -> String {
    let mut notes = String::from(
        "【記入のしかた】\n・※印の列は必ず記入してください。一行に一つの消防本部を記入します。書かない行は空けたままにしてください。\n\
         ・見出しは変えないでください。値を貼り付けるときは「値の貼り付け」を使ってください。数式は読み込めません。\n\
         ・メールアドレスは、担当者が替わっても受け取れる組織のものにしてください。確認の欄には、同じものをもう一度記入してください。\n\
         ・消防本部でない機関は、「やむを得ない事情」を記入してください。",
    );
    if !sender_domains.is_empty() {
        let domains = sender_domains.iter().map(|d| format!("「{d}」")).collect::<Vec<_>>().join("、");
        notes.push_str("\n・事前の連絡をメールで送ります。");
        notes.push_str(&domains);
        notes.push_str("からのメールを受信できるように、あらかじめ設定してください。");
    }
    notes
}

fn fill<'a>(
    sheet: &mut Worksheet,
    title: &str,
    notes: &str,
    prefecture_name: &str,
    rows: impl Iterator<Item = &'a BTreeMap<Column, String>>,
) -> Result<(), XlsxError> {
    let last = place(Column::SHEET.len() - 1);
    let title_format = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::VerticalCenter);
    let notes_format = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.merge_range(0, 0, 0, last, title, &title_format)?.set_row_height(0, 28)?;
    sheet.merge_range(1, 0, 1, last, notes, &notes_format)?;
    let line_count = notes.lines().fold(0.0, |n, _| n + 1.0);
    sheet.set_row_height(1, 16.0 * line_count + 6.0)?;
    write_header(sheet)?;
    let number = Format::new().set_border(FormatBorder::Thin).set_align(FormatAlign::Top);
    // As text, so that leading zeros stay and 「1-2-3」 does not become a day.
    let input = number.clone().set_num_format("@").set_text_wrap().set_unlocked();
    let mut row = HEADER_ROW;
    for cells in rows {
        row += 1;
        sheet.write_number_with_format(row, 0, row - HEADER_ROW, &number)?;
        for (i, column) in Column::SHEET.iter().enumerate() {
            let known = cells.get(column).map(String::as_str).filter(|text| !text.is_empty());
            match known.or((*column == Column::Prefecture && !prefecture_name.is_empty()).then_some(prefecture_name)) {
                Some(text) => sheet.write_string_with_format(row, place(i), text, &input)?,
                None => sheet.write_blank(row, place(i), &input)?,
            };
        }
    }
    add_lists(sheet, prefecture_name, row)?;
    sheet.protect_with_options(&ProtectionOptions {
        format_columns: true,
        format_rows: true,
        insert_rows: true,
        ..ProtectionOptions::default()
    });
    // The number, the prefecture and the name stay in sight.
    sheet.set_freeze_panes(HEADER_ROW + 1, 3)?;
    const A4: u8 = 9;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_repeat_rows(HEADER_ROW, HEADER_ROW)?.set_print_area(0, 0, row, last)?.set_footer("&C&P / &N");
    Ok(())
}

fn write_header(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let heading = Format::new()
        .set_bold()
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0x00E8_EDF2))
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap();
    sheet.write_string_with_format(HEADER_ROW, 0, "No.", &heading)?.set_column_width(0, 5)?.set_row_height(HEADER_ROW, 36)?;
    for (i, column) in Column::SHEET.iter().enumerate() {
        let mark = if column.is_required() { "※" } else { "" };
        sheet.write_string_with_format(HEADER_ROW, place(i), format!("{mark}{}", column.heading()), &heading)?;
        sheet.set_column_width(place(i), width(*column))?;
    }
    Ok(())
}

/// What can only be chosen is chosen from a list: the prefecture that the sheet is for, and the kinds of headquarters.
fn add_lists(sheet: &mut Worksheet, prefecture_name: &str, last_row: u32) -> Result<(), XlsxError> {
    let prefectures = if prefecture_name.is_empty() { PREFECTURES.to_vec() } else { vec![prefecture_name] };
    let types: Vec<&str> = HeadquartersType::ALL.iter().map(|t| t.words()).collect();
    for (i, column) in Column::SHEET.iter().enumerate() {
        let (choices, title) = match column {
            Column::Prefecture => (&prefectures, "都道府県名"),
            Column::HeadquartersType => (&types, "種別"),
            _ => continue,
        };
        let list = DataValidation::new()
            .allow_list_strings(choices)?
            .set_error_title(title)?
            .set_error_message("一覧から選んでください。空けたままでもかまいません。")?;
        sheet.add_data_validation(HEADER_ROW + 1, place(i), last_row, place(i), &list)?;
    }
    Ok(())
}

/// The place of a column, right of the number.
fn place(i: usize) -> u16 {
    u16::try_from(i + 1).unwrap_or(u16::MAX)
}

fn width(column: Column) -> u8 {
    match column {
        Column::Prefecture | Column::PostalCode => 11,
        Column::Name | Column::NameKana | Column::Municipalities | Column::Email | Column::EmailAgain => 26,
        Column::Address => 34,
        Column::ExceptionReason | Column::Remarks => 24,
        Column::HeadquartersType | Column::Phone | Column::Department | Column::ContactName | Column::ContactKana => 16,
        // Not of the sheet.
        Column::InstitutionCode | Column::OrganisationKind => 0,
    }
}

/// An application of a headquarters that does not exist.
fn invented() -> BTreeMap<Column, String> {
    [
        (Column::Name, "青波市消防本部"),
        (Column::NameKana, "アオナミシショウボウホンブ"),
        (Column::HeadquartersType, HeadquartersType::Single.words()),
        (Column::Municipalities, "青波市"),
        (Column::PostalCode, "000-0001"),
        (Column::Address, "青嶺県青波市中央1-2-3"),
        (Column::Phone, "000-000-0119"),
        (Column::Department, "警防課"),
        (Column::ContactName, "青波 花子"),
        (Column::ContactKana, "アオナミ ハナコ"),
        (Column::Email, "keibou@city.aonami.example.jp"),
        (Column::EmailAgain, "keibou@city.aonami.example.jp"),
    ]
    .map(|(column, text)| (column, text.to_owned()))
    .into()
}
