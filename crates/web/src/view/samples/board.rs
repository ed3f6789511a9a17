//! What stands around the board: what is shared, what is kept, the manual.

use super::{fire, frame, html, rows};
use crate::view::{HelpPage, KeptPage, KeptProblem, KeptTyped, SharingPage, SharingTyped};
use akidoko_domain::{
    board::{
        Column, OtherSystem, Sharing,
        kept::{Landmark, SavedView},
    },
    id::{AccountId, KeptId, PrefCode},
    organisation::OrganisationKind,
};
use akidoko_service::live::Board;
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

pub fn all() -> Vec<(&'static str, String)> {
    let board = Board::sample(PrefCode::new(99).unwrap(), "青嶺県", rows().into_iter().map(Arc::new));
    let mut sharing = Sharing::default();
    sharing.hide(Column::BoardComment, OrganisationKind::Hospital);
    let system = OtherSystem { name: "青嶺県統合情報システム".into(), url: "https://joho.aomine.example.jp/".into() };
    let prefecture = || frame(Some(OrganisationKind::PrefectureHealth));
    let by_surveys = |kind| if kind == OrganisationKind::Hospital { BTreeSet::from([Column::EcmoUsable]) } else { BTreeSet::new() };
    let share = |typed: &SharingTyped<'_>, system| {
        html(&SharingPage::new(
            prefecture(),
            ("青嶺県", akidoko_domain::time::jst_day(super::now())),
            (&sharing, system),
            by_surveys,
            typed,
        ))
    };
    let view = |n: u128, account: Option<AccountId>, name: &str, parameters: &str| SavedView {
        id: KeptId(Uuid::from_u128(n)),
        account,
        name: name.into(),
        parameters: parameters.into(),
    };
    let views = [
        view(1, None, "夜の重症と透析", "severity=severe&care=dialysis&order=beds"),
        view(2, Some(AccountId(Uuid::from_u128(9))), "自分用", "area=9903&level=tertiary&device=ecmo&within=6&q=なぎ&accepting=1"),
        view(3, None, "なくなった条件", "care=oxygen"),
    ];
    let marks = [Landmark { id: KeptId(Uuid::from_u128(4)), name: "本署".into(), place: "35.6074,140.1065".parse().unwrap() }];
    let kept =
        |typed: &KeptTyped<'_>, full: bool| html(&KeptPage::new(fire(), &board, if full { (&views, &marks) } else { (&[], &[]) }, typed));
    let wrong = KeptTyped { name: "山田", place: "ここ", problem: Some(KeptProblem::Place), ..KeptTyped::default() };
    let nameless =
        KeptTyped { parameters: "severity=severe", problem: Some(KeptProblem::NameMissing), of_view: true, ..KeptTyped::default() };
    vec![
        ("sharing", share(&SharingTyped { saved: true, ..SharingTyped::default() }, Some(&system))),
        ("sharing-conflict", share(&SharingTyped { sharing: Some(&Sharing::default()), ..SharingTyped::default() }, None)),
        ("sharing-wrong", share(&SharingTyped { system: Some(("県の", "ftp://x", "url")), ..SharingTyped::default() }, None)),
        ("kept", kept(&KeptTyped { saved: true, ..KeptTyped::default() }, true)),
        ("kept-empty", kept(&KeptTyped::default(), false)),
        ("kept-wrong", kept(&wrong, true)),
        ("kept-nameless", kept(&nameless, false)),
        (
            "help",
            html(&HelpPage::new(
                fire(),
                "手引き",
                "<h1>手引き</h1><p>本文</p>".into(),
                false,
                vec![("", "消防本部の手引き"), ("keys", "API キー")],
            )),
        ),
    ]
}
