//! Every example of the OpenAPI document is executed, on both databases, and answered as the document says. With `AKIDOKO_WRITE_EXAMPLES`
//! set, the answers are written into `src/api/examples.json` instead.

use crate::{
    feed::declared,
    harness::TestApp,
    machine::{Machine, association, named_key},
    office::on_both,
};
use akidoko_domain::{hospital::Attributes, id::PrefCode, organisation::OrganisationKind as Kind};
use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use std::{env, fs, path::Path};

/// Hospitals and the association of the examples, by their IDs there.
const HOSPITALS: [(&str, &str, &str); 2] =
    [("H994AU7A", "架空港病院", "カクウミナトビョウイン"), ("H99CJT3N", "架空丘の上病院", "カクウオカノウエビョウイン")];

struct World<'a> {
    hospital: Machine<'a>,
    association: Machine<'a>,
    fire: Machine<'a>,
    prefecture: Machine<'a>,
    /// The ID in the document, and the ID here.
    codes: Vec<(String, String)>,
}

async fn world(t: &TestApp) -> World<'_> {
    let mut hospitals = Vec::new();
    for (_, name, kana) in HOSPITALS {
        let attributes = Attributes {
            name: Some(name.to_owned()),
            name_kana: Some(kana.to_owned()),
            phone: Some("0000000000".to_owned()),
            beds_total: Some(300),
            ..Attributes::default()
        };
        hospitals.push(t.admin.create_hospital(PrefCode::new(99).unwrap(), &attributes).await.unwrap().code);
    }
    t.settled().await;
    let union = association(t, &hospitals.iter().collect::<Vec<_>>()).await;
    let mut codes: Vec<(String, String)> =
        HOSPITALS.iter().zip(&hospitals).map(|((there, ..), here)| ((*there).to_owned(), here.to_string())).collect();
    codes.push(("A994AU73".to_owned(), union.name.split('-').next().unwrap().to_owned()));
    let health = t.person(Kind::PrefectureHealth, Some(99)).await;
    declared(&health, "県の救急医療情報システム").await;
    codes.push(("P99AMSD7".to_owned(), health.name.split('-').next().unwrap().to_owned()));
    World {
        hospital: named_key(&t.person_of(&hospitals[0]).await, "電子カルテ連携", "report=1&read=1").await,
        association: named_key(&union, "会員の報告", "report=1").await,
        fire: named_key(&t.person(Kind::FireHeadquarters, Some(99)).await, "指令台", "read=1").await,
        prefecture: named_key(&health, "県のシステム", "report=1&feed=1").await,
        codes,
    }
}

impl World<'_> {
    fn here(&self, text: &str) -> String {
        self.codes.iter().fold(text.to_owned(), |text, (there, here)| text.replace(there, here))
    }

    fn there(&self, text: &str) -> String {
        self.codes.iter().fold(text.to_owned(), |text, (there, here)| text.replace(here, there))
    }
}

/// The number of a request is its own, and so are the numbers of events.
fn without_ids(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.remove("request_id");
            members.values_mut().for_each(without_ids);
        }
        Value::Array(all) => all.iter_mut().for_each(without_ids),
        _ => {}
    }
}

fn is_moment(value: &Value) -> bool {
    value.as_str().is_some_and(|s| s.len() > 19 && chrono::DateTime::parse_from_rfc3339(s).is_ok())
}

/// Is all that the document says in the answer? The answer may say more; a list that ends in 「…」 is only begun.
fn fits(said: &Value, got: &Value, at: &str) -> Result<(), String> {
    match (said, got) {
        (Value::Object(said), Value::Object(got)) => said.iter().try_for_each(|(name, value)| {
            if name == "event_id" {
                return Ok(());
            }
            fits(value, got.get(name).unwrap_or(&Value::Null), &format!("{at}.{name}"))
        }),
        (Value::Array(said), Value::Array(got)) => {
            let begun = said.last().is_some_and(|last| last == "…");
            let said = if begun { &said[..said.len() - 1] } else { said };
            if said.len() != got.len() && !(begun && said.len() <= got.len()) {
                return Err(format!("{at}: {} and not {}", got.len(), said.len()));
            }
            said.iter().zip(got).enumerate().try_for_each(|(n, (said, got))| fits(said, got, &format!("{at}[{n}]")))
        }
        _ if is_moment(said) && is_moment(got) => Ok(()),
        _ if said == got => Ok(()),
        _ => Err(format!("{at}: {got} and not {said}")),
    }
}

/// An example as the document tells it.
struct Told {
    name: String,
    method: String,
    address: String,
    caller: String,
    once: Option<String>,
    body: Value,
    status: u64,
    answer: Value,
}

/// Reads an example back from the places where OpenAPI keeps its parts.
fn told(path: &str, method: &str, operation: &Value, parts: &Value) -> Told {
    let name = parts["name"].as_str().unwrap();
    let (mut address, mut query, mut once) = (path.to_owned(), Vec::new(), None);
    for parameter in operation["parameters"].as_array().unwrap() {
        let Some(value) = parameter["examples"][name]["value"].as_str() else { continue };
        let parameter_name = parameter["name"].as_str().unwrap();
        match parameter["in"].as_str().unwrap() {
            "path" => address = address.replace(&format!("{{{parameter_name}}}"), value),
            "query" => query.push(format!("{parameter_name}={}", value.bytes().map(|b| format!("%{b:02X}")).collect::<String>())),
            _ => once = Some(value.to_owned()),
        }
    }
    if !query.is_empty() {
        address = format!("{address}?{}", query.join("&"));
    }
    assert!(!address.contains('{'), "{name}: {address}");
    let response = &operation["responses"][parts["status"].to_string()]["content"];
    let answer = response.as_object().and_then(|c| c.values().next()).map(|media| media["examples"][name]["value"].clone());
    Told {
        name: name.to_owned(),
        method: method.to_owned(),
        address,
        caller: parts["caller"].as_str().unwrap().to_owned(),
        once,
        body: operation["requestBody"]["content"]["application/json"]["examples"][name]["value"].clone(),
        status: parts["status"].as_u64().unwrap(),
        answer: answer.unwrap_or_default(),
    }
}

#[tokio::test]
async fn every_example_is_answered_as_the_document_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/examples.json");
    let mut list: Vec<Value> = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let write = env::var_os("AKIDOKO_WRITE_EXAMPLES").is_some();
    let answers = std::sync::Mutex::new(Vec::new());
    let order: Vec<String> = list.iter().map(|e| e["name"].as_str().unwrap().to_owned()).collect();
    on_both("every_example_is_answered_as_the_document_says", async |t, _| {
        let document = t.ask(Request::builder().uri("/api/openapi.json").body(Body::empty()).unwrap()).await.json();
        let mut all = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                for parts in operation["x-examples"].as_array().into_iter().flatten() {
                    all.push(told(path, method, operation, parts));
                }
            }
        }
        assert_eq!(all.len(), order.len(), "every example stands in the document");
        all.sort_by_key(|told| order.iter().position(|name| *name == told.name));
        let world = world(t).await;
        for told in all {
            let machine = match told.caller.as_str() {
                "hospital" => &world.hospital,
                "association" => &world.association,
                "prefecture" => &world.prefecture,
                _ => &world.fire,
            };
            let body: Option<Value> = (!told.body.is_null()).then(|| serde_json::from_str(&world.here(&told.body.to_string())).unwrap());
            if told.name == "board" {
                t.settled().await;
            }
            let got = machine.ask(&told.method, &world.here(&told.address), body.as_ref(), told.once.as_deref()).await;
            assert_eq!(u64::from(got.status.as_u16()), told.status, "{}: {}", told.name, got.text);
            let mut answer: Value = serde_json::from_str(&world.there(&got.text)).unwrap();
            without_ids(&mut answer);
            if write {
                answers.lock().unwrap().push((told.name, answer));
            } else {
                fits(&told.answer, &answer, &told.name).unwrap();
            }
        }
    })
    .await;
    if write {
        for (name, answer) in answers.into_inner().unwrap() {
            let example = list.iter_mut().find(|e| e["name"] == json!(name)).unwrap();
            // The survey is long; its example is written by hand.
            if name != "surveys" {
                example["answer"] = answer;
            }
        }
        fs::write(&file, serde_json::to_string_pretty(&list).unwrap() + "\n").unwrap();
    }
}

#[tokio::test]
async fn the_document_is_whole() {
    let t = TestApp::sqlite().await;
    let document = t.ask(Request::builder().uri("/api/openapi.json").body(Body::empty()).unwrap()).await.json();
    // Every reference leads somewhere, every operation has a name of its own and examples, and no route is left out.
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
    let mut names = std::collections::BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(akidoko_web::ROUTES.iter().any(|r| r.path == path && r.method == method), "{method} {path} is no route");
            assert!(names.insert(operation["operationId"].as_str().unwrap().to_owned()), "{path}");
            assert!(operation["x-examples"].is_array() || path.ends_with("/events"), "{method} {path} has no example");
            assert!(["401", "403", "429"].iter().all(|status| operation["responses"][status].is_object()), "{path}");
        }
    }
    let page = t.ask(Request::builder().uri("/api").body(Body::empty()).unwrap()).await;
    assert!(page.status.is_success() && page.text.contains("API の説明"));
    for (path, _) in document["paths"].as_object().unwrap() {
        assert!(page.text.contains(path.as_str()), "{path} is not explained");
    }
}
