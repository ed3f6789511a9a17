//! From what was typed to what is kept.

use super::{Form, FormContext, FormFinding, FormProblem};
use crate::{
    application::{Applicant, Column, HeadquartersType, Road},
    code::{is_institution_code, is_municipality_code},
    organisation::OrganisationKind,
    text::{fold_code, fold_digits, fold_mail, fold_search, is_mail, kana_full, read_phone, trim},
};
use std::collections::BTreeMap;

/// Reads what was typed.
pub fn read_form(raw: &BTreeMap<Column, String>, context: &FormContext<'_>) -> (Form, Vec<FormFinding>) {
    let mut reading = Reading { raw, columns: Column::of(context.road), findings: Vec::new() };
    let r = &mut reading;
    let written = r.text(Column::Prefecture);
    if !written.is_empty() && !same_prefecture(&written, context) {
        r.find(Column::Prefecture, FormProblem::OtherPrefecture { written });
    }
    let mut form = Form {
        road: context.road,
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
        institution_code: r.institution_code(context),
        organisation_kind: r.organisation_kind(),
    };
    if context.road == Road::Hospital {
        form.municipalities = municipality_of(&form.address, context).into_iter().collect();
    }
    for column in Column::of(context.road).iter().copied().filter(|c| c.is_required_on(context.road)) {
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

/// In which municipality an address lies; the longest name counts, so that a ward is found before its city.
fn municipality_of(address: &str, context: &FormContext<'_>) -> Option<String> {
    let address: String = trim(address).chars().filter(|c| !c.is_whitespace()).collect();
    let own = context.prefecture.to_string();
    let rest = address.strip_prefix(context.prefecture_name).unwrap_or(&address);
    // 「印旛郡酒々井町」: the county is in the address, not in the name.
    let behind_county = rest.split_once('郡').filter(|(county, _)| county.chars().count() <= 5).map(|(_, rest)| rest);
    let lies = |name: &str| rest.starts_with(name) || behind_county.is_some_and(|r| r.starts_with(name));
    let mut named = context.municipalities.iter().filter(|(code, name)| code.starts_with(&own) && lies(name)).collect::<Vec<_>>();
    named.sort_by_key(|(_, name)| name.chars().count());
    named.pop().map(|(code, _)| code.clone())
}

struct Reading<'a> {
    raw: &'a BTreeMap<Column, String>,
    columns: &'static [Column],
    findings: Vec<FormFinding>,
}

impl Reading<'_> {
    fn of(&self, column: Column) -> &str {
        self.raw.get(&column).filter(|_| self.columns.contains(&column)).map(|s| trim(s)).unwrap_or_default()
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

    /// Ten digits. Who knows only the own seven（domain.md §3.5）is understood: prefecture and 医科 stand before them.
    fn institution_code(&mut self, context: &FormContext<'_>) -> String {
        let text = self.text(Column::InstitutionCode);
        if text.is_empty() {
            return text;
        }
        let digits: String = fold_code(&text).chars().filter(|c| !matches!(c, '-' | ',' | '.' | '・')).collect();
        let code = if digits.len() == 7 { format!("{}1{digits}", context.prefecture) } else { digits };
        if !is_institution_code(&code) {
            self.find(Column::InstitutionCode, FormProblem::BadInstitutionCode);
            return text;
        }
        if code[..2] != context.prefecture.to_string() {
            self.find(Column::InstitutionCode, FormProblem::OtherPrefectureCode);
        }
        code
    }

    fn organisation_kind(&mut self) -> Option<OrganisationKind> {
        let text = self.text(Column::OrganisationKind);
        if text.is_empty() {
            return None;
        }
        let kind = OrganisationKind::parse(&text).filter(|kind| INVITED.contains(kind));
        if kind.is_none() {
            self.find(Column::OrganisationKind, FormProblem::UnknownKind);
        }
        kind
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

/// Kinds of organisation that the ministry invites. Fire headquarters and hospitals apply, and the ministry does not invite itself.
pub const INVITED: [OrganisationKind; 5] = [
    OrganisationKind::PrefectureHealth,
    OrganisationKind::PrefectureFire,
    OrganisationKind::HealthCity,
    OrganisationKind::HealthCentre,
    OrganisationKind::Association,
];

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
