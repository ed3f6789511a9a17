//! Why somebody reported for a hospital, in words.

use akidoko_domain::{
    board::Row,
    report::{Author, Behalf, BehalfWhy},
};

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

/// Who spoke in place of the hospital: 「代行」「連携（県の救急情報システム）」; empty for the hospital's own.
pub fn mark(author: &Author) -> String {
    match &author.source {
        Some(source) => format!("連携（{source}）"),
        None if author.on_behalf => "代行".to_owned(),
        None => String::new(),
    }
}

/// Out of which other systems figures of a row were taken, in words; `None`: none were.
pub fn source(row: &Row) -> Option<String> {
    let (names, all) = row.sources();
    let names = names.into_iter().collect::<Vec<_>>().join("」「");
    (!names.is_empty()).then(|| format!("{}「{names}」から取り込んだ値", if all { "" } else { "一部は" }))
}

/// The same with the reason: 「代行（FAX）」.
pub fn proxy(author: &Author) -> String {
    match &author.behalf {
        _ if author.source.is_some() => mark(author),
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
