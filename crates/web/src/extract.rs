//! Who is asking, and what an address names. Being in a handler's arguments is the check.

use crate::{error::Failure, pack::Packing, router::ROUTES, state::State, view::path};
use akidoko_domain::id::{OrganisationCode, PrefCode};
use akidoko_service::{account::Session, keys::BearerError};
use axum::{
    RequestPartsExt,
    extract::{ConnectInfo, FromRequestParts, MatchedPath, OptionalFromRequestParts, Path, Query},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use chrono::NaiveDate;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// The cookie of a sign-in. The prefix makes browsers insist on https or loopback, on the whole site, on no other host.
pub const SESSION_COOKIE: &str = "__Host-akidoko";
/// The cookie of a known browser.
pub const DEVICE_COOKIE: &str = "__Host-akidoko-device";

/// The cookie of somebody who is not inside yet.
pub const HALF_COOKIE: &str = "__Host-akidoko-half";

/// The cookie of a terminal that looks at a board（表示端末）.
pub const TERMINAL_COOKIE: &str = "__Host-akidoko-terminal";

/// A cookie's value.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|h| h.to_str().ok());
    all.flat_map(|h| h.split(';')).filter_map(|c| c.trim().split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| value)
}

/// The person who is signed in; whoever is not is led to the sign-in and back.
pub struct Person(pub Arc<Session>);

impl FromRequestParts<State> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let token = cookie(&parts.headers, SESSION_COOKIE);
        let had_one = token.is_some();
        if let Some(token) = token
            && let Some(session) = state.service.session(token).await.map_err(|e| Failure::from(e).into_response())?
        {
            return Ok(Self(session));
        }
        let wants_page = parts.method == Method::GET && !parts.uri.path().ends_with("/events");
        if !wants_page {
            return Err(again(parts).into_response());
        }
        let ended = if had_one { "&ended=1" } else { "" };
        let next = parts.uri.path_and_query().map_or("/", |p| p.as_str());
        Err(Redirect::to(&format!("{}?next={}{ended}", path::SIGN_IN, path::encode(next))).into_response())
    }
}

/// Whoever may look at a wallboard: a terminal that an administrator let in, or a person who is signed in. The terminal counts first: where a
/// browser is both, it hangs on a wall.
pub struct Onlooker(pub Arc<Session>);

impl FromRequestParts<State> for Onlooker {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        if let Some(token) = cookie(&parts.headers, TERMINAL_COOKIE)
            && let Some(terminal) = state.service.terminal(token).await.map_err(|e| Failure::from(e).into_response())?
        {
            return Ok(Self(terminal));
        }
        <Person as FromRequestParts<State>>::from_request_parts(parts, state).await.map(|Person(session)| Self(session))
    }
}

/// What was sent with a sign-in that is over: nothing has happened, and the page that it was sent from can be opened again after signing in.
fn again(parts: &Parts) -> Failure {
    let failure = Failure::new(StatusCode::UNAUTHORIZED, "unauthorized");
    let opens = |pattern: &str| ROUTES.iter().any(|r| r.method == "get" && r.path == pattern);
    let Some(pattern) = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str) else { return failure };
    let path = parts.uri.path();
    let parent = |path: &str| path.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    let next = if opens(pattern) { Some(path.to_owned()) } else { parent(pattern).filter(|p| opens(p)).and_then(|_| parent(path)) };
    let Some(next) = next else { return failure };
    let typed = if next.contains("/reports/") { "入力した内容は、この端末に残っています。" } else { "" };
    let sentence = format!("まだ送られていません。{typed}サインインすると、元の画面に戻ります。");
    failure.saying(sentence).with("next", next.into())
}

impl OptionalFromRequestParts<State> for Person {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Response> {
        let Some(token) = cookie(&parts.headers, SESSION_COOKIE) else { return Ok(None) };
        let session = state.service.session(token).await.map_err(|e| Failure::from(e).into_response())?;
        Ok(session.map(Self))
    }
}

/// Whoever uses the API: a program with a bearer token, or a page of ours with its cookie.
pub struct Caller(pub Arc<Session>);

impl FromRequestParts<State> for Caller {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let refused = || {
            Failure::new(StatusCode::UNAUTHORIZED, "unauthorized")
                .saying("Authorization: Bearer に有効な API キーを付けてください。キーは、組織の管理者が「API キー」の画面で作ります。")
        };
        if let Some(value) = parts.headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(|v| v.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let token = token.map(|(_, token)| token.trim().to_owned()).ok_or_else(refused)?;
            let Address(address) = Address::from_request_parts(parts, state).await?;
            return state.service.bearer(&token, address).await.map(Self).map_err(|error| held_off(error, refused()));
        }
        let token = cookie(&parts.headers, SESSION_COOKIE).ok_or_else(refused)?;
        state.service.session(token).await?.map(Self).ok_or_else(refused)
    }
}

/// Why a token that came opens nothing now.
fn held_off(error: BearerError, unknown: Failure) -> Failure {
    match error {
        BearerError::Unknown => unknown,
        BearerError::Network => Failure::new(StatusCode::FORBIDDEN, "network")
            .saying("この API キーは、このネットワークからは使えません。組織の管理者が「API キー」の画面で変えられます。"),
        BearerError::TooMany { seconds } => Failure::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited")
            .saying(format!("要求が多すぎます。{seconds} 秒たってから、もう一度送ってください。"))
            .with("retry_after", seconds.into()),
        BearerError::Store(error) => error.into(),
    }
}

/// An organisation ID in the address. What is none, is not there.
pub struct Code(pub OrganisationCode);

impl FromRequestParts<State> for Code {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
        let Path(all): Path<Vec<(String, String)>> = parts.extract().await.map_err(|_| Failure::not_found())?;
        let code = all.iter().find(|(name, _)| name == "code").and_then(|(_, value)| value.parse().ok());
        code.map(Self).ok_or_else(Failure::not_found)
    }
}

/// A day in the address, `2026-04-10`.
pub struct Day(pub NaiveDate);

impl FromRequestParts<State> for Day {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
        let Path(all): Path<Vec<(String, String)>> = parts.extract().await.map_err(|_| Failure::not_found())?;
        let date = all.iter().find(|(name, _)| name == "date").map(|(_, value)| value.as_str()).unwrap_or_default();
        let exact = date.len() == 10 && date.is_ascii();
        let day = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|_| exact);
        day.map(Self).ok_or_else(|| Failure::bad_request("日付は 2026-04-10 の形で指定してください。"))
    }
}

/// The code of a survey in the address.
pub struct SurveyCode(pub String);

impl FromRequestParts<State> for SurveyCode {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
        let Path(all): Path<Vec<(String, String)>> = parts.extract().await.map_err(|_| Failure::not_found())?;
        let code = all.into_iter().find(|(name, _)| name == "survey").map(|(_, value)| value);
        code.filter(|c| akidoko_domain::survey::good_id(c)).map(Self).ok_or_else(Failure::not_found)
    }
}

/// What the client has already, and whether it takes compressed bytes.
pub struct Wants {
    seen: Option<HeaderValue>,
    /// It takes gzip.
    pub gzip: bool,
    /// The packing that it takes and that leaves the least.
    pub packing: Packing,
}

impl<S: Sync> FromRequestParts<S> for Wants {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let takes = parts.headers.get(header::ACCEPT_ENCODING).and_then(|h| h.to_str().ok()).unwrap_or_default();
        let takes = |packing: Packing| {
            takes.split(',').any(|e| {
                let mut parts = e.trim().split(';');
                parts.next() == Some(packing.name()) && !parts.any(|q| matches!(q.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
            })
        };
        let packing = [Packing::Zstd, Packing::Gzip].into_iter().find(|p| takes(*p)).unwrap_or(Packing::Plain);
        Ok(Self { seen: parts.headers.get(header::IF_NONE_MATCH).cloned(), gzip: takes(Packing::Gzip), packing })
    }
}

impl Wants {
    /// Does the client have what bears this tag?
    pub fn has(&self, tag: &HeaderValue) -> bool {
        let Some(seen) = &self.seen else { return false };
        // One strong tag, as it was handed out: nearly always.
        seen == tag
            || seen.to_str().is_ok_and(|seen| {
                seen.split(',').map(|t| t.trim().trim_start_matches("W/")).any(|t| t == "*" || t.as_bytes() == tag.as_bytes())
            })
    }
}

/// The name of a content, packed so: an `ETag`.
pub fn tag(name: &str, packing: Packing) -> HeaderValue {
    let tag = match packing {
        Packing::Plain => format!("\"{name}\""),
        Packing::Gzip => format!("\"{name}-z\""),
        Packing::Zstd => format!("\"{name}-s\""),
    };
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"\""))
}

/// The names of the same content, as it is and compressed.
#[derive(Clone)]
pub struct Tags {
    /// As it is.
    pub plain: HeaderValue,
    /// Compressed.
    pub gzip: HeaderValue,
}

impl Tags {
    /// Tags of a name without quotation marks.
    pub fn of(name: &str) -> Self {
        Self { plain: tag(name, Packing::Plain), gzip: tag(name, Packing::Gzip) }
    }
}

/// The parameters of an address, in order, some more than once.
pub struct Parameters(pub Vec<(String, String)>);

impl FromRequestParts<State> for Parameters {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Failure> {
        if parts.uri.query().is_none() {
            return Ok(Self(Vec::new()));
        }
        let Query(all): Query<Vec<(String, String)>> = parts
            .extract()
            .await
            .map_err(|_| Failure::bad_request("アドレスの ? から後を読めません。はじめの画面から開き直してください。"))?;
        Ok(Self(all))
    }
}

impl Parameters {
    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The prefecture that is asked for.
    pub fn prefecture(&self) -> Result<Option<PrefCode>, Failure> {
        let wrong = |_| Failure::bad_request("prefecture は 2 けたの都道府県コードで指定してください。");
        self.get("prefecture").filter(|v| !v.is_empty()).map(str::parse).transpose().map_err(wrong)
    }
}

/// Where the request comes from: behind a trusted proxy, what that says.
pub struct Address(pub IpAddr);

impl FromRequestParts<State> for Address {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Failure> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip());
        let trusted = &state.options.trusted_proxies;
        if !trusted.contains(&peer) {
            return Ok(Self(peer));
        }
        // The nearest address that is no proxy of ours.
        let all = parts.headers.get_all("x-forwarded-for").iter().filter_map(|h| h.to_str().ok()).flat_map(|h| h.split(','));
        let mut chain: Vec<IpAddr> = all.filter_map(|a| a.trim().parse().ok()).collect();
        while chain.last().is_some_and(|a| trusted.contains(a)) {
            chain.pop();
        }
        Ok(Self(chain.last().copied().unwrap_or(peer)))
    }
}
