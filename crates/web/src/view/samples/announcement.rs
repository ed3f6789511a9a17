//! The screens of お知らせ.

use super::{fire, frame, html, now};
use crate::view::{AnnouncementPage, AnnouncementsPage, InboxPart, OfficeAnnouncementPage, OfficeAnnouncementsPage, ReceivedFilter};
use akidoko_domain::{
    announcement::{Audience, State},
    id::{AnnouncementId, OrganisationCode, OrganisationId, PrefCode},
    organisation::{Organisation, OrganisationKind},
};
use akidoko_service::announcement::{Addressee, AnnouncementRow, Preview, Reached, Received, RecipientRow, Typed};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use uuid::Uuid;

fn row(state: State) -> AnnouncementRow {
    let sent = state == State::Sent;
    AnnouncementRow {
        id: AnnouncementId(Uuid::from_u128(7)),
        subject: "研修会の<b>ご案内".to_owned(),
        body: "4 月 20 日に研修会を開きます。\n\n場所：<script>架空会館\n時刻：10 時".to_owned(),
        audience: Audience {
            kinds: [OrganisationKind::FireHeadquarters].into(),
            prefectures: PrefCode::new(99).into_iter().collect(),
            only_not_yet_active: true,
        },
        state,
        revision: 2,
        send_at: (state != State::Draft).then(|| now() + TimeDelta::minutes(5)),
        sent_at: sent.then(|| now() - TimeDelta::hours(2)),
        written_by: "厚生労働省 医療班".to_owned(),
        created_at: now(),
        updated_at: now(),
    }
}

fn addressee(n: u32, mailbox: Option<&str>) -> Addressee {
    let prefecture = PrefCode::new(99);
    let organisation = Organisation {
        id: OrganisationId(Uuid::from_u128(u128::from(n))),
        code: OrganisationCode::build('F', prefecture, n),
        kind: OrganisationKind::FireHeadquarters,
        prefecture,
        name: format!("架空第{n}消防本部"),
    };
    Addressee { organisation, mailbox: mailbox.map(str::to_owned), is_active: false }
}

fn recipient(n: u32, mail: Option<&str>) -> RecipientRow {
    let of = addressee(n, None).organisation;
    RecipientRow {
        organisation: of.id,
        code: of.code,
        name: of.name,
        prefecture: if n == 4 { PrefCode::new(98) } else { of.prefecture },
        recipient: mail.map(|_| format!("keibo{n}@fd.example.jp")),
        mail_state: mail.map(str::to_owned),
        answer: (mail == Some("bounced")).then(|| "550 5.1.1 <unknown>".to_owned()),
        read: (n == 1).then(|| (now(), "通信指令課".to_owned())),
    }
}

/// Each in its states.
pub(super) fn all() -> Vec<(&'static str, String)> {
    let desk = || frame(Some(OrganisationKind::Ministry));
    let prefectures = BTreeMap::from([(PrefCode::new(99).unwrap(), "青嶺県".to_owned())]);
    let preview = Preview {
        to: vec![addressee(1, Some("a@fd.example.jp")), addressee(2, None)],
        mail: ("【空きどこ】研修会の<b>ご案内".to_owned(), "架空第1消防本部　ご担当者 様\n\n<script>".to_owned()),
    };
    let to = [recipient(1, Some("sent")), recipient(2, Some("bounced")), recipient(3, None), recipient(4, Some("waiting"))];
    let one = |state: Option<State>, again: Option<(Typed, String, String)>, filter| {
        let row = state.map(row);
        let stands = row.as_ref().map(|r| (r, if r.state == State::Sent { &to[..] } else { &[][..] }));
        html(&OfficeAnnouncementPage::new(desk(), stands, row.as_ref().map(|_| &preview), &prefectures, again, (filter, None), now()))
    };
    let again = Some((Typed { subject: "\"><i>".to_owned(), ..Typed::default() }, "x".to_owned(), "本文を書いてください。".to_owned()));
    let reached = Reached { recipients: 4, without_mail: 1, delivered: 1, bounced: 1, read: 1, ..Reached::default() };
    let received = |is_read| {
        let of = row(State::Sent);
        Received { organisation: OrganisationId(Uuid::from_u128(1)), id: of.id, subject: of.subject, sent_at: now(), is_read }
    };
    let mine = [received(false), received(true)];
    let mut told = fire();
    if let Some(viewer) = &mut told.viewer {
        let newest = Some(("/announcements/x".to_owned(), "研修会の<b>ご案内".to_owned(), "4月10日（金）".to_owned()));
        viewer.inbox = InboxPart { any: true, unread: 2, newest };
    }
    vec![
        ("announcements-none", html(&AnnouncementsPage::new(fire(), &[], now()))),
        ("announcements", html(&AnnouncementsPage::new(told, &mine, now()))),
        ("announcement", html(&AnnouncementPage::new(fire(), &row(State::Sent), now()))),
        ("office-announcements-none", html(&OfficeAnnouncementsPage::new(desk(), &[], now()))),
        (
            "office-announcements",
            html(&OfficeAnnouncementsPage::new(desk(), &[(row(State::Draft), Reached::default()), (row(State::Sent), reached)], now())),
        ),
        ("office-announcement-new", one(None, None, ReceivedFilter::All)),
        ("office-announcement-wrong", one(None, again, ReceivedFilter::All)),
        ("office-announcement-draft", one(Some(State::Draft), None, ReceivedFilter::All)),
        ("office-announcement-scheduled", one(Some(State::Scheduled), None, ReceivedFilter::All)),
        ("office-announcement-sent", one(Some(State::Sent), None, ReceivedFilter::All)),
        ("office-announcement-unread", one(Some(State::Sent), None, ReceivedFilter::Unread)),
    ]
}
