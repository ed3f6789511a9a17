//! What the API is, for programs: the OpenAPI document. Its examples are executed by a test (`crates/web/tests/it/examples.rs`).

use super::example::{EXAMPLES, Example};
use crate::{error::Answer, state::State};
use akidoko_domain::{
    board::Column,
    survey::{DAILY, Item, ItemKind, Status, Survey},
};
use akidoko_service::batch::BATCH_MAX;
use axum::{Json, extract::State as Extract, response::IntoResponse};
use serde_json::{Map, Value, json};

/// The OpenAPI document. The answers of a report are made from the survey that is in force, so that they cannot drift from it.
pub async fn document(Extract(state): Extract<State>) -> Answer {
    let (today, _) = state.service.today();
    Ok(Json(openapi(state.service.catalogue().on(DAILY, today))).into_response())
}

const INFO: &str = "Reports of hospitals and the bed board of one's own prefecture. What lies outside of it does not exist: 404. \
     Times are RFC 3339, UTC; days are those of Japan. Every refusal is `application/problem+json` with a stable `code`. \
     日本語の説明は /api にあります。";

fn openapi(survey: Option<&Survey>) -> Value {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Akidoko", "version": env!("CARGO_PKG_VERSION"), "description": INFO },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "paths": {
            "/api/v1/surveys": { "get": surveys() },
            "/api/v1/hospitals": { "get": hospitals() },
            "/api/v1/hospitals/{code}/reports": { "get": history() },
            "/api/v1/hospitals/{code}/reports/{date}": { "get": day(), "put": put() },
            "/api/v1/reports": { "post": batch() },
            "/api/v1/board": { "get": board() },
            "/api/v1/board/events": { "get": events() },
        },
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer", "description": "A key of the organisation, made on /keys, or a token of one operator." } },
            "schemas": schemas(survey),
        }
    });
    for example in EXAMPLES.iter() {
        put_example(&mut document, example);
    }
    document
}

/// Puts an example where OpenAPI has a place for its parts, and beside the operation what it has none for.
fn put_example(document: &mut Value, example: &Example) {
    let operation = &mut document["paths"][&example.path][&example.method];
    let Some(parameters) = operation["parameters"].as_array_mut() else { return };
    for parameter in parameters {
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        if let Some(value) = example.parameters.get(&name) {
            parameter["examples"][&example.name] = json!({ "value": value });
        }
    }
    if !example.body.is_null() {
        let content = &mut operation["requestBody"]["content"]["application/json"];
        content["examples"][&example.name] = json!({ "summary": example.summary, "value": example.body });
    }
    let response = &mut operation["responses"][example.status.to_string()];
    if !response.is_object() {
        *response = if example.status < 300 { answer("", "Report") } else { problem("") };
    }
    if let Some(content) = response["content"].as_object_mut() {
        for media in content.values_mut() {
            media["examples"][&example.name] = json!({ "summary": example.summary, "value": example.answer });
        }
    }
    let parts = json!({ "name": example.name, "caller": example.caller, "status": example.status, "parameters": example.parameters });
    match operation["x-examples"].as_array_mut() {
        Some(list) => list.push(parts),
        None => operation["x-examples"] = json!([parts]),
    }
}

fn path(name: &str, about: &str) -> Value {
    json!({ "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string" } })
}

fn query(name: &str, about: &str) -> Value {
    json!({ "name": name, "in": "query", "description": about, "schema": { "type": "string" } })
}

fn code() -> Value {
    path("code", "The hospital's organisation ID.")
}

fn date() -> Value {
    path("date", "The day of the report, in Japan, `2026-04-10`.")
}

fn once() -> Value {
    json!({ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$" },
        "description": "A name of the request, made by the caller (a UUID). Sent again with the same body, within 48 hours, it does nothing and is answered as before, with `Idempotency-Replayed: true`. Another body under the same name is 422 `idempotency_mismatch`. What was refused is not kept: nothing happened." })
}

fn dry_run() -> Value {
    json!({ "name": "dry_run", "in": "query", "schema": { "type": "boolean", "default": false },
        "description": "true: everything is checked, nothing is changed, and the answer says what would change." })
}

fn problem(about: &str) -> Value {
    json!({ "description": about, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } })
}

fn answer(about: &str, schema: &str) -> Value {
    json!({ "description": about, "content": { "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } })
}

/// What any operation may answer, and what this one does beside.
fn responses(own: Value) -> Value {
    let mut all = json!({
        "400": problem("The address or the JSON cannot be read."),
        "401": problem("No key, or one that holds no longer."),
        "403": problem("Not for this key or this kind of organisation (`forbidden`); not from this network (`network`)."),
        "429": {
            "description": "More requests than the key may make in a minute. Wait for `Retry-After` seconds.",
            "headers": { "Retry-After": { "schema": { "type": "integer" } } },
            "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } }
        },
        "503": problem("The database does not answer. Nothing was changed; send it again."),
    });
    if let (Some(all), Value::Object(own)) = (all.as_object_mut(), own) {
        all.extend(own);
    }
    all
}

fn surveys() -> Value {
    json!({ "operationId": "getSurveys", "summary": "The surveys in force", "parameters": [],
        "description": "Sections, items and rules, with a JSON schema of what each item takes. `reportable`: its reports are taken here.",
        "responses": responses(json!({ "200": answer("The surveys.", "Surveys") })) })
}

fn hospitals() -> Value {
    json!({ "operationId": "getHospitals", "summary": "The hospitals for which the key reports", "parameters": [],
        "description": "With their codes in other registers: `mednet` (医療情報ネット), `gmis` (G-MIS), `institution` (医療機関コード).",
        "responses": responses(json!({ "200": answer("The hospitals, by reading.", "Hospitals") })) })
}

fn history() -> Value {
    let parameters = [
        code(),
        query("from", "First day; 30 days before `to` by default."),
        query("to", "Last day; today by default. At most 366 days in all."),
    ];
    json!({ "operationId": "getReports", "summary": "The versions of many days", "parameters": parameters,
        "description": "The newest day and version first, at most 1,000: `truncated` says that there are more.",
        "responses": responses(json!({ "200": answer("The versions.", "History"), "404": problem("No such hospital.") })) })
}

fn day() -> Value {
    json!({ "operationId": "getReport", "summary": "The versions of a day's report", "parameters": [code(), date()],
        "responses": responses(json!({ "200": answer("Versions, the newest first.", "Day"), "404": problem("No such hospital.") })) })
}

fn put() -> Value {
    json!({ "operationId": "putReport", "summary": "Hand a report in", "parameters": [code(), date(), dry_run(), once()],
        "description": "Durable when answered, on open boards within a second. Each accepted report is a new version. At most 256 KiB.",
        "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Report" } } } },
        "responses": responses(json!({
            "200": answer("A further version; with `dry_run`, what would change. Of a key for 他システム連携 that says again what stands: that version, and nothing is added.", "Receipt"), "201": answer("The first version of the day.", "Receipt"),
            "404": problem("No such hospital."), "409": problem("Another version came first: `expected_version` does not hold. `no_other_system`: the prefecture names no other system any more, for which this key would speak."),
            "413": problem("Too large."), "415": problem("Not JSON."),
            "422": problem("`invalid`: `errors` must be mended. `confirm`: `warnings` must be mended, or confirmed by their `id`. Others by their `code`."),
        })) })
}

fn batch() -> Value {
    let mixed = answer("`mode: each`: some were accepted, some refused; each result says which.", "BatchAnswer");
    json!({ "operationId": "postReports", "summary": "Hand in reports of many hospitals", "parameters": [dry_run(), once()],
        "description": format!("At most {BATCH_MAX} reports, 4 MiB. `all_or_nothing` (the default): all in one transaction, or none. `each`: each for itself. A batch is one request of the key's minute. A hospital that the key does not see is `not_found`."),
        "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Batch" } } } },
        "responses": responses(json!({
            "200": answer("All were accepted; with `dry_run`, would be.", "BatchAnswer"), "207": mixed,
            "413": problem("Too large."), "415": problem("Not JSON."),
            "422": problem("`batch_refused`: nothing was taken, `results` says why. `bad_batch`: no report, or too many."),
        })) })
}

fn board() -> Value {
    let filters = [
        query("prefecture", "Two digits. One's own by default; the ministry has to choose."),
        query("q", "Words in name, reading or municipality; kana are forgiven."),
        query("area", "Medical area, four digits."),
        query("municipality", "Six digits."),
        query("accepting", "1: only hospitals that can take a patient now."),
        query("severity", "severe, moderate or mild: at least one available bed."),
        query("care", "pediatric, perinatal, dialysis, psychiatric, dementia or nursing_care: accepted. May repeat."),
        query("within", "Not older than so many hours."),
        query("near", "A place from where distances are, `35.6074,140.1065`."),
        query("order", "fresh (default), kana, beds, area, or distance: from `near`, by the straight line."),
    ];
    json!({ "operationId": "getBoard", "summary": "The board", "parameters": filters,
        "responses": responses(json!({
            "200": answer("The board. ETag changes with it.", "Board"), "304": { "description": "Unchanged: `If-None-Match` names its ETag." },
            "404": problem("No such board."),
        })) })
}

fn events() -> Value {
    json!({ "operationId": "getBoardEvents", "summary": "Changes of the board, as server-sent events",
        "description": "`event: hospital` carries a row as in the board; `reset`: read the board anew; `ping` every 15 seconds; `signed_out` ends the stream, as when the key is revoked. Send `Last-Event-ID` to miss nothing.",
        "parameters": [query("prefecture", "Two digits."), query("after", "Begin behind this event.")],
        "responses": responses(json!({
            "200": { "description": "A stream.", "content": { "text/event-stream": { "schema": { "type": "string" } } } },
            "404": problem("No such board."),
        })) })
}

fn nullable(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

fn schemas(survey: Option<&Survey>) -> Value {
    let answers: Map<String, Value> = survey.iter().flat_map(|s| s.items()).map(|i| (i.id.clone(), schema(i))).collect();
    let columns: Vec<&str> = Column::ALL.iter().map(|c| c.as_str()).collect();
    let moment = json!({ "type": "string", "format": "date-time" });
    let day = json!({ "type": "string", "format": "date" });
    let list = |of: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{of}") } });
    let report = json!({
        "kind": { "enum": ["full", "quick"], "default": "full", "description": "`full`: the whole day; what is left out is 未回答. `quick`: only what it names changes." },
        "answers": { "type": "object", "additionalProperties": false, "properties": answers },
        "confirmed": { "type": "array", "items": { "type": "string" }, "description": "`id` of warnings that are confirmed." },
        "reason": { "type": ["string", "null"], "maxLength": 200, "description": "Why a past day is corrected." },
        "as_of": { "type": ["string", "null"], "format": "date-time", "description": "From when the figures are true, on that day; now by default, the end of the day for a past one. A key for 他システム連携 always has to say it (`as_of_missing`), at most a day late for `quick`." },
        "expected_version": { "type": ["integer", "null"], "minimum": 0, "description": "The version that was seen; a newer one is 409." },
    });
    let mut item = report.clone();
    if let Some(item) = item.as_object_mut() {
        item.insert("hospital".to_owned(), json!({ "type": "string", "description": "Organisation ID." }));
        item.insert("report_date".to_owned(), day.clone());
    }
    let receipt = json!({ "hospital": { "type": "string" }, "report_date": day, "version": { "type": "integer" }, "as_of": moment, "received_at": moment,
        "event_id": { "type": "integer", "description": "an event not before the report's own: a stream or a board that has reached it shows the report" },
        "dry_run": { "type": "boolean" }, "changes": list("Change") });
    let version = json!({ "report_date": day, "version": { "type": "integer" }, "kind": { "enum": ["full", "quick"] }, "survey_version": { "type": "integer" },
        "answers": { "type": "object" }, "as_of": moment, "received_at": moment, "reason": nullable("string"), "author": { "$ref": "#/components/schemas/Author" } });
    json!({
        "Report": { "type": "object", "required": ["answers"], "additionalProperties": false, "properties": report },
        "Batch": { "type": "object", "required": ["reports"], "additionalProperties": false, "properties": {
            "mode": { "enum": ["all_or_nothing", "each"], "default": "all_or_nothing" },
            "reports": { "type": "array", "minItems": 1, "maxItems": BATCH_MAX, "items": { "$ref": "#/components/schemas/BatchReport" } } } },
        "BatchReport": { "type": "object", "required": ["hospital", "report_date", "answers"], "additionalProperties": false, "properties": item },
        "BatchAnswer": { "type": "object", "properties": { "dry_run": { "type": "boolean" }, "accepted": { "type": "integer" }, "refused": { "type": "integer" },
            "results": { "type": "array", "items": { "type": "object", "description": "`index`, `hospital`, `report_date`, `status`; of one that is accepted its receipt, else its problem." } } } },
        "Receipt": { "type": "object", "properties": receipt },
        "Change": { "type": "object", "properties": { "item": { "type": "string" }, "label": nullable("string"), "from": {}, "to": {} } },
        "Version": { "type": "object", "properties": version },
        "Day": { "type": "object", "properties": { "hospital": { "type": "string" }, "report_date": day, "versions": list("Version") } },
        "History": { "type": "object", "properties": { "hospital": { "type": "string" }, "from": day, "to": day, "truncated": { "type": "boolean" }, "reports": list("Version") } },
        "Surveys": { "type": "object", "properties": { "on": day, "surveys": { "type": "array", "items": { "type": "object" } } } },
        "Hospitals": { "type": "object", "properties": { "hospitals": { "type": "array", "items": { "type": "object" } } } },
        "Board": { "type": "object", "properties": { "prefecture": { "type": "string" }, "name": { "type": "string" }, "event_id": { "type": "integer" }, "hospitals": list("Hospital") } },
        "Hospital": { "type": "object", "properties": { "code": { "type": "string" }, "name": { "type": "string" }, "as_of": { "type": ["string", "null"], "format": "date-time" },
            "authors": list("Author"),
            "columns": { "type": "object", "propertyNames": { "enum": columns }, "additionalProperties": { "$ref": "#/components/schemas/Cell" } } } },
        "Author": { "type": "object", "properties": { "organisation": { "type": "string" }, "channel": { "enum": ["screen", "file", "api"] },
            "on_behalf": { "type": "boolean", "description": "Not by the hospital itself." },
            "source": { "type": ["string", "null"], "description": "The other system of the prefecture out of which it was taken." } } },
        "Cell": { "type": "object", "description": "`value`: for a status one of the five answers, else a number, a word or null (未回答). `by`: place in `authors`.", "properties": { "value": {}, "as_of": moment, "by": { "type": "integer" } } },
        "Problem": { "type": "object", "properties": { "title": { "type": "string" }, "status": { "type": "integer" }, "code": { "type": "string" }, "detail": { "type": "string" }, "request_id": { "type": "string" },
            "errors": list("Finding"), "warnings": list("Finding") } },
        "Finding": { "type": "object", "properties": { "item": { "type": "string" }, "id": { "type": "string" }, "code": { "type": "string" }, "label": nullable("string"), "detail": { "type": "string" } } },
    })
}

/// The first and the last that is taken, which JSON Schema cannot say of dates.
fn bounds(item: &Item) -> String {
    let (min, max) = item.kind.bounds();
    match (min, max) {
        (None, None) => "any".to_owned(),
        (min, max) => format!("{} to {}", min.unwrap_or_default(), max.unwrap_or_default()),
    }
}

/// What an item takes, as a JSON schema.
pub fn schema(item: &Item) -> Value {
    let words = |words: Vec<&str>| json!({ "enum": words.into_iter().map(Value::from).chain([Value::Null]).collect::<Vec<_>>() });
    let mut schema = match &item.kind {
        ItemKind::Status { not_available } => {
            words(Status::ALL.into_iter().filter(|s| *not_available || *s != Status::NotAvailable).map(Status::as_str).collect())
        }
        ItemKind::Count { min, max, .. } => json!({ "type": ["integer", "null"], "minimum": min, "maximum": max }),
        ItemKind::Choice { options } => words(options.iter().map(|o| o.id.as_str()).collect()),
        ItemKind::Care {} => words(vec!["active", "accept", "consult", "refuse"]),
        ItemKind::Text { max } => json!({ "type": ["string", "null"], "maxLength": max }),
        ItemKind::Phone {} => json!({ "type": ["string", "null"] }),
        ItemKind::Date { .. } => json!({ "type": ["string", "null"], "format": "date", "description": bounds(item) }),
        ItemKind::Time { .. } => json!({ "type": ["string", "null"], "pattern": "^\\d\\d:\\d\\d$", "description": bounds(item) }),
        ItemKind::YesNo {} => words(vec!["yes", "no"]),
    };
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), item.label.clone().into());
    }
    schema
}
