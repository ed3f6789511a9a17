//! 招待

use super::*;

const MAIL: &str = "iryo@pref.example.jp";

fn invited(changed: &[(&str, &str)]) -> String {
    let usual = [
        ("prefecture", "12"),
        ("organisation_kind", "prefecture_health"),
        ("name", "千葉県健康福祉部"),
        ("department", "医療整備課"),
        ("contact_name", "架空 次郎"),
        ("email", MAIL),
        ("email_again", MAIL),
    ];
    let value = |(name, value): &(&str, &str)| {
        let value = changed.iter().find(|(n, _)| n == name).map_or(*value, |(_, v)| *v);
        format!("{name}={}", encode(value))
    };
    usual.iter().map(value).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn a_prefectures_officers() {
    on_both("a_prefectures_officers", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        let wrong =
            ministry.post("/office/invitations", &invited(&[("organisation_kind", "hospital"), ("name", ""), ("prefecture", "")])).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        for words in ["都道府県を選んでください", "組織の種別を、選択肢から", "組織の名前が空です", "医療整備課"]
        {
            assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
        }
        let got = ministry.post("/office/invitations", &invited(&[])).await;
        let page = to(&got).to_owned();
        let shown = ministry.get(&page).await.text;
        assert!(shown.contains("招待済み") && shown.contains("取り消す") && shown.contains("都道府県 衛生主管部局"), "{shown}");
        let twice = ministry.post("/office/invitations", &invited(&[])).await;
        assert!(twice.status == StatusCode::UNPROCESSABLE_ENTITY && twice.text.contains("もう招待しています"));
        // Taken back within five minutes, nothing leaves; then anew.
        let row = only(t, &ministry, Road::Invitation).await.0.row;
        to(&ministry.post("/office/steps", &format!("action=undo&decision={}%3A{}", row.id, row.revision)).await);
        t.wait(TimeDelta::minutes(10));
        work(t).await;
        assert!(folder.letters().is_empty());
        assert!(ministry.get(&page).await.text.contains("招待を取り消し"));
        let page = to(&ministry.post("/office/invitations", &invited(&[])).await).to_owned();
        let filtered = ministry.get("/office?who=officer&state=all").await.text;
        assert!(filtered.contains("行政・団体（2）") && filtered.contains("千葉県健康福祉部"));
        t.wait(TimeDelta::minutes(6));
        work(t).await;

        // The mail comes back; the office corrects the address itself.
        let row = rows(t, &ministry).await.into_iter().find(|v| v.row.state == State::NoticeSent).unwrap().row;
        let mail = t.service.application(&actor(&ministry).await, row.id).await.unwrap().2.remove(0);
        assert!(t.service.take_bounce(&mail.message_id, "550").await.unwrap());
        let bounced = ministry.get(&page).await.text;
        assert!(bounced.contains("宛先を直す") && bounced.contains("不達"));
        let right = "iryoseibi@pref.example.jp";
        let address = format!("{page}/address");
        let body = |revision: i32, again: &str| format!("revision={revision}&email={}&email_again={}", encode(right), encode(again));
        assert_eq!(ministry.post(&address, &body(row.revision + 1, "")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(ministry.post(&address, &body(row.revision, right)).await.status, StatusCode::CONFLICT);
        assert_eq!(to(&ministry.post(&address, &body(row.revision + 1, right)).await), page);
        t.wait(TimeDelta::minutes(6));
        work(t).await;
        let notice = folder.texts().into_iter().find(|m| m.contains("先立つご連絡") && m.contains(right)).unwrap();
        assert!(notice.contains("厚生労働省から") && !notice.contains("貴本部") && notice.contains("厚生労働省の事務局へ"), "{notice}");
        let (name, inside) = first_sign_in(t, folder, right).await;
        assert!(name.starts_with("P12") && name.ends_with("-01"));
        let list = inside.get("/applications").await;
        assert!(list.status == StatusCode::OK && list.text.contains("医療機関の申請"), "it gathers, and approves hospitals");
        assert!(!list.text.split("<main").nth(1).unwrap().contains("健康福祉部"), "its own invitation is the office's business");
        for path in [format!("/applications/{}", row.id), format!("/applications/hospitals/{}", row.id)] {
            assert_eq!(inside.get(&path).await.status, StatusCode::NOT_FOUND);
        }
        for (path, body) in [("steps", "action=suspend&revision=1"), ("comments", "words=x"), ("link", "")] {
            assert_eq!(inside.post(&format!("/applications/{}/{path}", row.id), body).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        // In use: no second first operator.
        let again = ministry.post("/office/invitations", &invited(&[("name", "千葉県　健康福祉部")])).await;
        assert!(again.status == StatusCode::UNPROCESSABLE_ENTITY && again.text.contains("もう使われています"), "{}", again.text);
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_organisation_that_stands_already() {
    on_both("an_organisation_that_stands_already", async |t, folder| {
        let ministry = t.person(Kind::Ministry, None).await;
        let centre = t.admin.create_organisation(Kind::HealthCentre, PrefCode::new(12), "架空保健所").await.unwrap();
        let (waiting, _) = t.admin.create_account(&centre.code, "前の担当", None).await.unwrap();
        let changed = [("organisation_kind", "health_centre"), ("name", "架空保健所")];
        to(&ministry.post("/office/invitations", &invited(&changed)).await);
        // The same name of another kind, or in another prefecture, is another organisation.
        for other in [
            [("organisation_kind", "association"), ("name", "架空保健所"), ("prefecture", "12")],
            [("organisation_kind", "health_centre"), ("name", "架空保健所"), ("prefecture", "13")],
        ] {
            to(&ministry.post("/office/invitations", &invited(&other)).await);
        }
        t.wait(TimeDelta::minutes(6));
        work(t).await;
        for link in links(folder, MAIL, "/mail/") {
            assert_eq!(Browser::new(t).get(&link).await.status, StatusCode::OK);
        }
        work(t).await;
        let names: Vec<String> =
            folder.texts().iter().filter_map(|m| Some(m.split_once("サインイン名は ")?.1.split_once(' ')?.0.to_owned())).collect();
        assert_eq!(names.len(), 3);
        assert!(names.contains(&waiting.to_string()), "the first operator that waited: {names:?}");
        assert!(names.iter().any(|n| n.starts_with("A12")) && names.iter().any(|n| n.starts_with("C13")));
        let accounts = t.store.accounts_unscoped(centre.id).await.unwrap();
        assert_eq!((accounts.len(), accounts[0].name.as_str()), (1, "架空 次郎"));
        // Somebody signs in before the road is at its end: the ID is in use, and nobody is added.
        let hospital = [("organisation_kind", "health_city"), ("name", "架空市")];
        to(&ministry.post("/office/invitations", &invited(&hospital)).await);
        t.wait(TimeDelta::minutes(6));
        work(t).await;
        let city = t.admin.create_organisation(Kind::HealthCity, PrefCode::new(12), "架空市").await.unwrap();
        t.admin.create_account(&city.code, "当直", Some(crate::harness::PASSWORD)).await.unwrap();
        t.wait(TimeDelta::days(7));
        work(t).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let row = rows(t, &ministry).await.into_iter().find(|v| v.row.form.name == "架空市").unwrap().row;
        assert_eq!((row.state, row.code.as_ref()), (State::Activated, Some(&city.code)));
        assert_eq!(t.store.accounts_unscoped(city.id).await.unwrap().len(), 1);
        for kind in Kind::ALL.into_iter().filter(|k| !matches!(k, Kind::Hospital | Kind::Ministry)) {
            let person = t.person(kind, Some(12)).await;
            assert_eq!(person.get("/office/invitations").await.status, StatusCode::FORBIDDEN);
            assert_eq!(person.post("/office/invitations", &invited(&[])).await.status, StatusCode::FORBIDDEN);
            let address = format!("/office/applications/{}/address", row.id);
            assert_eq!(person.post(&address, "revision=1&email=a%40b.jp&email_again=a%40b.jp").await.status, StatusCode::FORBIDDEN);
        }
    })
    .await;
}
