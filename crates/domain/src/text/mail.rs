//! A mail address as it is typed.

/// Reads a mail address: full-width letters become half-width; case stays, since some servers heed it before the @. `None`: it is none.
pub fn read_mail(typed: &str) -> Option<String> {
    let folded = fold_mail(super::trim(typed));
    is_mail(&folded).then_some(folded)
}

/// Full-width letters and signs, half-width.
pub fn fold_mail(s: &str) -> String {
    s.chars().map(|c| if ('！'..='～').contains(&c) { char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c) } else { c }).collect()
}

/// A mail address in the plain form of RFC 5321: half-width, one @, a domain with a dot.
pub fn is_mail(s: &str) -> bool {
    let Some((local, domain)) = s.rsplit_once('@') else { return false };
    let local_fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    (1..=64).contains(&local.len())
        && local.chars().all(local_fits)
        && s.len() <= 254
        && domain.contains('.')
        && domain.split('.').all(label)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_type_them() {
        assert_eq!(read_mail("　ｋｅｉｂｏ＠ｆｄ．ｅｘａｍｐｌｅ．ｊｐ "), Some("keibo@fd.example.jp".to_owned()));
        assert_eq!(read_mail("Keibo@fd.example.jp"), Some("Keibo@fd.example.jp".to_owned()));
        for none in ["", "@", "a@b", "a b@example.jp", "a@example..jp", ".a@example.jp", "a..b@example.jp", "あ@example.jp", "a@-b.jp"] {
            assert_eq!(read_mail(none), None, "{none}");
        }
    }
}
