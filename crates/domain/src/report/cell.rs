//! A cell of a file or of a sheet of paper, as people fill it in, on its way to what [`super::read_answers`] reads: words for their ids,
//! numbers of choices, full-width letters, a unit behind a number, a dash for nothing. What is not understood goes on as it is, so that
//! the reader says what is wrong with it.

use crate::{
    survey::{Care, Item, ItemKind, Status},
    text::{CountError, fold_digits, fold_search, kana_full, parse_count, trim},
};

/// A cell as it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCell {
    /// For [`super::read_answers`].
    pub raw: String,
    /// A dash or the like stood there: read as 未回答, and to be said.
    pub is_dash: bool,
}

/// The words of a choice: id, words on the screen and on paper.
pub fn options(item: &Item) -> Vec<(String, Vec<String>)> {
    match &item.kind {
        ItemKind::Status { not_available } => Status::ALL
            .into_iter()
            .filter(|s| *s != Status::NoAnswer && (*not_available || *s != Status::NotAvailable))
            .map(|s| (s.as_str().to_owned(), status_words(s).iter().map(|w| (*w).to_owned()).collect()))
            .collect(),
        ItemKind::Care {} => {
            Care::ALL.into_iter().map(|c| (c.as_str().to_owned(), care_words(c).iter().map(|w| (*w).to_owned()).collect())).collect()
        }
        ItemKind::Choice { options } => options.iter().map(|o| (o.id.clone(), vec![o.label.clone()])).collect(),
        _ => Vec::new(),
    }
}

fn status_words(status: Status) -> &'static [&'static str] {
    match status {
        Status::Normal => &["通常"],
        Status::Limited => &["制限"],
        Status::Stopped => &["停止"],
        Status::NotAvailable => &["設置なし"],
        Status::NoAnswer => &["未回答"],
    }
}

fn care_words(care: Care) -> &'static [&'static str] {
    match care {
        Care::Active => &["◎", "積極受入", "◎ 積極受入"],
        Care::Accept => &["○", "受入可", "○ 受入可", "〇", "◯"],
        Care::Consult => &["△", "要相談", "△ 要相談"],
        Care::Refuse => &["×", "不可", "× 不可", "✕", "✖"],
    }
}

/// Reads a cell of an item.
pub fn typed_cell(item: &Item, text: &str) -> TypedCell {
    let text = trim(text);
    let plain = |raw: String| TypedCell { raw, is_dash: false };
    if text.is_empty() || is_no_answer(text) {
        return plain(String::new());
    }
    if is_dash(item, text) {
        return TypedCell { raw: String::new(), is_dash: true };
    }
    match &item.kind {
        ItemKind::Count { unit, .. } => plain(count(text, unit)),
        ItemKind::Text { .. } | ItemKind::Phone {} => plain(kana_full(text)),
        _ => plain(option(item, text).unwrap_or_else(|| text.to_owned())),
    }
}

fn is_no_answer(text: &str) -> bool {
    ["未回答", "未記入", "未入力", "不明", "空欄", "未", "?", "？"].contains(&text) || text.eq_ignore_ascii_case("no_answer")
}

/// What stands for nothing: a line, a mark without a number. Statistics write 「－」 for zero, hospitals for "not known": it is not
/// guessed to be zero.
fn is_dash(item: &Item, text: &str) -> bool {
    let is_mark = |c: char| {
        matches!(
            c,
            '-' | '‐'
                | '‑'
                | '‒'
                | '–'
                | '—'
                | '―'
                | '−'
                | 'ー'
                | '－'
                | 'ｰ'
                | '…'
                | '‥'
                | '・'
                | '/'
                | '／'
                | '▲'
                | '*'
                | '＊'
        ) || (c == '△' && !matches!(item.kind, ItemKind::Care {}))
    };
    text.chars().all(|c| is_mark(c) || c.is_whitespace())
}

/// 「12床」「１２ 床」「12.0」 are 12.
fn count(text: &str, unit: &str) -> String {
    let bare = if unit.is_empty() { text } else { text.strip_suffix(unit).map_or(text, trim) };
    let folded = fold_digits(bare);
    match folded.split_once(['.', '．']) {
        Some((whole, part)) if !part.is_empty() && part.chars().all(|c| c == '0') && parse_count(whole).is_ok_and(|n| n.is_some()) => {
            whole.to_owned()
        }
        _ if parse_count(bare) == Err(CountError::NotANumber) => text.to_owned(),
        _ => bare.to_owned(),
    }
}

/// The id of a word, an id, or the number of a choice as it stands on paper, from 1.
fn option(item: &Item, text: &str) -> Option<String> {
    let all = options(item);
    let folded = fold_search(text);
    let same = |word: &str| word == text || (!folded.is_empty() && fold_search(word) == folded);
    let by_word = all.iter().find(|(id, words)| id.eq_ignore_ascii_case(text) || words.iter().any(|w| same(w)));
    let by_number = || {
        let number = parse_count(text).ok().flatten().or_else(|| circled(text))?;
        all.get(usize::try_from(number).ok()?.checked_sub(1)?)
    };
    by_word.or_else(by_number).map(|(id, _)| id.clone())
}

/// ①②③…
fn circled(text: &str) -> Option<u32> {
    let mut chars = text.chars();
    let c = chars.next()?;
    (chars.next().is_none() && ('①'..='⑳').contains(&c)).then(|| u32::from(c) - u32::from('①') + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};

    #[test]
    fn what_people_write_into_cells() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        for (id, text, raw, is_dash) in [
            ("available_beds", "12", "12", false),
            ("available_beds", " １２ 床", "１２", false),
            ("available_beds", "1,234床", "1,234", false),
            ("available_beds", "12.0", "12", false),
            ("available_beds", "12.5", "12.5", false),
            ("available_beds", "▲5", "▲5", false),
            ("available_beds", "▲", "", true),
            ("available_beds", "－", "", true),
            ("available_beds", "…", "", true),
            ("available_beds", "未回答", "", false),
            ("available_beds", "不明", "", false),
            ("available_beds", "約10", "約10", false),
            ("inpatients_total", "3人", "3", false),
            ("emergency_status", "通常", "normal", false),
            ("emergency_status", "Limited", "limited", false),
            ("emergency_status", "３", "stopped", false),
            ("emergency_status", "④", "not_available", false),
            ("emergency_status", "5", "5", false),
            ("emergency_status", "ふつう", "ふつう", false),
            ("accept_pediatric", "◯", "accept", false),
            ("accept_pediatric", "△", "consult", false),
            ("accept_pediatric", "受入可", "accept", false),
            ("nurse_staffing", "欠員あり", "short", false),
            ("board_comment", "ｾｲｹｲ当直なし", "セイケイ当直なし", false),
            ("contact_day", "-", "", true),
        ] {
            let cell = typed_cell(daily.item(id).unwrap(), text);
            assert_eq!((cell.raw.as_str(), cell.is_dash), (raw, is_dash), "{id} {text}");
        }
    }
}
