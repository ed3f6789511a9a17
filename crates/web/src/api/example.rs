//! Examples of requests and answers. They stand in the OpenAPI document and on the page for people, and a test executes each of them.

use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::LazyLock};

/// A request and its answer.
#[derive(Debug, Deserialize)]
pub struct Example {
    /// Its name, in the document.
    pub name: String,
    /// What it shows.
    pub summary: String,
    /// `get`, `put`, `post`.
    pub method: String,
    /// The path of the operation, with its braces.
    pub path: String,
    /// Who asks: `hospital`, `association`, `fire`, `prefecture`.
    pub caller: String,
    /// Parameters of path, query and header.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// The body; null: none.
    #[serde(default)]
    pub body: Value,
    /// The status of the answer.
    pub status: u16,
    /// The answer. Moments and numbers of events are those of one day.
    pub answer: Value,
}

/// All of them, in the order in which they can be executed.
pub static EXAMPLES: LazyLock<Vec<Example>> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).expect("the test of the examples reads them"));

impl Example {
    /// The address, filled in.
    pub fn address(&self) -> String {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for (name, value) in &self.parameters {
            let braced = format!("{{{name}}}");
            if path.contains(&braced) {
                path = path.replace(&braced, value);
            } else if name != ONCE {
                query.push(format!("{name}={}", crate::view::path::encode(value)));
            }
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// The name of the request, where it has one.
    pub fn once(&self) -> Option<&str> {
        self.parameters.get(ONCE).map(String::as_str)
    }
}

const ONCE: &str = "Idempotency-Key";
