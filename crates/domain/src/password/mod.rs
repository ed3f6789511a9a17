//! The rules of a password（3省2ガイドライン, domain.md §5.1）: long rather than odd, none that everybody tries first, never asked to be
//! changed for its age alone.

mod common;

use crate::id::SignInName;
use common::{ROWS, WORDS};
use unicode_normalization::UnicodeNormalization;

/// At least so many characters, where the password stands alone（domain.md §5.1）.
pub const PASSWORD_MIN: usize = 13;
/// At least so many, where a second factor stands beside it.
pub const PASSWORD_MIN_WITH_FACTOR: usize = 8;
/// More is refused before it is hashed.
pub const PASSWORD_MAX: usize = 200;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Too short.
    #[error("too short")]
    TooShort,
    /// Too long.
    #[error("too long")]
    TooLong,
    /// The two differ.
    #[error("the two differ")]
    Differs,
    /// One that is tried first, or a few characters over and over.
    #[error("easily guessed")]
    Common,
    /// Contains the ID.
    #[error("contains the ID")]
    ContainsName,
}

/// Is this a password for this sign-in name? `least` is [`PASSWORD_MIN`] or, with a second factor, [`PASSWORD_MIN_WITH_FACTOR`].
pub fn check_password(password: &str, again: &str, name: &SignInName, least: usize) -> Result<(), PasswordError> {
    let length = password.chars().count();
    if length < least {
        return Err(PasswordError::TooShort);
    }
    if length > PASSWORD_MAX {
        return Err(PasswordError::TooLong);
    }
    if fold(password).contains(&fold(name.organisation.as_str())) {
        return Err(PasswordError::ContainsName);
    }
    if is_common(password) {
        return Err(PasswordError::Common);
    }
    if password == again { Ok(()) } else { Err(PasswordError::Differs) }
}

/// Is it short of [`PASSWORD_MIN`], so that it is good only beside a second factor?
pub fn is_short(password: &str) -> bool {
    password.chars().count() < PASSWORD_MIN
}

/// Is it made of nothing but what is tried first: known words, rows of the keyboard, digits and signs; also with `@` for a and the like?
fn is_common(password: &str) -> bool {
    let folded = fold(password);
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    let plain: Vec<char> = folded.chars().collect();
    // What follows the word counts for nothing: p@ssw0rd2026!
    let end = plain.iter().rposition(|c| c.is_alphabetic()).map_or(0, |at| at + 1);
    let disguised: Vec<char> = plain[..end].iter().map(|c| undisguised(*c)).collect();
    different.len() < 5 || is_covered(&plain) || is_covered(&disguised)
}

/// Width, case and blanks make no password a good one.
fn fold(s: &str) -> String {
    s.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn undisguised(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '$' | '5' => 's',
        '7' => 't',
        _ => c,
    }
}

/// Is the whole of it words of the list, pieces of a row of four keys or more, and what is no letter?
fn is_covered(characters: &[char]) -> bool {
    let mut reached = vec![false; characters.len() + 1];
    reached[0] = true;
    for at in 0..characters.len() {
        if !reached[at] {
            continue;
        }
        let rest = &characters[at..];
        if !characters[at].is_alphabetic() {
            reached[at + 1] = true;
        }
        for word in WORDS {
            let length = word.chars().count();
            if rest.len() >= length && word.chars().zip(rest).all(|(a, b)| a == *b) {
                reached[at + length] = true;
            }
        }
        for length in 4..=rest.len().min(12) {
            let piece: String = rest[..length].iter().collect();
            let back: String = rest[..length].iter().rev().collect();
            if ROWS.iter().any(|row| row.contains(&piece) || row.contains(&back)) {
                reached[at + length] = true;
            }
        }
    }
    reached[characters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{OrganisationCode, PrefCode};
    use proptest::prelude::*;

    fn name() -> SignInName {
        SignInName { organisation: OrganisationCode::build('F', PrefCode::new(12), 777_777), operator: 2 }
    }

    #[test]
    fn what_is_taken_and_what_is_not() {
        use PasswordError as E;
        let id = name().organisation.to_string();
        for (password, least, expected) in [
            ("correct horse battery", 13, Ok(())),
            ("aomine-demo-2026", 13, Ok(())),
            ("青い朝のとうふ屋が三軒ならぶ", 13, Ok(())),
            ("うみ鳴りの夜明け", 8, Ok(())),
            ("tx9-kelp", 8, Ok(())),
            ("tx9-kelp", 13, Err(E::TooShort)),
            ("twelve chars", 13, Err(E::TooShort)),
            ("", 8, Err(E::TooShort)),
            ("hospital119", 8, Err(E::Common)),
            ("HOSPITAL119", 8, Err(E::Common)),
            ("ｈｏｓｐｉｔａｌ１１９", 8, Err(E::Common)),
            ("shoubou119119", 13, Err(E::Common)),
            ("Shoubou-2026-119!", 13, Err(E::Common)),
            ("p@ssw0rd2026!!", 13, Err(E::Common)),
            ("PasswordPassword", 13, Err(E::Common)),
            ("pass word pass word", 13, Err(E::Common)),
            ("qwertyuiop123", 13, Err(E::Common)),
            ("poiuytrewq098", 13, Err(E::Common)),
            ("1qaz2wsx3edc4rfv", 13, Err(E::Common)),
            ("0312345678901", 13, Err(E::Common)),
            ("kyuukyuuhospital", 13, Err(E::Common)),
            ("病院病院病院病院病院病院病院", 13, Err(E::Common)),
            ("消防本部救急指令室消防本部", 13, Err(E::Common)),
            ("akidoko-akidoko", 13, Err(E::Common)),
            ("aaaaaaaaaaaaaaaa", 13, Err(E::Common)),
            ("abababababababab", 13, Err(E::Common)),
        ] {
            assert_eq!(check_password(password, password, &name(), least), expected, "{password}");
        }
        for password in [format!("{id}xyzzy"), format!("my {} is it", id.to_lowercase()), format!("{} {}kelp", &id[..4], &id[4..])] {
            assert_eq!(check_password(&password, &password, &name(), 13), Err(E::ContainsName), "{password}");
        }
        assert_eq!(check_password(&"長い言葉で".repeat(41), "", &name(), 13), Err(E::TooLong));
        assert_eq!(check_password("correct horse battery", "correct horse batter", &name(), 13), Err(E::Differs));
    }

    #[test]
    fn the_list_is_folded_and_has_no_word_twice() {
        let mut words = WORDS.to_vec();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), WORDS.len());
        assert!(WORDS.len() >= 200, "{}", WORDS.len());
        for word in WORDS {
            assert_eq!(fold(word), *word);
            assert!(word.chars().count() >= 2, "{word}");
        }
    }

    proptest! {
        #[test]
        fn checking_never_panics(password in ".*", again in ".*") {
            let _ = check_password(&password, &again, &name(), PASSWORD_MIN);
        }
    }
}
