//! The outbox: what is taken first, and what an organisation received.

use crate::database::{TestDatabase, now, postgres, sqlite};
use akidoko_domain::{
    announcement::{Audience, State},
    id::{AccountId, AnnouncementId, MailId, OrganisationCode, OrganisationId, PrefCode},
    organisation::{Organisation, OrganisationKind},
};
use akidoko_store::{AnnouncementRow, NewMail};
use chrono::TimeDelta;
use std::collections::BTreeMap;
use uuid::Uuid;

fn mail(n: u128, kind: &'static str, minutes_due: i64) -> NewMail {
    NewMail {
        id: MailId(Uuid::from_u128(n)),
        kind,
        prefecture: None,
        application: None,
        account: None,
        recipient: "door@fd.example.jp".to_owned(),
        facts: BTreeMap::new(),
        has_link: false,
        not_before: now() - TimeDelta::minutes(minutes_due),
        good_until: None,
    }
}

async fn first_the_links(t: &TestDatabase) {
    let mut tx = t.store.write_system(now()).await.unwrap();
    let mails = [mail(1, "announcement", 9), mail(2, "announcement", 8), mail(3, "password", 1)];
    tx.add_mails(&mails, "akidoko.example").await.unwrap();
    let taken: Vec<String> = tx.claim_mails(2).await.unwrap().into_iter().map(|m| m.kind).collect();
    assert_eq!(taken, ["password", "announcement"], "whoever waits at the door does not wait behind thousands");
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_link_does_not_wait_behind_an_announcement() {
    first_the_links(&sqlite().await).await;
    if let Some(t) = postgres("a_link_does_not_wait_behind_an_announcement").await {
        first_the_links(&t).await;
    }
}

async fn each_its_own(t: &TestDatabase) {
    let prefecture = PrefCode::new(12).unwrap();
    let organisation = |n: u32| OrganisationId(Uuid::from_u128(u128::from(n)));
    let tx = t.store.write_system(now()).await.unwrap();
    tx.ensure_prefecture(prefecture, None).await.unwrap();
    for n in 1..=3 {
        let kind = OrganisationKind::FireHeadquarters;
        let code = OrganisationCode::build('F', Some(prefecture), n);
        tx.add_organisation(&Organisation {
            id: organisation(n),
            code,
            kind,
            prefecture: Some(prefecture),
            name: format!("架空第{n}消防本部"),
        })
        .await
        .unwrap();
        if n < 3 {
            tx.add_account(AccountId(organisation(n).0), organisation(n), "当直").await.unwrap();
        }
    }
    // What this transaction itself made is reached by it; who has no operator is not.
    let reached: Vec<OrganisationId> = tx.addressees().await.unwrap().into_iter().map(|a| a.organisation.id).collect();
    assert_eq!(reached, [organisation(1), organisation(2)]);
    for (n, state, to) in [(1, State::Sent, vec![1, 2]), (2, State::Sent, vec![1]), (3, State::Scheduled, vec![])] {
        let at = now() + TimeDelta::minutes(i64::try_from(n).unwrap());
        let row = AnnouncementRow {
            id: AnnouncementId(Uuid::from_u128(n)),
            subject: format!("{n} 回目"),
            body: "本文".to_owned(),
            audience: Audience::default(),
            state,
            revision: 1,
            send_at: Some(at),
            sent_at: (state == State::Sent).then_some(at),
            written_by: String::new(),
            created_at: now(),
            updated_at: now(),
        };
        tx.put_announcement(&row).await.unwrap();
        let to: Vec<_> = to.into_iter().map(|o| (organisation(o), None)).collect();
        tx.add_recipients(row.id, &to).await.unwrap();
    }
    assert!(tx.read_announcement(AnnouncementId(Uuid::from_u128(1)), organisation(1), "F12-01 当直").await.unwrap());
    tx.commit().await.unwrap();

    let received = t.store.received_unscoped(&[organisation(1), organisation(2), organisation(3)]).await.unwrap();
    let of = |n: u32| {
        let mine = received.iter().filter(|r| r.organisation == organisation(n));
        mine.map(|r| (r.id.0.as_u128(), r.is_read)).collect::<Vec<_>>()
    };
    assert_eq!((of(1), of(2), of(3)), (vec![(2, false), (1, true)], vec![(1, false)], vec![]), "the newest first, each its own");
    let first = AnnouncementId(Uuid::from_u128(1));
    assert_eq!(t.store.announcement_to_unscoped(first, organisation(1)).await.unwrap().map(|(_, read)| read), Some(true));
    assert_eq!(t.store.announcement_to_unscoped(first, organisation(2)).await.unwrap().map(|(_, read)| read), Some(false));
    assert!(t.store.announcement_to_unscoped(first, organisation(3)).await.unwrap().is_none());
    let texts = t.store.announcement_texts_unscoped(&[first]).await.unwrap();
    assert_eq!(texts[&first].body, "本文");
}

#[tokio::test]
async fn an_organisation_receives_its_own() {
    each_its_own(&sqlite().await).await;
    if let Some(t) = postgres("an_organisation_receives_its_own").await {
        each_its_own(&t).await;
    }
}
