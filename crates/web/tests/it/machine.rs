//! Programs that use the API by a key that was made on the screen.

use crate::harness::{Got, Person, TestApp};
use akidoko_domain::organisation::OrganisationKind;
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

static ONCE: AtomicU64 = AtomicU64::new(1);

/// A secret of a form that nobody used.
pub fn once() -> String {
    format!("{:032x}", ONCE.fetch_add(1, Ordering::Relaxed))
}

/// A program with a key.
pub struct Machine<'a> {
    pub app: &'a TestApp,
    pub secret: String,
    pub id: String,
    /// From where it asks.
    pub address: &'static str,
}

/// What a form says of a key that may do what its name says.
pub fn fields(name: &str, more: &str) -> String {
    format!("name={name}&per_minute=6000&expires_on=2027-04-10&once={}&{more}", once())
}

/// Makes a key on the screen.
pub async fn key<'a>(person: &Person<'a>, more: &str) -> Machine<'a> {
    named_key(person, "test", more).await
}

/// The same, under a name.
pub async fn named_key<'a>(person: &Person<'a>, name: &str, more: &str) -> Machine<'a> {
    let got = person.post("/keys", &fields(name, more)).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    let secret = got.text.split(r#"id="secret">"#).nth(1).unwrap().split('<').next().unwrap().to_owned();
    let list = person.get("/keys").await.text;
    let id = list.split(r#"href="/keys/"#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    Machine { app: person.app, secret, id, address: "192.0.2.7" }
}

impl Machine<'_> {
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>, once: Option<&str>) -> Got {
        let method: Method = method.to_uppercase().parse().unwrap();
        let mut request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {}", self.secret));
        if let Some(once) = once {
            request = request.header("idempotency-key", once);
        }
        let text = body.map(ToString::to_string).unwrap_or_default();
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let mut request = request.body(Body::from(text)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.address.parse().unwrap(), 4711)));
        self.app.ask(request).await
    }

    pub async fn get(&self, path: &str) -> Got {
        self.ask("get", path, None, None).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Got {
        self.ask("put", path, Some(body), None).await
    }

    pub async fn batch(&self, body: &Value) -> Got {
        self.ask("post", "/api/v1/reports", Some(body), None).await
    }
}

/// An association of two hospitals of a prefecture, and its administrator.
pub async fn association<'a>(t: &'a TestApp, hospitals: &[&akidoko_domain::id::OrganisationCode]) -> Person<'a> {
    let prefecture = hospitals[0].prefecture();
    let made = t.admin.create_organisation(OrganisationKind::Association, prefecture, "架空の医師会").await.unwrap();
    for hospital in hospitals {
        t.admin.add_member(&made.code, hospital).await.unwrap();
    }
    t.person_of(&made.code).await
}
