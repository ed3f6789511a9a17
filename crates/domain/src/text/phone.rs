//! Telephone numbers: digits only to compare, hyphens kept to read aloud.

use super::{date::fold, is_hyphen, trim};

/// A telephone number as digits only. What stands behind the number（内線, （代）） is cut; 「+81」 becomes 「0」.
pub fn fold_phone(s: &str) -> String {
    let folded: String = fold(trim(s)).into_iter().collect();
    let abroad = folded.starts_with("+81");
    let mut digits = String::new();
    for c in folded.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if !digits.is_empty() && !separates(c) {
            break;
        }
    }
    match digits.strip_prefix("81") {
        Some(rest) if abroad => format!("0{}", rest.strip_prefix('0').unwrap_or(rest)),
        _ => digits,
    }
}

fn separates(c: char) -> bool {
    is_hyphen(c) || c.is_whitespace() || matches!(c, '(' | ')' | '.' | '/')
}

/// A telephone number as typed, made readable: 「０３−１２３４−５６７８」 is 「03-1234-5678」, 「043(227)7437 内線 2100」 is
/// 「043-227-7437 内線2100」. `None` where it is not one of Japan: nine to eleven digits, the first of them 0.
pub fn read_phone(s: &str) -> Option<String> {
    let folded: String = fold(trim(s)).into_iter().collect();
    let (main, extension) = match folded.split_once("内線") {
        Some((main, extension)) => (main, Some(extension)),
        None => (folded.as_str(), None),
    };
    let mut groups: Vec<String> = vec![String::new()];
    for c in trim(main).trim_end_matches('(').chars() {
        match groups.last_mut() {
            Some(group) if c.is_ascii_digit() => group.push(c),
            Some(group) if separates(c) && !group.is_empty() => groups.push(String::new()),
            _ if separates(c) => {}
            _ => return None,
        }
    }
    groups.retain(|group| !group.is_empty());
    let number = groups.join("-");
    let digits = groups.iter().map(String::len).sum::<usize>();
    if !number.starts_with('0') || !(9..=11).contains(&digits) {
        return None;
    }
    let Some(extension) = extension else { return Some(number) };
    let extension: String = extension.chars().filter(|c| !separates(*c) && !matches!(c, ':' | ',')).collect();
    let is_number = (1..=6).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| format!("{number} 内線{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_to_digits() {
        for (typed, expected) in [
            ("0138852001", "0138852001"),
            ("043-227-7437", "0432277437"),
            ("０４３（２２７）７４３７　", "0432277437"),
            ("TEL：043‐227−7437（内線 2100）", "0432277437"),
            ("0432277437（代）", "0432277437"),
            ("+81-43-227-7437", "0432277437"),
            ("+81 (0)43-227-7437", "0432277437"),
            ("なし", ""),
            ("", ""),
        ] {
            assert_eq!(fold_phone(typed), expected, "{typed}");
        }
    }

    #[test]
    fn made_readable() {
        for (typed, expected) in [
            ("０３−１２３４−５６７８", Some("03-1234-5678")),
            ("0312345678", Some("0312345678")),
            ("090 1234 5678", Some("090-1234-5678")),
            ("043(227)7437", Some("043-227-7437")),
            ("(043) 227-7437", Some("043-227-7437")),
            ("043-227-7437（内線 2100）", Some("043-227-7437 内線2100")),
            ("043-227-7437 内線：２１", Some("043-227-7437 内線21")),
            ("043-227-7437 内線2100", Some("043-227-7437 内線2100")),
            ("電話", None),
            ("内線 2100", None),
            ("043-227-7437 内線 救急", None),
            ("1234567890", None),
            ("0120", None),
            ("043-227-7437-1234", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(read_phone(typed).as_deref(), expected, "{typed}");
            assert_eq!(expected.and_then(read_phone).as_deref(), expected, "read twice: {typed}");
        }
    }
}
