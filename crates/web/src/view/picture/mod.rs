//! The screens of the picture（病床の状況）: a prefecture, its settings, the nation.

mod chart;
mod nation;
mod prefecture;
mod settings;

pub use nation::{NationPicturePage, nation_table};
pub use prefecture::{PictureFilter, PicturePage, Span, picture_table};
pub use settings::{PictureSettingsPage, PictureTyped};

/// The sheets of these screens.
const SHEETS: &[&str] = &["completeness.css", "picture.css"];

/// 「▲ 2.4」, 「▼ 3」, 「－」: against another value; nothing where either is unknown.
fn change(measure_is_rate: bool, now: Option<u64>, before: Option<u64>) -> String {
    let (Some(now), Some(before)) = (now, before) else { return "－".to_owned() };
    let by = now.abs_diff(before);
    let number = if measure_is_rate { format!("{}.{}", by / 10, by % 10) } else { akidoko_service::picture::words::thousands(by) };
    match now.cmp(&before) {
        std::cmp::Ordering::Equal => "± 0".to_owned(),
        std::cmp::Ordering::Greater => format!("▲ {number}"),
        std::cmp::Ordering::Less => format!("▼ {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::change;

    #[test]
    fn changes() {
        for (is_rate, now, before, words) in [
            (true, Some(523), Some(499), "▲ 2.4"),
            (true, Some(499), Some(523), "▼ 2.4"),
            (false, Some(1500), Some(100), "▲ 1,400"),
            (false, Some(3), Some(3), "± 0"),
            (false, None, Some(3), "－"),
            (false, Some(3), None, "－"),
        ] {
            assert_eq!(change(is_rate, now, before), words);
        }
    }
}
