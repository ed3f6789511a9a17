//! 他システム連携: what a prefecture feeds in out of another system, and how it is marked wherever it stands.

use crate::{
    harness::{Db, Person, TestApp},
    machine::{Machine, fields, key},
    office::on_both,
    road::actor,
};
use akidoko_domain::{id::OrganisationCode, organisation::OrganisationKind as Kind};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

const SYSTEM: &str = "架空県救急医療情報システム";

pub async fn declared(health: &Person<'_>, name: &str) {
    let url = if name.is_empty() { "" } else { "https%3A%2F%2Fkyukyu.example.jp%2F" };
    assert_eq!(health.post("/board/other-system", &format!("name={name}&url={url}")).await.status, StatusCode::SEE_OTHER);
}

fn path(hospital: &OrganisationCode) -> String {
    format!("/api/v1/hospitals/{hospital}/reports/2026-04-10")
}

/// A part update, true at a minute of the morning in Japan.
fn quick(beds: u32, at: &str) -> Value {
    json!({ "kind": "quick", "answers": { "available_beds": beds }, "as_of": format!("2026-04-10T{at}:00+09:00") })
}

async fn beds(reader: &Person<'_>) -> Value {
    reader.app.settled().await;
    reader.get("/api/v1/board").await.json()["hospitals"][0].clone()
}

async fn fed(machine: &Machine<'_>, hospital: &OrganisationCode, report: &Value) -> (StatusCode, String) {
    let got = machine.put(&path(hospital), report).await;
    (got.status, got.json()["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_another_system_says_bears_its_name() {
    on_both("what_another_system_says_bears_its_name", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
        declared(&health, SYSTEM).await;
        let machine = key(&health, "report=1&read=1&feed=1").await;
        assert!(health.get("/keys").await.text.contains("他システム連携"));

        let full = json!({
            "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 4 }, "as_of": "2026-04-10T09:00:00+09:00",
        });
        assert_eq!(fed(&machine, &hospital, &full).await.0, StatusCode::CREATED);
        let row = beds(&fire).await;
        assert_eq!(row["columns"]["available_beds"]["value"], 4);
        assert_eq!(row["as_of"], "2026-04-10T00:00:00Z", "as old as that system says");
        let author = &row["authors"][0];
        assert_eq!((&author["source"], &author["on_behalf"], &author["channel"]), (&json!(SYSTEM), &json!(true), &json!("api")));

        // Wherever it stands.
        let all = format!("「{SYSTEM}」から取り込んだ値");
        let mark = format!("連携（{SYSTEM}）");
        let board = fire.get("/board").await.text;
        assert!(board.contains(&format!(r#"<span class="tag proxy src" title="{all}">連携<span class="vh">（{all}）"#)), "{board}");
        assert!(!board.contains(r#"<span class="tag proxy">代行</span> "#) && board.contains("ほかのシステムから取り込み"));
        assert!(fire.get("/wall").await.text.contains(&all));
        for page in ["", "/why/available_beds"] {
            assert!(fire.get(&format!("/hospitals/{hospital}{page}")).await.text.contains(&mark), "{page}");
        }
        for page in ["reports", "reports/2026-04-10/versions/1/full", "reports/2026-04-10/versions/1"] {
            assert!(health.get(&format!("/hospitals/{hospital}/{page}")).await.text.contains(&mark), "{page}");
        }
        let own = t.person_of(&hospital).await;
        let says = format!("「{SYSTEM}」から 09:42 に取り込みました。");
        assert!(own.get(&format!("/hospitals/{hospital}/reports/2026-04-10")).await.text.contains(&says));
        let day = own.get(&path(&hospital)).await.json();
        assert_eq!(day["versions"][0]["author"]["source"], SYSTEM);
        for (file, reader) in [("/board.csv", &fire), ("/open-data/2026-04-10/daily.csv", &health)] {
            assert!(reader.get(file).await.text.contains(SYSTEM), "{file}");
        }
        assert!(health.get("/open-data/2026-04-10/daily.schema.json").await.text.contains(r#""name":"source""#));
        assert!(health.get("/board/past?at=2026-04-10T09:42").await.text.contains(&all));
        let before = fire.get("/api/v1/board").await.json()["event_id"].as_i64().unwrap() - 1;
        let stream = fire.stream_until(&format!("/board/events?after={before}"), None, SYSTEM).await;
        assert!(stream.contains("連携"), "{stream}");
        // The day is reported, on behalf.
        assert!(health.get("/completeness").await.text.contains("代行"));

        // What the hospital says itself stands; an older word of the other system does not move it, a newer one does.
        t.wait(chrono::TimeDelta::minutes(20));
        assert_eq!(own.put(&path(&hospital), &json!({ "kind": "quick", "answers": { "available_beds": 1 } })).await.status, StatusCode::OK);
        assert_eq!(fed(&machine, &hospital, &quick(7, "09:50")).await.0, StatusCode::OK);
        let row = beds(&fire).await;
        assert_eq!(row["columns"]["available_beds"]["value"], 1, "the hospital spoke at 10:02 of itself");
        assert!(fire.get("/board").await.text.contains(&format!("一部は{all}")));
        t.wait(chrono::TimeDelta::minutes(20));
        assert_eq!(fed(&machine, &hospital, &quick(7, "10:10")).await.0, StatusCode::OK);
        assert_eq!(beds(&fire).await["columns"]["available_beds"]["value"], 7);
        // In a file of the day whoever was overtaken in all is no source of it.
        let open = async || health.get("/open-data/2026-04-10/daily.csv").await.text;
        assert!(open().await.contains(SYSTEM));
        t.wait(chrono::TimeDelta::minutes(20));
        let all = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 2 } });
        assert_eq!(own.put(&path(&hospital), &all).await.status, StatusCode::OK);
        assert!(!open().await.contains(SYSTEM));
        assert!(t.store.verify_audit_unscoped(None).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn what_another_system_cannot_say() {
    on_both("what_another_system_cannot_say", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;

        // Nobody feeds in before it is said out of what, and nobody but who says so.
        let body = fields("feed", "report=1&feed=1");
        let got = health.post("/keys", &body).await;
        assert!(
            got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("先に") && got.text.contains("名前を登録"),
            "{}",
            got.text
        );
        declared(&health, SYSTEM).await;
        for kind in [Kind::HealthCity, Kind::HealthCentre, Kind::PrefectureFire, Kind::FireHeadquarters] {
            let other = t.person(kind, Some(12)).await;
            assert_eq!(other.post("/keys", &body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{kind:?}");
            assert!(!other.get("/keys").await.text.contains("他システム連携"), "{kind:?}");
        }
        assert_eq!(health.post("/keys", &fields("feed", "read=1&feed=1")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let machine = key(&health, "report=1&feed=1").await;

        // It says from when it is true, not of tomorrow, and not of long ago.
        for (report, expected) in [
            (json!({ "kind": "quick", "answers": { "available_beds": 3 } }), "as_of_missing"),
            (json!({ "answers": { "available_beds": 3 } }), "as_of_missing"),
            (quick(3, "23:00"), "bad_as_of"),
        ] {
            assert_eq!(fed(&machine, &hospital, &report).await, (StatusCode::UNPROCESSABLE_ENTITY, expected.to_owned()), "{report}");
        }
        let day_before = format!("/api/v1/hospitals/{hospital}/reports/2026-04-09");
        // Nor of a day that is over without its moment: the end of that day would lie over what was said in its evening.
        let past = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 3 } });
        assert_eq!(machine.put(&day_before, &past).await.json()["code"], "as_of_missing");
        let old = json!({ "kind": "quick", "answers": { "available_beds": 3 }, "as_of": "2026-04-09T09:00:00+09:00" });
        assert_eq!(machine.put(&day_before, &old).await.json()["code"], "bad_as_of");
        // Many at a time go the same way.
        let mut one = quick(3, "09:30");
        one["hospital"] = json!(hospital);
        one["report_date"] = json!("2026-04-10");
        let mut other = one.clone();
        other["as_of"] = Value::Null;
        let batch = json!({ "mode": "each", "reports": [one, other] });
        let got = machine.ask("post", "/api/v1/reports", Some(&batch), None).await;
        assert_eq!(
            (got.status, got.json()["results"][1]["code"].clone()),
            (StatusCode::MULTI_STATUS, json!("as_of_missing")),
            "{}",
            got.text
        );
        t.settled().await;
        assert!(health.get("/board").await.text.contains("連携"));

        // Another prefecture's system knows nothing of it, and its key is a stranger.
        let beyond = t.person(Kind::PrefectureHealth, Some(13)).await;
        declared(&beyond, "となりの県のシステム").await;
        let stranger = key(&beyond, "report=1&read=1&feed=1").await;
        assert_eq!(fed(&stranger, &hospital, &quick(9, "09:40")).await.0, StatusCode::NOT_FOUND);
        assert!(!stranger.get("/api/v1/board").await.text.contains(SYSTEM));

        // A name that changes stands from then on; one that is withdrawn ends it, in words.
        declared(&health, "新しい名前のシステム").await;
        assert_eq!(fed(&machine, &hospital, &quick(5, "09:41")).await.0, StatusCode::OK);
        let reader = t.person(Kind::FireHeadquarters, Some(12)).await;
        assert_eq!(beds(&reader).await["authors"][0]["source"], "新しい名前のシステム");
        declared(&health, "").await;
        // The marks stand on, and so does what they mean; the key can be made a plain one.
        t.settled().await;
        let board = reader.get("/board").await.text;
        assert!(board.contains("新しい名前のシステム") && board.contains("ほかのシステムから取り込み"), "{board}");
        let form = health.get(&format!("/keys/{}", machine.id)).await.text;
        let boxes = r#"<input class="box" type="checkbox" name="feed" value="1" checked"#;
        assert!(form.contains(boxes) && form.contains("チェックを外すと"), "{form}");
        let got = machine.put(&path(&hospital), &quick(6, "09:42")).await;
        assert_eq!((got.status, got.json()["code"].clone()), (StatusCode::CONFLICT, json!("no_other_system")));
        assert!(got.json()["detail"].as_str().unwrap().contains("他システム連携をやめた"), "{}", got.text);
        let dry = machine.ask("put", &format!("{}?dry_run=true", path(&hospital)), Some(&quick(6, "09:42")), None).await;
        assert_eq!(dry.status, StatusCode::CONFLICT);
        // Changed to a plain key it reports on behalf, like any other.
        assert_eq!(health.post(&format!("/keys/{}", machine.id), &fields("test", "report=1")).await.status, StatusCode::SEE_OTHER);
        assert_eq!(fed(&machine, &hospital, &quick(6, "09:42")).await.0, StatusCode::OK);
        assert_eq!(beds(&reader).await["authors"][0]["source"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn a_figure_that_is_kept_back_is_no_source() {
    let t = TestApp::start(Db::Sqlite, "").await.unwrap();
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    declared(&health, SYSTEM).await;
    let machine = key(&health, "report=1&feed=1").await;
    assert_eq!(fed(&machine, &hospital, &quick(4, "09:40")).await.0, StatusCode::CREATED);
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    assert!(fire.get("/board").await.text.contains("から取り込んだ値"));
    assert!(fire.get(&format!("/hospitals/{hospital}")).await.text.contains(SYSTEM));
    let page = health.get("/board/sharing").await.text;
    let shown: Vec<String> = page
        .split("name=\"show\" value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .filter(|v| !v.starts_with("available_beds:"))
        .collect();
    let body = shown.iter().fold("whole=1&act=save".to_owned(), |all, v| all + "&show=" + &v.replace(':', "%3A"));
    let got = health.post("/board/sharing", &body).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    t.settled().await;
    assert!(!fire.get("/board").await.text.contains("から取り込んだ値"));
    assert!(!health.get("/open-data/2026-04-10/daily.csv").await.text.contains(SYSTEM), "nor does the file of the day");
    let page = fire.get(&format!("/hospitals/{hospital}")).await.text;
    assert!(!page.contains(SYSTEM) && !page.contains("空床などの更新"), "nor does the hospital's page say that it came: {page}");
}

/// What a program that comes every second says from nine o'clock on.
async fn often(machine: &Machine<'_>, hospital: &OrganisationCode, seconds: std::ops::Range<u32>) {
    let one = |n: u32| {
        let mut report = quick(n % 200, "09:00");
        report["as_of"] = json!(format!("2026-04-10T09:{:02}:{:02}+09:00", n / 60, n % 60));
        report["hospital"] = json!(hospital);
        report["report_date"] = json!("2026-04-10");
        report
    };
    let batch = json!({ "mode": "each", "reports": seconds.map(one).collect::<Vec<_>>() });
    let got = machine.ask("post", "/api/v1/reports", Some(&batch), None).await;
    assert!(got.status == StatusCode::OK && !got.text.contains("\"code\""), "{}", got.text);
}

#[tokio::test]
async fn a_feed_that_comes_often_hides_nothing_of_what_stands() {
    on_both("a_feed_that_comes_often_hides_nothing_of_what_stands", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let own = t.person_of(&hospital).await;
        declared(&health, SYSTEM).await;
        let machine = key(&health, "report=1&feed=1").await;
        // Yesterday's report, and what the hospital said since.
        let yesterday = format!("/api/v1/hospitals/{hospital}/reports/2026-04-09");
        let full = json!({ "answers": {
            "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 4, "ready_beds": 290, "inpatients_total": 7,
        } });
        assert_eq!(own.put(&yesterday, &full).await.status, StatusCode::CREATED);
        let said = json!({ "kind": "quick", "answers": { "ready_beds": 280 }, "as_of": "2026-04-10T08:00:00+09:00" });
        assert_eq!(own.put(&path(&hospital), &said).await.status, StatusCode::CREATED);
        often(&machine, &hospital, 0..600).await;

        // The screen of today opens with it, and 変更なし says it again.
        let page = format!("/hospitals/{hospital}/reports/2026-04-10");
        let text = own.get(&page).await.text;
        for (item, value) in [("ready_beds", "280"), ("available_beds", "199"), ("inpatients_total", "7")] {
            let field = text.split('<').find(|tag| tag.contains(&format!("name=\"a.{item}\""))).unwrap();
            assert!(field.contains(&format!("value=\"{value}\"")), "{field}");
        }
        assert_eq!(own.post(&format!("{page}/confirmation"), "expected_version=601").await.status, StatusCode::SEE_OTHER);
        let day = own.get(&path(&hospital)).await.json();
        let answers = &day["versions"][0]["answers"];
        assert_eq!(
            (&answers["ready_beds"], &answers["available_beds"], &answers["inpatients_total"]),
            (&json!(280), &json!(199), &json!(7))
        );

        // The next day the weeks before are as full, and still say it.
        t.wait(chrono::TimeDelta::hours(23));
        let own = t.person_of(&hospital).await;
        let text = own.get(&format!("/hospitals/{hospital}/reports/2026-04-11")).await.text;
        let field = text.split('<').find(|tag| tag.contains("name=\"a.ready_beds\"")).unwrap();
        assert!(field.contains("value=\"280\""), "{field}");
    })
    .await;
}

#[tokio::test]
async fn what_a_feed_says_again_adds_nothing() {
    on_both("what_a_feed_says_again_adds_nothing", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let own = t.person_of(&hospital).await;
        declared(&health, SYSTEM).await;
        let machine = key(&health, "report=1&read=1&feed=1").await;
        let versions = async || own.api(Method::GET, &path(&hospital), None).await.json()["versions"].as_array().unwrap().len();

        let first = machine.put(&path(&hospital), &quick(4, "09:30")).await;
        assert_eq!(first.status, StatusCode::CREATED);
        let event = t.store.last_event_unscoped().await.unwrap();
        t.wait(chrono::TimeDelta::minutes(5));
        let again = machine.put(&path(&hospital), &quick(4, "09:30")).await;
        assert_eq!(again.status, StatusCode::OK, "{}", again.text);
        for field in ["version", "as_of", "received_at", "report_date"] {
            assert_eq!(again.json()[field], first.json()[field], "{field}");
        }
        assert_eq!((versions().await, t.store.last_event_unscoped().await.unwrap()), (1, event));
        let dry = machine.ask("put", &format!("{}?dry_run=true", path(&hospital)), Some(&quick(4, "09:30")), None).await;
        assert_eq!((dry.json()["version"].clone(), dry.json()["changes"].clone()), (json!(1), json!([])));
        // Among others too; what is new of them is taken.
        let one = |beds, at: &str| {
            let mut report = quick(beds, at);
            report["hospital"] = json!(hospital);
            report["report_date"] = json!("2026-04-10");
            report
        };
        let batch = json!({ "reports": [one(4, "09:30"), one(5, "09:40"), one(5, "09:40")] });
        let got = machine.ask("post", "/api/v1/reports", Some(&batch), None).await;
        let results: Vec<_> = got.json()["results"].as_array().unwrap().iter().map(|r| (r["status"].clone(), r["version"].clone())).collect();
        assert_eq!(results, [(json!(200), json!(1)), (json!(200), json!(2)), (json!(200), json!(2))], "{}", got.text);
        assert_eq!(versions().await, 2);
        // The same figure later is still true then; a person's word counts each time.
        assert_eq!(fed(&machine, &hospital, &quick(5, "09:45")).await.0, StatusCode::OK);
        for _ in 0..2 {
            assert_eq!(own.put(&path(&hospital), &quick(5, "09:46")).await.status, StatusCode::OK);
        }
        assert_eq!(versions().await, 5);

        // In full it reports the day, once, and after midnight it corrects nothing.
        let full = json!({
            "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 4 }, "as_of": "2026-04-10T09:47:00+09:00",
        });
        for _ in 0..2 {
            assert_eq!(fed(&machine, &hospital, &full).await.0, StatusCode::OK);
        }
        // What the hospital says since makes no correction of what is sent again.
        t.wait(chrono::TimeDelta::minutes(2));
        assert_eq!(own.put(&path(&hospital), &quick(3, "09:48")).await.status, StatusCode::OK);
        assert_eq!(machine.put(&path(&hospital), &full).await.json()["version"], 6);
        t.wait(chrono::TimeDelta::hours(15));
        assert_eq!(fed(&machine, &hospital, &full).await.0, StatusCode::OK);
        assert_eq!(versions().await, 7);
    })
    .await;
}

#[tokio::test]
async fn a_figure_that_is_said_again_bears_the_mark_of_who_said_it() {
    let t = TestApp::start(Db::Sqlite, "").await.unwrap();
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.settled().await;
    let health = t.person(Kind::PrefectureHealth, Some(12)).await;
    let own = t.person_of(&hospital).await;
    declared(&health, SYSTEM).await;
    let machine = key(&health, "report=1&feed=1").await;
    let full = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 4 } });
    assert_eq!(own.put(&path(&hospital), &full).await.status, StatusCode::CREATED);
    t.wait(chrono::TimeDelta::minutes(10));
    assert_eq!(fed(&machine, &hospital, &quick(4, "09:50")).await.0, StatusCode::OK);
    t.settled().await;

    let mark = format!("連携（{SYSTEM}）");
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let why = fire.get(&format!("/hospitals/{hospital}/why/available_beds")).await.text;
    let (stands, lines) = why.split_once("変化（新しい順）").unwrap();
    assert!(stands.contains(&format!(r#"<span class="tag proxy">{mark}</span>"#)), "{stands}");
    let again = lines.split("そのあと同じ値の報告が 1 回").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(again.contains("09:52") && again.contains("連携（"), "{again}");
    t.wait(chrono::TimeDelta::minutes(10));
    let known = health.get(&format!("/hospitals/{hospital}/reports?at=2026-04-10T09:55")).await.text;
    let table = known.split("で分かっていた値</caption>").nth(1).unwrap().split("</table>").next().unwrap();
    assert_eq!(table.matches(&mark).count(), 1, "{table}");
}

#[tokio::test]
async fn a_feed_that_comes_often_hides_nothing_of_the_past() {
    on_both("a_feed_that_comes_often_hides_nothing_of_the_past", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let own = t.person_of(&hospital).await;
        let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
        declared(&health, SYSTEM).await;
        let machine = key(&health, "report=1&feed=1").await;
        let yesterday = format!("/api/v1/hospitals/{hospital}/reports/2026-04-09");
        let full = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 4, "inpatients_total": 7 } });
        assert_eq!(own.put(&yesterday, &full).await.status, StatusCode::CREATED);
        often(&machine, &hospital, 0..1000).await;
        often(&machine, &hospital, 1000..2000).await;
        t.settled().await;
        let (service, reader) = (&t.service, actor(&health).await);
        let row = service.board(&reader, None).unwrap().rows.values().next().unwrap().clone();
        let count = |cells: &akidoko_domain::report::Cells, item: &str| cells.value(item).and_then(akidoko_domain::survey::Value::count);

        // The charts, and what its report did.
        let past = service.past(&actor(&fire).await, &row).await.unwrap().unwrap();
        let [.., eve, today] = &past.days[..] else { panic!("no days") };
        assert_eq!((eve.reported, eve.available, eve.inpatients), (true, Some(4), Some(7)));
        assert_eq!((today.reported, today.available), (false, Some(199)));
        let shown = service.give_back(&actor(&own).await, &row).await.unwrap().unwrap().shown.unwrap().0;
        assert_eq!(shown.to_string(), "2026-04-09", "an update is no report");
        let page = fire.get(&format!("/hospitals/{hospital}")).await.text;
        assert!(page.contains("ほかに 09:42 から 499 回") && page.contains("これより前の更新は多いため"), "{page}");

        // The record and the board of a past minute, read from few versions.
        let at = service.now();
        let history = service.history(&reader, &hospital, None, Some(at)).await.unwrap().unwrap();
        let cells = &history.known.unwrap().1[0].1;
        assert_eq!((count(cells, "inpatients_total"), count(cells, "available_beds")), (Some(7), Some(199)));
        let days = "2026-04-03".parse().unwrap()..="2026-04-10".parse().unwrap();
        let few = t.store.read(&reader.scope).await.unwrap().versions_known(row.card.prefecture, "daily", days, at).await.unwrap();
        assert_eq!(few.len(), 2, "the report, and of the updates the last");
        let board = service.board_at(&reader, None, at).await.unwrap();
        assert_eq!(board.rows.values().next().unwrap().count(akidoko_domain::board::Column::AvailableBeds), Some(199));
        // What cannot be shown at once is said, and led to.
        assert!(health.get(&format!("/hospitals/{hospital}/reports")).await.text.contains("新しい 1500 版だけ"));
        let why = service.why(&reader, &hospital, "available_beds", None).await.unwrap().unwrap();
        assert_eq!((why.first.to_string(), why.more), ("2026-04-10".to_owned(), true));
    })
    .await;
}

#[tokio::test]
async fn what_a_feed_repeats_fills_no_history() {
    on_both("what_a_feed_repeats_fills_no_history", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let own = t.person_of(&hospital).await;
        declared(&health, SYSTEM).await;
        let machine = key(&health, "report=1&feed=1").await;
        for (beds, at) in [(4, "09:10"), (4, "09:20"), (5, "09:30"), (5, "09:31"), (4, "09:32")] {
            assert!(fed(&machine, &hospital, &quick(beds, at)).await.0.is_success());
        }
        for _ in 0..2 {
            assert_eq!(own.put(&path(&hospital), &quick(4, "09:33")).await.status, StatusCode::OK);
        }
        let page = health.get(&format!("/hospitals/{hospital}/reports")).await.text;
        let shown: Vec<bool> = (1..=7).map(|n| page.contains(&format!("第 {n} 版</b>"))).collect();
        assert_eq!(shown, [true, false, true, false, true, true, true], "{page}");
        assert!(page.contains("前と同じ内容を続けて送った版は、省いています"));
        // What stands does not depend on it: of before 未回答 too.
        let none = json!({ "kind": "quick", "answers": { "available_beds": null }, "as_of": "2026-04-10T09:35:00+09:00" });
        assert_eq!(fed(&machine, &hospital, &none).await.0, StatusCode::OK);
        t.wait(chrono::TimeDelta::minutes(1));
        let at = t.service.now();
        let reader = actor(&health).await;
        let known = t.service.history(&reader, &hospital, None, Some(at)).await.unwrap().unwrap().known.unwrap();
        let cell = &known.1[0].1.items["available_beds"];
        assert_eq!((cell.value.as_ref(), cell.last.as_ref().and_then(|(value, _)| value.count())), (None, Some(4)));
    })
    .await;
}

#[tokio::test]
async fn what_counts_only_now_or_was_another_s_word_is_no_repeat() {
    on_both("what_counts_only_now_or_was_another_s_word_is_no_repeat", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let own = t.person_of(&hospital).await;
        declared(&health, SYSTEM).await;
        let machine = key(&health, "report=1&feed=1").await;
        assert!(own.put(&path(&hospital), &quick(3, "09:30")).await.status.is_success());
        // Overtaken when it came; the same figure counts from its own moment on; and is no repeat of the hospital's.
        for (beds, at) in [(4, "09:20"), (4, "09:31"), (4, "09:32")] {
            assert!(fed(&machine, &hospital, &quick(beds, at)).await.0.is_success());
        }
        assert!(own.put(&path(&hospital), &quick(5, "09:33")).await.status.is_success());
        assert!(fed(&machine, &hospital, &quick(5, "09:34")).await.0.is_success());
        let page = health.get(&format!("/hospitals/{hospital}/reports")).await.text;
        let shown: Vec<bool> = (1..=6).map(|n| page.contains(&format!("第 {n} 版</b>"))).collect();
        assert_eq!(shown, [true, true, true, false, true, true], "{page}");
    })
    .await;
}
