//! The header: found by its headings, wherever it stands and however they are written.

use super::{COLUMN_LIMIT, Line};
use akidoko_domain::{
    application::Column,
    text::{fold_search, trim},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

/// As many lines that are not blank are searched for the header.
pub(super) const SEARCHED: usize = 200;
/// A line with fewer headings is none: a title may name a prefecture and a telephone.
const FEWEST: usize = 3;

/// Where the header stands and what it says.
pub(super) struct Header {
    /// The place of its line among the lines.
    pub(super) at: usize,
    /// The columns by their place, from 0.
    pub(super) columns: BTreeMap<u16, Column>,
    /// It goes on to the right of what is read.
    pub(super) is_too_wide: bool,
}

/// What the search for a header came to.
pub(super) enum Headed {
    /// A header with all that is required.
    Full(Header),
    /// A header with columns twice.
    Doubled(Vec<Column>),
    /// A header that lacks these.
    Partly(Vec<Column>),
    /// No header.
    No,
}

/// What a header must have.
pub(super) fn required() -> Vec<Column> {
    Column::SHEET.iter().copied().filter(|c| c.is_required()).collect()
}

pub(super) fn find<'a>(lines: impl Iterator<Item = &'a Line>) -> Headed {
    let read = lines.take(SEARCHED).map(|line| (line, columns_of(line))).enumerate();
    // Of equals the first, as `max_by_key` would not.
    let best = read.reduce(|best, next| if next.1.1.0.len() > best.1.1.0.len() { next } else { best });
    let Some((at, (line, (columns, doubled)))) = best.filter(|(_, (_, (columns, _)))| columns.len() >= FEWEST) else { return Headed::No };
    let missing: Vec<Column> = required().into_iter().filter(|c| !columns.values().any(|have| have == c)).collect();
    if !missing.is_empty() {
        return Headed::Partly(missing);
    }
    if !doubled.is_empty() {
        return Headed::Doubled(doubled);
    }
    Headed::Full(Header { at, columns, is_too_wide: line.cells.contains_key(&COLUMN_LIMIT) })
}

/// The columns that a line's cells head, and those that stand twice. What is written plainly goes before what is written with an
/// addition: 「電話番号（夜間）」 is a column of its own beside 「電話番号」, and the telephone where it is the only one.
fn columns_of(line: &Line) -> (BTreeMap<u16, Column>, Vec<Column>) {
    let mut columns = BTreeMap::new();
    let mut doubled = Vec::new();
    let headings: Vec<(u16, Heading)> = line.cells.range(..COLUMN_LIMIT).map(|(at, cell)| (*at, Heading::of(&cell.text))).collect();
    let mut before = None;
    for (at, heading) in &headings {
        let column = heading.plain.or_else(|| heading.addition_to(before));
        before = column.or(heading.loose);
        if let Some(column) = column {
            put(&mut columns, &mut doubled, *at, column);
        }
    }
    let plain: Vec<Column> = columns.values().copied().collect();
    for (at, heading) in headings {
        if let Some(column) = heading.loose.filter(|c| !plain.contains(c))
            && !columns.contains_key(&at)
        {
            put(&mut columns, &mut doubled, at, column);
        }
    }
    (columns, doubled)
}

fn put(columns: &mut BTreeMap<u16, Column>, doubled: &mut Vec<Column>, at: u16, column: Column) {
    if !columns.values().any(|have| *have == column) {
        columns.insert(at, column);
    } else if !doubled.contains(&column) {
        doubled.push(column);
    }
}

/// What a cell may be the heading of.
struct Heading {
    plain: Option<Column>,
    /// Without what stands in brackets.
    loose: Option<Column>,
    /// Nothing but 「フリガナ」.
    is_kana: bool,
    /// Nothing but 「確認」.
    is_again: bool,
}

impl Heading {
    fn of(text: &str) -> Self {
        // A sentence is no heading, and need not be folded.
        if text.chars().count() > 60 {
            return Self { plain: None, loose: None, is_kana: false, is_again: false };
        }
        let (bare, is_kana, is_again) = bare(text);
        let named = |bare: &str| {
            let column = NAMES.get(bare).copied();
            match column {
                Some(Column::Name) if is_kana => Some(Column::NameKana),
                Some(Column::ContactName) if is_kana => Some(Column::ContactKana),
                Some(Column::Email) if is_again => Some(Column::EmailAgain),
                _ => column,
            }
        };
        let outside = self::bare(&without_brackets(text)).0;
        let is_alone = bare.is_empty();
        Self { plain: named(&bare), loose: named(&outside), is_kana: is_alone && is_kana, is_again: is_alone && is_again }
    }

    /// 「フリガナ」 and 「確認」 mean the column before them.
    fn addition_to(&self, before: Option<Column>) -> Option<Column> {
        match before? {
            Column::Name if self.is_kana => Some(Column::NameKana),
            Column::ContactName if self.is_kana => Some(Column::ContactKana),
            Column::Email if self.is_again => Some(Column::EmailAgain),
            _ => None,
        }
    }
}

/// Words that say how to write, longest first, as they are folded.
static NOISE: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["ハイフンなし", "ハイフンあり", "ハイフン不要", "半角数字", "半角英数", "半角", "全角", "必須", "任意", "様式"].map(fold_search).into()
});
/// Words for a reading.
static KANA: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["フリガナ", "フリカナ", "読み仮名", "ヨミガナ", "ヨミカナ", "カタカナ", "カナ", "読み", "ヨミ"].map(fold_search).into()
});
/// Words for the same once more.
static AGAIN: LazyLock<Vec<String>> = LazyLock::new(|| {
    ["確認のため再入力", "確認のため", "再確認", "確認用", "確認", "再入力用", "再入力", "もう一度", "再度", "再"].map(fold_search).into()
});

/// A heading without marks, numbers and the words above; whether it speaks of a reading, and of the same once more.
fn bare(text: &str) -> (String, bool, bool) {
    let is_mark = |c: char| "()[]【】「」〔〕<>*※:、,★●◎○".contains(c);
    let mut bare: String = fold_search(text).chars().filter(|c| !is_mark(*c)).collect();
    bare = trim(&bare).trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '/')).to_owned();
    let mut take = |words: &[String]| {
        let before = bare.len();
        for word in words {
            bare = bare.replace(word.as_str(), "");
        }
        bare.len() < before
    };
    take(&NOISE);
    let is_kana = take(&KANA);
    let is_again = take(&AGAIN);
    (bare, is_kana, is_again)
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let mut outside = String::new();
    for c in text.chars() {
        match c {
            '(' | '（' | '[' | '［' | '【' | '〔' | '<' | '＜' => depth += 1,
            ')' | '）' | ']' | '］' | '】' | '〕' | '>' | '＞' => depth = depth.saturating_sub(1),
            c if depth == 0 => outside.push(c),
            _ => {}
        }
    }
    outside
}

/// What a column is called, beside its heading. Readings and repetitions are told by the words for them.
const VARIANTS: &[(Column, &[&str])] = &[
    (Column::Prefecture, &["都道府県", "県名", "道府県名", "都府県名"]),
    (Column::Name, &["消防本部", "消防本部の名称", "消防本部名称", "消防本部等名", "消防局名", "本部名", "名称", "機関名", "申請機関名"]),
    (Column::HeadquartersType, &["種類", "区分", "消防本部種別", "消防本部の種別", "設置形態"]),
    (
        Column::Municipalities,
        &[
            "管轄市町村",
            "管轄市区町村名",
            "管轄市町村名",
            "管轄区域",
            "管轄",
            "市区町村",
            "市町村",
            "構成市町村",
            "構成市区町村",
            "管轄市区町村コード",
        ],
    ),
    (Column::PostalCode, &["〒", "郵便", "〒番号", "郵便番号〒"]),
    (Column::Address, &["住所", "消防本部所在地", "消防本部住所", "消防本部の所在地", "消防本部の住所", "所在地住所", "住所所在地"]),
    (Column::Phone, &["電話", "TEL", "電話番号TEL", "電話TEL", "代表電話", "代表電話番号", "連絡先電話番号", "連絡先電話", "電話番号代表"]),
    (
        Column::Department,
        &["担当部署名", "部署", "部署名", "担当課", "担当課名", "担当課室", "担当部課", "担当係", "所属", "所属部署", "担当者所属"],
    ),
    (
        Column::ContactName,
        &[
            "担当者名",
            "担当者",
            "氏名",
            "担当者の氏名",
            "ご担当者",
            "ご担当者名",
            "ご担当者氏名",
            "御担当者名",
            "御担当者氏名",
            "担当者様氏名",
        ],
    ),
    (
        Column::Email,
        &[
            "メール",
            "e-mail",
            "mail",
            "Eメール",
            "Eメールアドレス",
            "E-mailアドレス",
            "mailアドレス",
            "email address",
            "mail address",
            "電子メール",
            "電子メールアドレス",
            "担当者メールアドレス",
            "連絡先メールアドレス",
            "連絡用メールアドレス",
            "メアド",
            "アドレス",
        ],
    ),
    (Column::ExceptionReason, &["やむをえない事情", "やむを得ない理由", "やむをえない理由", "特別の事情", "特別な事情", "事情"]),
    (Column::Remarks, &["備考欄", "特記事項", "摘要"]),
];

/// The columns by what they are called, folded and bare.
static NAMES: LazyLock<HashMap<String, Column>> = LazyLock::new(|| {
    let plain = |column: &Column| !matches!(column, Column::NameKana | Column::ContactKana | Column::EmailAgain);
    let headings = Column::SHEET.iter().copied().filter(plain).map(|column| (column, column.heading()));
    let variants = VARIANTS.iter().flat_map(|(column, names)| names.iter().map(|name| (*column, *name)));
    headings.chain(variants).map(|(column, name)| (bare(name).0, column)).collect()
});

#[cfg(test)]
mod tests {
    use super::{super::Cell, *};
    use Column as C;

    fn columns(headings: &[&str]) -> (Vec<Column>, Vec<Column>) {
        let cell = |text: &&str| Cell { text: (*text).to_owned(), is_number: false, is_formula: false };
        let line = Line { number: 1, cells: (0..).zip(headings.iter().map(cell)).collect() };
        let (columns, doubled) = columns_of(&line);
        (columns.into_values().collect(), doubled)
    }

    #[test]
    fn every_heading_is_its_column() {
        for column in Column::SHEET {
            for text in [column.heading().to_owned(), format!("※{}", column.heading()), format!("【必須】 {}\n※2", column.heading())]
            {
                assert_eq!(columns(&[&text]).0, [*column], "{text}");
            }
        }
    }

    #[test]
    fn headings_as_people_write_them() {
        for (written, column) in [
            ("①消防本部の名称", C::Name),
            ("消防本部名(ﾌﾘｶﾞﾅ)", C::NameKana),
            ("ふりがな（消防本部名）", C::NameKana),
            ("〒", C::PostalCode),
            ("ＴＥＬ", C::Phone),
            ("℡", C::Phone),
            ("電話番号（例：043-000-0000）", C::Phone),
            ("住　所", C::Address),
            ("担当者名", C::ContactName),
            ("担当者氏名（カナ）", C::ContactKana),
            ("担当者氏名（全角カナ）", C::ContactKana),
            ("担当者氏名（カナは全角で記入）", C::ContactKana),
            ("２．消防本部名", C::Name),
            ("e-mail", C::Email),
            ("Ｅメール", C::Email),
            ("メール", C::Email),
            ("メールアドレス(再入力)", C::EmailAgain),
            ("メールアドレス【確認用】", C::EmailAgain),
            ("やむを得ない事情（消防本部以外のみ）", C::ExceptionReason),
            ("備考（確認事項など）", C::Remarks),
        ] {
            assert_eq!(columns(&[written]).0, [column], "{written}");
        }
        for other in ["No.", "番号", "FAX番号", "受付日", "フリガナ", "確認", "アオナミ", "", "※印は必ず記入してください"]
        {
            assert_eq!(columns(&[other]).0, [], "{other}");
        }
    }

    #[test]
    fn order_and_additions_decide() {
        assert_eq!(
            columns(&["No", "消防本部", "フリガナ", "電話", "電話（夜間）", "氏名", "ふりがな", "メール", "確認"]),
            (vec![C::Name, C::NameKana, C::Phone, C::ContactName, C::ContactKana, C::Email, C::EmailAgain], vec![])
        );
        assert_eq!(columns(&["消防本部名", "メール", "メールアドレス"]).1, [C::Email], "which is the repetition is not guessed");
        assert_eq!(columns(&["種別", "フリガナ"]).0, [C::HeadquartersType], "a reading of nothing");
    }
}
