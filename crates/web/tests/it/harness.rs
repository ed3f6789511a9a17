//! A program of one's own for each test: `let t = TestApp::start(Db::Sqlite).await`.

use akidoko_domain::{
    hospital::Attributes,
    id::{OrganisationCode, PrefCode},
    organisation::OrganisationKind,
    time::Clock,
};
use akidoko_service::{AuditKey, DatabaseConfig, Service, Store, admin::Administration, application::worker::Post};
use akidoko_web::{Options, State, router};
use axum::{
    Router,
    body::Body,
    http::{Method, Request, Response, StatusCode, header},
};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt;
use std::{
    env, fs,
    io::Write,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};
use tower::ServiceExt;

pub const PASSWORD: &str = "correct horse battery";
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Db {
    Sqlite,
    Postgres,
}

struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        // Each reading is a microsecond later, as no two moments are the same.
        DateTime::from_timestamp_micros(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
    }
}

pub struct TestApp {
    pub service: Service,
    pub store: Store,
    pub admin: Administration,
    router: Router,
    clock: Arc<TestClock>,
    file: Option<std::path::PathBuf>,
}

/// What came back.
pub struct Got {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Got {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }
}

/// Says that a test did not run: in CI that is a failure.
pub fn skipped(test: &str, why: &str) {
    assert!(env::var_os("CI").is_none(), "{test}: {why}");
    if let Some(log) = env::var_os("AKIDOKO_SKIP_LOG") {
        let mut log = fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
        writeln!(log, "{test}: {why}").unwrap();
    }
    println!("skipped: {why}");
}

fn database(db: Db, test: &str) -> Option<(DatabaseConfig, Option<std::path::PathBuf>)> {
    let name = format!("akidoko_web_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let (url, file) = match db {
        Db::Sqlite => {
            let file = env::temp_dir().join(format!("{name}.db"));
            (format!("sqlite://{}", file.display()), Some(file))
        }
        Db::Postgres => {
            let Ok(server) = env::var("AKIDOKO_TEST_POSTGRES") else {
                skipped(test, "AKIDOKO_TEST_POSTGRES is not set");
                return None;
            };
            let owner = server.replace("akidoko_app@", "akidoko_owner@");
            let made = Command::new("psql").args([&owner, "-qc", &format!("CREATE DATABASE {name}")]).status().unwrap();
            assert!(made.success());
            (format!("{}/{name}", server.rsplit_once('/').unwrap().0), None)
        }
    };
    let config = DatabaseConfig { url, system_url: None, owner_url: None, connections: 4, audit_key: AuditKey::new([1; 32]) };
    Some((config, file))
}

impl TestApp {
    /// On 10 April 2026, 09:42 in Japan. `None` where the database is not to be had: reported as skipped.
    pub async fn start(db: Db, test: &str) -> Option<Self> {
        Self::start_with(db, test, Post::default()).await
    }

    /// The same, with a road for mail.
    pub async fn start_with(db: Db, test: &str, post: Post) -> Option<Self> {
        let (config, file) = database(db, test)?;
        let start = DateTime::parse_from_rfc3339("2026-04-10T09:42:00+09:00").unwrap().timestamp_micros();
        let clock = Arc::new(TestClock(AtomicI64::new(start)));
        Store::migrate(&config).await.unwrap();
        let store = Store::open(&config).await.unwrap();
        let service = Service::start_with(store.clone(), clock.clone(), post).await.unwrap();
        let router = router(State::new(service.clone(), Options::default()));
        Some(Self { admin: service.administration(), service, store, router, clock, file })
    }

    /// The same program, which asks a routing service.
    pub fn with_routing(mut self, routing: akidoko_exchange::routing::Routing) -> Self {
        self.service = self.service.clone().with_routing(routing);
        self.router = router(State::new(self.service.clone(), Options::default()));
        self
    }

    pub async fn sqlite() -> Self {
        Self::start(Db::Sqlite, "").await.unwrap()
    }

    /// Time goes by.
    pub fn wait(&self, time: chrono::TimeDelta) {
        self.clock.0.fetch_add(time.num_microseconds().unwrap(), Ordering::Relaxed);
    }

    /// An invented hospital placed in a prefecture.
    pub async fn hospital(&self, prefecture: u8, name: &str) -> OrganisationCode {
        let attributes = Attributes {
            name: Some(name.to_owned()),
            name_kana: Some("カクウビョウイン".to_owned()),
            phone: Some("0000000000".to_owned()),
            beds_total: Some(300),
            ..Attributes::default()
        };
        self.admin.create_hospital(PrefCode::new(prefecture).unwrap(), &attributes).await.unwrap().code
    }

    /// A signed-in operator of a new organisation.
    pub async fn person(&self, kind: OrganisationKind, prefecture: Option<u8>) -> Person<'_> {
        let prefecture = prefecture.and_then(PrefCode::new);
        let organisation = self.admin.create_organisation(kind, prefecture, &format!("架空の{}", kind.as_str())).await.unwrap();
        self.person_of(&organisation.code).await
    }

    /// A signed-in operator of an organisation.
    pub async fn person_of(&self, code: &OrganisationCode) -> Person<'_> {
        let (name, _) = self.admin.create_account(code, "当直", Some(PASSWORD)).await.unwrap();
        let (_, token) = self.admin.create_token(&name, "試験", 30).await.unwrap();
        let got = self.ask(form("/sign-in", &format!("name={name}&password={}", PASSWORD.replace(' ', "+")))).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let cookies = got.headers.get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap().split(';').next().unwrap());
        Person { app: self, cookie: cookies.collect::<Vec<_>>().join("; "), token, name: name.to_string() }
    }

    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn ask(&self, request: Request<Body>) -> Got {
        let response = self.send(request).await;
        let (parts, body) = response.into_parts();
        let bytes = tokio::time::timeout(Duration::from_secs(10), body.collect()).await.expect("an answer that ends").unwrap().to_bytes();
        Got { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Waits until the boards show what was committed.
    pub async fn settled(&self) {
        let last = self.store.last_event_unscoped().await.unwrap();
        for _ in 0..500 {
            if self.service.live().shown() >= last {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the boards do not come to event {last}");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            for ending in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(format!("{}{ending}", file.display()));
            }
        }
    }
}

/// A form as a browser sends it.
pub fn form(path: &str, body: &str) -> Request<Body> {
    let request = Request::builder().method(Method::POST).uri(path).header("host", "localhost").header("sec-fetch-site", "same-origin");
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body.to_owned())).unwrap()
}

/// A signed-in operator.
pub struct Person<'a> {
    pub app: &'a TestApp,
    pub cookie: String,
    pub token: String,
    pub name: String,
}

impl Person<'_> {
    pub async fn get(&self, path: &str) -> Got {
        self.app.ask(self.request(Method::GET, path, None)).await
    }

    pub async fn post(&self, path: &str, body: &str) -> Got {
        let mut request = form(path, body);
        request.headers_mut().insert(header::COOKIE, self.cookie.parse().unwrap());
        self.app.ask(request).await
    }

    /// By the API, with the token.
    pub async fn api(&self, method: Method, path: &str, body: Option<&str>) -> Got {
        let mut request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        self.app.ask(request.body(Body::from(body.unwrap_or_default().to_owned())).unwrap()).await
    }

    pub async fn put(&self, path: &str, body: &serde_json::Value) -> Got {
        self.api(Method::PUT, path, Some(&body.to_string())).await
    }

    pub fn request(&self, method: Method, path: &str, body: Option<&str>) -> Request<Body> {
        let request = Request::builder().method(method).uri(path).header(header::COOKIE, &self.cookie);
        request.body(Body::from(body.unwrap_or_default().to_owned())).unwrap()
    }

    /// The messages of a stream, until one contains the words or three seconds are over.
    pub async fn stream_until(&self, path: &str, last_event_id: Option<i64>, words: &str) -> String {
        let mut request = self.request(Method::GET, path, None);
        if let Some(id) = last_event_id {
            request.headers_mut().insert("last-event-id", id.to_string().parse().unwrap());
        }
        let response = self.app.send(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut body = response.into_body();
        let mut text = String::new();
        let read = async {
            while let Some(Ok(frame)) = body.frame().await {
                text.push_str(&String::from_utf8_lossy(frame.data_ref().unwrap()));
                if text.contains(words) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(3), read).await;
        text
    }
}
