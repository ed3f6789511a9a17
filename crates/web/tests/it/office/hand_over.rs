//! Headquarters that merge: on the day the operators of one go on under the ID of the other, and nobody stands before a closed door.

use super::*;
use crate::harness::{PASSWORD, form};
use akidoko_service::application::Decision;

/// A headquarters whose ID is in use, by the whole road: its application, its ID, and one operator who is signed in.
async fn in_use<'a>(t: &'a TestApp, prefecture: &Actor, ministry: &Actor, name: &str) -> (ApplicationId, String, Person<'a>) {
    let id = submitted(t, prefecture, &[name]).await[0];
    let revision = |views: &[ApplicationView]| views.iter().find(|v| v.row.id == id).unwrap().row.revision;
    let decision = Decision { id, revision: revision(&all(t, ministry).await) };
    t.service.step_applications(ministry, &[decision], akidoko_domain::application::Action::Approve, None).await.unwrap();
    t.wait(TimeDelta::minutes(6));
    t.service.work().await.unwrap();
    t.wait(TimeDelta::days(7));
    t.service.work().await.unwrap();
    let row = all(t, ministry).await.into_iter().find(|v| v.row.id == id).unwrap().row;
    let code = row.code.expect("an ID");
    let account = t.store.accounts_unscoped(row.organisation.unwrap()).await.unwrap().remove(0);
    let link =
        t.admin.reset_password(&akidoko_domain::id::SignInName { organisation: code.clone(), operator: account.operator }).await.unwrap();
    let body = format!("password={0}&again={0}", PASSWORD.replace(' ', "+"));
    assert_eq!(t.ask(form(&format!("/set-password/{link}"), &body)).await.status, StatusCode::SEE_OTHER);
    let person = t.person_of(&code).await;
    (id, code.to_string(), person)
}

fn plan(revision: i32, to: ApplicationId, on: &str) -> String {
    format!("revision={revision}&successor={to}&on={on}")
}

#[tokio::test]
async fn a_headquarters_is_taken_over() {
    on_both("a_headquarters_is_taken_over", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let (office, prefecture) = (actor(&ministry).await, actor(&health).await);
        let (small, old, _) = in_use(t, &prefecture, &office, "緑丘町消防本部").await;
        let (great, new, _) = in_use(t, &prefecture, &office, "青波市消防本部").await;
        let beyond = t.person(Kind::PrefectureHealth, Some(13)).await;
        let (far, ..) = in_use(t, &actor(&beyond).await, &office, "架空東京消防本部").await;
        // Weeks have gone by: everybody signs in anew.
        let ministry = t.person(Kind::Ministry, None).await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let beyond = t.person(Kind::PrefectureHealth, Some(13)).await;
        let crew = t.person_of(&old.parse().unwrap()).await;
        let revision = async |id| all(t, &office).await.into_iter().find(|v| v.row.id == id).unwrap().row.revision;
        let path = format!("/applications/{small}/hand-over");

        // Only to one of the same prefecture, on a day to come, by whoever keeps or decides applications, as it was seen.
        let page = health.get(&format!("/applications/{small}")).await.text;
        assert!(page.contains("ほかの消防本部に引き継ぐ") && page.contains("青波市消防本部") && !page.contains("架空東京"));
        let seen = revision(small).await;
        for (body, status) in [
            (plan(seen, far, "2026-06-01"), StatusCode::NOT_FOUND),
            (plan(seen, small, "2026-06-01"), StatusCode::NOT_FOUND),
            (plan(seen, great, "2026-04-01"), StatusCode::UNPROCESSABLE_ENTITY),
            (plan(seen, great, "明日"), StatusCode::UNPROCESSABLE_ENTITY),
            (format!("revision={seen}&on=2026-06-01"), StatusCode::UNPROCESSABLE_ENTITY),
            (plan(seen - 1, great, "2026-06-01"), StatusCode::CONFLICT),
            (format!("revision={seen}&drop=1"), StatusCode::CONFLICT),
        ] {
            assert_eq!(health.post(&path, &body).await.status, status, "{body}");
        }
        let fire = t.person(Kind::PrefectureFire, Some(12)).await;
        assert_eq!(fire.post(&path, &plan(seen, great, "2026-06-01")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(beyond.post(&path, &plan(seen, great, "2026-06-01")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(revision(small).await, seen, "nothing has changed");

        // Planned, dropped by the office before any mail leaves, and planned again.
        let before = folder.letters().len();
        assert_eq!(health.post(&path, &plan(seen, great, "2026-06-01")).await.status, StatusCode::SEE_OTHER);
        let back = plan(revision(great).await, small, "2026-06-01");
        assert_eq!(health.post(&format!("/applications/{great}/hand-over"), &back).await.status, StatusCode::CONFLICT, "no circle");
        let desk = format!("/office/applications/{small}");
        assert!(ministry.get(&desk).await.text.contains("へ引き継ぎます"));
        assert_eq!(
            ministry.post(&format!("{desk}/hand-over"), &format!("revision={}&drop=1", revision(small).await)).await.status,
            StatusCode::SEE_OTHER
        );
        t.wait(TimeDelta::minutes(6));
        t.service.work().await.unwrap();
        assert_eq!(folder.letters().len(), before, "dropped in time, nobody was told");
        assert_eq!(health.post(&path, &plan(revision(small).await, great, "2026-06-01")).await.status, StatusCode::SEE_OTHER);
        t.wait(TimeDelta::minutes(6));
        t.service.work().await.unwrap();
        assert_eq!(folder.letters().len(), before + 2, "both are told");

        // Until the day nothing changes; then the crew is inside still, under the new ID, and signs in by the old name too.
        assert_eq!(crew.get("/board").await.status, StatusCode::OK);
        t.wait(TimeDelta::days(60));
        while t.service.work().await.unwrap() > 0 {}
        t.settled().await;
        let row = all(t, &office).await.into_iter().find(|v| v.row.id == small).unwrap().row;
        assert_eq!(row.state, State::Closed);
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let sign_in = async |name: &str| {
            let body = format!("name={name}&password={}", PASSWORD.replace(' ', "+"));
            t.ask(form("/sign-in", &body)).await.status
        };
        assert_eq!(sign_in(&crew.name).await, StatusCode::SEE_OTHER, "by the old name");
        assert_eq!(sign_in(&format!("{new}-04")).await, StatusCode::SEE_OTHER, "by the new one");
        assert_eq!(sign_in(&format!("{old}-09")).await, StatusCode::UNPROCESSABLE_ENTITY);
        let operators = t
            .store
            .accounts_unscoped(all(t, &office).await.into_iter().find(|v| v.row.id == great).unwrap().row.organisation.unwrap())
            .await
            .unwrap();
        assert_eq!(
            operators.iter().map(|o| (o.operator, o.is_administrator)).collect::<Vec<_>>(),
            [(1, true), (2, false), (3, false), (4, false), (5, false)]
        );
        let told = folder.letters().iter().filter(|l| l.contains("Subject")).count();
        assert_eq!(told, before + 4, "both learn of the new names");
        assert!(health.get(&format!("/applications/{small}")).await.text.contains("へ引き継ぎました"));
        assert!(health.get(&format!("/applications/{great}")).await.text.contains("引き継いだ"));
        // Not twice.
        while t.service.work().await.unwrap() > 0 {}
        let steps = t.service.application(&office, great).await.unwrap().1;
        assert_eq!(steps.iter().filter(|s| s.action == "take_over").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_that_stands_outlives_the_hand_over() {
    on_both("a_sign_in_that_stands_outlives_the_hand_over", async |t, _| {
        let ministry = t.person(Kind::Ministry, None).await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let (office, prefecture) = (actor(&ministry).await, actor(&health).await);
        let (small, ..) = in_use(t, &prefecture, &office, "緑丘町消防本部").await;
        let (great, new, _) = in_use(t, &prefecture, &office, "青波市消防本部").await;
        let row = all(t, &office).await.into_iter().find(|v| v.row.id == small).unwrap().row;
        let crew = t.person_of(row.code.as_ref().unwrap()).await;
        let today = akidoko_domain::time::jst_day(t.service.now());
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let planned = health.post(&format!("/applications/{small}/hand-over"), &plan(row.revision, great, &today.to_string())).await;
        assert_eq!(planned.status, StatusCode::SEE_OTHER, "{}", planned.text);
        t.service.work().await.unwrap();
        t.settled().await;
        let board = crew.get("/board").await;
        assert_eq!(board.status, StatusCode::OK, "nobody is thrown out");
        assert_eq!(actor(&crew).await.organisation_code.to_string(), new);
    })
    .await;
}
