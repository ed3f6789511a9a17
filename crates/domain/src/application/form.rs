//! What an application says: the columns of the sheet（domain.md §3.2; ours, since the official 別添1 is not public）, read from what was
//! typed. Everything that is wrong with a row is found at once, each with its column.

use super::road::words;
use crate::{
    code::is_municipality_code,
    id::PrefCode,
    text::{fold_code, fold_digits, fold_mail, fold_search, is_mail, kana_full, read_phone, trim},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words!(
    /// A column of the application sheet, in the order of the sheet.
    Column {
        /// 都道府県名
        Prefecture = "prefecture",
        /// 消防本部名
        Name = "name",
        /// 消防本部名（フリガナ）
        NameKana = "name_kana",
        /// 種別
        HeadquartersType = "headquarters_type",
        /// 管轄市区町村
        Municipalities = "municipalities",
        /// 郵便番号
        PostalCode = "postal_code",
        /// 所在地
        Address = "address",
        /// 電話番号
        Phone = "phone",
        /// 担当部署
        Department = "department",
        /// 担当者氏名
        ContactName = "contact_name",
        /// 担当者氏名（フリガナ）
        ContactKana = "contact_kana",
        /// メールアドレス
        Email = "email",
        /// メールアドレス（確認）
        EmailAgain = "email_again",
        /// やむを得ない事情: only for one that is no fire headquarters（memo §1 ※）.
        ExceptionReason = "exception_reason",
        /// 備考
        Remarks = "remarks",
    }
);

impl Column {
    /// The heading of the sheet and of the screen.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Prefecture => "都道府県名",
            Self::Name => "消防本部名",
            Self::NameKana => "消防本部名（フリガナ）",
            Self::HeadquartersType => "種別",
            Self::Municipalities => "管轄市区町村",
            Self::PostalCode => "郵便番号",
            Self::Address => "所在地",
            Self::Phone => "電話番号",
            Self::Department => "担当部署",
            Self::ContactName => "担当者氏名",
            Self::ContactKana => "担当者氏名（フリガナ）",
            Self::Email => "メールアドレス",
            Self::EmailAgain => "メールアドレス（確認）",
            Self::ExceptionReason => "やむを得ない事情",
            Self::Remarks => "備考",
        }
    }

    /// Without it an application is not complete.
    pub fn is_required(self) -> bool {
        !matches!(self, Self::Prefecture | Self::HeadquartersType | Self::Municipalities | Self::ExceptionReason | Self::Remarks)
    }

    /// As many characters may be.
    pub fn max(self) -> usize {
        match self {
            Self::Name | Self::NameKana | Self::ContactName | Self::ContactKana | Self::Department => 60,
            Self::Address => 200,
            Self::Municipalities | Self::Remarks | Self::ExceptionReason => 400,
            Self::Email | Self::EmailAgain => 254,
            _ => 40,
        }
    }
}

words!(
    /// 種別 of a fire headquarters.
    HeadquartersType {
        /// 単独
        Single = "single",
        /// 一部事務組合・広域連合
        Union = "union",
        /// 東京消防庁
        Tokyo = "tokyo",
    }
);

impl HeadquartersType {
    /// The choice on sheet and screen.
    pub fn words(self) -> &'static str {
        match self {
            Self::Single => "単独",
            Self::Union => "一部事務組合・広域連合",
            Self::Tokyo => "東京消防庁",
        }
    }
}

words!(
    /// Who applies.
    Applicant {
        /// 消防本部: for now the only one to whom an ID goes（memo §1）.
        FireHeadquarters = "fire_headquarters",
        /// 消防署・分署 and whatever else is no headquarters: by individual consultation only（memo §1 ※）.
        Other = "other",
        /// 医療機関: its prefecture approves, the office issues（domain.md §3.1）.
        Hospital = "hospital",
        /// 都道府県の担当者: invited by the ministry.
        Prefecture = "prefecture",
    }
);

impl Applicant {
    /// What a name says of who applies on a sheet of fire headquarters. 消防局 and 東京消防庁 are headquarters as well.
    pub fn of_name(name: &str) -> Self {
        let name: String = trim(name).chars().filter(|c| !c.is_whitespace()).collect();
        let is_headquarters = ["消防本部", "消防局", "消防庁"].iter().any(|end| name.ends_with(end));
        if is_headquarters { Self::FireHeadquarters } else { Self::Other }
    }
}

/// What an application says, folded to the form in which it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// 消防本部名, as written.
    pub name: String,
    /// フリガナ, full-width katakana.
    pub name_kana: String,
    /// 種別, by its name in code; empty where it is not said.
    pub headquarters_type: String,
    /// 管轄市区町村, codes of six digits.
    pub municipalities: Vec<String>,
    /// 郵便番号, `260-0000`.
    pub postal_code: String,
    /// 所在地
    pub address: String,
    /// 電話番号, half-width.
    pub phone: String,
    /// 担当部署
    pub department: String,
    /// 担当者氏名, as written.
    pub contact_name: String,
    /// フリガナ
    pub contact_kana: String,
    /// メールアドレス
    pub email: String,
    /// やむを得ない事情
    pub exception_reason: String,
    /// 備考
    pub remarks: String,
}

impl Form {
    /// By this two rows speak of the same headquarters: blanks and width do not matter.
    pub fn key(&self) -> String {
        key_of(&self.name)
    }

    /// Who applies.
    pub fn applicant(&self) -> Applicant {
        Applicant::of_name(&self.name)
    }

    /// A column as it is typed again.
    pub fn value(&self, column: Column) -> String {
        match column {
            Column::Prefecture => String::new(),
            Column::Name => self.name.clone(),
            Column::NameKana => self.name_kana.clone(),
            Column::HeadquartersType => HeadquartersType::parse(&self.headquarters_type).map(|t| t.words().to_owned()).unwrap_or_default(),
            Column::Municipalities => self.municipalities.join("、"),
            Column::PostalCode => self.postal_code.clone(),
            Column::Address => self.address.clone(),
            Column::Phone => self.phone.clone(),
            Column::Department => self.department.clone(),
            Column::ContactName => self.contact_name.clone(),
            Column::ContactKana => self.contact_kana.clone(),
            Column::Email | Column::EmailAgain => self.email.clone(),
            Column::ExceptionReason => self.exception_reason.clone(),
            Column::Remarks => self.remarks.clone(),
        }
    }
}

fn key_of(name: &str) -> String {
    fold_search(name)
}

/// What is wrong with a column. The words are the screen's business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormProblem {
    /// Nothing is written.
    Missing,
    /// Too many characters.
    TooLong {
        /// As many may be.
        max: usize,
    },
    /// Control characters.
    NotText,
    /// Begins as a formula does: `=cmd|…`.
    Formula,
    /// Another prefecture than the one that submits.
    OtherPrefecture {
        /// What is written.
        written: String,
    },
    /// Not katakana.
    NotKana,
    /// None of the choices.
    UnknownType,
    /// The check digit of a code is wrong: a digit was mistyped.
    BadMunicipalityCode {
        /// The code.
        written: String,
    },
    /// No municipality of this name or code is known.
    UnknownMunicipality {
        /// What is written.
        written: String,
    },
    /// A municipality of another prefecture.
    OtherPrefectureMunicipality {
        /// What is written.
        written: String,
    },
    /// Not seven digits.
    BadPostalCode,
    /// Not a telephone number of Japan.
    BadPhone,
    /// Not a mail address.
    BadEmail,
    /// The two mail addresses differ.
    EmailsDiffer,
    /// Not a fire headquarters, and no 「やむを得ない事情」 is stated（memo §1）.
    NotFireHeadquarters,
    /// Not a fire headquarters; goes to an individual consultation.
    Consultation,
    /// A carrier's address: official mail is often refused there.
    CarrierMail,
    /// An address of a free mail service.
    PrivateMail,
    /// Looks like one person's mailbox; who moves on takes the mail along（domain.md §3.1）.
    PersonalMailbox,
    /// The same headquarters stands in another row.
    Doubled {
        /// That row's number.
        row: u32,
    },
    /// The same address serves another headquarters.
    SharedMail {
        /// Its name.
        other: String,
    },
    /// The headquarters has an ID already, or has applied.
    HasId,
    /// Another name than the one that was approved: a yes is for one headquarters.
    Decided,
}

/// How heavy a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Is to be confirmed when it is submitted.
    Soft,
    /// Can be saved, not submitted.
    Incomplete,
    /// Must be mended before anything is saved.
    Hard,
}

impl FormProblem {
    /// How heavy it is.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Missing | Self::NotFireHeadquarters => Weight::Incomplete,
            Self::Consultation | Self::CarrierMail | Self::PrivateMail | Self::PersonalMailbox | Self::SharedMail { .. } | Self::HasId => {
                Weight::Soft
            }
            _ => Weight::Hard,
        }
    }
}

/// A problem and its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFinding {
    /// The column.
    pub column: Column,
    /// What is wrong.
    pub problem: FormProblem,
}

/// What a form is read against.
pub struct FormContext<'a> {
    /// The prefecture that submits.
    pub prefecture: PrefCode,
    /// Its name.
    pub prefecture_name: &'a str,
    /// Known municipalities: code and name. Empty where none were imported: then codes are only checked by their digit.
    pub municipalities: &'a BTreeMap<String, String>,
}

/// Reads what was typed.
pub fn read_form(raw: &BTreeMap<Column, String>, context: &FormContext<'_>) -> (Form, Vec<FormFinding>) {
    let mut reading = Reading { raw, findings: Vec::new() };
    let r = &mut reading;
    let written = r.text(Column::Prefecture);
    if !written.is_empty() && !same_prefecture(&written, context) {
        r.find(Column::Prefecture, FormProblem::OtherPrefecture { written });
    }
    let form = Form {
        name: r.text(Column::Name),
        name_kana: r.kana(Column::NameKana),
        headquarters_type: r.headquarters_type(),
        municipalities: r.municipalities(context),
        postal_code: r.postal_code(),
        address: r.text(Column::Address),
        phone: r.phone(),
        department: r.text(Column::Department),
        contact_name: r.text(Column::ContactName),
        contact_kana: r.kana(Column::ContactKana),
        email: r.email(),
        exception_reason: r.text(Column::ExceptionReason),
        remarks: r.text(Column::Remarks),
    };
    for column in Column::ALL.iter().copied().filter(|c| c.is_required()) {
        if r.of(column).is_empty() {
            r.find(column, FormProblem::Missing);
        }
    }
    if !form.name.is_empty() && form.applicant() == Applicant::Other {
        let problem = if form.exception_reason.is_empty() { FormProblem::NotFireHeadquarters } else { FormProblem::Consultation };
        r.find(Column::Name, problem);
    }
    let mut findings = reading.findings;
    findings.sort_by_key(|f| (f.column, std::cmp::Reverse(f.problem.weight())));
    (form, findings)
}

fn same_prefecture(written: &str, context: &FormContext<'_>) -> bool {
    let bare = |s: &str| trim(s).trim_end_matches(['都', '道', '府', '県']).to_owned();
    fold_code(written) == context.prefecture.to_string()
        || written == context.prefecture_name
        || bare(written) == bare(context.prefecture_name)
}

struct Reading<'a> {
    raw: &'a BTreeMap<Column, String>,
    findings: Vec<FormFinding>,
}

impl Reading<'_> {
    fn of(&self, column: Column) -> &str {
        self.raw.get(&column).map(|s| trim(s)).unwrap_or_default()
    }

    fn find(&mut self, column: Column, problem: FormProblem) {
        self.findings.push(FormFinding { column, problem });
    }

    /// Text as written, on one line.
    fn text(&mut self, column: Column) -> String {
        let text = self.of(column).replace(['\r', '\n', '\t'], " ");
        if text.chars().any(char::is_control) {
            self.find(column, FormProblem::NotText);
        }
        if text.chars().count() > column.max() {
            self.find(column, FormProblem::TooLong { max: column.max() });
        }
        if text.starts_with(['=', '＝', '@', '＠']) || (text.starts_with(['+', '-']) && text.contains(['|', '!', '('])) {
            self.find(column, FormProblem::Formula);
        }
        text
    }

    fn kana(&mut self, column: Column) -> String {
        let text = self.text(column);
        let folded: String = kana_full(&text).chars().map(katakana).collect();
        let fits = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | ' ' | '　' | 'ヽ' | 'ヾ' | '（' | '）' | '0'..='9' | '０'..='９');
        if !folded.chars().all(fits) {
            self.find(column, FormProblem::NotKana);
        }
        folded
    }

    fn headquarters_type(&mut self) -> String {
        let text = self.text(Column::HeadquartersType);
        if text.is_empty() {
            return text;
        }
        let folded = fold_search(&text);
        let known = HeadquartersType::ALL.iter().find(|t| t.as_str() == text || fold_search(t.words()) == folded);
        let near = known.copied().or_else(|| ["組合", "連合"].iter().any(|w| text.contains(w)).then_some(HeadquartersType::Union));
        if near.is_none() {
            self.find(Column::HeadquartersType, FormProblem::UnknownType);
        }
        near.map(|t| t.as_str().to_owned()).unwrap_or_default()
    }

    fn municipalities(&mut self, context: &FormContext<'_>) -> Vec<String> {
        let column = Column::Municipalities;
        let text = self.text(column);
        let mut codes = Vec::new();
        for part in text.split(['、', ',', '，', '・', ' ', '　', '/', '／', ';', '；', '\n']).map(trim).filter(|p| !p.is_empty()) {
            let folded = fold_code(part);
            if folded.bytes().all(|b| b.is_ascii_digit()) {
                if !is_municipality_code(&folded) {
                    self.find(column, FormProblem::BadMunicipalityCode { written: part.to_owned() });
                } else if folded[..2] != context.prefecture.to_string() {
                    self.find(column, FormProblem::OtherPrefectureMunicipality { written: part.to_owned() });
                } else if !context.municipalities.is_empty() && !context.municipalities.contains_key(&folded) {
                    self.find(column, FormProblem::UnknownMunicipality { written: part.to_owned() });
                } else {
                    codes.push(folded);
                }
                continue;
            }
            let own = context.prefecture.to_string();
            let bare = part.strip_prefix(context.prefecture_name).unwrap_or(part);
            let mut named = context.municipalities.iter().filter(|(_, name)| *name == bare || *name == part);
            match named.find(|(code, _)| code.starts_with(&own)) {
                Some((code, _)) => codes.push(code.clone()),
                None if context.municipalities.iter().any(|(_, name)| name == bare) => {
                    self.find(column, FormProblem::OtherPrefectureMunicipality { written: part.to_owned() });
                }
                None => self.find(column, FormProblem::UnknownMunicipality { written: part.to_owned() }),
            }
        }
        codes.dedup();
        codes
    }

    fn postal_code(&mut self) -> String {
        let text = self.text(Column::PostalCode);
        let digits: String = fold_code(&text).chars().filter(|c| *c != '-' && *c != '〒').collect();
        if text.is_empty() {
            return text;
        }
        if digits.len() != 7 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            self.find(Column::PostalCode, FormProblem::BadPostalCode);
            return text;
        }
        format!("{}-{}", &digits[..3], &digits[3..])
    }

    fn phone(&mut self) -> String {
        let text = self.text(Column::Phone);
        if text.is_empty() {
            return text;
        }
        // A spreadsheet that took it for a number has eaten the leading zero.
        let folded = fold_digits(&text);
        let with_zero = if (9..=10).contains(&folded.len()) && folded.bytes().all(|b| b.is_ascii_digit()) && !folded.starts_with('0') {
            format!("0{folded}")
        } else {
            text.clone()
        };
        read_phone(&with_zero).unwrap_or_else(|| {
            self.find(Column::Phone, FormProblem::BadPhone);
            text
        })
    }

    fn email(&mut self) -> String {
        let text = self.of(Column::Email).to_owned();
        if text.is_empty() {
            return text;
        }
        let email = fold_mail(&text);
        if !is_mail(&email) {
            self.find(Column::Email, FormProblem::BadEmail);
            return text;
        }
        let again = fold_mail(self.of(Column::EmailAgain));
        if !again.is_empty() && again != email {
            self.find(Column::EmailAgain, FormProblem::EmailsDiffer);
        }
        let (local, domain) = email.rsplit_once('@').unwrap_or_default();
        let domain = domain.to_ascii_lowercase();
        let under = |list: &[&str]| list.iter().any(|d| domain == *d || domain.ends_with(&format!(".{d}")));
        if under(CARRIERS) {
            self.find(Column::Email, FormProblem::CarrierMail);
        } else if under(PRIVATE) {
            self.find(Column::Email, FormProblem::PrivateMail);
        } else if is_personal(local) {
            self.find(Column::Email, FormProblem::PersonalMailbox);
        }
        email
    }
}

/// Carriers whose addresses refuse or lose official mail by default.
const CARRIERS: &[&str] = &[
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "i.softbank.jp",
    "vodafone.ne.jp",
    "ymobile.ne.jp",
    "uqmobile.jp",
    "rakumail.jp",
];
/// Free mail services.
const PRIVATE: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "yahoo.co.jp",
    "yahoo.com",
    "ymail.ne.jp",
    "outlook.jp",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.jp",
    "icloud.com",
    "me.com",
    "live.jp",
    "aol.com",
];

/// `t.yamada`, `yamada-taro`: two short words of letters. 「keibou」「119」「shobo-kyukyu」 are shared ones.
fn is_personal(local: &str) -> bool {
    let lower = local.to_ascii_lowercase();
    const SHARED: &[&str] = &[
        "shob", "shou", "kyuk", "keib", "shir", "info", "mail", "fire", "some", "soumu", "tsus", "tush", "honbu", "119", "ems", "dept",
        "ka",
    ];
    if SHARED.iter().any(|w| lower.contains(w)) {
        return false;
    }
    let parts: Vec<&str> = lower.split(['.', '-', '_']).collect();
    parts.len() == 2
        && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.iter().any(|p| p.len() == 1)
}

fn katakana(c: char) -> char {
    match c {
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeMap<String, String> {
        [("121002", "千葉市"), ("122033", "市川市"), ("131016", "千代田区")].map(|(c, n)| (c.to_owned(), n.to_owned())).into()
    }

    fn read(pairs: &[(Column, &str)]) -> (Form, Vec<(Column, FormProblem)>) {
        let mut raw: BTreeMap<Column, String> = [
            (Column::Name, "青波市消防本部"),
            (Column::NameKana, "アオナミシショウボウホンブ"),
            (Column::PostalCode, "260-0001"),
            (Column::Address, "千葉県青波市中央1-1"),
            (Column::Phone, "043-000-0119"),
            (Column::Department, "警防課"),
            (Column::ContactName, "髙﨑 一郎"),
            (Column::ContactKana, "タカサキ イチロウ"),
            (Column::Email, "keibou@city.aonami.example.jp"),
            (Column::EmailAgain, "keibou@city.aonami.example.jp"),
        ]
        .map(|(c, v)| (c, v.to_owned()))
        .into();
        raw.extend(pairs.iter().map(|(c, v)| (*c, (*v).to_owned())));
        let municipalities = known();
        let context = FormContext { prefecture: PrefCode::new(12).unwrap(), prefecture_name: "千葉県", municipalities: &municipalities };
        let (form, findings) = read_form(&raw, &context);
        (form, findings.into_iter().map(|f| (f.column, f.problem)).collect())
    }

    #[test]
    fn what_people_type_is_folded() {
        let (form, findings) = read(&[
            (Column::Prefecture, "千葉"),
            (Column::NameKana, "ｱｵﾅﾐｼｼｮｳﾎﾞｳﾎﾝﾌﾞ"),
            (Column::PostalCode, "２６０ー０００１"),
            (Column::Phone, "０４３（０００）０１１９"),
            (Column::Email, "ｋｅｉｂｏｕ@city.aonami.example.jp"),
            (Column::Municipalities, "千葉市、122033"),
            (Column::HeadquartersType, "一部事務組合"),
            (Column::ContactKana, "たかさき いちろう"),
        ]);
        assert_eq!(findings, []);
        assert_eq!(form.name_kana, "アオナミシショウボウホンブ");
        assert_eq!(form.postal_code, "260-0001");
        assert_eq!(form.phone, "043-000-0119");
        assert_eq!(form.email, "keibou@city.aonami.example.jp");
        assert_eq!(form.municipalities, ["121002", "122033"]);
        assert_eq!(form.headquarters_type, "union");
        assert_eq!(form.contact_kana, "タカサキ イチロウ");
        assert_eq!(form.contact_name, "髙﨑 一郎", "names stay as they are written");
        assert_eq!(read(&[(Column::Phone, "430000119")]).0.phone.replace('-', ""), "0430000119", "a zero that a spreadsheet ate");
    }

    #[test]
    fn what_is_wrong_is_named() {
        use {Column as C, FormProblem as P};
        let written = |s: &str| s.to_owned();
        for (column, typed, problem) in [
            (C::Prefecture, "東京都", P::OtherPrefecture { written: written("東京都") }),
            (C::Name, "", P::Missing),
            (C::Name, "=cmd|' /C calc'!A0消防本部", P::Formula),
            (C::Name, "青波市消防署", P::NotFireHeadquarters),
            (C::NameKana, "青波", P::NotKana),
            (C::HeadquartersType, "その他", P::UnknownType),
            (C::Municipalities, "121003", P::BadMunicipalityCode { written: written("121003") }),
            (C::Municipalities, "131016", P::OtherPrefectureMunicipality { written: written("131016") }),
            (C::Municipalities, "千代田区", P::OtherPrefectureMunicipality { written: written("千代田区") }),
            (C::Municipalities, "無い市", P::UnknownMunicipality { written: written("無い市") }),
            (C::PostalCode, "26-0001", P::BadPostalCode),
            (C::Phone, "1234", P::BadPhone),
            (C::Email, "keibou@localhost", P::BadEmail),
            (C::Email, "警防@city.example.jp", P::BadEmail),
            (C::EmailAgain, "keibo@city.aonami.example.jp", P::EmailsDiffer),
            (C::Remarks, "a\u{7}b", P::NotText),
        ] {
            let (_, findings) = read(&[(column, typed)]);
            assert!(findings.contains(&(column, problem.clone())), "{column:?} {typed}: {findings:?}");
        }
        let (_, findings) = read(&[(C::Address, &"あ".repeat(201))]);
        assert_eq!(findings, [(C::Address, P::TooLong { max: 200 })]);
        let (form, findings) = read(&[(C::Name, "青波市消防署"), (C::ExceptionReason, "本部が被災したため")]);
        assert_eq!((form.applicant(), findings), (Applicant::Other, vec![(C::Name, P::Consultation)]));
    }

    #[test]
    fn mail_addresses_that_are_doubtful() {
        for (email, problem) in [
            ("a119@docomo.ne.jp", Some(FormProblem::CarrierMail)),
            ("aonami.fd@gmail.com", Some(FormProblem::PrivateMail)),
            ("t.yamada@city.aonami.example.jp", Some(FormProblem::PersonalMailbox)),
            ("shobo-kyukyu@city.aonami.example.jp", None),
            ("119@city.aonami.example.jp", None),
        ] {
            let (_, findings) = read(&[(Column::Email, email), (Column::EmailAgain, email)]);
            assert_eq!(findings.into_iter().next().map(|(_, p)| p), problem, "{email}");
        }
    }

    #[test]
    fn the_same_headquarters_by_any_width() {
        let key = |name: &str| Form { name: name.to_owned(), ..Form::default() }.key();
        assert_eq!(key("ちば市消防局"), key("ちば市　消防局"));
        assert_ne!(key("青波市消防本部"), key("青浜市消防本部"));
        for (name, who) in [
            ("千葉市消防局", Applicant::FireHeadquarters),
            ("東京消防庁", Applicant::FireHeadquarters),
            ("長生郡市広域市町村圏組合消防本部", Applicant::FireHeadquarters),
            ("青波市消防本部中央消防署", Applicant::Other),
            ("青波市消防団", Applicant::Other),
        ] {
            assert_eq!(Applicant::of_name(name), who, "{name}");
        }
    }
}
