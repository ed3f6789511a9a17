//! Identifiers. Each is a type of its own, so that a hospital can never stand where an account is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A hospital（医療機関）, our own and permanent; outside codes hang on it.
    HospitalId
);
uuid_id!(
    /// An organisation: whoever may hold an ID.
    OrganisationId
);
uuid_id!(
    /// An operator（操作者）of an organisation.
    AccountId
);
uuid_id!(
    /// A signed-in browser, or the life of an API token.
    SessionId
);

uuid_id!(
    /// An application for an ID.
    ApplicationId
);
uuid_id!(
    /// お知らせ
    AnnouncementId
);
uuid_id!(
    /// What a prefecture submitted with one press（束）.
    BundleId
);
uuid_id!(
    /// A mail of the outbox.
    MailId
);
uuid_id!(
    /// 緊急調査
    QueryId
);
uuid_id!(
    /// A correction that waits for the prefecture's consent（訂正の申請）.
    CorrectionId
);
uuid_id!(
    /// A view of the board that was saved, or a landmark（起点）.
    KeptId
);

/// Why a code was not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not two digits from 01 to 99.
    #[error("a prefecture code is two digits, 01 to 99: {0:?}")]
    Prefecture(String),
    /// Not an organisation ID with a right check character.
    #[error("not an organisation ID: {0:?}")]
    Organisation(String),
    /// Not `ID-NN`.
    #[error("not a sign-in name: {0:?}")]
    SignIn(String),
}

/// A prefecture code of JIS X 0401: 01 to 47. Codes from 48 are used by no prefecture; the demo takes its invented ones from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PrefCode(u8);

impl PrefCode {
    /// From the number 1 to 99.
    pub fn new(number: u8) -> Option<Self> {
        (1..=99).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// True for a code that JIS X 0401 gives to no prefecture: an invented one of the demo.
    pub fn is_invented(self) -> bool {
        self.0 > 47
    }
}

impl fmt::Display for PrefCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl FromStr for PrefCode {
    type Err = CodeError;
    fn from_str(s: &str) -> Result<Self, CodeError> {
        let wrong = || CodeError::Prefecture(s.to_owned());
        if s.len() != 2 || !s.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        s.parse().ok().and_then(Self::new).ok_or_else(wrong)
    }
}

impl TryFrom<String> for PrefCode {
    type Error = CodeError;
    fn try_from(s: String) -> Result<Self, CodeError> {
        s.parse()
    }
}

impl From<PrefCode> for String {
    fn from(code: PrefCode) -> Self {
        code.to_string()
    }
}

/// The alphabet of organisation IDs: 32 characters without the look-alikes 0 O 1 I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// An organisation ID: class letter, prefecture (two digits, 00 for the ministry), four characters, check character. Eight in all, as
/// `F12K7QPX`; the real system's IDs have seven or eight (domain.md §3.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationCode(String);

impl OrganisationCode {
    /// Builds an ID from its class letter, prefecture and a number below 32⁴ (higher bits are ignored).
    pub fn build(class: char, prefecture: Option<PrefCode>, serial: u32) -> Self {
        let mut s = String::with_capacity(8);
        s.push(class);
        match prefecture {
            Some(p) => s.push_str(&p.to_string()),
            None => s.push_str("00"),
        }
        for shift in [15, 10, 5, 0] {
            s.push(char::from(ALPHABET[(serial >> shift & 31) as usize]));
        }
        s.push(check_character(&s));
        Self(s)
    }

    /// The prefecture that it names; `None` for the ministry.
    pub fn prefecture(&self) -> Option<PrefCode> {
        self.0[1..3].parse().ok()
    }

    /// The five characters behind the prefecture, which within it are enough to find the organisation: what stands large on a sheet of paper.
    /// The last one is the check character.
    pub fn short(&self) -> &str {
        self.0.get(3..).unwrap_or_default()
    }

    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check character: a weighted sum over the seven before it, so that one wrong character or two swapped neighbours show.
fn check_character(seven: &str) -> char {
    let sum: u32 = seven
        .bytes()
        .zip([1u32, 3, 5, 7, 9, 11, 13])
        .map(|(b, weight)| {
            let value = match b {
                b'0'..=b'9' => u32::from(b - b'0'),
                _ => u32::from(b.wrapping_sub(b'A')) + 10,
            };
            value * weight
        })
        .sum();
    char::from(ALPHABET[(sum % 31) as usize])
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for OrganisationCode {
    type Err = CodeError;
    /// Case and full-width letters are forgiven; a wrong check character is not.
    fn from_str(s: &str) -> Result<Self, CodeError> {
        let wrong = || CodeError::Organisation(s.to_owned());
        let folded = crate::text::fold_code(s);
        let bytes = folded.as_bytes();
        if bytes.len() != 8 || !bytes.iter().all(u8::is_ascii_alphanumeric) || !bytes[0].is_ascii_uppercase() {
            return Err(wrong());
        }
        if !bytes[1..3].iter().all(u8::is_ascii_digit) || check_character(&folded[..7]) != char::from(bytes[7]) {
            return Err(wrong());
        }
        Ok(Self(folded))
    }
}

impl TryFrom<String> for OrganisationCode {
    type Error = CodeError;
    fn try_from(s: String) -> Result<Self, CodeError> {
        s.parse()
    }
}

impl From<OrganisationCode> for String {
    fn from(code: OrganisationCode) -> Self {
        code.0
    }
}

/// What is typed to sign in: the organisation ID and the operator's number, `F12K7QPX-02`. Operators are numbered from 01, never reused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignInName {
    /// The organisation.
    pub organisation: OrganisationCode,
    /// The operator's number, 1 to 9999.
    pub operator: u16,
}

impl fmt::Display for SignInName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.organisation, self.operator)
    }
}

impl FromStr for SignInName {
    type Err = CodeError;
    fn from_str(s: &str) -> Result<Self, CodeError> {
        let wrong = || CodeError::SignIn(s.to_owned());
        let folded = crate::text::fold_code(s);
        let (code, operator) = folded.split_once('-').ok_or_else(wrong)?;
        if operator.len() < 2 || operator.len() > 4 || !operator.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let operator = operator.parse().ok().filter(|n| *n > 0).ok_or_else(wrong)?;
        Ok(Self { organisation: code.parse().map_err(|_| wrong())?, operator })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prefecture_codes() {
        assert_eq!("12".parse::<PrefCode>().unwrap().to_string(), "12");
        assert_eq!("01".parse::<PrefCode>().unwrap().number(), 1);
        assert!("99".parse::<PrefCode>().unwrap().is_invented());
        for bad in ["", "0", "00", "1", "100", "1a", "１２", "-1", "+1"] {
            assert!(bad.parse::<PrefCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn an_organisation_code_reads_back_and_forgives_case_and_width() {
        let code = OrganisationCode::build('F', PrefCode::new(12), 777_777);
        assert_eq!(code.as_str().len(), 8);
        assert_eq!(code.as_str().to_lowercase().parse::<OrganisationCode>().unwrap(), code);
        let name: SignInName = format!(" {}－０２ ", code.as_str()).parse().unwrap();
        assert_eq!(name, SignInName { organisation: code, operator: 2 });
    }

    proptest! {
        #[test]
        fn one_wrong_or_two_swapped_characters_show(serial in 0u32..1 << 20, at in 3usize..7, other in 0usize..32) {
            let code = OrganisationCode::build('H', PrefCode::new(13), serial).0;
            let mut wrong: Vec<u8> = code.clone().into_bytes();
            wrong[at] = ALPHABET[other];
            let wrong = String::from_utf8(wrong).unwrap();
            // 32 characters share 31 check values, so the pairs 2-X, 3-Y and 4-Z (31 apart in value) pass unseen.
            let value = |c: u8| if c.is_ascii_digit() { u32::from(c - b'0') } else { u32::from(c - b'A') + 10 };
            let same = value(code.as_bytes()[at]) % 31 == value(wrong.as_bytes()[at]) % 31;
            prop_assert_eq!(wrong.parse::<OrganisationCode>().is_ok(), same);
        }

        #[test]
        fn parsing_never_panics(s in ".*") {
            let _ = s.parse::<OrganisationCode>();
            let _ = s.parse::<SignInName>();
            let _ = s.parse::<PrefCode>();
        }
    }
}
