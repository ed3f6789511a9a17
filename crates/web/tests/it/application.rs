//! The prefecture's road: the sheet, its check, what is saved, submitted, given to a headquarters by a link — and who never sees it.

use crate::{
    harness::{Db, Got, Person, TestApp, form},
    import::{data, import},
};
use akidoko_domain::{application::Column, organisation::OrganisationKind as Kind};
use akidoko_exchange::sheet::template;
use akidoko_service::import::Source;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use std::{collections::BTreeMap, fs, path::Path};

type Row = BTreeMap<Column, String>;

/// A headquarters by its real name; people and addresses are invented.
fn row(n: usize, name: &str, municipality: &str) -> Row {
    [
        (Column::Prefecture, "千葉県".to_owned()),
        (Column::Name, name.to_owned()),
        (Column::NameKana, "カクウショウボウホンブ".to_owned()),
        (Column::HeadquartersType, "単独".to_owned()),
        (Column::Municipalities, municipality.to_owned()),
        (Column::PostalCode, "２６０－００００".to_owned()),
        (Column::Address, format!("架空町{n}番地")),
        (Column::Phone, format!("043-000-{n:04}")),
        (Column::Department, "警防課".to_owned()),
        (Column::ContactName, "見本 太郎".to_owned()),
        (Column::ContactKana, "ﾐﾎﾝ ﾀﾛｳ".to_owned()),
        (Column::Email, format!("keibou{n}@fd{n}.example.jp")),
        (Column::EmailAgain, format!("keibou{n}@fd{n}.example.jp")),
    ]
    .into()
}

fn rows(data: &Path) -> Vec<Row> {
    let file = fs::read_to_string(data.join("05_fire_departments/fire_departments.csv")).unwrap();
    let names = file.lines().map(|l| l.split(',').collect::<Vec<_>>()).filter(|l| l[1] == "12");
    let rows: Vec<Row> = names.enumerate().map(|(n, l)| row(n, l[3], l[4])).collect();
    assert_eq!(rows.len(), 22, "the headquarters of 千葉県");
    rows
}

fn workbook(rows: &[Row]) -> Vec<u8> {
    template("千葉県", &["@akidoko.example".to_owned()], rows).unwrap()
}

const BOUNDARY: &str = "----akidoko";

/// A form with a file, or without one, as a browser sends it.
fn multipart(path: &str, fields: &[(String, String)], file: Option<(&str, &[u8])>) -> Request<Body> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    if let Some((name, bytes)) = file {
        let head = "Content-Type: application/octet-stream";
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"sheet\"; filename=\"{name}\"\r\n{head}\r\n\r\n").bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    let request = Request::builder().method(Method::POST).uri(path).header("host", "localhost").header("sec-fetch-site", "same-origin");
    request.header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}")).body(Body::from(body)).unwrap()
}

async fn send(person: &Person<'_>, mut request: Request<Body>) -> Got {
    request.headers_mut().insert(header::COOKIE, person.cookie.parse().unwrap());
    person.app.ask(request).await
}

async fn upload(person: &Person<'_>, name: &str, bytes: &[u8]) -> Got {
    send(person, multipart("/applications/sheet", &[], Some((name, bytes)))).await
}

/// The value of a field, as the browser would send it back.
fn hidden(html: &str, name: &str) -> String {
    let start = html.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("no {name}: {html}")).1;
    let value = start.split_once('"').unwrap().0;
    let named = [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")];
    named.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to))
}

async fn save(person: &Person<'_>, page: &Got, mended: &[(&str, &str)]) -> Got {
    let mut fields = vec![("file".to_owned(), hidden(&page.text, "file")), ("rows".to_owned(), hidden(&page.text, "rows"))];
    fields.extend(mended.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    send(person, multipart("/applications/sheet/save", &fields, None)).await
}

fn to(got: &Got) -> &str {
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    got.headers["location"].to_str().unwrap()
}

fn ids(html: &str) -> Vec<String> {
    html.split("name=\"id\" value=\"").skip(1).map(|s| s.split_once('"').unwrap().0.to_owned()).collect()
}

async fn of_the_sheet(t: &TestApp, data: &Path) {
    import(&t.service.importer(), Source::Municipalities, &data.join("06_geo_codes/municipalities.csv")).await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let good = rows(data);
    let mut bad = good.clone();
    bad[1].insert(Column::Phone, "043-00".to_owned());
    bad[2].insert(Column::Municipalities, "札幌市".to_owned());
    let page = upload(&health, "別添1_千葉県.xlsx", &workbook(&bad)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
    for words in [
        "別添1_千葉県.xlsx",
        "5 行　電話番号を直す",
        "けたで書いてください",
        "6 行　管轄市区町村を直す",
        "「札幌市」はほかの都道府県",
        "全 22 行",
        "@akidoko.example",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(!page.text.contains("7 行　"), "what is right is not asked again");
    assert!(ids(&health.get("/applications").await.text).is_empty(), "nothing is saved by a check");

    let still = save(&health, &page, &[("c.5.phone", "043-000-0001"), ("c.6.municipalities", "札幌市")]).await;
    assert_eq!(still.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!still.text.contains("5 行　電話番号") && still.text.contains("6 行　管轄市区町村"), "what is left to mend");
    assert!(still.text.contains("直しました") && ids(&health.get("/applications").await.text).is_empty());
    let saved = save(&health, &still, &[("c.6.municipalities", "市川市")]).await;
    assert_eq!(to(&saved), "/applications?added=22&changed=0&kept=0");
    let list = health.get(to(&saved)).await;
    assert!(list.text.contains("追加 22") && list.text.contains("完全な <span data-count>22</span> 件を提出する"), "{}", list.text);
    assert_eq!(ids(&list.text).len(), 22);

    // The same again, and the form that goes out: nothing is doubled.
    for bytes in [workbook(&good), {
        let out = t.send(health.request(Method::GET, "/applications/sheet.xlsx", None)).await;
        assert_eq!(out.status(), StatusCode::OK);
        axum::body::to_bytes(out.into_body(), 1 << 24).await.unwrap().to_vec()
    }] {
        let page = upload(&health, "a.xlsx", &bytes).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert_eq!(to(&save(&health, &page, &[]).await), "/applications?added=0&changed=0&kept=22");
    }
    let mut changed = good.clone();
    changed[0].insert(Column::Phone, "0430009999".to_owned());
    let page = upload(&health, "a.xlsx", &workbook(&changed[..2])).await;
    assert_eq!(to(&save(&health, &page, &[("leave", "5")]).await), "/applications?added=0&changed=1&kept=0", "one row was left out");

    // What is no sheet, and what is too large.
    let page = upload(&health, "a.xlsx", b"%PDF-1.7 this is none").await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.text.contains("何も保存していません"));
    let page = upload(&health, "a.xlsx", &vec![b'x'; 7 << 20]).await;
    assert!(page.status == StatusCode::PAYLOAD_TOO_LARGE && page.text.contains("5 MiB"), "{}", page.status);
    let page = send(&health, multipart("/applications/sheet", &[], None)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for rows in ["", "[[1,{},[]],[1,{},[]]]", "{"] {
        let got = send(&health, multipart("/applications/sheet/save", &[("rows".to_owned(), rows.to_owned())], None)).await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{rows}");
    }
    submitted(t, &health).await;
}

async fn submitted(t: &TestApp, health: &Person<'_>) {
    // One mailbox looks like a person's: that is to be confirmed.
    let list = health.get("/applications").await;
    let all = ids(&list.text);
    let page = health.get(&format!("/applications/{}", all[0])).await;
    let mail = "t.mihon@fd.example.jp";
    let fields = all_fields(&page.text, &[("email", mail), ("email_again", mail)]);
    let got = health.post(&format!("/applications/{}", all[0]), &fields).await;
    assert!(to(&got).ends_with("?saved=1"));
    let got = health.post(&format!("/applications/{}", all[0]), &fields).await;
    assert_eq!(got.status, StatusCode::CONFLICT);
    assert!(got.text.contains("ほかの人が先に変更しました") && got.text.contains(mail), "what was typed is still there");

    let fire = t.person(Kind::PrefectureFire, Some(12)).await;
    let body: String = all.iter().map(|id| format!("id={id}&")).collect();
    assert_eq!(fire.post("/applications/submission", &format!("{body}confirmed=1")).await.status, StatusCode::FORBIDDEN);
    let theirs = fire.get("/applications").await;
    assert!(theirs.text.contains("同意する") && !theirs.text.contains("件を提出する"), "helps, cannot submit");
    assert_eq!(health.post("/applications/agreement", "agrees=1").await.status, StatusCode::FORBIDDEN);
    assert_eq!(to(&fire.post("/applications/agreement", "agrees=1&note=よい").await), "/applications");
    assert!(health.get("/applications").await.text.contains("同意しています"));

    assert_eq!(health.post("/applications/submission", "").await.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing chosen");
    let got = health.post("/applications/submission", &body).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("個人のメールのようです") && got.text.contains("印を付けてください"));
    let got = health.post("/applications/submission", &format!("{body}confirmed=1")).await;
    assert_eq!(to(&got), "/applications/bundles/1");
    let receipt = health.get("/applications/bundles/1").await;
    assert!(receipt.text.contains("第12-0001号") && receipt.text.contains("22 本部を提出しました") && receipt.text.contains("同意：あり"));
    let list = health.get("/applications").await;
    assert!(list.text.contains("1 番目、4月10日（金）ごろ") && list.text.contains("審査待ち"));
    assert_eq!(health.post("/applications/submission", &format!("{body}confirmed=1")).await.status, StatusCode::CONFLICT, "once");
    assert_eq!(health.get("/applications/bundles/2").await.status, StatusCode::NOT_FOUND);
    beyond(t, health, &all[0]).await;
}

/// The fields of a page, with some changed.
fn all_fields(html: &str, changed: &[(&str, &str)]) -> String {
    let mut fields = vec![("revision".to_owned(), hidden(html, "revision"))];
    for column in Column::SHEET.iter().filter(|c| **c != Column::Prefecture) {
        let name = column.as_str();
        let value = match changed.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => (*value).to_owned(),
            None if matches!(column, Column::HeadquartersType | Column::ExceptionReason | Column::Remarks) => String::new(),
            None => field_value(html, name),
        };
        fields.push((name.to_owned(), value));
    }
    fields.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect::<Vec<_>>().join("&")
}

fn field_value(html: &str, name: &str) -> String {
    let tag = html.split_once(&format!("id=\"i-{name}\"")).unwrap_or_else(|| panic!("no {name}: {html}")).1.split_once('>').unwrap().0;
    tag.split_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

fn encode(value: &str) -> String {
    value.bytes().map(|b| format!("%{b:02X}")).collect()
}

async fn beyond(t: &TestApp, health: &Person<'_>, id: &str) {
    let page = format!("/applications/{id}");
    let steps = format!("{page}/steps");
    let other = t.person(Kind::PrefectureHealth, Some(13)).await;
    assert_eq!(other.get(&page).await.status, StatusCode::NOT_FOUND);
    for (path, body) in [
        (&page, "revision=1&name=x"),
        (&steps, "action=withdraw&revision=1"),
        (&format!("{page}/comments"), "words=x"),
        (&format!("{page}/link"), ""),
    ] {
        assert_eq!(other.post(path, body).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!other.get("/applications").await.text.contains("銚子"));
    assert_eq!(other.get("/applications/bundles/1").await.status, StatusCode::NOT_FOUND);
    let hospital = t.hospital(12, "架空病院").await;
    for person in [t.person(Kind::FireHeadquarters, Some(12)).await, t.person_of(&hospital).await] {
        for path in
            ["/applications", "/applications/sheet", "/applications/sheet.xlsx", "/applications/new", "/applications/bundles/1", &page]
        {
            assert_eq!(person.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(person.post(&steps, "action=withdraw&revision=1").await.status, StatusCode::FORBIDDEN);
    }
    let city = t.person(Kind::HealthCity, Some(12)).await;
    let theirs = city.get("/applications").await;
    assert!(theirs.text.contains("銚子市消防本部") && !theirs.text.contains("新しく入力"), "sees how it goes, changes nothing");
    assert_eq!(city.get(&page).await.status, StatusCode::OK);
    for path in [page.as_str(), &steps, "/applications/new"] {
        assert_eq!(city.post(path, "revision=1&action=withdraw&name=x").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let ministry = t.person(Kind::Ministry, None).await;
    assert_eq!(to(&ministry.get("/applications").await), "/office");
    assert_eq!(to(&ministry.get(&page).await), format!("/office{page}"));
    assert_eq!(ministry.post("/applications/submission", &format!("id={id}")).await.status, StatusCode::FORBIDDEN);

    let now = health.get(&page).await;
    assert!(now.text.contains("申請を取り下げる") && !now.text.contains("保存する"), "what is on its way is not edited");
    let stale = health.post(&steps, "action=withdraw&revision=1").await;
    assert!(stale.status == StatusCode::CONFLICT && stale.text.contains("ほかの人が先に変更しました"));
    let revision = hidden(&now.text, "revision");
    assert_eq!(health.post(&steps, &format!("action=approve&revision={revision}")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(to(&health.post(&format!("{page}/comments"), "words=%E3%82%88").await), page);
    assert_eq!(to(&health.post(&steps, &format!("action=withdraw&revision={revision}&words=x")).await), page);
    assert!(health.get(&page).await.text.contains("取り下げられました"));
    by_link(t, health).await;
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
}

async fn by_link(t: &TestApp, health: &Person<'_>) {
    let got = health.post("/applications/new", "name=&phone=1").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.contains("href=\"#i-phone\"") && got.text.contains("aria-invalid"), "each problem leads to its field");
    let got = health.post("/applications/new", &format!("name={}", encode("架空新町消防本部"))).await;
    let page = to(&got).split('?').next().unwrap().to_owned();
    let anyone = async |path: &str| t.ask(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
    let link = health.post(&format!("{page}/link"), "").await;
    let token = link.text.split_once("/apply/").unwrap().1.split_once('<').unwrap().0.to_owned();
    let path = format!("/apply/{token}");
    let theirs = anyone(&path).await;
    assert_eq!(theirs.status, StatusCode::OK);
    assert!(theirs.text.contains("架空新町消防本部") && !theirs.text.contains("銚子"), "its own row and nothing else");
    let written = all_fields(&theirs.text, &[("phone", "0430001111")]);
    let saved = t.ask(form(&path, &written)).await;
    assert_eq!(to(&saved), format!("{path}?saved=1"));
    assert!(anyone(&format!("{path}?saved=1")).await.text.contains("保存しました"));
    assert_eq!(t.ask(form(&path, &written)).await.status, StatusCode::CONFLICT, "somebody was first");
    assert!(health.get(&page).await.text.contains("043-000-1111") || health.get(&page).await.text.contains("0430001111"));

    // Replaced, guessed, ended: the same answer.
    let without_id = |text: &str| text.lines().filter(|l| !l.contains("番号")).collect::<Vec<_>>().join("\n");
    let again = health.post(&format!("{page}/link"), "").await;
    let second = again.text.split_once("/apply/").unwrap().1.split_once('<').unwrap().0.to_owned();
    let replaced = anyone(&path).await;
    let guessed = anyone("/apply/nothing").await;
    let revision = hidden(&health.get(&page).await.text, "revision");
    assert_eq!(to(&health.post(&format!("{page}/steps"), &format!("action=withdraw&revision={revision}")).await), page);
    let ended = anyone(&format!("/apply/{second}")).await;
    for got in [&replaced, &guessed, &ended] {
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        assert_eq!(without_id(&got.text), without_id(&guessed.text));
    }
    assert_eq!(t.ask(form(&path, &written)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_sheet_of_22_on_sqlite() {
    if let Some(data) = data("a_sheet_of_22_on_sqlite") {
        of_the_sheet(&TestApp::sqlite().await, &data).await;
    }
}

#[tokio::test]
async fn a_sheet_of_22_on_postgres() {
    let Some(data) = data("a_sheet_of_22_on_postgres") else { return };
    if let Some(t) = TestApp::start(Db::Postgres, "a_sheet_of_22_on_postgres").await {
        of_the_sheet(&t, &data).await;
    }
}
