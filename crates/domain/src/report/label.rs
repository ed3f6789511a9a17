//! What an item is called where it stands alone: in a table, in a message, above a column of a file.

use crate::survey::{Item, ItemKind, Survey};
use std::collections::BTreeMap;

/// The label of an item on its own: a 「うち…」 names the item that it is part of, a 「計」 its section.
pub fn label(survey: &Survey, id: &str) -> String {
    for section in &survey.sections {
        let mut whole: Option<&Item> = None;
        for item in &section.items {
            if item.id == id {
                return match whole {
                    _ if item.label == "計" => format!("{} 計", short(&section.title)),
                    Some(whole) if item.part && whole.label == "計" => format!("{} {}", short(&section.title), item.label),
                    Some(whole) if item.part && is_once(survey, whole) => format!("{} {}", whole.label, item.label),
                    _ if !is_once(survey, item) => format!("{} {}", section.title, item.label),
                    _ => item.label.clone(),
                };
            }
            if !item.part {
                whole = Some(item);
            }
        }
    }
    id.to_owned()
}

/// Five goods have a 在庫 each: then the section says of which.
fn is_once(survey: &Survey, item: &Item) -> bool {
    item.part || survey.items().filter(|i| i.label == item.label).count() < 2
}

/// 受入可能病床数（空床） is 空床 for short.
fn short(title: &str) -> &str {
    title.split_once('（').and_then(|(_, rest)| rest.strip_suffix('）')).unwrap_or(title)
}

/// The headings of the items in a file, in the order of the survey: the label on its own with the unit, and the id where two would
/// be called the same.
pub fn headings(survey: &Survey) -> Vec<(&Item, String)> {
    let plain: Vec<(&Item, String)> = survey.items().map(|item| (item, heading(survey, item))).collect();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (_, heading) in &plain {
        *count.entry(heading.clone()).or_default() += 1;
    }
    let apart = |(item, heading): (_, String)| {
        let item: &Item = item;
        if count[&heading] > 1 { (item, format!("{heading}［{}］", item.id)) } else { (item, heading) }
    };
    plain.into_iter().map(apart).collect()
}

fn heading(survey: &Survey, item: &Item) -> String {
    // A blank of full width in a label is for the screen; the government's rules want none for looks.
    let label = label(survey, &item.id).replace('\u{3000}', " ");
    match &item.kind {
        ItemKind::Count { unit, .. } if !unit.is_empty() => format!("{label}（{unit}）"),
        _ => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};
    use std::collections::BTreeSet;

    #[test]
    fn a_label_is_clear_on_its_own() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        for (id, expected) in [
            ("emergency_status", "救急の受入状況"),
            ("available_beds", "空床 計"),
            ("available_beds_severe", "空床 うち重症"),
            ("ready_beds_severe", "即応病床数 うち重症者用"),
            ("inpatients_icu", "入院患者数 うちICU入院中"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(label(daily, id), expected);
        }
    }

    #[test]
    fn headings_tell_every_item_apart() {
        for survey in Catalogue::shipped().all() {
            let all = headings(survey);
            assert_eq!(all.iter().map(|(_, h)| h).collect::<BTreeSet<_>>().len(), all.len(), "{}", survey.code);
        }
        let catalogue = Catalogue::shipped();
        let daily = headings(catalogue.version(DAILY, 1).unwrap());
        let of = |id: &str| daily.iter().find(|(i, _)| i.id == id).map(|(_, h)| h.as_str());
        assert_eq!(of("available_beds"), Some("空床 計（床）"));
        assert_eq!(of("ventilators_owned"), Some("人工呼吸器 保有（台）"));
    }
}
