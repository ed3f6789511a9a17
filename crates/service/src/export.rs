//! The board as a table to take away: what is on the screen, every number with its age and author.

use akidoko_domain::{
    board::{Column, Row},
    hospital::EmergencyLevel,
    survey::{Care, Status},
    time::to_jst,
};
use akidoko_exchange::table::{Cell, Column as Heading, Table};
use chrono::{DateTime, Utc};

const STATUSES: [(Column, &str); 3] = [
    (Column::EmergencyStatus, "救急の受入状況"),
    (Column::InpatientStatus, "入院の受入状況"),
    (Column::OutpatientStatus, "外来の受入状況"),
];
const COUNTS: [(Column, &str); 7] = [
    (Column::AvailableBeds, "受入可能病床数（床）"),
    (Column::AvailableBedsSevere, "受入可能病床数 重症（床）"),
    (Column::AvailableBedsModerate, "受入可能病床数 中等症（床）"),
    (Column::AvailableBedsMild, "受入可能病床数 軽症（床）"),
    (Column::SecuredBeds, "確保病床数（床）"),
    (Column::ReadyBeds, "即応病床数（床）"),
    (Column::InpatientsTotal, "入院患者数（人）"),
];
const CARE: [(Column, &str); 6] = [
    (Column::AcceptPediatric, "特別対応 小児"),
    (Column::AcceptPerinatal, "特別対応 妊産婦"),
    (Column::AcceptDialysis, "特別対応 透析"),
    (Column::AcceptPsychiatric, "特別対応 精神"),
    (Column::AcceptDementia, "特別対応 認知症"),
    (Column::AcceptNursingCare, "特別対応 要介護"),
];
const UNANSWERED: &str = "未回答";
/// Kept from whoever takes it away.
const WITHHELD: &str = "非共有";

/// The table of these rows, in their order. The columns are the same whatever the filter. Each line says its number and of how many, so that
/// a file that was cut off on its way shows it.
pub fn board_table(prefecture: &str, rows: &[&Row], now: DateTime<Utc>) -> Table {
    let before = ["番号", "全件数", "医療機関ID", "医療機関名", "フリガナ", "二次医療圏", "市区町村", "救急区分"];
    let after = [
        "使用率（%）",
        "連絡事項",
        "受入連絡先（日中）",
        "受入連絡先（夜間）",
        "代表電話",
        "更新日時",
        "入力者",
        "代行",
        "取込元",
        "出力日時",
    ];
    let middle = STATUSES.iter().chain(&COUNTS).chain(&CARE).map(|(_, header)| *header);
    let headers = before.into_iter().chain(middle).chain(after);
    Table {
        title: format!("{prefecture} 病床ボード"),
        columns: headers.map(|h| Heading { header: h.to_owned() }).collect(),
        rows: rows.iter().enumerate().map(|(n, row)| cells(row, (n + 1, rows.len()), now)).collect(),
    }
}

fn cells(row: &Row, (number, of): (usize, usize), now: DateTime<Utc>) -> Vec<Cell> {
    let card = &row.card;
    let text = |t: Option<&str>| t.map_or(Cell::Blank, |t| Cell::Text(t.to_owned()));
    let moment = |at: DateTime<Utc>| Cell::Text(to_jst(at).format("%Y-%m-%d %H:%M").to_string());
    let level = card.emergency_level.map(|l| if l == EmergencyLevel::Tertiary { "三次" } else { "二次" });
    let whole = |n: usize| Cell::Number(f64::from(u32::try_from(n).unwrap_or(u32::MAX)));
    let mut out = vec![
        whole(number),
        whole(of),
        Cell::Text(card.code.to_string()),
        Cell::Text(card.name.clone()),
        Cell::Text(card.kana.clone()),
        text(card.area.as_deref()),
        text(card.municipality.as_deref()),
        text(level),
    ];
    let shared = |column: Column, cell: Cell| if row.withholds(column) { Cell::Text(WITHHELD.to_owned()) } else { cell };
    let count = |column| row.count(column).map_or_else(|| Cell::Text(UNANSWERED.to_owned()), |n| Cell::Number(f64::from(n)));
    out.extend(STATUSES.map(|(column, _)| shared(column, Cell::Text(status(row.status(column)).to_owned()))));
    out.extend(COUNTS.map(|(column, _)| shared(column, count(column))));
    out.extend(CARE.map(|(column, _)| shared(column, Cell::Text(care(row.text(column).and_then(Care::parse)).to_owned()))));
    out.push(row.occupancy_percent().map_or(Cell::Blank, |p| Cell::Number(f64::from(p))));
    out.extend([Column::BoardComment, Column::ContactDay, Column::ContactNight].map(|c| shared(c, text(row.text(c)))));
    out.push(text(card.phone.as_deref()));
    out.push(row.as_of.map_or(Cell::Text("未報告".to_owned()), moment));
    let newest = row.newest();
    out.push(text(newest.map(|c| c.author.organisation.as_str())));
    out.push(text(newest.filter(|c| c.author.on_behalf).map(|_| "代行")));
    // The other systems out of which figures of the line were taken.
    out.push(text(Some(row.sources().0.into_iter().collect::<Vec<_>>().join("、").as_str()).filter(|s| !s.is_empty())));
    out.push(moment(now));
    out
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Normal => "通常",
        Status::Limited => "制限",
        Status::Stopped => "停止",
        Status::NotAvailable => "設置なし",
        Status::NoAnswer => UNANSWERED,
    }
}

fn care(care: Option<Care>) -> &'static str {
    match care {
        Some(Care::Active) => "◎",
        Some(Care::Accept) => "○",
        Some(Care::Consult) => "△",
        Some(Care::Refuse) => "×",
        None => UNANSWERED,
    }
}
