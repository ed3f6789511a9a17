//! What in a comment looks like a patient. The board carries none（design.md rule 2）, so free text is looked through before it is kept.
//!
//! Two of the findings are certain and refuse the text; the others are guesses and ask. A guess must not cry wolf: hospitals write
//! 「15歳以下」「患者さん」「60歳以上の女性」 every day and would learn to click the warning away.

use super::date::{Found, Year, date_at, era_at, fold, number_at};

/// What looks like a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PatientHint {
    /// 「生年月日 昭和12年3月4日」「S12.3.4」「1940/1/2生まれ」
    BirthDate,
    /// 「患者ID 12345」「カルテ番号：0012345」
    RecordNumber,
    /// 「山田太郎様」「鈴木さん」
    PersonName,
    /// 「85歳女性」「80代男性」
    AgeAndSex,
    /// 「090-1234-5678」「家族 043-000-0000」: a number of one's own, where a hospital gives those of its desks
    PersonalPhone,
}

impl PatientHint {
    /// True where there is no other reading: the text is refused. False for a guess: the author is asked.
    pub fn is_certain(self) -> bool {
        matches!(self, Self::BirthDate | Self::RecordNumber)
    }
}

/// The first thing in a text that looks like a patient, the certain ones before the guesses.
pub fn patient_hint(text: &str) -> Option<PatientHint> {
    let letters = fold(text);
    let anywhere = |found: fn(&[char], usize) -> bool| (0..letters.len()).any(|at| found(&letters, at));
    if anywhere(birth_date_at) {
        Some(PatientHint::BirthDate)
    } else if anywhere(record_number_at) {
        Some(PatientHint::RecordNumber)
    } else if anywhere(age_and_sex_at) {
        Some(PatientHint::AgeAndSex)
    } else if anywhere(personal_phone_at) {
        Some(PatientHint::PersonalPhone)
    } else {
        anywhere(person_name_at).then_some(PatientHint::PersonName)
    }
}

fn starts(letters: &[char], at: usize, word: &str) -> bool {
    let mut rest = letters.iter().skip(at);
    word.chars().all(|w| rest.next().is_some_and(|c| c.eq_ignore_ascii_case(&w)))
}

/// The first of the words that stands here, by its length.
fn word_at(letters: &[char], at: usize, words: &[&str]) -> Option<usize> {
    words.iter().find(|word| starts(letters, at, word)).map(|word| word.chars().count())
}

fn skip(letters: &[char], mut at: usize, gap: fn(char) -> bool) -> usize {
    while letters.get(at).is_some_and(|c| gap(*c)) {
        at += 1;
    }
    at
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || matches!(c, ':' | ',' | '、' | '・' | '(' | ')' | '/' | 'の' | 'は' | '=')
}

fn birth_date_at(letters: &[char], at: usize) -> bool {
    if let Some(length) = word_at(letters, at, &["生年月日", "誕生日", "DOB"]) {
        let next = skip(letters, at + length, is_gap);
        return year_at(letters, next) || number_at(letters, next, 1, 8).is_some();
    }
    if let Some(date) = date_at(letters, at)
        && is_calendar(&date)
    {
        let next = skip(letters, date.end, |c| c.is_whitespace() || c == ')');
        return is_born(letters, next) || (is_lifetime_ago(date.year) && !is_founded(letters, next));
    }
    // 「昭和15年生」「1940年生まれ」「3月4日生まれ」; 「小学3年生」 has neither era nor four digits.
    let (year_end, month_end) = (year_of_birth(letters, at), month_and_day(letters, at));
    year_end.or(month_end).is_some_and(|end| is_born(letters, end))
}

/// Era or four digits, at the least with a number.
fn year_at(letters: &[char], at: usize) -> bool {
    era_at(letters, at).is_some_and(|(_, next)| letters.get(next) == Some(&'元') || number_at(letters, next, 1, 2).is_some())
}

fn year_of_birth(letters: &[char], at: usize) -> Option<usize> {
    let next = match era_at(letters, at) {
        Some((_, next)) => number_at(letters, next, 1, 2)?.1,
        None => number_at(letters, at, 4, 4)?.1,
    };
    (letters.get(next) == Some(&'年')).then_some(next + 1)
}

fn month_and_day(letters: &[char], at: usize) -> Option<usize> {
    let (_, next) = number_at(letters, at, 1, 2)?;
    let (_, end) = (letters.get(next) == Some(&'月')).then(|| number_at(letters, next + 1, 1, 2))??;
    (letters.get(end) == Some(&'日')).then_some(end + 1)
}

fn is_calendar(date: &Found) -> bool {
    date.year.western().is_some() && (1..=12).contains(&date.month) && (1..=31).contains(&date.day)
}

/// A full date of so long ago that a comment on today's beds has no other use for it.
fn is_lifetime_ago(year: Year) -> bool {
    match year {
        Year::Western(year) => (1880..1989).contains(&year),
        Year::Era(letter, _) => matches!(letter, 'M' | 'T' | 'S'),
    }
}

/// But a house has a date as well: 「昭和50年4月1日開設」.
fn is_founded(letters: &[char], at: usize) -> bool {
    letters.get(at).is_some_and(|c| matches!(c, '開' | '設' | '創' | '建' | '竣' | '指' | '告' | '付' | '法'))
}

/// 「生」 that ends a word: not 生検, 生化学, 生後.
fn is_born(letters: &[char], at: usize) -> bool {
    word_at(letters, at, &["生まれ", "生れ", "うまれ"]).is_some()
        || (letters.get(at) == Some(&'生') && letters.get(at + 1).is_none_or(|c| !c.is_alphanumeric() || matches!(c, 'の' | 'で')))
}

const RECORDS: [&str; 15] = [
    "患者ID",
    "患者番号",
    "患者No",
    "患者コード",
    "カルテID",
    "カルテ番号",
    "カルテNo",
    "カルテ#",
    "診察券番号",
    "診察券No",
    "診察券ID",
    "診察番号",
    "被保険者番号",
    "マイナンバー",
    "個人番号",
];

/// A word for a patient's number, and a number behind it.
fn record_number_at(letters: &[char], at: usize) -> bool {
    let Some(length) = word_at(letters, at, &RECORDS) else { return false };
    let next = skip(letters, at + length, |c| is_gap(c) || matches!(c, '.' | '#' | '-' | '「' | '['));
    let number = letters.iter().skip(next).take_while(|c| c.is_ascii_alphanumeric() || **c == '-');
    number.filter(|c| c.is_ascii_digit()).count() >= 3
}

/// Words before a telephone number that is a person's.
const PERSONS: [&str; 11] = ["患者さん", "患者様", "患者", "ご家族", "家族", "親族", "本人", "自宅", "保護者", "キーパーソン", "付き添い"];

/// A mobile number, or one behind the word for a patient or the family. Hospitals give the numbers of their desks every day: those are left.
fn personal_phone_at(letters: &[char], at: usize) -> bool {
    let fresh = at.checked_sub(1).is_none_or(|before| !letters[before].is_ascii_alphanumeric() && letters[before] != '-');
    if fresh && let Some(number) = phone_at(letters, at) {
        return number.len() == 11 && ["070", "080", "090"].iter().any(|mobile| number.starts_with(mobile));
    }
    let Some(length) = word_at(letters, at, &PERSONS) else { return false };
    let mut next = skip(letters, at + length, is_gap);
    if let Some(length) = word_at(letters, next, &["電話番号", "電話", "連絡先", "携帯", "TEL"]) {
        next = skip(letters, next + length, is_gap);
    }
    phone_at(letters, next).is_some()
}

/// The digits of a telephone number that begins here: 0, ten or eleven of them, with hyphens, blanks or brackets between.
fn phone_at(letters: &[char], at: usize) -> Option<String> {
    let mut digits = String::new();
    let mut gap = 0;
    for c in letters.get(at..)?.iter().take(20) {
        if c.is_ascii_digit() {
            digits.push(*c);
            gap = 0;
        } else if matches!(c, '-' | ' ' | '(' | ')' | '.') && gap < 1 && !digits.is_empty() {
            gap += 1;
        } else {
            break;
        }
    }
    (digits.starts_with('0') && matches!(digits.len(), 10 | 11)).then_some(digits)
}

const SEXES: [&str; 6] = ["男性", "女性", "男児", "女児", "男", "女"];

fn age_and_sex_at(letters: &[char], at: usize) -> bool {
    let begins = |at: usize| at.checked_sub(1).is_none_or(|i| !is_numeral(letters[i]));
    if begins(at)
        && let Some(end) = age_end(letters, at)
    {
        let next = skip(letters, end, is_gap);
        return word_at(letters, next, &SEXES).is_some_and(|length| is_one_person(letters, next + length));
    }
    let Some(length) = word_at(letters, at, &SEXES) else { return false };
    let next = skip(letters, at + length, is_gap);
    age_end(letters, next).is_some_and(|end| is_one_person(letters, end))
}

/// The end of 「85歳」「八十五才」「80代」「80歳代」.
fn age_end(letters: &[char], at: usize) -> Option<usize> {
    let digits = letters.get(at..)?.iter().take_while(|c| is_numeral(**c)).count();
    if !(1..=4).contains(&digits) {
        return None;
    }
    let unit = word_at(letters, at + digits, &["歳代", "才代", "歳児", "歳", "才", "代"])?;
    Some(at + digits + unit)
}

fn is_numeral(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '百')
}

/// Not the limit of a rule（以下, 未満）, nor a group（男女, 女医, 男子病棟）.
fn is_one_person(letters: &[char], at: usize) -> bool {
    let group = ["以", "未満", "まで", "から", "迄", "~", "-", "〜", "女", "男", "医", "子", "用", "専", "病", "部", "室", "床"];
    word_at(letters, at, &group).is_none()
}

/// Words before 様, さん and 氏 that are no names. Whole words first: 「奥さん」 is none, 「奥田さん」 is.
const NOT_NAMES: [&str; 28] = [
    "皆", "客", "方", "人", "名", "神", "王", "殿", "奥", "娘", "息子", "親", "父", "母", "兄", "姉", "弟", "妹", "孫", "夫", "妻", "男",
    "女", "同", "仕", "模", "多", "一",
];

/// Endings of such words: a role, an organisation.
const NOT_NAME_ENDINGS: [&str; 50] = [
    "患者",
    "家族",
    "親族",
    "遺族",
    "業者",
    "担当",
    "者",
    "員",
    "師",
    "病院",
    "医院",
    "医師",
    "薬局",
    "施設",
    "消防",
    "消防署",
    "消防局",
    "本部",
    "隊",
    "救急部",
    "看護部",
    "事務部",
    "連携室",
    "事務所",
    "保健所",
    "診療所",
    "役所",
    "会社",
    "教室",
    "妊婦",
    "産婦",
    "各位",
    "皆",
    "先方",
    "御中",
    "異",
    "有",
    "両",
    "各",
    "何",
    "摂",
    "華",
    "諸",
    "彼",
    "職人",
    "主人",
    "屋",
    "センター",
    "クリニック",
    "スタッフ",
];

fn person_name_at(letters: &[char], at: usize) -> bool {
    let Some(length) = word_at(letters, at, &["さん", "サン", "様", "氏"]) else { return false };
    if length == 1 && letters.get(at + 1).is_some_and(|c| matches!(c, '式' | '子' | '々' | '相' | '態' | '名' | '族')) {
        return false;
    }
    // 「山田 様」: a blank before the word of honour.
    let blank = at > 0 && letters[at - 1].is_whitespace();
    if blank {
        let end = letters[..at].iter().rposition(|c| !c.is_whitespace()).map_or(0, |last| last + 1);
        return is_name(letters, end);
    }
    let initial = at > 0 && letters[at - 1].is_ascii_uppercase() && (at < 2 || !letters[at - 2].is_ascii_alphanumeric());
    initial || is_name(letters, at) || is_hiragana_name(letters, at)
}

/// One kind of letters, Han or katakana, that is not a word we know.
fn is_name(letters: &[char], end: usize) -> bool {
    let before = &letters[..end];
    let han = before.iter().rev().take_while(|c| is_han(**c)).count();
    let kana = before.iter().rev().take_while(|c| is_katakana(**c)).count();
    let (length, most) = if han > 0 { (han, 8) } else { (kana, 10) };
    // One katakana letter is more likely the end of something else; a long run of Han is an organisation.
    if length == 0 || length > most || (han == 0 && length < 2) {
        return false;
    }
    let word: String = before[end - length..].iter().collect();
    let preceding = before[..end - length].last();
    let polite_or_counted = preceding.is_some_and(|c| matches!(c, 'お' | 'ご') || c.is_ascii_digit());
    !polite_or_counted
        && !word.starts_with('御')
        && !NOT_NAMES.contains(&word.as_str())
        && !NOT_NAME_ENDINGS.iter().any(|ending| word.ends_with(ending))
}

/// Words of hiragana before さん and 様 that are no names, and endings of such words.
const NOT_HIRAGANA_NAMES: [&str; 20] = [
    "たく",
    "みな",
    "おく",
    "おかあ",
    "おとう",
    "おにい",
    "おねえ",
    "おばあ",
    "おじい",
    "おば",
    "おじ",
    "むすめ",
    "むすこ",
    "だれ",
    "ひと",
    "しゃ",
    "つかれ",
    "ちそう",
    "せわ",
    "かんじゃ",
];

/// 「さとう様」「やまださん」: two to six letters of hiragana alone, before which no other letter stands. 「このような様子」 has the grammar of a
/// sentence before it, and is none.
fn is_hiragana_name(letters: &[char], end: usize) -> bool {
    let kana = letters[..end].iter().rev().take_while(|c| matches!(c, 'ぁ'..='ゖ' | 'ー')).count();
    let word: String = letters[end - kana..end].iter().collect();
    let alone = letters[..end - kana].last().is_none_or(|c| !c.is_alphanumeric());
    let grammar = word.ends_with(['の', 'な', 'が', 'を', 'は', 'る']);
    (2..=6).contains(&kana) && alone && !grammar && !NOT_HIRAGANA_NAMES.iter().any(|not| word.ends_with(not))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '々' | 'ヶ' | '〆')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_katakana(c: char) -> bool {
    matches!(c, 'ァ'..='ヺ' | 'ー')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_comments_are_left_alone() {
        for text in [
            "",
            "整形当直なし（17時まで）",
            "内線 2100",
            "夜間は救急外来へ",
            "15歳以下",
            "担当：地域連携室",
            "患者さんの受入は要相談",
            "皆様",
            "お客様",
            "お子様連れ可",
            "患者様の付き添い不可",
            "連携室の看護師さんへ",
            "たくさんの受入は不可",
            "救急隊様へ：正面玄関から",
            "3名様まで",
            "申請様式は別途",
            "仕様変更のため停止",
            "同様の症例は要相談",
            "発熱は摂氏37度以上",
            "氏名は書かないでください",
            "生年月日は書かないでください",
            "患者IDは不要",
            "電子カルテ停止中（17時まで）",
            "電子カルテ 2026年4月更新",
            "4/10まで受入停止",
            "2026-04-10から再開",
            "令和8年4月10日生検室停止",
            "4月10日生検不可",
            "H30.4.1から",
            "昭和50年4月1日開設",
            "小学3年生以下は不可",
            "生後3か月未満は不可",
            "60歳以上の女性は要相談",
            "15歳未満男女",
            "女性 65歳以上",
            "男性2床、女性3床",
            "女性病棟 40床",
            "30代女医が当直",
            "ICU 2床 5/10",
            "TEL 043-227-7437",
            "夜間は救急外来 043-227-7437 へ",
            "当直 043(227)7437 内線2100",
            "患者さんの受入は 043-227-7437 へ",
            "ご家族の付き添い可 043-227-7437",
            "製造番号 A090-1234-5678",
            "MSWさんに連絡",
            "ホームスタッフさん",
            "おかあさんの付き添い可",
            "みなさんへ",
            "おつかれさまです",
            "このような様子なら受入可",
            "病棟の様子は落ち着いている",
            "受入可 様子を見て",
            "患者 様",
        ] {
            assert_eq!(patient_hint(text), None, "{text}");
        }
    }

    #[test]
    fn patients_are_found() {
        use PatientHint::{AgeAndSex, BirthDate, PersonName, PersonalPhone, RecordNumber};
        for (text, expected) in [
            ("生年月日 昭和12年3月4日", BirthDate),
            ("生年月日：1940/1/2", BirthDate),
            ("生年月日S12", BirthDate),
            ("S12.3.4", BirthDate),
            ("Ｓ１２．３．４の方", BirthDate),
            ("大正15年1月2日", BirthDate),
            ("受入中 1940-01-02 生", BirthDate),
            ("2012年3月4日生まれ", BirthDate),
            ("H20.5.6生（発熱）", BirthDate),
            ("昭和15年生", BirthDate),
            ("3月4日生まれの方", BirthDate),
            ("DOB 19400102", BirthDate),
            ("19400102", BirthDate),
            ("患者ID 12345", RecordNumber),
            ("患者番号：００１２３４５", RecordNumber),
            ("カルテNo.A-00123", RecordNumber),
            ("診察券番号は 77-1234", RecordNumber),
            ("85歳女性", AgeAndSex),
            ("８５歳の女性が待機", AgeAndSex),
            ("80代男性", AgeAndSex),
            ("八十五才 女", AgeAndSex),
            ("女性、85歳、発熱", AgeAndSex),
            ("山田太郎様", PersonName),
            ("鈴木さんの件", PersonName),
            ("林様", PersonName),
            ("阿部様", PersonName),
            ("奥田さん", PersonName),
            ("花子さん", PersonName),
            ("ヤマダさん", PersonName),
            ("佐々木氏", PersonName),
            ("A氏 転院", PersonName),
            ("山田 様", PersonName),
            ("山田太郎　さん", PersonName),
            ("さとう様 転院待ち", PersonName),
            ("転院：やまださん", PersonName),
            ("090-1234-5678", PersonalPhone),
            ("連絡は０８０１２３４５６７８へ", PersonalPhone),
            ("070 1234 5678（長女）", PersonalPhone),
            ("家族 043-227-7437", PersonalPhone),
            ("患者の電話番号：0432277437", PersonalPhone),
            ("自宅 043(227)7437", PersonalPhone),
            ("ご家族連絡先 03-1234-5678", PersonalPhone),
        ] {
            assert_eq!(patient_hint(text), Some(expected), "{text}");
        }
        assert!(BirthDate.is_certain() && RecordNumber.is_certain());
        assert!(!PersonName.is_certain() && !AgeAndSex.is_certain() && !PersonalPhone.is_certain());
    }
}
