//! Reference data that the operator imports: prefectures, municipalities, medical areas（二次医療圏）, holidays.

use crate::id::PrefCode;
use chrono::NaiveDate;

/// A municipality or a ward of a designated city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Municipality {
    /// The line of the file, from 1.
    pub line: u64,
    /// Six digits with check digit（JIS X 0402）.
    pub code: String,
    /// Its prefecture.
    pub prefecture: PrefCode,
    /// Its name; a ward's carries no city name.
    pub name: String,
    /// Its reading in hiragana.
    pub kana: String,
    /// The city of a ward.
    pub parent: Option<String>,
    /// Its medical area, where it lies in one.
    pub area: Option<String>,
}

/// A medical area（二次医療圏・構想区域）.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicalArea {
    /// The line of the file, from 1.
    pub line: u64,
    /// Four digits, the first two those of the prefecture.
    pub code: String,
    /// Its prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
}

/// A national holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// The line of the file, from 1.
    pub line: u64,
    /// The day.
    pub on: NaiveDate,
    /// Its name.
    pub name: String,
}

/// The 47 prefectures of JIS X 0401, in code order.
pub const PREFECTURES: [&str; 47] = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
];

/// The prefecture with this official name.
pub fn prefecture_named(name: &str) -> Option<PrefCode> {
    let at = PREFECTURES.iter().position(|p| *p == name)?;
    PrefCode::new(u8::try_from(at + 1).ok()?)
}

/// The official name of a real prefecture.
pub fn prefecture_name(code: PrefCode) -> Option<&'static str> {
    PREFECTURES.get(usize::from(code.number()) - 1).copied()
}
