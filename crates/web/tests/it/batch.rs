//! Reports that come together, requests that come twice, and what is only tried.

use crate::{
    harness::TestApp,
    machine::{Machine, association, key},
    office::on_both,
};
use akidoko_domain::id::OrganisationCode;
use axum::http::StatusCode;
use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};

fn path(hospital: &OrganisationCode) -> String {
    format!("/api/v1/hospitals/{hospital}/reports/2026-04-10")
}

fn quick(beds: u32) -> Value {
    json!({ "kind": "quick", "answers": { "available_beds": beds } })
}

fn full(beds: u32) -> Value {
    json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": beds } })
}

/// The body of a report among others.
fn of(hospital: &OrganisationCode, mut report: Value) -> Value {
    report["hospital"] = json!(hospital);
    report["report_date"] = json!("2026-04-10");
    report
}

async fn versions(machine: &Machine<'_>, hospital: &OrganisationCode) -> usize {
    machine.get(&path(hospital)).await.json()["versions"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_request_works_once() {
    on_both("a_request_works_once", async |t, _| {
        let hospital = t.hospital(12, "架空みなと病院").await;
        t.settled().await;
        let chief = t.person_of(&hospital).await;
        let machine = key(&chief, "report=1").await;
        let put = async |body: &Value, once: &str| machine.ask("put", &path(&hospital), Some(body), Some(once)).await;
        let first = put(&full(4), "a").await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
        assert!(!first.headers.contains_key("idempotency-replayed"));
        // The same again, and with its members in another order: the same answer, and no other report.
        t.wait(TimeDelta::hours(20));
        let again = put(&full(4), "a").await;
        assert_eq!((again.status, again.json()), (StatusCode::CREATED, first.json()));
        assert_eq!(again.headers["idempotency-replayed"], "true");
        // Another body under the same name.
        let other = put(&full(5), "a").await;
        assert_eq!((other.status, other.json()["code"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("idempotency_mismatch")));
        assert_eq!(versions(&machine, &hospital).await, 1);
        // What was refused is not kept: mended, it is taken under the same name.
        let wrong = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": -1 } });
        assert_eq!(put(&wrong, "b").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        t.wait(TimeDelta::hours(-20));
        assert_eq!(put(&full(6), "b").await.status, StatusCode::OK);
        // Another caller's names are its own.
        let second = key(&chief, "report=1").await;
        assert_eq!(second.ask("put", &path(&hospital), Some(&full(7)), Some("a")).await.json()["version"], 3);
        // Names that are none.
        for bad in ["", "a b", &"x".repeat(201), "名前"] {
            let mut request = axum::http::Request::builder().method("PUT").uri(path(&hospital));
            request = request.header("authorization", format!("Bearer {}", machine.secret)).header("content-type", "application/json");
            let request = request.header("idempotency-key", bad).body(axum::body::Body::from(full(1).to_string())).unwrap();
            assert_eq!(t.ask(request).await.json()["code"], "bad_idempotency_key", "{bad}");
        }
        assert_eq!(versions(&machine, &hospital).await, 3);
        // At once from many lines: one report.
        let body = quick(9);
        let all = join_all((0..24).map(|_| put(&body, "c"))).await;
        assert!(
            all.iter().all(|got| got.status == StatusCode::OK && got.json()["version"] == 4),
            "{:?}",
            all.iter().map(|g| &g.text).collect::<Vec<_>>()
        );
        let bodies: Vec<Value> = (0..24).map(|n| quick(n % 2)).collect();
        let all = join_all(bodies.iter().map(|body| put(body, "d"))).await;
        let (taken, refused): (Vec<_>, Vec<_>) = all.iter().partition(|got| got.status == StatusCode::OK);
        assert!(taken.len() == 12 && refused.iter().all(|got| got.json()["code"] == "idempotency_mismatch"), "{}", taken.len());
        assert_eq!(versions(&machine, &hospital).await, 5);
        // Two days later nobody remembers.
        t.wait(TimeDelta::hours(50));
        t.service.work().await.unwrap();
        let late = machine.ask("put", &path(&hospital), Some(&quick(1)), Some("c")).await;
        assert_eq!(late.json()["code"], "reason_missing", "{}", late.text);
        assert!(t.store.verify_audit_unscoped(None).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn all_or_nothing() {
    on_both("all_or_nothing", async |t, _| {
        let (a, b) = (t.hospital(12, "い病院").await, t.hospital(12, "ろ病院").await);
        let beyond = t.hospital(13, "壁の向こう病院").await;
        let nobody = OrganisationCode::build('H', a.prefecture(), 1);
        t.settled().await;
        let machine = key(&association(t, &[&a, &b]).await, "report=1").await;
        let before = t.store.last_event_unscoped().await.unwrap();
        let good = of(&a, full(4));
        for (name, wrong, status, code) in [
            ("a rule", of(&b, json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": 1, "available_beds_severe": 2 } })), 422, "invalid"),
            ("a word", of(&b, json!({ "answers": { "emergency_status": "通常" } })), 422, "invalid"),
            ("beyond the wall", of(&beyond, full(1)), 404, "not_found"),
            ("nobody", of(&nobody, full(1)), 404, "not_found"),
            ("no ID", json!({ "hospital": "x", "report_date": "2026-04-10", "answers": {} }), 404, "not_found"),
            ("no day", json!({ "hospital": b, "report_date": "2026-4-10", "answers": {} }), 422, "unreadable"),
            ("no answers", json!({ "hospital": b, "report_date": "2026-04-10" }), 422, "unreadable"),
            ("a surprise", of(&b, json!({ "answers": {}, "surprise": 1 })), 422, "unreadable"),
            ("no report", json!(7), 422, "unreadable"),
            ("tomorrow", json!({ "hospital": b, "report_date": "2026-04-11", "answers": full(1)["answers"] }), 422, "future_date"),
            ("a moment of another day", of(&b, json!({ "kind": "quick", "answers": { "available_beds": 1 }, "as_of": "2026-04-09T03:00:00Z" })), 422, "bad_as_of"),
            ("twice", good.clone(), 422, "duplicate"),
        ] {
            let got = machine.batch(&json!({ "reports": [good, wrong] })).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", got.text);
            let problem = got.json();
            assert_eq!((&problem["code"], &problem["refused"], &problem["accepted"]), (&json!("batch_refused"), &json!(1), &json!(0)), "{name}");
            assert_eq!(problem["results"][0]["code"], "not_taken", "{name}");
            assert_eq!((&problem["results"][1]["status"], &problem["results"][1]["code"]), (&json!(status), &json!(code)), "{name}: {problem}");
            assert!(!got.text.contains("壁の向こう"), "{name}");
        }
        let behind = |code: &OrganisationCode| of(code, full(1));
        let told = async |code: &OrganisationCode| {
            let problem = machine.batch(&json!({ "reports": [behind(code)] })).await.json();
            problem["results"][0].to_string().replace(code.as_str(), "X")
        };
        assert_eq!(told(&beyond).await, told(&nobody).await, "what lies beyond is as what is not there");
        assert_eq!(t.store.last_event_unscoped().await.unwrap(), before, "nothing has happened");

        // Every finding of every report is told at once.
        let wrong = of(&a, json!({ "answers": { "emergency_status": "normal", "available_beds": "四" } }));
        let problem = machine.batch(&json!({ "reports": [wrong, of(&beyond, full(1))] })).await.json();
        assert_eq!(problem["refused"], 2);
        assert_eq!(problem["results"][0]["errors"].as_array().unwrap().len(), 2, "{problem}");

        // All good: one transaction, one answer, once.
        let body = json!({ "reports": [good, of(&b, full(2)), of(&b, quick(3))] });
        let got = machine.ask("post", "/api/v1/reports", Some(&body), Some("day")).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.text);
        let answer = got.json();
        assert_eq!((&answer["accepted"], &answer["refused"]), (&json!(3), &json!(0)));
        let versions_of = |answer: &Value| answer["results"].as_array().unwrap().iter().map(|r| r["version"].as_u64().unwrap()).collect::<Vec<_>>();
        assert_eq!(versions_of(&answer), [1, 1, 2]);
        let moments: std::collections::BTreeSet<String> = answer["results"].as_array().unwrap().iter().map(|r| r["received_at"].to_string()).collect();
        assert_eq!(moments.len(), 1, "one transaction");
        let again = machine.ask("post", "/api/v1/reports", Some(&body), Some("day")).await;
        assert_eq!((again.status, again.json()), (StatusCode::OK, answer));
        assert_eq!(versions(&machine, &b).await, 2);
        t.settled().await;
        let board = t.person(akidoko_domain::organisation::OrganisationKind::FireHeadquarters, Some(12)).await.get("/api/v1/board").await.json();
        let beds = |code: &OrganisationCode| board["hospitals"].as_array().unwrap().iter().find(|h| h["code"] == json!(code)).unwrap()["columns"]["available_beds"]["value"].clone();
        assert_eq!((beds(&a), beds(&b)), (json!(4), json!(3)));
        assert!(t.store.verify_audit_unscoped(None).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn each_for_itself() {
    on_both("each_for_itself", async |t, _| {
        let (a, b) = (t.hospital(12, "い病院").await, t.hospital(12, "ろ病院").await);
        let beyond = t.hospital(13, "壁の向こう病院").await;
        t.settled().await;
        let machine = key(&association(t, &[&a, &b]).await, "report=1").await;
        let mut wrong = of(&b, full(1));
        wrong["answers"]["ecmo_owned"] = json!(1.5);
        let body = json!({ "mode": "each", "reports": [of(&beyond, full(1)), of(&a, full(4)), 7, wrong, of(&a, quick(5))] });
        let got = machine.ask("post", "/api/v1/reports", Some(&body), Some("each")).await;
        assert_eq!(got.status, StatusCode::MULTI_STATUS, "{}", got.text);
        let answer = got.json();
        assert_eq!((&answer["accepted"], &answer["refused"]), (&json!(2), &json!(3)));
        let statuses: Vec<u64> = answer["results"].as_array().unwrap().iter().map(|r| r["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [404, 201, 422, 422, 200]);
        assert_eq!(answer["results"][3]["errors"][0]["item"], "ecmo_owned");
        let again = machine.ask("post", "/api/v1/reports", Some(&body), Some("each")).await;
        assert_eq!((again.status, again.json()), (StatusCode::MULTI_STATUS, answer));
        assert_eq!((versions(&machine, &a).await, versions(&machine, &b).await), (2, 0));
        // None was accepted: nothing is kept.
        let none = json!({ "mode": "each", "reports": [of(&beyond, full(1))] });
        assert_eq!(machine.ask("post", "/api/v1/reports", Some(&none), Some("none")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let some = json!({ "mode": "each", "reports": [of(&b, full(1))] });
        assert_eq!(machine.ask("post", "/api/v1/reports", Some(&some), Some("none")).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn what_is_tried_changes_nothing() {
    on_both("what_is_tried_changes_nothing", async |t, _| {
        let (a, b) = (t.hospital(12, "い病院").await, t.hospital(12, "ろ病院").await);
        t.settled().await;
        let union = association(t, &[&a, &b]).await;
        let machine = key(&union, "report=1").await;
        machine.put(&path(&a), &full(4)).await;
        let before = t.store.last_event_unscoped().await.unwrap();
        let dry = format!("{}?dry_run=true", path(&a));
        let got = machine.put(&dry, &json!({ "kind": "quick", "answers": { "available_beds": 2, "emergency_status": "stopped" } })).await;
        assert_eq!(got.status, StatusCode::OK, "{}", got.text);
        let tried = got.json();
        assert_eq!((&tried["dry_run"], &tried["version"]), (&json!(true), &json!(2)));
        let change = |item: &str| tried["changes"].as_array().unwrap().iter().find(|c| c["item"] == item).cloned().unwrap();
        assert_eq!(change("available_beds"), json!({ "item": "available_beds", "label": "空床 計", "from": 4, "to": 2 }));
        assert_eq!(tried["changes"].as_array().unwrap().len(), 2);
        assert_eq!(machine.put(&dry, &json!({ "answers": {} })).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(machine.put(&dry.replace("true", "maybe"), &full(1)).await.status, StatusCode::BAD_REQUEST);
        // Many at once: what an earlier one would leave is what a later one would change.
        let mut body = json!({ "mode": "each", "reports": [of(&a, quick(3)), of(&a, quick(1)), of(&b, json!({ "kind": "quick", "answers": { "available_beds": "x" } }))] });
        let got = machine.ask("post", "/api/v1/reports?dry_run=true", Some(&body), Some("unused")).await;
        assert_eq!(got.status, StatusCode::MULTI_STATUS, "{}", got.text);
        let tried = got.json();
        assert_eq!(tried["results"][1]["changes"], json!([{ "item": "available_beds", "label": "空床 計", "from": 3, "to": 1 }]));
        assert_eq!(tried["results"][1]["version"], 3);
        assert_eq!(tried["results"][2]["errors"][0]["code"], "not_a_count");
        body["mode"] = json!("all_or_nothing");
        let got = machine.ask("post", "/api/v1/reports?dry_run=true", Some(&body), None).await;
        assert_eq!((got.status, got.json()["code"].clone()), (StatusCode::UNPROCESSABLE_ENTITY, json!("batch_refused")));
        let changes = |answer: &Value| answer["results"].as_array().unwrap().iter().map(|r| r["changes"].clone()).collect::<Vec<_>>();
        assert_eq!(changes(&got.json()), changes(&tried), "each is told all the same");
        assert_eq!(t.store.last_event_unscoped().await.unwrap(), before, "nothing has happened");
        // A day that is over is compared with what that day says.
        t.wait(TimeDelta::hours(24));
        let now = t.person_of(&a).await;
        assert_eq!(now.put(&path(&a).replace("04-10", "04-11"), &full(8)).await.status, StatusCode::CREATED);
        let mut late = full(6);
        late["reason"] = json!("転記の誤り");
        let tried = machine.put(&dry, &late).await.json();
        assert_eq!(tried["changes"], json!([{ "item": "available_beds", "label": "空床 計", "from": 4, "to": 6 }]), "{tried}");
    })
    .await;
}

#[tokio::test]
async fn bad_batches_change_nothing() {
    let t = TestApp::sqlite().await;
    let a = t.hospital(12, "い病院").await;
    t.settled().await;
    let machine = key(&association(&t, &[&a]).await, "report=1").await;
    let before = t.store.last_event_unscoped().await.unwrap();
    let many: Vec<Value> = (0..1001).map(|_| json!(1)).collect();
    for (body, status, code) in [
        (json!([]), 422, "unreadable"),
        (json!({}), 422, "unreadable"),
        (json!({ "reports": {} }), 422, "unreadable"),
        (json!({ "reports": [] }), 422, "bad_batch"),
        (json!({ "reports": many }), 422, "bad_batch"),
        (json!({ "mode": "some", "reports": [1] }), 422, "unreadable"),
        (json!({ "reports": [1], "surprise": 1 }), 422, "unreadable"),
        (json!({ "reports": ["あ".repeat(1_500_000)] }), 413, "too_large"),
    ] {
        let got = machine.batch(&body).await;
        assert_eq!(
            (got.status.as_u16(), &got.json()["code"]),
            (status, &json!(code)),
            "{}",
            &body.to_string()[..20.min(body.to_string().len())]
        );
        assert!(got.json()["detail"].as_str().is_some_and(|d| d.ends_with('。')), "{}", got.text);
    }
    for text in [format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)), "{\"reports\":[1e999]}".into(), "\u{feff}{}".into(), "nul".into()]
    {
        let request = axum::http::Request::builder().method("POST").uri("/api/v1/reports").header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", machine.secret)).body(axum::body::Body::from(text)).unwrap();
        let got = t.ask(request).await;
        assert_eq!((got.status, &got.json()["code"]), (StatusCode::BAD_REQUEST, &json!("unreadable")), "{}", got.text);
    }
    for query in ["from=2026-04-11&to=2026-04-10", "from=2020-01-01&to=2026-04-10", "from=x", "to=2026-02-30"] {
        assert_eq!(machine.get(&format!("/api/v1/hospitals/{a}/reports?{query}")).await.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(t.store.last_event_unscoped().await.unwrap(), before);
}

#[tokio::test]
async fn a_thousand_reports_at_once() {
    on_both("a_thousand_reports_at_once", async |t, _| {
        let mut hospitals = Vec::new();
        for n in 0..20 {
            hospitals.push(t.hospital(12, &format!("架空病院{n}")).await);
        }
        t.settled().await;
        let machine = key(&association(t, &hospitals.iter().collect::<Vec<_>>()).await, "report=1").await;
        let reports: Vec<Value> = (0..1000).map(|n| of(&hospitals[n % 20], quick(u32::try_from(n % 300).unwrap()))).collect();
        let got = machine.batch(&json!({ "reports": reports })).await;
        assert_eq!((got.status, &got.json()["accepted"]), (StatusCode::OK, &json!(1000)), "{}", &got.text[..200.min(got.text.len())]);
        assert_eq!(versions(&machine, &hospitals[0]).await, 50);
        assert!(t.store.verify_audit_unscoped(None).await.is_ok());
    })
    .await;
}
