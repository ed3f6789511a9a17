//! What the API is, for programs and for people.

use crate::{error::Answer, state::State};
use akidoko_domain::{
    board::Column,
    survey::{DAILY, Item, ItemKind, Status, Survey},
};
use axum::{
    Json,
    extract::State as Extract,
    response::{IntoResponse, Redirect},
};
use serde_json::{Map, Value, json};

/// The reference: the document itself, which browsers show.
pub async fn reference() -> Redirect {
    Redirect::to("/api/openapi.json")
}

/// The OpenAPI document. The answers of a report are made from the survey that is in force, so that they cannot drift from it.
pub async fn document(Extract(state): Extract<State>) -> Answer {
    let (today, _) = state.service.today();
    Ok(Json(openapi(state.service.catalogue().on(DAILY, today))).into_response())
}

fn openapi(survey: Option<&Survey>) -> Value {
    let answers: Map<String, Value> = survey.iter().flat_map(|s| s.items()).map(|i| (i.id.clone(), schema(i))).collect();
    let columns: Vec<&str> = Column::ALL.iter().map(|c| c.as_str()).collect();
    let path = |name: &str, about: &str, example: &str| json!({ "name": name, "in": "path", "required": true, "description": about, "schema": { "type": "string" }, "example": example });
    let query = |name: &str, about: &str| json!({ "name": name, "in": "query", "description": about, "schema": { "type": "string" } });
    let problem = |about: &str| json!({ "description": about, "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    let filters = json!([
        query("prefecture", "Two digits. One's own by default; the ministry has to choose."),
        query("q", "Words in name, reading or municipality; kana are forgiven."),
        query("area", "Medical area, four digits."),
        query("municipality", "Six digits."),
        query("accepting", "1: only hospitals that can take a patient now."),
        query("severity", "severe, moderate or mild: at least one available bed."),
        query("care", "pediatric, perinatal, dialysis, psychiatric, dementia or nursing_care: accepted. May repeat."),
        query("within", "Not older than so many hours."),
        query("order", "fresh (default), kana, beds or area.")
    ]);
    let report_paths =
        [path("code", "The hospital's organisation ID.", "H99222AB"), path("date", "The day of the report, in Japan.", "2026-04-10")];
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Akidoko", "version": env!("CARGO_PKG_VERSION"),
            "description": "Reports of hospitals and the bed board of one's own prefecture. What lies outside of it does not exist: 404. Times are RFC 3339, UTC." },
        "security": [{ "bearer": [] }],
        "paths": {
            "/api/v1/board": { "get": { "summary": "The board", "parameters": filters, "responses": {
                "200": { "description": "The board. ETag changes with it.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Board" } } } },
                "304": { "description": "Unchanged." }, "400": problem("A filter is wrong."), "401": problem("No valid token."), "403": problem("Not for this kind of organisation."), "404": problem("No such board.") } } },
            "/api/v1/board/events": { "get": { "summary": "Changes of the board, as server-sent events", "description": "`event: hospital` carries a row as in the board; `reset`: read the board anew; `ping` every 15 seconds; `signed_out` ends the stream. Send `Last-Event-ID` to miss nothing.",
                "parameters": [query("prefecture", "Two digits."), query("after", "Begin behind this event.")], "responses": {
                "200": { "description": "A stream.", "content": { "text/event-stream": { "schema": { "type": "string" } } } }, "400": problem("A number is wrong."), "401": problem("No valid token."), "403": problem("Not for this kind of organisation."), "404": problem("No such board.") } } },
            "/api/v1/hospitals/{code}/reports/{date}": {
                "parameters": report_paths,
                "get": { "summary": "The versions of a day's report", "responses": { "200": { "description": "Versions, the newest first.", "content": { "application/json": { "schema": { "type": "object" } } } }, "400": problem("The date is wrong."), "401": problem("No valid token."), "403": problem("Not yours to read."), "404": problem("No such hospital.") } },
                "put": { "summary": "Hand a report in", "description": "Durable when answered, on open boards within a second. Each accepted report is a new version.",
                    "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Report" },
                        "example": { "kind": "quick", "answers": { "available_beds": 4 } } } } },
                    "responses": { "200": { "description": "A further version.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Receipt" } } } }, "201": { "description": "The first version of the day.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Receipt" } } } },
                        "400": problem("Unreadable."), "401": problem("No valid token."), "403": problem("Not yours to report."), "404": problem("No such hospital."), "409": problem("Another version came first."), "413": problem("Too large."), "415": problem("Not JSON."), "422": problem("Rules: `errors` must be mended, `warnings` mended or confirmed by their `id`.") } } }
        },
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": {
                "Report": { "type": "object", "required": ["answers"], "additionalProperties": false, "properties": {
                    "kind": { "enum": ["full", "quick"], "default": "full" }, "answers": { "type": "object", "additionalProperties": false, "properties": answers },
                    "confirmed": { "type": "array", "items": { "type": "string" } }, "reason": { "type": ["string", "null"] }, "expected_version": { "type": ["integer", "null"], "minimum": 0 } } },
                "Receipt": { "type": "object", "properties": { "hospital": { "type": "string" }, "report_date": { "type": "string", "format": "date" }, "version": { "type": "integer" },
                    "as_of": { "type": "string", "format": "date-time" }, "received_at": { "type": "string", "format": "date-time" },
                    "event_id": { "type": "integer", "description": "an event not before the report's own: a stream or a board that has reached it shows the report" } } },
                "Board": { "type": "object", "properties": { "prefecture": { "type": "string" }, "name": { "type": "string" }, "event_id": { "type": "integer" },
                    "hospitals": { "type": "array", "items": { "$ref": "#/components/schemas/Hospital" } } } },
                "Hospital": { "type": "object", "properties": { "code": { "type": "string" }, "name": { "type": "string" }, "as_of": { "type": ["string", "null"], "format": "date-time" },
                    "authors": { "type": "array", "items": { "type": "object" } },
                    "columns": { "type": "object", "propertyNames": { "enum": columns }, "additionalProperties": { "$ref": "#/components/schemas/Cell" } } } },
                "Cell": { "type": "object", "description": "`value`: for a status one of the five answers, else a number, a word or null (未回答). `by`: place in `authors`.", "properties": { "value": {}, "as_of": { "type": "string", "format": "date-time" }, "by": { "type": "integer" } } },
                "Problem": { "type": "object", "properties": { "status": { "type": "integer" }, "code": { "type": "string" }, "detail": { "type": "string" }, "request_id": { "type": "string" },
                    "errors": { "type": "array", "items": { "$ref": "#/components/schemas/Finding" } }, "warnings": { "type": "array", "items": { "$ref": "#/components/schemas/Finding" } } } },
                "Finding": { "type": "object", "properties": { "item": { "type": "string" }, "id": { "type": "string" }, "code": { "type": "string" }, "label": { "type": ["string", "null"] }, "detail": { "type": "string" } } }
            }
        }
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

fn schema(item: &Item) -> Value {
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
