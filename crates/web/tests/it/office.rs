//! The office: what the ministry decides, how long it can be undone, what leaves as mail and when.

mod hand_over;
mod mail;

use crate::harness::{Db, Person, TestApp};
use akidoko_domain::{
    access::Actor,
    application::{Column, State},
    id::ApplicationId,
    organisation::OrganisationKind as Kind,
};
use akidoko_exchange::mail::Transport;
use akidoko_service::application::{ApplicationView, worker::Post};
use axum::http::StatusCode;
use chrono::TimeDelta;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder for mail that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("akidoko_mail_{}_{}", std::process::id(), FOLDERS.fetch_add(1, Ordering::Relaxed));
        Self(env::temp_dir().join(name))
    }

    fn post(&self) -> Post {
        let transport = Transport::parse(&format!("folder:{}", self.0.display()), None).unwrap();
        Post { transport: Some(Arc::new(transport)), per_minute: 6_000_000, ..Post::default() }
    }

    pub fn letters(&self) -> Vec<String> {
        letters(&self.0)
    }

    /// Each mail as a person reads it: to whom, the subject, the plain text.
    pub fn texts(&self) -> Vec<String> {
        let read = |raw: &String| {
            let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).unwrap();
            let to = mail.to().and_then(|a| a.first()).and_then(|a| a.address()).unwrap_or_default();
            format!("To: {to}\n{}\n{}", mail.subject().unwrap_or_default(), mail.body_text(0).unwrap_or_default())
        };
        self.letters().iter().map(read).collect()
    }
}

fn letters(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let files = entries.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "eml"));
    files.map(|p| fs::read_to_string(p).unwrap()).collect()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn row(n: u32, name: &str) -> (u32, BTreeMap<Column, String>) {
    let columns = [
        (Column::Name, name.to_owned()),
        (Column::NameKana, "カクウショウボウホンブ".to_owned()),
        (Column::HeadquartersType, "単独".to_owned()),
        (Column::PostalCode, "260-0001".to_owned()),
        (Column::Address, format!("架空市架空町{n}")),
        (Column::Phone, "043-000-0000".to_owned()),
        (Column::Department, "警防課".to_owned()),
        (Column::ContactName, "架空 花子".to_owned()),
        (Column::ContactKana, "カクウ ハナコ".to_owned()),
        (Column::Email, format!("keibo@fd{n}.{}.example.jp", name.chars().count())),
        (Column::EmailAgain, format!("keibo@fd{n}.{}.example.jp", name.chars().count())),
    ];
    (n + 1, columns.into())
}

async fn actor(person: &Person<'_>) -> Actor {
    let token = person.cookie.split("; ").find_map(|c| c.strip_prefix("__Host-akidoko=")).unwrap();
    person.app.service.session(token).await.unwrap().unwrap().actor.clone()
}

async fn all(t: &TestApp, actor: &Actor) -> Vec<ApplicationView> {
    t.service.applications(actor).await.unwrap().rows
}

/// Applications of invented headquarters, submitted by their prefecture.
async fn submitted(t: &TestApp, prefecture: &Actor, names: &[&str]) -> Vec<ApplicationId> {
    let with_reason = |(name, n): (&&str, u32)| {
        let (number, mut columns) = row(n, name);
        if name.ends_with("消防署") {
            columns.insert(Column::ExceptionReason, "本部が被災し、署が指令を代わっています。".to_owned());
        }
        (number, columns)
    };
    let rows: Vec<_> = names.iter().zip(1..).map(with_reason).collect();
    t.service.save_sheet(prefecture, &rows).await.unwrap();
    let views = all(t, prefecture).await;
    let ids: Vec<ApplicationId> = names.iter().map(|name| views.iter().find(|v| v.row.form.name == *name).unwrap().row.id).collect();
    t.service.submit_bundle(prefecture, &ids, true).await.unwrap();
    ids
}

fn encode(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The decisions that a page offers, as it would send them.
fn offered(page: &str) -> Vec<String> {
    let boxes = page.split("name=\"decision\" value=\"").skip(1);
    boxes.map(|rest| rest.split('"').next().unwrap().replace(':', "%3A")).collect()
}

fn press(action: &str, reason: &str, decisions: &[String]) -> String {
    let mut body = format!("action={action}&reason={}", encode(reason));
    for decision in decisions {
        body.push_str("&decision=");
        body.push_str(decision);
    }
    body
}

async fn state_of(t: &TestApp, actor: &Actor, id: ApplicationId) -> State {
    t.service.application(actor, id).await.unwrap().0.row.state
}

pub async fn on_both(test: &str, run: impl AsyncFn(&TestApp, &Folder)) {
    for db in [Db::Sqlite, Db::Postgres] {
        let folder = Folder::new();
        if let Some(t) = TestApp::start_with(db, test, folder.post()).await {
            Box::pin(run(&t, &folder)).await;
        }
    }
}

#[tokio::test]
async fn two_people_never_decide_the_same_row() {
    on_both("two_people_never_decide_the_same_row", async |t, _| {
        let prefecture = t.person(Kind::PrefectureHealth, Some(12)).await;
        let (first, second) = (t.person(Kind::Ministry, None).await, t.person(Kind::Ministry, None).await);
        let ids = submitted(t, &actor(&prefecture).await, &["青波市消防本部", "白帆町消防本部"]).await;
        let (seen, also) = (offered(&first.get("/office").await.text), offered(&second.get("/office").await.text));
        assert_eq!((seen.len(), &seen), (2, &also));
        let one: Vec<String> = seen.iter().filter(|d| d.starts_with(&ids[0].to_string())).cloned().collect();
        let (yes, no) = (press("approve", "", &one), press("return", "管轄を直してください。", &also));
        let (a, b) = tokio::join!(first.post("/office/steps", &yes), second.post("/office/steps", &no));
        let office = actor(&first).await;
        let stands = state_of(t, &office, ids[0]).await;
        assert_eq!(state_of(t, &office, ids[1]).await, State::Returned, "the other row is not held up");
        // One has won, the other is told by name; nothing else of it is lost.
        let winner = if a.status == StatusCode::SEE_OTHER { State::Approved } else { State::Returned };
        assert_eq!(stands, winner);
        if winner == State::Approved {
            assert_eq!(b.status, StatusCode::OK);
            assert!(
                b.text.contains("処理しなかった申請　1 件")
                    && b.text.contains("青波市消防本部")
                    && b.text.contains("ほかの人が先に変えました")
            );
            assert!(b.text.contains("白帆町消防本部を差し戻しました"), "{}", b.text);
        } else {
            assert_eq!((a.status, b.status), (StatusCode::CONFLICT, StatusCode::SEE_OTHER));
            assert!(a.text.contains("ほかの人が先に変えました"));
        }
        // Pressed once more, with what was on the screen before: nothing happens.
        let late = first.post("/office/steps", &yes).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert_eq!(state_of(t, &office, ids[0]).await, winner);
    })
    .await;
}

#[tokio::test]
async fn what_was_decided_can_be_undone_for_five_minutes() {
    on_both("what_was_decided_can_be_undone_for_five_minutes", async |t, folder| {
        let prefecture = t.person(Kind::PrefectureHealth, Some(12)).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let office = actor(&ministry).await;
        let ids = submitted(t, &actor(&prefecture).await, &["青波市消防本部", "白帆町消防本部", "緑丘市消防本部"]).await;
        let approve = async || {
            let seen = offered(&ministry.get("/office").await.text);
            let got = ministry.post("/office/steps", &press("approve", "", &seen)).await;
            assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
            got.headers["location"].to_str().unwrap().to_owned()
        };
        let back = approve().await;
        let told = ministry.get(&back).await.text;
        assert!(told.contains("3 件を承認しました。5 分以内は取り消せます（09:47 まで）。"), "{told}");
        let undo = offered(&told);
        assert_eq!(undo.len(), 3, "only what can be undone is left to press");
        t.wait(TimeDelta::seconds(200));
        t.service.work().await.unwrap();
        assert!(folder.letters().is_empty(), "no mail leaves before");
        let got = ministry.post("/office/steps", &press("undo", "", &undo)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        for id in &ids {
            assert_eq!(state_of(t, &office, *id).await, State::Submitted);
        }
        t.wait(TimeDelta::minutes(10));
        t.service.work().await.unwrap();
        assert!(folder.letters().is_empty(), "what was undone is never sent");

        let back = approve().await;
        let undo = offered(&ministry.get(&back).await.text);
        t.wait(TimeDelta::seconds(301));
        let told = ministry.get(&back).await.text;
        assert!(told.contains("3 件を承認しました。") && !told.contains("取り消せます"), "the button is gone");
        let got = ministry.post("/office/steps", &press("undo", "", &undo)).await;
        assert_eq!(got.status, StatusCode::CONFLICT);
        for name in ["青波市消防本部", "白帆町消防本部", "緑丘市消防本部"] {
            assert!(got.text.contains(name), "{name} is named");
        }
        assert!(got.text.contains("取り消せる 5 分を過ぎた"));
        assert_eq!(state_of(t, &office, ids[0]).await, State::Approved);
        t.service.work().await.unwrap();
        assert_eq!(folder.letters().len(), 3);
        assert_eq!(state_of(t, &office, ids[0]).await, State::NoticeSent);
        let log: Vec<String> = t.store.audit_after_unscoped(0).await.unwrap().into_iter().map(|(_, e)| e.join(" ")).collect();
        let of = |action: &str| log.iter().filter(|e| e.contains(&format!("application {action}"))).count();
        assert_eq!((of("approve"), of("undo"), of("submit")), (2, 1, 1), "{log:#?}");
        assert!(log.iter().any(|e| e.contains("application approve") && ids.iter().all(|id| e.contains(&id.to_string()))));
    })
    .await;
}

#[tokio::test]
async fn a_return_says_why_and_the_prefecture_reads_it() {
    on_both("a_return_says_why_and_the_prefecture_reads_it", async |t, _| {
        let person = t.person(Kind::PrefectureHealth, Some(12)).await;
        let prefecture = actor(&person).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let id = submitted(t, &prefecture, &["青波市消防本部", "青波市消防署"]).await[0];
        let page = ministry.get("/office").await.text;
        assert!(page.contains("消防本部以外") && page.contains("個別相談中"));
        let seen = offered(&page);
        let nothing = ministry.post("/office/steps", &press("approve", "", &[])).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(nothing.text.contains("ひとつも選ばれていません"));
        let silent = ministry.post("/office/steps", &press("return", "  ", &seen)).await;
        assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            silent.text.contains("理由が書かれていません") && silent.text.matches(" checked").count() == 2,
            "what was chosen stays chosen"
        );
        let why = "管轄市区町村を確かめてください。<b>";
        let got = ministry.post("/office/steps", &press("return", why, &seen)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER);
        for view in all(t, &prefecture).await {
            assert_eq!((view.row.state, view.row.reason.as_deref()), (State::Returned, Some(why)));
        }
        // A thread on the row, read on both sides and by nobody else.
        let path = format!("/office/applications/{id}");
        assert_eq!(ministry.post(&format!("{path}/comments"), "words=").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(
            ministry.post(&format!("{path}/comments"), &format!("words={}", encode("急ぎますか。"))).await.status,
            StatusCode::SEE_OTHER
        );
        t.service.comment_application(&prefecture, id, "4 月中にお願いします。").await.unwrap();
        let page = ministry.get(&path).await.text;
        assert!(
            page.contains("急ぎますか。")
                && page.contains("4 月中にお願いします。")
                && page.contains("&#60;b&#62;")
                && !page.contains("<b>青")
        );
        let (_, steps, _) = t.service.application(&prefecture, id).await.unwrap();
        assert!(steps.iter().any(|s| s.words.as_deref() == Some("急ぎますか。")));
    })
    .await;
}

#[tokio::test]
async fn a_consultation_ends_with_yes_or_no() {
    on_both("a_consultation_ends_with_yes_or_no", async |t, _| {
        let person = t.person(Kind::PrefectureHealth, Some(12)).await;
        let prefecture = actor(&person).await;
        let id = submitted(t, &prefecture, &["青波市消防署"]).await[0];
        let ministry = t.person(Kind::Ministry, None).await;
        let page = ministry.get(&format!("/office/applications/{id}")).await.text;
        assert!(page.contains("個別相談を「可」とする") && !page.contains("件を承認する"), "it cannot be approved from there");
        let hidden = offered(&page);
        let too_soon = ministry.post("/office/steps", &press("approve", "", &hidden)).await;
        assert_eq!(too_soon.status, StatusCode::CONFLICT);
        assert!(too_soon.text.contains("からは、この処理に進めません"));
        let yes = ministry.post("/office/steps", &format!("{}&from={id}", press("allow", "", &hidden))).await;
        assert!(yes.headers["location"].to_str().unwrap().starts_with(&format!("/office/applications/{id}?done=allow")));
        assert_eq!(state_of(t, &prefecture, id).await, State::Submitted);
    })
    .await;
}

#[tokio::test]
async fn the_desk_is_the_ministrys_alone() {
    on_both("the_desk_is_the_ministrys_alone", async |t, _| {
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let ids = submitted(t, &actor(&health).await, &["壁の向こう消防本部"]).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let decisions = offered(&ministry.get("/office").await.text);
        let path = format!("/office/applications/{}", ids[0]);
        let mut others = vec![health];
        for kind in Kind::ALL.into_iter().filter(|k| !matches!(k, Kind::Hospital | Kind::Ministry)) {
            others.push(t.person(kind, Some(12)).await);
        }
        for person in &others {
            for path in ["/office", path.as_str(), "/office/settings", "/office?state=all&q=%E5%A3%81"] {
                let got = person.get(path).await;
                assert_eq!(got.status, StatusCode::FORBIDDEN, "{path} {}", person.name);
                assert!(!got.text.contains("壁の向こう") && !got.text.contains("\"/office"), "{path} {}", person.name);
            }
            for action in ["approve", "return", "reject", "undo", "allow", "close"] {
                let got = person.post("/office/steps", &press(action, "理由", &decisions)).await;
                assert_eq!(got.status, StatusCode::FORBIDDEN, "{action} {}", person.name);
            }
            assert_eq!(person.post(&format!("{path}/comments"), "words=x").await.status, StatusCode::FORBIDDEN);
            assert_eq!(person.post("/office/settings", "daily_capacity=1").await.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(state_of(t, &actor(&ministry).await, ids[0]).await, State::Submitted);
        assert!(ministry.get("/board").await.text.contains("ID発行"), "the menu leads there");
        for action in ["edit", "submit", "issue", "deliver", "nonsense", ""] {
            let got = ministry.post("/office/steps", &press(action, "", &decisions)).await;
            assert!(got.status.is_client_error(), "{action}");
        }
        for path in ["/office/applications/1", "/office/applications/018f0000-0000-7000-8000-000000000000"] {
            assert_eq!(ministry.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_list_is_an_address() {
    let t = TestApp::sqlite().await;
    let prefecture = t.person(Kind::PrefectureHealth, Some(12)).await;
    submitted(&t, &actor(&prefecture).await, &["青波市消防本部", "白帆町消防本部"]).await;
    let ministry = t.person(Kind::Ministry, None).await;
    let all = ministry.get("/office?select=all&sort=name&order=desc&state=all").await.text;
    assert!(all.contains("2 件を承認する") && all.contains("aria-sort=\"descending\""));
    let one = ministry.get(&format!("/office?q={}&state=open", encode("白帆"))).await.text;
    assert!(one.contains("白帆町消防本部") && !one.contains("青波市消防本部"));
    for odd in [
        "/office?state=x&sort=y&order=z&prefecture=q&window=w",
        "/office?q=%22%3E%3Cscript%3E",
        "/office?done=approve&at=9",
        "/office?done=x&at=y",
    ] {
        let got = ministry.get(odd).await;
        assert_eq!(got.status, StatusCode::OK, "{odd}");
        assert!(!got.text.contains("<script>"), "{odd}");
    }
}

#[tokio::test]
async fn what_was_begun_anew_is_not_undone() {
    on_both("what_was_begun_anew_is_not_undone", async |t, _| {
        let person = t.person(Kind::PrefectureHealth, Some(12)).await;
        let prefecture = actor(&person).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let ids = submitted(t, &prefecture, &["青波市消防本部", "白帆町消防本部"]).await;
        let mut seen = offered(&ministry.get("/office").await.text);
        // Sent twice in one press, each is decided once.
        seen.extend(seen.clone());
        let got = ministry.post("/office/steps", &press("reject", "重なりがあります。", &seen)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let undo = offered(&ministry.get(got.headers["location"].to_str().unwrap()).await.text);
        assert_eq!(undo.len(), 2);
        t.service.save_sheet(&prefecture, &[row(1, "青波市消防本部")]).await.unwrap();
        let got = ministry.post("/office/steps", &press("undo", "", &undo)).await;
        assert_eq!(got.status, StatusCode::OK);
        assert!(got.text.contains("処理しなかった申請　1 件") && got.text.contains("白帆町消防本部の処理を取り消し"), "{}", got.text);
        assert_eq!((state_of(t, &prefecture, ids[0]).await, state_of(t, &prefecture, ids[1]).await), (State::Rejected, State::Submitted));
    })
    .await;
}
