//! The screens of keys, and the page that explains the API.

use super::{fire, frame, hospital, html, now, rows};
use crate::view::{ApiPage, KeyFields, KeyMadePage, KeyPage, KeysPage};
use akidoko_domain::{
    id::{AccountId, OrganisationId, SessionId},
    key::{KeyLimits, KeyProblem, KeyRights, read_networks},
    organisation::OrganisationKind,
    time::jst_day,
};
use akidoko_service::keys::{KeyRow, Keys, NewKey, TokenLine};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use uuid::Uuid;

fn key(n: u128, name: &str, days: i64, revoked_at: Option<DateTime<Utc>>) -> KeyRow {
    let all = rows();
    KeyRow {
        id: SessionId(Uuid::from_u128(n)),
        organisation: OrganisationId(Uuid::from_u128(1)),
        account: AccountId(Uuid::from_u128(2)),
        made_by: "情報管理課".into(),
        name: name.into(),
        limits: KeyLimits {
            read: n == 1,
            report: true,
            hospitals: (n == 2).then(|| [all[0].card.id].into()),
            networks: if n == 2 { read_networks("192.0.2.0/24 2001:db8::/32").unwrap() } else { Vec::new() },
            per_minute: 120,
            feed: false,
        },
        created_at: now() - TimeDelta::days(40),
        expires_at: now() + TimeDelta::days(days),
        revoked_at,
        last_used_at: (n != 1).then(|| now() - TimeDelta::minutes(3)),
        last_network: (n != 1).then(|| "192.0.2.0/24".into()),
    }
}

fn keys() -> Keys {
    Keys {
        keys: vec![
            key(1, "<b>電子カルテ連携", 325, None),
            key(2, "夜間の集計", 6, None),
            key(3, "前のシステム", 100, Some(now())),
            key(4, "古いキー", -3, None),
        ],
        tokens: vec![TokenLine {
            id: Uuid::from_u128(9),
            name: "移行".into(),
            operator: 1,
            operator_name: "病床管理室".into(),
            expires_at: now() + TimeDelta::days(9),
        }],
        hospitals: rows().into_iter().map(Arc::new).collect(),
        may: KeyRights { read: true, report: true, feed: false },
        other_system: None,
    }
}

/// Every one of them, in its states.
pub(super) fn all() -> Vec<(&'static str, String)> {
    let (keys, today) = (keys(), jst_day(now()));
    let few = Keys {
        may: KeyRights { read: true, ..KeyRights::default() },
        hospitals: Vec::new(),
        tokens: Vec::new(),
        keys: Vec::new(),
        ..keys.clone()
    };
    let feeding =
        Keys {
            may: KeyRights { feed: true, ..keys.may }, other_system: Some("青嶺県救急医療情報システム".into()), ..keys.clone()
        };
    let usual = |keys: &Keys| KeyFields::new(keys, &KeyFields::usual(keys, today), &[], today, today);
    let problems = [
        KeyProblem::Name,
        KeyProblem::Nothing,
        KeyProblem::NoHospital,
        KeyProblem::Network("ここ".into()),
        KeyProblem::PerMinute,
        KeyProblem::Expiry(today + TimeDelta::days(730)),
    ];
    let one = &keys.keys[1];
    let stands = KeyFields::of(one, &keys);
    let wrong = KeyFields::new(&keys, &stands, &problems, today, today);
    let right = KeyFields::new(&keys, &stands, &[], jst_day(one.created_at), today);
    let made = NewKey { id: one.id, name: one.name.clone(), secret: format!("akidoko_{:064x}", 7), expires_at: one.expires_at };
    let association = || frame(Some(OrganisationKind::Association));
    vec![
        ("keys", html(&KeysPage::new(association(), &keys, usual(&keys), "0".repeat(32), now()))),
        (
            "keys-feed",
            html(&KeysPage::new(frame(Some(OrganisationKind::PrefectureHealth)), &feeding, usual(&feeding), "0".repeat(32), now())),
        ),
        ("keys-none", html(&KeysPage::new(fire(), &few, usual(&few), "0".repeat(32), now()))),
        ("keys-wrong", html(&KeysPage::new(association(), &keys, wrong, "0".repeat(32), now()))),
        ("key", html(&KeyPage::new(association(), one, &keys, right, now()))),
        ("key-made", html(&KeyMadePage::new(hospital(), &made, "https://akidoko.example".into()))),
        ("api", html(&ApiPage::new(frame(None), "https://akidoko.example"))),
        ("api-signed-in", html(&ApiPage::new(hospital(), "https://akidoko.example"))),
    ]
}
