//! A choice before a screen: the ministry chooses a prefecture, an association the member that it reports for.

use super::{Frame, Here, path};
use crate::words;
use akidoko_domain::{
    board::{Card, Totals},
    id::PrefCode,
    time::jst_day,
};
use askama::Template;
use chrono::{DateTime, Utc};

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where to.
    pub href: String,
    /// Its name.
    pub name: String,
    /// What is known of it.
    pub note: String,
}

impl Choice {
    /// A prefecture with the figures of its board.
    pub fn prefecture(code: PrefCode, name: &str, totals: &Totals) -> Self {
        let note = format!(
            "受入可 {} / {} 病院　空床 {} 床　未回答 {} 病院",
            totals.accepting,
            totals.hospitals,
            words::sum(totals.available),
            totals.unanswered
        );
        Self { href: format!("{}?prefecture={code}", path::BOARD), name: name.to_owned(), note }
    }

    /// A hospital to report for, with the moment of its last report.
    pub fn hospital(card: &Card, reported_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let today = jst_day(now);
        let note = match reported_at {
            Some(at) if jst_day(at) == today => format!("今日の報告は済み（{}）", words::clock(at)),
            Some(at) => format!("今日の報告はまだ　前回 {}", words::age(at, now)),
            None => "まだ報告がありません".to_owned(),
        };
        Self { href: path::report(&card.code, today), name: card.name.clone(), note }
    }
}

impl Choice {
    /// A hospital whose beds are to be updated, with the age of what stands.
    pub fn quick(card: &Card, as_of: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        let note = as_of.map_or_else(|| "まだ報告がありません".to_owned(), |at| format!("いまのボードは {} の値", words::age(at, now)));
        Self { href: path::hospital_quick(&card.code), name: card.name.clone(), note }
    }
}

/// The list.
#[derive(Debug, Clone, Template)]
#[template(path = "choice.html")]
pub struct ChoicePage {
    frame: Frame,
    heading: &'static str,
    lead: &'static str,
    empty: &'static str,
    choices: Vec<Choice>,
}

impl ChoicePage {
    /// Which prefecture's board?
    pub fn prefectures(frame: Frame, choices: Vec<Choice>) -> Self {
        Self {
            frame: frame.of("都道府県を選ぶ", Here::Board, &[]),
            heading: "都道府県を選ぶ",
            lead: "見たい都道府県の病床ボードを開きます。",
            empty: "医療機関が登録された都道府県は、まだありません。",
            choices,
        }
    }

    /// Whose beds?
    pub fn quick(frame: Frame, choices: Vec<Choice>) -> Self {
        Self {
            frame: frame.of("空床を更新する医療機関を選ぶ", Here::Quick, &[]),
            heading: "空床を更新する医療機関を選ぶ",
            lead: "選んだ医療機関の空床と受入状況を更新します。ボードには「代行」と示します。",
            empty: "更新できる医療機関が登録されていません。都道府県に確かめてください。",
            choices,
        }
    }

    /// Whose report?
    pub fn hospitals(frame: Frame, choices: Vec<Choice>) -> Self {
        Self {
            frame: frame.of("報告する医療機関を選ぶ", Here::Report, &[]),
            heading: "報告する医療機関を選ぶ",
            lead: "選んだ医療機関の今日の報告を入力します。ボードには「代行」と示します。",
            empty: "報告できる医療機関が登録されていません。都道府県に確かめてください。",
            choices,
        }
    }
}
