//! Saved views of the board, and landmarks.

use super::{Frame, Here, path};
use crate::words;
use akidoko_domain::{
    board::{
        Filter, Order,
        kept::{Landmark, NAME_MAX, SavedView},
    },
    id::PrefCode,
    place::Point,
};
use akidoko_service::{kept::filter_of, live::Board};
use askama::Template;
use std::collections::BTreeMap;

/// What is wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptProblem {
    /// There is no name.
    NameMissing,
    /// It is too long, or no text.
    NameBad,
    /// It speaks of a patient.
    NamePatient,
    /// It is no place.
    Place,
    /// It is no view of the board.
    View,
    /// There are enough.
    TooMany,
}

impl KeptProblem {
    fn words(self) -> String {
        match self {
            Self::NameMissing => "名前を入れてください。".to_owned(),
            Self::NameBad => format!("名前は {NAME_MAX} 字までの文字で入れてください。"),
            Self::NamePatient => "患者さんの情報は書けません。別の名前にしてください。".to_owned(),
            Self::Place => "位置を読めません。「35.6074,140.1065」のように、緯度と経度をコンマで区切って入れてください。".to_owned(),
            Self::View => "この条件は、いまのボードで使えません。ボードで条件を選び直してください。".to_owned(),
            Self::TooMany => "これ以上は保存できません。使わないものを削除してください。".to_owned(),
        }
    }

    fn about_name(self) -> bool {
        matches!(self, Self::NameMissing | Self::NameBad | Self::NamePatient)
    }
}

/// What was typed, where the page is shown again, or brought from the board.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeptTyped<'a> {
    /// The name.
    pub name: &'a str,
    /// The parameters of a board.
    pub parameters: &'a str,
    /// For the whole organisation.
    pub for_all: bool,
    /// A place.
    pub place: &'a str,
    /// It was done a moment ago.
    pub saved: bool,
    /// What is wrong.
    pub problem: Option<KeptProblem>,
    /// …with a view; else with a landmark.
    pub of_view: bool,
}

struct View {
    id: String,
    name: String,
    /// Where it leads; `None`: it names what is gone.
    href: Option<String>,
    conditions: String,
    for_all: bool,
}

struct Start {
    id: String,
    name: String,
    place: String,
    href: String,
}

fn nearest(prefecture: PrefCode, place: Point) -> String {
    path::board(path::BOARD, prefecture, &Filter { near: Some(place), order: Order::Distance, ..Filter::default() })
}

fn view(prefecture: PrefCode, view: &SavedView, names: &BTreeMap<String, String>) -> View {
    let filter = filter_of(&view.parameters).ok();
    View {
        id: view.id.to_string(),
        name: view.name.clone(),
        conditions: filter.as_ref().map(|f| words::conditions(f, names)).unwrap_or_default(),
        href: filter.map(|f| path::board(path::BOARD, prefecture, &f)),
        for_all: view.account.is_none(),
    }
}

fn start(prefecture: PrefCode, l: &Landmark) -> Start {
    Start { id: l.id.to_string(), name: l.name.clone(), place: l.place.to_string(), href: nearest(prefecture, l.place) }
}

/// The screen.
#[expect(clippy::struct_excessive_bools, reason = "each is a question of the template")]
#[derive(Template)]
#[template(path = "kept.html")]
pub struct KeptPage {
    frame: Frame,
    views: Vec<View>,
    landmarks: Vec<Start>,
    municipalities: Vec<(String, String)>,
    /// The view that can be saved: its parameters, and what they ask.
    offered: Option<(String, String)>,
    name_of_view: String,
    name_of_landmark: String,
    place: String,
    for_all: bool,
    saved: bool,
    problem: Option<String>,
    about_name: bool,
    of_view: bool,
}

impl KeptPage {
    /// What is kept of a board.
    pub fn new(frame: Frame, board: &Board, (views, landmarks): (&[SavedView], &[Landmark]), typed: &KeptTyped<'_>) -> Self {
        let p = board.prefecture;
        let name = |of_view: bool| if typed.of_view == of_view { typed.name.to_owned() } else { String::new() };
        // Codes of areas have four digits, those of municipalities six.
        let names: BTreeMap<String, String> = board.areas().into_iter().chain(board.municipalities()).collect();
        let asked = filter_of(typed.parameters).ok().filter(|f| *f != Filter::default());
        Self {
            frame: frame.of("保存した表示と起点", Here::Kept, &["js/here.js"]).with_sheets(&["survey.css"]),
            views: views.iter().map(|v| view(p, v, &names)).collect(),
            landmarks: landmarks.iter().map(|l| start(p, l)).collect(),
            municipalities: board.starts().into_iter().map(|(_, name, place)| (name, nearest(p, place))).collect(),
            offered: asked.map(|f| (typed.parameters.to_owned(), words::conditions(&f, &names))),
            name_of_view: name(true),
            name_of_landmark: name(false),
            place: typed.place.to_owned(),
            for_all: typed.for_all,
            saved: typed.saved,
            problem: typed.problem.map(KeptProblem::words),
            about_name: typed.problem.is_some_and(KeptProblem::about_name),
            of_view: typed.of_view,
        }
    }
}

/// The same as links: where to, and the name.
#[derive(Template)]
#[template(path = "_kept.html")]
pub struct KeptStrip {
    views: Vec<(String, String)>,
    landmarks: Vec<(String, String)>,
}

impl KeptStrip {
    /// What can be pressed on a board.
    pub fn new(prefecture: PrefCode, views: &[SavedView], landmarks: &[Landmark]) -> Self {
        // One that names what is gone can only be removed, on the page of what is kept.
        let view = |v: &SavedView| Some((path::board(path::BOARD, prefecture, &filter_of(&v.parameters).ok()?), v.name.clone()));
        let landmark = |l: &Landmark| (nearest(prefecture, l.place), l.name.clone());
        Self { views: views.iter().filter_map(view).collect(), landmarks: landmarks.iter().map(landmark).collect() }
    }
}
