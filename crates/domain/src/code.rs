//! Codes that others give out, and their check digits（domain.md §3.5）.

/// The check digit of a 全国地方公共団体コード, from its first five digits.
pub fn municipality_check_digit(five: &str) -> Option<char> {
    let digits = digits::<5>(five)?;
    let sum: u32 = digits.iter().zip([6, 5, 4, 3, 2]).map(|(digit, weight)| digit * weight).sum();
    char::from_digit((11 - sum % 11) % 10, 10)
}

/// A 全国地方公共団体コード: six digits, the last one right. Says nothing of whether such a municipality exists.
pub fn is_municipality_code(code: &str) -> bool {
    code.is_ascii() && code.len() == 6 && municipality_check_digit(&code[..5]) == code.chars().next_back()
}

/// A 医療機関コード of ten digits: prefecture, point table（1 医科, 3 歯科, 4 調剤, 6 訪問看護）, seven digits with a right check digit.
pub fn is_institution_code(code: &str) -> bool {
    let Some(all) = digits::<10>(code) else { return false };
    let prefecture = all[0] * 10 + all[1];
    if !(1..=47).contains(&prefecture) || !matches!(all[2], 1 | 3 | 4 | 6) {
        return false;
    }
    // 埼玉, 千葉, 東京 and 神奈川 take the check digit over the institution's own six digits only, as their codes were before the
    // prefecture was put in front.
    let from = if (11..=14).contains(&prefecture) { 3 } else { 0 };
    let sum: u32 = all[from..9]
        .iter()
        .rev()
        .zip([2, 1].into_iter().cycle())
        .map(|(digit, weight)| {
            let product = digit * weight;
            product / 10 + product % 10
        })
        .sum();
    all[9] == (10 - sum % 10) % 10
}

fn digits<const N: usize>(s: &str) -> Option<[u32; N]> {
    let mut digits = [0; N];
    if s.len() != N {
        return None;
    }
    for (digit, c) in digits.iter_mut().zip(s.chars()) {
        *digit = c.to_digit(10)?;
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn municipality_codes() {
        for good in ["010006", "130001", "261009", "011002", "141003", "401307", "011011", "012025"] {
            assert!(is_municipality_code(good), "{good}");
        }
        for bad in ["010007", "01000", "0100060", "０１０００６", "01000a", "", "+10006", "あい"] {
            assert!(!is_municipality_code(bad), "{bad}");
        }
        assert_eq!(municipality_check_digit("01101"), Some('1'));
        assert_eq!(municipality_check_digit("1101"), None);
    }

    #[test]
    fn institution_codes() {
        for good in ["0110113719", "1210110700", "0110119385", "0110116381", "0111417382"] {
            assert!(is_institution_code(good), "{good}");
        }
        for bad in
            ["0110113718", "1210110701", "X0710418492", "0010113719", "4810113719", "0190113719", "110113719", "", "０１１０１１３７１９"]
        {
            assert!(!is_institution_code(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_shows(code in prop::sample::select(vec!["0110113719", "1210110700"]), at in 3usize..10, digit in 0u8..10) {
            let mut wrong = code.as_bytes().to_vec();
            wrong[at] = b'0' + digit;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(is_institution_code(&wrong), wrong == code);
        }

        #[test]
        fn nothing_panics(s in ".*") {
            let _ = (is_municipality_code(&s), is_institution_code(&s), municipality_check_digit(&s));
        }
    }
}
