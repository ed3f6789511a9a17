//! What people type and what it means: full-width digits, kana, hyphens, counts, dates — and what looks like a patient.
//!
//! Every folding is idempotent and never fails; every parser answers with a value or says no. None of them is used on names as
//! they are kept or shown（NFKC would turn ㈱ into (株), domain.md §5.6）.

mod clock;
mod date;
mod mail;
mod patient;
mod phone;

pub use clock::{clock, is_clock, parse_clock};
pub use date::{find_date, is_iso_date, iso_date, parse_date};
pub use mail::{fold_mail, is_mail, read_mail};
pub use patient::{PatientHint, patient_hint};
pub use phone::{fold_phone, read_phone};

use unicode_normalization::{UnicodeNormalization, char::compose};

/// Folds a code-like field: full-width to half-width, hyphen variants to `-`, upper case, no blanks. Never used on names
/// （NFKC would turn ㈱ into (株), domain.md §5.6）.
pub fn fold_code(s: &str) -> String {
    resting(s, |s| s.nfkc().filter(|c| !c.is_whitespace()).map(|c| if is_hyphen(c) { '-' } else { c.to_ascii_uppercase() }).collect())
}

/// Repeats a folding until it rests: dropping a blank can join a mark to the letter before it（「c´」）, and a lower case can be one that NFKC
/// takes apart. One more time is nearly always enough.
fn resting(s: &str, fold: impl Fn(&str) -> String) -> String {
    let mut folded = fold(s);
    for _ in 0..4 {
        let again = fold(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | 'ー' | '－' | 'ｰ')
}

/// Cuts blanks at both ends: U+3000, no-break blanks, and what has no width but comes along from spreadsheets.
pub fn trim(s: &str) -> &str {
    s.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// Folds the digits of a number: full-width to ASCII, no blanks around, no thousands separators. A comma is a thousands separator
/// only before exactly three digits: 「1,2」 may be two numbers or a decimal, and stays as it is for the parser to refuse.
pub fn fold_digits(s: &str) -> String {
    let folded: Vec<char> = trim(s).chars().map(ascii_digit).collect();
    let digit_at = |i: usize| folded.get(i).is_some_and(char::is_ascii_digit);
    let separates =
        |i: usize| matches!(folded[i], ',' | '，') && i > 0 && digit_at(i - 1) && (1..=3).all(|n| digit_at(i + n)) && !digit_at(i + 4);
    folded.iter().enumerate().filter(|(i, _)| !separates(*i)).map(|(_, c)| *c).collect()
}

fn ascii_digit(c: char) -> char {
    match c {
        '０'..='９' => u8::try_from(u32::from(c) - u32::from('０')).map_or(c, |n| char::from(b'0' + n)),
        _ => c,
    }
}

/// Why a count was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// It has a sign: 「-1」「＋3」「▲2」.
    #[error("a count has no sign")]
    Sign,
    /// It has a decimal point.
    #[error("a count is a whole number")]
    Decimal,
    /// It does not fit: more than 4,294,967,295.
    #[error("a count this large is not possible")]
    TooLarge,
    /// It is something else.
    #[error("not a number")]
    NotANumber,
}

/// A count as typed: blank is `None`（unknown, never zero）, 「４」 and 「 1,234 」 are numbers; signs, decimals and words are refused.
pub fn parse_count(s: &str) -> Result<Option<u32>, CountError> {
    let folded = fold_digits(s);
    if folded.is_empty() {
        return Ok(None);
    }
    if folded.bytes().all(|b| b.is_ascii_digit()) {
        return folded.parse().map(Some).map_err(|_| CountError::TooLarge);
    }
    let is_number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let unsigned = folded.strip_prefix(|c: char| is_hyphen(c) || matches!(c, '+' | '＋' | '▲' | '△' | '±'));
    if unsigned.map(trim).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        return Err(CountError::Sign);
    }
    if folded.split_once(['.', '．']).is_some_and(|(whole, part)| is_number(whole) && is_number(part)) {
        return Err(CountError::Decimal);
    }
    Err(CountError::NotANumber)
}

/// Half-width kana to full-width; everything else stays as it is.
pub fn kana_full(s: &str) -> String {
    let mut full = String::with_capacity(s.len());
    for c in s.chars() {
        match c {
            'ﾞ' => push_mark(&mut full, '\u{3099}', '゛'),
            'ﾟ' => push_mark(&mut full, '\u{309a}', '゜'),
            '｡'..='ﾝ' => full.extend(std::iter::once(c).nfkc()),
            _ => full.push(c),
        }
    }
    full
}

/// Joins a voiced mark to the kana before it, or writes it on its own where nothing takes it.
fn push_mark(full: &mut String, combining: char, alone: char) {
    match full.chars().next_back().and_then(|last| compose(last, combining)) {
        Some(voiced) => {
            full.pop();
            full.push(voiced);
        }
        None => full.push(alone),
    }
}

/// Folds a name, a reading or what was typed to find one, so that they meet: width, case, katakana or hiragana, small kana, long
/// vowel marks, blanks and 「・」 do not matter; voiced marks do. Only for comparing, never for showing.
pub fn fold_search(s: &str) -> String {
    resting(s, fold_search_once)
}

fn fold_search_once(s: &str) -> String {
    let joined: String = s.nfkc().filter(|c| !is_silent(*c)).collect();
    joined.nfkc().map(|c| old_form(big_kana(hiragana(c)))).flat_map(char::to_lowercase).collect()
}

/// What a search does not hear: blanks, long vowel marks and their look-alikes, dots between words, variation selectors.
fn is_silent(c: char) -> bool {
    c.is_whitespace()
        || is_hyphen(c)
        || matches!(c, '~' | '〜' | '～' | '・' | '·' | '•' | '\u{200b}'..='\u{200d}' | '\u{feff}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' | 'ヽ' | 'ヾ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

fn big_kana(c: char) -> char {
    match c {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        'ゎ' => 'わ',
        'ゕ' => 'か',
        'ゖ' => 'け',
        _ => c,
    }
}

/// Letters of names that few people know how to type, and what they type instead.
fn old_form(c: char) -> char {
    match c {
        '髙' => '高',
        '﨑' => '崎',
        '德' => '徳',
        '濵' | '濱' => '浜',
        '邊' | '邉' => '辺',
        '澤' => '沢',
        '齋' | '齊' => '斉',
        _ => c,
    }
}

/// A short mark of what somebody looked at: a form that comes back with another one speaks of something else. Servers of one version make the
/// same.
pub fn mark(what: &impl std::hash::Hash) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    what.hash(&mut hasher);
    format!("{:016x}", std::hash::Hasher::finish(&hasher))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts() {
        for (typed, expected) in [
            ("", Ok(None)),
            (" \u{3000}", Ok(None)),
            ("4", Ok(Some(4))),
            ("４", Ok(Some(4))),
            ("0", Ok(Some(0))),
            ("007", Ok(Some(7))),
            (" 1,234 ", Ok(Some(1234))),
            ("　１，２３４，５６７　", Ok(Some(1_234_567))),
            ("4294967295", Ok(Some(u32::MAX))),
            ("4294967296", Err(CountError::TooLarge)),
            ("-1", Err(CountError::Sign)),
            ("－１", Err(CountError::Sign)),
            ("−1", Err(CountError::Sign)),
            ("+3", Err(CountError::Sign)),
            ("▲2", Err(CountError::Sign)),
            ("1.5", Err(CountError::Decimal)),
            ("１．０", Err(CountError::Decimal)),
            ("1,2", Err(CountError::NotANumber)),
            ("1,2345", Err(CountError::NotANumber)),
            ("4床", Err(CountError::NotANumber)),
            ("なし", Err(CountError::NotANumber)),
            ("①", Err(CountError::NotANumber)),
            ("1e3", Err(CountError::NotANumber)),
            ("1 2", Err(CountError::NotANumber)),
            ("-", Err(CountError::NotANumber)),
        ] {
            assert_eq!(parse_count(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn half_width_kana_becomes_full_width_and_nothing_else_changes() {
        for (typed, expected) in [
            ("ｻｯﾎﾟﾛｲｶﾀﾞｲｶﾞｸ", "サッポロイカダイガク"),
            ("ｶﾞｰｾﾞ｡｢ｱ･ｲ｣､", "ガーゼ。「ア・イ」、"),
            ("カﾞ", "ガ"),
            ("ｳﾞ", "ヴ"),
            ("ﾞ", "゛"),
            ("㈱①Ⅱ～ A１", "㈱①Ⅱ～ A１"),
        ] {
            assert_eq!(kana_full(typed), expected, "{typed}");
        }
    }

    #[test]
    fn searches_meet_names() {
        for (typed, name) in [
            ("しりつさつほろひよういん", "シリツサツホロヒヨウイン"),
            ("ｾﾝﾀｰ", "センター"),
            ("せんた", "センター"),
            ("キヨウワ", "キョウワ"),
            ("ＡＢＣ　病院", "abc病院"),
            ("鎌ヶ谷", "鎌ケ谷"),
            ("高崎", "髙﨑"),
            ("ジョン・スミス", "じよんすみす"),
            ("葛飾", "葛\u{e0100}飾"),
        ] {
            assert_eq!(fold_search(typed), fold_search(name), "{typed} {name}");
        }
        assert_ne!(fold_search("かき"), fold_search("がき"), "voiced marks matter");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(s in r"(\PC|[ア-ンァ-ヺー・ｦ-ﾟ゛゜ 　０-９,，0-9]){0,24}") {
            for fold in [fold_code, fold_digits, kana_full, fold_search, fold_phone] {
                let once = fold(&s);
                prop_assert_eq!(fold(&once), once);
            }
        }

        #[test]
        fn nothing_panics(s in "(?s).*") {
            let _ = (fold_code(&s), fold_digits(&s), kana_full(&s), fold_search(&s), fold_phone(&s));
            let _ = (parse_count(&s), parse_date(&s), patient_hint(&s), read_phone(&s));
        }

        #[test]
        fn a_count_reads_back(n: u32) {
            prop_assert_eq!(parse_count(&n.to_string()), Ok(Some(n)));
        }
    }
}
