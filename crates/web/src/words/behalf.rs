//! Why somebody reported for a hospital, in words.

use akidoko_domain::report::{Author, Behalf, BehalfWhy};

/// 電話で聞き取り, FAX …
pub fn why(why: BehalfWhy) -> &'static str {
    match why {
        BehalfWhy::Phone => "電話で聞き取り",
        BehalfWhy::Fax => "FAX",
        BehalfWhy::Outage => "停電・回線障害",
        BehalfWhy::Other => "その他",
    }
}

/// The reason with its text: 「電話で聞き取り：病棟から」; of その他 the text alone.
pub fn behalf(behalf: &Behalf) -> String {
    match (behalf.why, &behalf.words) {
        (BehalfWhy::Other, Some(words)) => words.clone(),
        (picked, Some(words)) => format!("{}：{words}", why(picked)),
        (picked, None) => why(picked).to_owned(),
    }
}

/// The mark of a version entered for its hospital: 「代行（FAX）」; empty for the hospital's own.
pub fn proxy(author: &Author) -> String {
    match &author.behalf {
        _ if !author.on_behalf => String::new(),
        Some(said) => format!("代行（{}）", behalf(said)),
        None => "代行".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons() {
        for (picked, words, expected) in [
            (BehalfWhy::Fax, None, "FAX"),
            (BehalfWhy::Phone, Some("病棟から"), "電話で聞き取り：病棟から"),
            (BehalfWhy::Other, Some("担当者が不在"), "担当者が不在"),
        ] {
            assert_eq!(behalf(&Behalf { why: picked, words: words.map(str::to_owned) }), expected);
        }
    }
}
