//! The roads of hospitals and of whoever the ministry invites.

mod between;
mod invitation;
mod public;

use crate::{
    harness::{Got, Person, TestApp},
    office::{Folder, on_both},
    second_factor::Browser,
};
use akidoko_domain::{
    access::Actor,
    application::{Road, State},
    hospital::Attributes,
    id::{OrganisationCode, PrefCode},
    organisation::OrganisationKind as Kind,
};
use akidoko_service::application::{ApplicationView, MailRow};
use axum::http::StatusCode;
use chrono::TimeDelta;

const CODE: &str = "1210110700";
pub const PASSWORD: &str = "kirin-no-kubi-9153";

pub fn to(got: &Got) -> &str {
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    got.headers["location"].to_str().unwrap()
}

pub fn encode(value: &str) -> String {
    value.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// The fields of a hospital, with some changed.
pub fn fields(changed: &[(&str, &str)]) -> String {
    let usual = [
        ("prefecture", "12"),
        ("name", "架空中央病院"),
        ("name_kana", "カクウチュウオウビョウイン"),
        ("institution_code", CODE),
        ("postal_code", "260-0001"),
        ("address", "千葉県架空市1"),
        ("phone", "043-000-0000"),
        ("department", "医事課"),
        ("contact_name", "架空 花子"),
        ("contact_kana", "カクウ ハナコ"),
        ("email", "iji@chuo.hospital.example.jp"),
        ("email_again", "iji@chuo.hospital.example.jp"),
        ("remarks", ""),
    ];
    let value = |(name, value): &(&str, &str)| {
        let value = changed.iter().find(|(n, _)| n == name).map_or(*value, |(_, v)| *v);
        format!("{name}={}", encode(value))
    };
    usual.iter().map(value).collect::<Vec<_>>().join("&")
}

/// All rounds that are due.
pub async fn work(t: &TestApp) {
    while t.service.work().await.unwrap() > 0 {}
}

/// The links of mails to an address, as they came.
pub fn links(folder: &Folder, address: &str, path: &str) -> Vec<String> {
    let mails: Vec<String> = folder.texts().into_iter().filter(|m| m.contains(&format!("To: {address}"))).collect();
    let words = mails.iter().flat_map(|m| m.split_whitespace());
    words.filter_map(|w| w.split_once(":8080").map(|(_, p)| p.to_owned())).filter(|p| p.starts_with(path)).collect()
}

/// Fills in the form, and gives the link that was mailed.
pub async fn asked(t: &TestApp, folder: &Folder, changed: &[(&str, &str)]) -> String {
    let address = changed.iter().find(|(n, _)| *n == "email").map_or("iji@chuo.hospital.example.jp", |(_, v)| v);
    let before = links(folder, address, "/apply/hospital/");
    let door = Browser::new(t);
    assert_eq!(to(&door.post("/apply/hospital", &fields(changed)).await), "/apply/hospital?sent=1");
    work(t).await;
    links(folder, address, "/apply/hospital/").into_iter().find(|l| !before.contains(l)).expect("a mail with a link")
}

/// A hospital that has applied: its link.
pub async fn applied(t: &TestApp, folder: &Folder, changed: &[(&str, &str)]) -> String {
    let link = asked(t, folder, changed).await;
    assert_eq!(to(&Browser::new(t).post(&link, &fields(changed)).await), link);
    link
}

pub async fn actor(person: &Person<'_>) -> Actor {
    let token = person.cookie.split("; ").find_map(|c| c.strip_prefix("__Host-akidoko=")).unwrap();
    person.app.service.session(token).await.unwrap().unwrap().actor.clone()
}

pub async fn rows(t: &TestApp, person: &Person<'_>) -> Vec<ApplicationView> {
    t.service.applications(&actor(person).await).await.unwrap().rows
}

/// The only application of a road that a person sees, with its mails.
pub async fn only(t: &TestApp, person: &Person<'_>, road: Road) -> (ApplicationView, Vec<MailRow>) {
    let mut all: Vec<ApplicationView> = rows(t, person).await.into_iter().filter(|v| v.row.applicant.road() == road).collect();
    assert_eq!(all.len(), 1);
    let (view, _, mails) = t.service.application(&actor(person).await, all.remove(0).row.id).await.unwrap();
    (view, mails)
}

/// A hospital of the register, with its code.
pub async fn registered(t: &TestApp, prefecture: u8, name: &str, code: &str) -> OrganisationCode {
    let attributes = Attributes {
        name: Some(name.to_owned()),
        name_kana: Some("カクウビョウイン".to_owned()),
        institution_code: (!code.is_empty()).then(|| code.to_owned()),
        ..Attributes::default()
    };
    let made = t.admin.create_hospital(PrefCode::new(prefecture).unwrap(), &attributes).await.unwrap().code;
    t.settled().await;
    made
}

/// The marks of a page's list of hospitals, in order; the first that is chosen.
pub fn choices(html: &str) -> (Vec<String>, Option<String>) {
    let tags: Vec<&str> = html.split("name=\"hospital\" value=\"").skip(1).map(|t| t.split('>').next().unwrap()).collect();
    let value = |tag: &str| tag.split('"').next().unwrap().to_owned();
    (tags.iter().map(|t| value(t)).collect(), tags.iter().find(|t| t.contains("checked")).map(|t| value(t)))
}

/// The prefecture approves what the page proposes, or something else.
pub async fn vouch(t: &TestApp, person: &Person<'_>, id: &str, hospital: Option<&str>) -> Got {
    let page = format!("/applications/hospitals/{id}");
    let shown = person.get(&page).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    let chosen = hospital.map(str::to_owned).or_else(|| choices(&shown.text).1).unwrap_or_default();
    let revision = rows(t, person).await.into_iter().find(|v| v.row.id.to_string() == id).unwrap().row.revision;
    person.post(&page, &format!("act=approve&revision={revision}&hospital={chosen}")).await
}

/// The office approves all that waits; the notices leave.
pub async fn approve(t: &TestApp, ministry: &Person<'_>) {
    let page = ministry.get("/office?who=hospital").await.text;
    let decisions = page.split("name=\"decision\" value=\"").skip(1).map(|r| r.split('"').next().unwrap().replace(':', "%3A"));
    let body: String = decisions.map(|d| format!("&decision={d}")).collect();
    to(&ministry.post("/office/steps", &format!("action=approve{body}")).await);
    t.wait(TimeDelta::minutes(6));
    work(t).await;
}

/// Opens the notice, and the password mail that follows; gives the sign-in name and the browser that is on the road.
pub async fn first_sign_in<'a>(t: &'a TestApp, folder: &Folder, address: &str) -> (String, Browser<'a>) {
    let door = Browser::new(t);
    let notice = links(folder, address, "/mail/").pop().expect("a notice");
    assert_eq!(door.get(&notice).await.status, StatusCode::OK);
    work(t).await;
    let link = links(folder, address, "/set-password/").pop().expect("a password mail");
    let mail = folder.texts().into_iter().find(|m| m.contains(&link)).unwrap();
    let name = mail.split_once("サインイン名は ").unwrap().1.split_once(' ').unwrap().0.to_owned();
    assert_eq!(to(&door.post(&link, &format!("password={PASSWORD}&again={PASSWORD}")).await), "/welcome");
    let terms = door.get("/welcome/terms").await.text;
    assert_eq!(terms.contains("消防本部の ID は"), name.starts_with('F'), "{terms}");
    door.post("/welcome/terms", "accept=1").await;
    door.post("/welcome/second-factor/skip", "").await;
    (name, door)
}

#[tokio::test]
async fn a_hospital_of_the_register() {
    on_both("a_hospital_of_the_register", async |t, folder| {
        let (near, far) = (registered(t, 12, "架空の中央病院", CODE).await, registered(t, 13, "架空東京病院", "").await);
        let (health, other) = (t.person(Kind::PrefectureHealth, Some(12)).await, t.person(Kind::PrefectureHealth, Some(13)).await);
        let ministry = t.person(Kind::Ministry, None).await;
        let mail = "iji@chuo.hospital.example.jp";
        let link = asked(t, folder, &[]).await;
        let proof = folder.texts().remove(0);
        assert!(!proof.contains("中央病院") && !proof.contains("花子"), "what a stranger typed is not passed on: {proof}");
        let door = Browser::new(t);
        let page = door.get(&link).await;
        assert!(page.text.contains("まだ申請は終わっていません") && page.text.contains("架空中央病院"), "{}", page.text);
        assert!(rows(t, &health).await.is_empty() && rows(t, &ministry).await.is_empty(), "nothing stands before it is sent");
        assert_eq!(to(&door.post(&link, &fields(&[])).await), link);
        assert_eq!(to(&door.post(&link, &fields(&[])).await), link, "pressed twice");
        assert!(door.get(&link).await.text.contains("都道府県が内容を確かめています"));
        assert!(health.get("/applications").await.text.contains("確認を待っている申請が 1 件"));
        assert!(health.get("/applications/hospitals").await.text.contains("架空中央病院"));

        // Sent back with a reason, which goes by mail; mended by the link, which is a new one.
        let id = only(t, &health, Road::Hospital).await.0.row.id.to_string();
        let path = format!("/applications/hospitals/{id}");
        let silent = health.post(&path, "act=return&revision=2&words=+").await;
        assert!(silent.status == StatusCode::UNPROCESSABLE_ENTITY && silent.text.contains("理由が書かれていません"));
        assert_eq!(to(&health.post(&path, &format!("act=return&revision=2&words={}", encode("電話番号を確かめてください。"))).await), path);
        assert!(health.get(&path).await.text.contains("都道府県が差し戻し"));
        work(t).await;
        let told = folder.texts().into_iter().find(|m| m.contains("差し戻し")).unwrap();
        assert!(told.contains("千葉県から") && told.contains("電話番号を確かめてください。"), "{told}");
        let again = links(folder, mail, "/apply/hospital/").into_iter().find(|l| *l != link).unwrap();
        assert_eq!(door.get(&link).await.status, StatusCode::NOT_FOUND, "the first link ended");
        let page = door.get(&again).await.text;
        assert!(page.contains("差し戻しの理由") && page.contains("電話番号を確かめてください。"));
        let wrong = door.post(&again, &format!("revision=3&{}", fields(&[("phone", "12")]))).await;
        assert!(wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.text.contains("電話番号の形が違います"));
        let stale = door.post(&again, &format!("revision=1&{}", fields(&[]))).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        assert_eq!(
            to(&door.post(&again, &format!("revision=3&{}", fields(&[("phone", "043-111-1111"), ("email", "x@evil.example.jp")]))).await),
            again
        );
        let view = only(t, &health, Road::Hospital).await.0;
        assert_eq!((view.row.form.phone.as_str(), view.row.form.email.as_str()), ("043-111-1111", mail), "the address is the proved one");

        // The hospital of the same code is proposed; one of another prefecture cannot be chosen.
        let page = health.get(&path).await.text;
        assert!(page.contains("医療機関コードが同じ") && page.contains(near.as_str()) && !page.contains("東京病院"), "{page}");
        let far_id = t.store.hospitals_in_unscoped(PrefCode::new(13).unwrap()).await.unwrap()[0].id.to_string();
        assert_eq!(vouch(t, &health, &id, Some("")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(vouch(t, &health, &id, Some(&far_id)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(other.post(&path, "act=reject&revision=4&words=x").await.status, StatusCode::NOT_FOUND);
        assert!(!other.get("/applications/hospitals").await.text.contains("架空中央病院"));
        let near_id = t.store.hospitals_in_unscoped(PrefCode::new(12).unwrap()).await.unwrap()[0].id.to_string();
        let both = vouch(t, &health, &id, Some(&format!("{near_id}&other={near_id}"))).await;
        assert!(both.status == StatusCode::UNPROCESSABLE_ENTITY && both.text.contains("別の病院が選ばれています"));
        let new = vouch(t, &health, &id, Some("new")).await;
        assert!(new.status == StatusCode::UNPROCESSABLE_ENTITY && new.text.contains("同じ医療機関コードの病院が名簿にあります"));
        assert_eq!(to(&vouch(t, &health, &id, None).await), path);
        assert!(health.get(&path).await.text.contains("1 番目"), "the same queue");

        // The office sees what it is, and approves. The mail comes back, the prefecture corrects the address.
        let list = ministry.get("/office").await.text;
        assert!(list.contains("架空中央病院") && list.contains("医療機関（1）"));
        assert!(!ministry.get("/office?who=headquarters").await.text.contains("架空中央病院"));
        assert!(ministry.get(&format!("/office/applications/{id}")).await.text.contains(&format!("名簿の病院：架空の中央病院（{near}）")));
        approve(t, &ministry).await;
        let notice = folder.texts().into_iter().find(|m| m.contains("先立つご連絡")).unwrap();
        assert!(notice.contains("貴院の") && !notice.contains("貴本部"));
        let (_, mails) = only(t, &health, Road::Hospital).await;
        assert!(t.service.take_bounce(&mails[0].message_id, "550 5.1.1 no such user").await.unwrap());
        let page = health.get(&path).await.text;
        assert!(page.contains("不達") && page.contains("宛先を直す") && page.contains("550 5.1.1"));
        let revision = only(t, &health, Road::Hospital).await.0.row.revision;
        let differs = health
            .post(&format!("{path}/address"), &format!("revision={revision}&email=a%40b.example.jp&email_again=c%40b.example.jp"))
            .await;
        assert!(differs.status == StatusCode::UNPROCESSABLE_ENTITY && differs.text.contains("上のメールアドレスと違います"));
        let right = "renkei@chuo.hospital.example.jp";
        let body = format!("revision={revision}&email={0}&email_again={0}", encode(right));
        assert_eq!(to(&health.post(&format!("{path}/address"), &body).await), path);
        t.wait(TimeDelta::minutes(6));
        work(t).await;

        // It is the ID that the hospital had, and it reports.
        let before = t.store.organisations_unscoped(Some(Kind::Hospital)).await.unwrap().len();
        let (name, inside) = first_sign_in(t, folder, right).await;
        assert_eq!(name, format!("{near}-01"));
        let mailbox = t.store.organisation_unscoped(&near).await.unwrap().unwrap().mailbox;
        assert_eq!(mailbox.as_deref(), Some(right));
        assert_eq!(t.store.organisations_unscoped(Some(Kind::Hospital)).await.unwrap().len(), before, "no second organisation");
        assert_eq!(to(&inside.get("/").await), "/report");
        assert_eq!(inside.get(to(&inside.get("/report").await)).await.status, StatusCode::OK);
        assert_eq!(inside.get(&format!("/hospitals/{far}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(only(t, &health, Road::Hospital).await.0.row.state, State::Activated);
        let password = folder.texts().into_iter().find(|m| m.contains("パスワード設定のお願い")).unwrap();
        assert!(password.contains("医療機関外") && !password.contains("消防本部"));
        let log: Vec<String> = t.store.audit_after_unscoped(0).await.unwrap().into_iter().map(|(_, e)| e.join(" ")).collect();
        for step in ["asked", "apply", "return", "submit", "approve", "bounce", "correct_address", "issue"] {
            assert!(log.iter().any(|e| e.contains(&format!("application {step}"))), "{step}");
        }
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_hospital_that_no_register_has() {
    on_both("a_hospital_that_no_register_has", async |t, folder| {
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let link = applied(t, folder, &[]).await;
        let id = only(t, &health, Road::Hospital).await.0.row.id.to_string();
        let (offered, chosen) = choices(&health.get(&format!("/applications/hospitals/{id}")).await.text);
        assert_eq!((offered.as_slice(), chosen.as_deref()), (["new".to_owned()].as_slice(), Some("new")));
        to(&vouch(t, &health, &id, None).await);
        approve(t, &ministry).await;
        let (name, inside) = first_sign_in(t, folder, "iji@chuo.hospital.example.jp").await;
        t.settled().await;
        assert!(name.starts_with("H12") && name.ends_with("-01"));
        assert!(health.get("/board").await.text.contains("架空中央病院"), "the board has it");
        let code: OrganisationCode = name.split('-').next().unwrap().parse().unwrap();
        let hospital = t.store.hospitals_in_unscoped(PrefCode::new(12).unwrap()).await.unwrap().remove(0);
        assert_eq!((hospital.code, hospital.attributes.institution_code.as_deref()), (code, Some(CODE)));
        assert_eq!(to(&inside.get("/").await), "/report");
        assert!(Browser::new(t).get(&link).await.text.contains("利用中です"));

        // Somebody applies for it once more: it is in the register now, and in use.
        applied(t, folder, &[("email", "nisemono@hospital.example.jp"), ("email_again", "nisemono@hospital.example.jp")]).await;
        let second = rows(t, &health).await.into_iter().find(|v| v.row.state == State::Bundled).unwrap().row.id.to_string();
        let page = health.get(&format!("/applications/hospitals/{second}")).await.text;
        assert!(page.contains("もう使われています（操作者 1 名）") && page.contains("同じ医療機関の申請が、ほかにもあります"), "{page}");
        assert_eq!(choices(&page).1, None, "nothing is proposed");
        let known = choices(&page).0[0].clone();
        let got = vouch(t, &health, &second, Some(&known)).await;
        assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("ほかの申請で承認されています"), "{}", got.text);
        assert_eq!(vouch(t, &health, &second, Some("new")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(t.store.organisations_unscoped(Some(Kind::Hospital)).await.unwrap().len(), 1);
        let reject = format!("act=reject&revision=2&words={}", encode("病院に確かめたところ、申請していません。"));
        to(&health.post(&format!("/applications/hospitals/{second}"), &reject).await);
        work(t).await;
        assert!(folder.texts().iter().any(|m| m.contains("受け付けませんでした") && m.contains("nisemono@")));

        // The ID is closed. The hospital comes back under the same ID, and nobody of before with it.
        let first = rows(t, &ministry).await.into_iter().find(|v| v.row.state == State::Activated).unwrap().row;
        to(&ministry.post("/office/steps", &format!("action=close&decision={}%3A{}", first.id, first.revision)).await);
        applied(t, folder, &[("email", "saikai@hospital.example.jp"), ("email_again", "saikai@hospital.example.jp")]).await;
        let third = rows(t, &health).await.into_iter().find(|v| v.row.state == State::Bundled).unwrap().row.id.to_string();
        to(&vouch(t, &health, &third, None).await);
        approve(t, &ministry).await;
        let (again, _) = first_sign_in(t, folder, "saikai@hospital.example.jp").await;
        assert_eq!(again, name.replace("-01", "-02"), "the same ID, the next operator");
        let old = Browser::new(t).post("/sign-in", &format!("name={name}&password={PASSWORD}")).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(t.store.accounts_unscoped(hospital.organisation).await.unwrap().iter().all(|a| a.is_administrator && a.operator == 2));
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn two_who_speak_for_one_hospital() {
    on_both("two_who_speak_for_one_hospital", async |t, folder| {
        let near = registered(t, 12, "架空中央病院", "").await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let ministry = t.person(Kind::Ministry, None).await;
        for mail in ["a@hospital.example.jp", "b@hospital.example.jp"] {
            applied(t, folder, &[("email", mail), ("email_again", mail), ("institution_code", "")]).await;
        }
        let ids: Vec<String> = rows(t, &health).await.into_iter().map(|v| v.row.id.to_string()).collect();
        assert_eq!(ids.len(), 2, "both are received; who may speak, the prefecture says");
        let page = health.get(&format!("/applications/hospitals/{}", ids[0])).await.text;
        assert!(page.contains("名前が同じ") && page.contains("同じ医療機関の申請が、ほかにもあります"));
        // Both at once: one is taken.
        let (a, b) = tokio::join!(vouch(t, &health, &ids[0], None), vouch(t, &health, &ids[1], None));
        let mut got = [a.status, b.status];
        got.sort();
        assert_eq!(got, [StatusCode::SEE_OTHER, StatusCode::UNPROCESSABLE_ENTITY]);
        // Never past its prefecture: not in a bundle, not by a step of the office, not by saving a headquarters' form.
        let waiting = rows(t, &health).await.into_iter().find(|v| v.row.state == State::Bundled).unwrap().row;
        assert_eq!(health.post("/applications/submission", &format!("id={}&confirmed=1", waiting.id)).await.status, StatusCode::CONFLICT);
        assert_eq!(to(&health.get(&format!("/applications/{}", waiting.id)).await), format!("/applications/hospitals/{}", waiting.id));
        let saved = health.post(&format!("/applications/{}", waiting.id), &format!("revision={}&{}", waiting.revision, fields(&[]))).await;
        assert_eq!(saved.status, StatusCode::CONFLICT);
        for action in ["approve", "return", "reject", "undo", "allow"] {
            let body = format!("action={action}&reason=x&decision={}%3A{}", waiting.id, waiting.revision);
            assert_eq!(ministry.post("/office/steps", &body).await.status, StatusCode::CONFLICT, "{action}");
        }
        // Others of the prefecture see nothing of it.
        for kind in [Kind::PrefectureFire, Kind::HealthCity, Kind::HealthCentre, Kind::Association, Kind::FireHeadquarters] {
            let person = t.person(kind, Some(12)).await;
            for path in ["/applications/hospitals".to_owned(), format!("/applications/hospitals/{}", waiting.id)] {
                assert_eq!(person.get(&path).await.status, StatusCode::FORBIDDEN, "{kind:?}");
            }
            let got = person.get("/applications").await;
            assert!(!got.text.contains("架空中央病院") && !got.text.contains("医療機関の申請"), "{kind:?}");
            assert!(person.get(&format!("/applications/{}", waiting.id)).await.status.is_client_error());
        }
        // The office sends the approved one back, undoes it, and rejects it for good: the mail leaves only then.
        let row = rows(t, &ministry).await.into_iter().find(|v| v.row.state == State::Submitted).unwrap().row;
        let step = async |action: &str, revision: i32| {
            let body = format!("action={action}&reason={}&decision={}%3A{revision}", encode("本当ですか。"), row.id);
            to(&ministry.post("/office/steps", &body).await).to_owned()
        };
        step("return", row.revision).await;
        step("undo", row.revision + 1).await;
        t.wait(TimeDelta::minutes(10));
        work(t).await;
        assert!(!folder.texts().iter().any(|m| m.contains("本当ですか。")), "what was undone is never sent");
        step("reject", row.revision + 2).await;
        t.wait(TimeDelta::minutes(10));
        work(t).await;
        assert!(folder.texts().iter().any(|m| m.contains("厚生労働省は") && m.contains("本当ですか。")));
        // Now the other may be approved.
        to(&vouch(t, &health, &waiting.id.to_string(), None).await);
        // The prefecture thinks better of it: that says why.
        let withdraw = async |words: &str| {
            let body = format!("action=withdraw&revision={}&words={words}", waiting.revision + 1);
            health.post(&format!("/applications/{}/steps", waiting.id), &body).await
        };
        assert_eq!(withdraw("").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        to(&withdraw("x").await);
        assert_eq!(near.as_str().len(), 8);
        assert!(t.store.organisations_unscoped(Some(Kind::Hospital)).await.unwrap().len() == 1);
        t.store.verify_audit_unscoped(None).await.unwrap();
    })
    .await;
}
