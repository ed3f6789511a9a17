//! 病床の状況: sums and rates of a prefecture, days that are over, phases, thresholds with their alerts, the nation; and nothing of it beyond the wall.

use crate::{
    harness::{Got, Person, TestApp},
    office::on_both,
    survey::fields,
};
use akidoko_domain::{
    area::{MedicalArea, Municipality},
    event::EventKind,
    hospital::Attributes,
    id::{OrganisationCode, PrefCode},
    organisation::OrganisationKind as Kind,
};
use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::{Value, json};

const MORNING: &str = "2026-04-10";

/// The municipality of every hospital of the tests lies in an area.
async fn area(t: &TestApp) {
    let prefecture = PrefCode::new(12).unwrap();
    let mut tx = t.store.write_system(t.service.now()).await.unwrap();
    tx.ensure_prefecture(prefecture, None).await.unwrap();
    tx.put_areas(&[MedicalArea { line: 1, code: "1201".into(), prefecture, name: "架空中央".into() }]).await.unwrap();
    let place = Municipality {
        line: 1,
        code: "121002".into(),
        prefecture,
        name: "千葉市".into(),
        kana: "チバシ".into(),
        parent: None,
        area: Some("1201".into()),
    };
    tx.put_municipalities(&[place]).await.unwrap();
    tx.event(Some(prefecture), EventKind::Board);
    tx.commit().await.unwrap();
}

/// An invented hospital of that municipality.
async fn hospital_there(t: &TestApp, name: &str) -> OrganisationCode {
    let attributes = Attributes {
        name: Some(name.to_owned()),
        municipality_code: Some("121002".to_owned()),
        beds_total: Some(300),
        ..Attributes::default()
    };
    t.admin.create_hospital(PrefCode::new(12).unwrap(), &attributes).await.unwrap().code
}

async fn put(person: &Person<'_>, code: &OrganisationCode, date: &str, more: Value) -> StatusCode {
    let mut answers = json!({ "emergency_status": "normal", "inpatient_status": "normal" });
    answers.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let confirmed = [
        "available_over_licensed",
        "inpatients_over_ready",
        "available_over_ready",
        "ready_over_secured",
        "secured_over_licensed",
        "inpatients_over_licensed",
    ];
    let body = json!({ "answers": answers, "confirmed": confirmed, "reason": "数え直したため" });
    let got = person.put(&format!("/api/v1/hospitals/{code}/reports/{date}"), &body).await;
    assert!(got.status.is_success(), "{}", got.text);
    got.status
}

/// A line of the table of figures: its cells as words.
fn line(page: &str, name: &str) -> Vec<String> {
    let from = page.find(&format!(">{name}<span class=\"vh\">の推移")).unwrap_or_else(|| panic!("{name} is not in the table: {page}"));
    let cells = page[from..].split("</tr>").next().unwrap().split("<td class=\"num\">").skip(1);
    cells.map(|c| c.split("</td>").next().unwrap().replace("<b>", "").replace("</b>", "")).collect()
}

/// The same of an area.
fn area_line(page: &str) -> Vec<String> {
    let from = page.find(">架空中央</a>").unwrap_or_else(|| panic!("no line of the area: {page}"));
    page[from..]
        .split("</tr>")
        .next()
        .unwrap()
        .split("<td class=\"num\">")
        .skip(1)
        .map(|c| c.split('<').next().unwrap().to_owned())
        .collect()
}

/// The days of the file, with the cell of a column.
fn column(csv: &Got, head: &str) -> Vec<(String, String)> {
    let mut lines = csv.text.trim_start_matches('\u{feff}').lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = heads.iter().position(|h| *h == head).unwrap_or_else(|| panic!("{head} in {heads:?}"));
    lines.map(|l| l.split(',').collect::<Vec<_>>()).map(|c| (c[2].to_owned(), c[at].to_owned())).collect()
}

async fn work(t: &TestApp) {
    while t.service.work().await.unwrap() > 0 {}
    t.settled().await;
}

#[tokio::test]
async fn days_are_added_up_and_corrected() {
    on_both("days_are_added_up_and_corrected", async |t, _| {
        area(t).await;
        let (minato, yama) = (hospital_there(t, "架空みなと病院").await, hospital_there(t, "架空やま病院").await);
        let beyond = t.hospital(13, "壁の向こう病院").await;
        t.settled().await;
        let [a, b, c] = [t.person_of(&minato).await, t.person_of(&yama).await, t.person_of(&beyond).await];
        put(
            &a,
            &minato,
            MORNING,
            json!({ "secured_beds": 30, "ready_beds": 20, "inpatients_total": 15, "inpatients_in_secured": 12, "available_beds": 5 }),
        )
        .await;
        put(&b, &yama, MORNING, json!({ "secured_beds": 10, "inpatients_total": 10 })).await;
        put(&c, &beyond, MORNING, json!({ "secured_beds": 9_173, "inpatients_total": 9_173 })).await;
        t.settled().await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let page = health.get("/picture").await;
        assert_eq!(page.status, StatusCode::OK);
        let page = page.text;
        // 22 of 40; of ready beds only one hospital answered; nobody said how many severe patients there are.
        assert_eq!(line(&page, "確保病床数")[0], "40 床");
        assert_eq!(line(&page, "確保病床使用率"), ["55.0 %", "－", "－", "2 / 2"]);
        assert_eq!(line(&page, "即応病床使用率"), ["60.0 %", "－", "－", "1 / 2"]);
        assert_eq!(line(&page, "空床 計"), ["5 床", "－", "－", "1 / 2"]);
        assert_eq!(line(&page, "重症者用の確保病床使用率"), ["－", "－", "－", "0 / 2"]);
        assert_eq!(area_line(&page)[..5], ["2 / 2", "40", "20", "25", "5"]);
        assert!(!page.contains("9173") && !page.contains("9,173"));

        // The day ends and is added up; in the morning nobody has reported yet, and the sums stand.
        t.wait(TimeDelta::hours(15));
        work(t).await;
        t.wait(TimeDelta::hours(8));
        let [a, health] = [t.person_of(&minato).await, t.person(Kind::PrefectureHealth, Some(12)).await];
        let page = health.get("/picture?measure=secured_rate").await.text;
        assert_eq!(line(&page, "確保病床使用率"), ["55.0 %", "± 0", "－", "2 / 2"]);
        assert!(page.contains("<dd>0<small> / 2 病院</small></dd>"), "nobody reported today: {page}");
        put(&a, &minato, "2026-04-11", json!({ "secured_beds": 30, "inpatients_total": 24, "available_beds": 0 })).await;
        t.settled().await;
        let page = health.get("/picture").await.text;
        assert_eq!(line(&page, "確保病床使用率"), ["85.0 %", "▲ 30.0", "－", "2 / 2"]);
        assert_eq!(line(&page, "空床 計"), ["0 床", "▼ 5", "－", "1 / 2"]);
        assert_eq!(line(&page, "即応病床使用率"), ["－", "－", "－", "0 / 2"], "what a full report leaves out is unanswered");
        let rate = |csv: &Got| column(csv, "確保病床使用率（%）");
        assert_eq!(rate(&health.get("/picture.csv").await), [(MORNING.into(), "55".into()), ("2026-04-11".into(), "85".into())]);

        // Yesterday is corrected: its day is added up anew, and today stays as it is.
        put(&a, &minato, MORNING, json!({ "secured_beds": 30, "inpatients_total": 2 })).await;
        work(t).await;
        let csv = health.get("/picture.csv").await;
        assert_eq!(rate(&csv), [(MORNING.into(), "30".into()), ("2026-04-11".into(), "85".into())]);
        let of_area = health.get("/picture.csv?area=1201").await;
        assert_eq!(rate(&of_area), rate(&csv));
        // A week on the figures of a silent hospital are no longer counted, and each day says how it came.
        t.wait(TimeDelta::days(9));
        work(t).await;
        let health = t.person(Kind::PrefectureHealth, Some(12)).await;
        let csv = health.get("/picture.csv").await;
        let hospitals = column(&csv, "確保病床使用率 回答病院");
        let expected = ["2", "2", "2", "2", "2", "2", "2", "1", "0", "0", "0"];
        assert_eq!(hospitals.iter().map(|(_, n)| n.as_str()).collect::<Vec<_>>(), expected, "{hospitals:?}");
        assert_eq!(column(&csv, "番号").last().unwrap().1, "11");
        assert!(column(&csv, "全件数").iter().all(|(_, n)| n == "11"));
        assert_eq!(rate(&csv)[8].1, "", "nothing is known: no zero");
        assert_eq!(line(&health.get("/picture").await.text, "確保病床数"), ["－", "－", "－", "0 / 2"]);

        for (path, status, words) in [
            ("/picture?measure=board_comment", StatusCode::BAD_REQUEST, "この指標はありません"),
            ("/picture?area=9999", StatusCode::NOT_FOUND, ""),
            ("/picture?area=%27%3B--", StatusCode::NOT_FOUND, ""),
            ("/picture?span=century", StatusCode::OK, "8 週間"),
            ("/picture?span=year&measure=available_beds", StatusCode::OK, "空床 計"),
            ("/picture?prefecture=13", StatusCode::NOT_FOUND, ""),
            ("/picture.csv?prefecture=13", StatusCode::NOT_FOUND, ""),
            ("/picture/events?prefecture=13", StatusCode::NOT_FOUND, ""),
            ("/nation", StatusCode::FORBIDDEN, ""),
            ("/nation.csv", StatusCode::FORBIDDEN, ""),
        ] {
            let got = health.get(path).await;
            assert!(got.status == status && got.text.contains(words), "{path}: {} {}", got.status, got.text);
        }
    })
    .await;
}

#[tokio::test]
async fn who_sees_the_picture() {
    on_both("who_sees_the_picture", async |t, _| {
        let minato = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let clerk = t.person_of(&minato).await;
        put(&clerk, &minato, MORNING, json!({ "secured_beds": 4_711, "available_beds": 4_713 })).await;
        t.settled().await;
        for kind in [Kind::PrefectureHealth, Kind::PrefectureFire, Kind::HealthCity, Kind::HealthCentre] {
            let person = t.person(kind, Some(12)).await;
            assert!(person.get("/picture").await.text.contains("4,711"), "{kind:?}");
            let keeps = if kind == Kind::PrefectureHealth { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(person.get("/picture/settings").await.status, keeps, "{kind:?}");
            let stranger = t.person(kind, Some(13)).await;
            let got = stranger.get("/picture").await;
            assert!(got.status == StatusCode::OK && !got.text.contains("4,711"), "{kind:?}");
            assert_eq!(stranger.get("/picture?prefecture=12").await.status, StatusCode::NOT_FOUND, "{kind:?}");
        }
        for kind in [Kind::FireHeadquarters, Kind::Association] {
            let person = t.person(kind, Some(12)).await;
            for path in ["/picture", "/picture.csv", "/picture/settings", "/picture/events", "/nation"] {
                assert_eq!(person.get(path).await.status, StatusCode::FORBIDDEN, "{path} {kind:?}");
            }
        }
        assert_eq!(clerk.get("/picture").await.status, StatusCode::FORBIDDEN);
        let ministry = t.person(Kind::Ministry, None).await;
        assert_eq!(ministry.get("/picture").await.headers["location"], "/nation");
        assert!(ministry.get("/picture?prefecture=12").await.text.contains("4,711"));
        assert_eq!(ministry.get("/picture/settings").await.status, StatusCode::FORBIDDEN);
        assert_eq!(ministry.get("/picture.csv").await.status, StatusCode::BAD_REQUEST);

        // What a prefecture keeps from a kind of organisation stands in no sum that it sees.
        let (health, centre) = (t.person(Kind::PrefectureHealth, Some(12)).await, t.person(Kind::HealthCentre, Some(12)).await);
        let mut pairs: Vec<(String, String)> = Vec::new();
        for column in akidoko_domain::board::Column::ALL {
            for kind in akidoko_domain::board::Sharing::KINDS {
                if !(column.as_str() == "secured_beds" && kind == Kind::HealthCentre) {
                    pairs.push(("show".to_owned(), format!("{}:{}", column.as_str(), kind.as_str())));
                }
            }
        }
        let mut form: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        form.extend([("whole", "1"), ("act", "save")]);
        assert_eq!(health.post("/board/sharing", &fields(&form)).await.status, StatusCode::SEE_OTHER);
        for path in ["/picture", "/picture?measure=secured_rate", "/picture.csv"] {
            let text = centre.get(path).await.text;
            assert!(!text.contains("4711") && !text.contains("4,711") && text.contains("4,713") | text.contains("4713"), "{path}: {text}");
        }
        assert_eq!(line(&centre.get("/picture").await.text, "確保病床数")[0], "非共有");
        assert!(health.get("/picture").await.text.contains("4,711"));
    })
    .await;
}

/// The form of phases: name, beds, severe, criteria of each line.
fn phase_form(seen: &str, current: &str, reason: &str, act: &str, steps: &[[&str; 4]]) -> String {
    let mut all = vec![("seen".to_owned(), seen), ("current".to_owned(), current), ("reason".to_owned(), reason), ("act".to_owned(), act)];
    for (n, step) in steps.iter().enumerate() {
        for (name, value) in ["name", "beds", "severe", "criteria"].iter().zip(step) {
            all.push((format!("{name}{n}"), value));
        }
    }
    fields(&all.iter().map(|(n, v)| (n.as_str(), *v)).collect::<Vec<_>>())
}

fn seen(page: &str) -> String {
    page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn phases_move_and_are_switched_off() {
    on_both("phases_move_and_are_switched_off", async |t, _| {
        let minato = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let clerk = t.person_of(&minato).await;
        put(&clerk, &minato, MORNING, json!({ "secured_beds": 300, "ready_beds": 300 })).await;
        t.settled().await;
        let (health, fire) = (t.person(Kind::PrefectureHealth, Some(12)).await, t.person(Kind::FireHeadquarters, Some(12)).await);
        let beyond = t.person(Kind::FireHeadquarters, Some(13)).await;
        assert!(!fire.get("/board").await.text.contains("フェーズ"), "a prefecture that has none sees none");
        let steps = [["1", "２６０", "20", "目安その一"], ["2", "4,40", "", ""], ["", "", "", ""], ["緊急Ⅰ", "", "", ""]];
        let got = health.post("/picture/settings", &phase_form("", "1", "", "phases", &steps)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        assert!(fire.get("/board").await.text.contains("フェーズ 2／緊急Ⅰ"), "on every board of the prefecture at once");
        assert!(!beyond.get("/board").await.text.contains("フェーズ"));
        let page = health.get("/picture").await.text;
        for words in ["2 ／ 緊急Ⅰ", "計画の 440 床まであと 140 床", "目安その一", "260 床"] {
            assert!(page.contains(words), "{words}: {page}");
        }

        // Somebody else's form is older; a move needs a reason; what cannot be is said in words.
        let stands = seen(&health.get("/picture/settings").await.text);
        let moved = |seen: &str, reason: &str| phase_form(seen, "0", reason, "phases", &steps);
        assert_eq!(health.post("/picture/settings", &moved("", "下がったため")).await.status, StatusCode::CONFLICT);
        let got = health.post("/picture/settings", &moved(&stands, "")).await;
        assert!(
            got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains("変える理由を") && got.text.contains("目安その一"),
            "{}",
            got.text
        );
        for (steps, current, words) in [
            (vec![["", "", "", ""]], "0", "フェーズを 1 つから"),
            (vec![["1", "三百", "", ""]], "0", "病床の数は"),
            (vec![["1", "3", "4", ""]], "0", "超えています"),
            (vec![["1", "", "", ""], ["1", "", "", ""]], "0", "前の行と同じ"),
            (vec![["", "30", "", ""]], "0", "名前を"),
            (vec![["1", "", "", ""]], "5", "「いま」のフェーズを"),
            (vec![["1", "", "", "患者ID 12345 のとき"]], "0", "患者を思わせる"),
        ] {
            let got = health.post("/picture/settings", &phase_form(&stands, current, "理由", "phases", &steps)).await;
            assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains(words), "{words}: {}", got.text);
        }
        for person in [&fire, &clerk, &t.person(Kind::HealthCentre, Some(12)).await] {
            assert_eq!(person.post("/picture/settings", &moved(&stands, "x")).await.status, StatusCode::FORBIDDEN, "{}", person.name);
        }
        assert_eq!(health.post("/picture/settings", &moved(&stands, "患者が減ったため")).await.status, StatusCode::SEE_OTHER);
        assert!(fire.get("/board").await.text.contains("フェーズ 1／緊急Ⅰ"));
        let page = health.get("/picture").await.text;
        assert!(page.contains("計画の 260 床に達しています") && page.contains("患者が減ったため"), "{page}");
        let stands = seen(&health.get("/picture/settings").await.text);
        let off = phase_form(&stands, "0", "五類に移行したため", "phases_off", &[]);
        assert_eq!(health.post("/picture/settings", &off).await.status, StatusCode::SEE_OTHER);
        assert!(!fire.get("/board").await.text.contains("フェーズ") && !health.get("/picture").await.text.contains("計画の即応病床"));
        assert!(health.get("/picture/settings").await.text.contains("目安その一"), "what stood is offered again");
    })
    .await;
}

async fn threshold(person: &Person<'_>, measure: &str, area: &str, side: &str, raise: &str, clear: &str) -> Got {
    let form = [("act", "threshold"), ("measure", measure), ("area", area), ("side", side), ("raise", raise), ("clear", clear)];
    person.post("/picture/settings", &fields(&form)).await
}

#[tokio::test]
async fn alerts_are_raised_once_and_cleared() {
    on_both("alerts_are_raised_once_and_cleared", async |t, folder| {
        area(t).await;
        let minato = hospital_there(t, "架空みなと病院").await;
        t.settled().await;
        let clerk = t.person_of(&minato).await;
        let (health, centre) = (t.person(Kind::PrefectureHealth, Some(12)).await, t.person(Kind::HealthCentre, Some(12)).await);
        let beyond = t.person(Kind::PrefectureHealth, Some(13)).await;
        let id = t.store.organisation_unscoped(&health.name[..8].parse().unwrap()).await.unwrap().unwrap().organisation.id;
        let tx = t.store.write_system(t.service.now()).await.unwrap();
        tx.set_mailbox(id, "eisei@pref.example.jp").await.unwrap();
        tx.commit().await.unwrap();
        let full = |inpatients: u32| json!({ "secured_beds": 200, "inpatients_total": inpatients });
        put(&clerk, &minato, MORNING, full(99)).await;
        t.settled().await;
        for (measure, area, side, raise, clear, words) in [
            ("secured_rate", "", "above", "50", "50", "解除する値は"),
            ("secured_rate", "", "above", "五割", "45", "50 や 50.5 のように"),
            ("secured_rate", "", "above", "50.55", "45", "50 や 50.5 のように"),
            ("available_beds", "", "below", "20.5", "40", "20 のように"),
            ("available_beds", "", "below", "40", "20", "解除する値は"),
            ("board_comment", "", "above", "50", "45", "指標を"),
            ("secured_rate", "9999", "above", "50", "45", "範囲を"),
            ("secured_rate", "", "sideways", "50", "45", "向きを"),
        ] {
            let got = threshold(&health, measure, area, side, raise, clear).await;
            assert!(got.status == StatusCode::UNPROCESSABLE_ENTITY && got.text.contains(words), "{words}: {}", got.text);
        }
        assert_eq!(threshold(&health, "secured_rate", "1201", "above", "５０ %", "45").await.status, StatusCode::SEE_OTHER);
        let twice = threshold(&health, "secured_rate", "1201", "above", "50", "45").await;
        assert!(twice.text.contains("同じしきい値"));
        assert_eq!(threshold(&centre, "secured_rate", "", "above", "50", "45").await.status, StatusCode::FORBIDDEN);
        assert!(!health.get("/board").await.text.contains("しきい値"), "49.5 %");

        // Raised: on every page of the officers and by one mail, with the figures; not beyond the wall, not to a headquarters.
        put(&clerk, &minato, MORNING, full(101)).await;
        t.settled().await;
        t.wait(TimeDelta::minutes(1));
        work(t).await;
        let why = "架空中央圏域の確保病床使用率が 50.5 %になり、しきい値 50.0 %以上に達しました（入院 101 ÷ 病床 200、1 病院の回答）。";
        for person in [&health, &centre] {
            assert!(person.get("/board").await.text.contains(why) && person.get("/picture").await.text.contains(why), "{}", person.name);
        }
        for person in [&beyond, &clerk, &t.person(Kind::FireHeadquarters, Some(12)).await, &t.person(Kind::Ministry, None).await] {
            assert!(!person.get("/board?prefecture=12").await.text.contains("しきい値"), "{}", person.name);
        }
        t.wait(TimeDelta::minutes(3));
        work(t).await;
        let mails = folder.texts();
        assert_eq!(mails.len(), 1, "once: {mails:?}");
        let [to, subject, words] =
            ["To: eisei@pref.example.jp", "しきい値に達しました：架空中央圏域 確保病床使用率 50.5 %", "入院 101 ÷ 病床 200"];
        assert!([to, subject, words, "/picture"].iter().all(|w| mails[0].contains(w)), "{}", mails[0]);

        // Who has seen it says so: it no longer calls, and stands on.
        let page = centre.get("/picture").await.text;
        let alert = page.split("action=\"/picture/alerts/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let press = format!("/picture/alerts/{alert}");
        assert_eq!(beyond.post(&press, "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(clerk.post(&press, "").await.status, StatusCode::FORBIDDEN);
        assert_eq!(centre.post("/picture/alerts/nothing", "").await.status, StatusCode::NOT_FOUND);
        assert_eq!(centre.post(&press, "").await.status, StatusCode::SEE_OTHER);
        assert!(!health.get("/board").await.text.contains(why));
        assert!(
            health.get("/picture").await.text.contains(&format!("確認：今日 09:46 {}", centre.name)),
            "{}",
            health.get("/picture").await.text
        );

        // It trembles and stays; under 45 % it ends, with a mail of its own. What is not known changes nothing.
        for (inpatients, stands) in [(99, true), (90, true), (89, false), (99, false), (100, true)] {
            put(&clerk, &minato, MORNING, full(inpatients)).await;
            t.settled().await;
            t.wait(TimeDelta::minutes(1));
            work(t).await;
            let standing = health.get("/picture").await.text.split("id=\"alerts\"").nth(1).is_some();
            assert_eq!(standing, stands, "{inpatients} of 200");
        }
        assert_eq!(folder.texts().len(), 3, "raised, cleared, raised");
        assert!(folder.texts().iter().any(|m| m.contains("しきい値を離れました") && m.contains("44.5 %")), "{:?}", folder.texts());
        put(&clerk, &minato, MORNING, json!({ "inpatients_total": 3 })).await;
        t.settled().await;
        t.wait(TimeDelta::minutes(1));
        work(t).await;
        assert!(health.get("/picture").await.text.contains("id=\"alerts\""), "silence is no all-clear");

        // The threshold ends, and its alert with it.
        let settings = health.get("/picture/settings").await.text;
        let id = settings.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let end = fields(&[("act", "end_threshold"), ("id", &id)]);
        assert_eq!(beyond.post("/picture/settings", &end).await.status, StatusCode::NOT_FOUND);
        assert_eq!(health.post("/picture/settings", &end).await.status, StatusCode::SEE_OTHER);
        let page = health.get("/picture").await.text;
        assert!(!page.contains("id=\"alerts\"") && page.contains("しきい値の設定を終えたため"), "{page}");
        assert_eq!(folder.texts().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn the_nation_of_today() {
    on_both("the_nation_of_today", async |t, _| {
        let (minato, yama) = (t.hospital(12, "架空みなと病院").await, t.hospital(13, "架空やま病院").await);
        let silent = t.hospital(14, "架空しずか病院").await;
        t.settled().await;
        let [a, b] = [t.person_of(&minato).await, t.person_of(&yama).await];
        put(&a, &minato, MORNING, json!({ "secured_beds": 100, "inpatients_total": 30, "available_beds": 12 })).await;
        put(&b, &yama, MORNING, json!({ "secured_beds": 300, "inpatients_total": 270, "available_beds": 30 })).await;
        t.settled().await;
        let ministry = t.person(Kind::Ministry, None).await;
        let page = ministry.get("/nation?measure=secured_rate").await.text;
        for words in ["<dd>75.0<small> %", "<b>45 は未集計</b>", "東京都　90.0 %", "千葉県　30.0 %", "神奈川県　未集計　前週差 －"]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.find("東京都</a>").unwrap() < page.find("千葉県</a>").unwrap(), "the highest first");
        // 奈良県 has no board here: it is named, and leads nowhere.
        assert!(page.contains("<span>奈良</span><b>未集計</b>") && !page.contains("prefecture=29"), "{page}");
        let page = ministry.get("/nation?measure=available_beds&as=map").await.text;
        assert!(page.contains("<dd>42<small> 床") && page.contains("pi-tiles"), "without outlines there are tiles: {page}");
        let page = ministry.get("/nation?measure=reporting").await.text;
        assert!(page.contains("千葉県　100.0 %") && page.contains("神奈川県　0.0 %"), "{page}");
        let csv = ministry.get("/nation.csv?measure=secured_rate&weeks=2").await.text;
        assert!(csv.contains("2026-04-10,13,東京都,90") && csv.contains("2026-04-03,13,東京都,\r\n"), "{csv}");
        for path in ["/nation?measure=x", "/nation?date=2026-13-01", "/nation?date=0000-01-01", "/nation.csv?measure=survey.x.y"] {
            assert_eq!(ministry.get(path).await.status, StatusCode::BAD_REQUEST, "{path}");
        }
        for path in ["/nation?date=2999-01-01", "/nation?weeks=999999999999999999999", "/nation?weeks=0", "/nation?date=1999-01-01"] {
            assert_eq!(ministry.get(path).await.status, StatusCode::OK, "{path}");
        }
        drop(silent);
        t.wait(TimeDelta::days(8));
        work(t).await;
        let ministry = t.person(Kind::Ministry, None).await;
        let page = ministry.get("/nation?measure=secured_rate&date=2026-04-10").await.text;
        assert!(page.contains("2026年4月10日") && page.contains("<dd>75.0<small> %"), "{page}");
    })
    .await;
}
