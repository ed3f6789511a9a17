//! The way out to a routing service: how long the drive is from one place to many, asked of the `table` service of OSRM's HTTP API v1
//! (`GET {url}/table/v1/driving/…`), which other engines speak too.
//!
//! Where an ambulance stands is where a patient is. So nothing here writes a place into a log or an error, no proxy of the environment is
//! asked, and no redirect is followed: places go to the server that the operator named and nowhere else.

use akidoko_domain::{drive::ON_THE_ROAD, place::Point};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, Uri, body::Bytes, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::Deserialize;
use std::{
    fmt::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use url::Url;

/// So many places are asked for at a time: with the one from where, the hundred that OSRM takes unless it is told otherwise.
pub const PLACES_MAX: usize = 99;

/// No answer about a hundred places is longer.
const ANSWER_MAX: usize = 256 * 1024;

/// What is wrong with the configuration of the routing service.
#[derive(Debug, thiserror::Error)]
pub enum RoutingConfigError {
    /// Not the address of a server.
    #[error("the routing service must be http://… or https://…, with nothing behind its path")]
    Address,
    /// The certificates cannot be read, or are none.
    #[error("{} holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// No way to speak TLS.
    #[error("the routing service cannot be reached encrypted: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why a service did not say. None of these holds a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoutingError {
    /// It is not there, or the line was cut.
    #[error("no answer")]
    NoAnswer,
    /// It answered with this status.
    #[error("status {0}")]
    Status(u16),
    /// Longer than any answer can be.
    #[error("an answer of more than {ANSWER_MAX} bytes")]
    TooLong,
    /// Not what the API answers.
    #[error("an answer that is none")]
    Garbage,
}

impl RoutingError {
    /// Is it an answer, to this question and no other? One place that lies on no road of the map is OSRM's 400 `NoSegment` for all that were
    /// asked with it. That the service is busy is none.
    pub fn is_answer(&self) -> bool {
        matches!(self, Self::Status(400..=499)) && !matches!(self, Self::Status(408 | 429))
    }

    /// May it say otherwise of fewer places?
    pub fn is_about_places(&self) -> bool {
        matches!(self, Self::Status(400 | 413 | 414))
    }
}

/// What a service said of one drive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leg {
    /// How long it is; not yet weighed: see [`akidoko_domain::drive::Drive::read`].
    Drive {
        /// In seconds.
        seconds: f64,
        /// In metres, where it told.
        metres: Option<f64>,
    },
    /// There is none.
    NoRoad,
}

/// A routing service. Cheap to clone; connections are kept and shared.
#[derive(Clone)]
pub struct Routing {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    /// Without a `/` at its end.
    base: String,
}

impl fmt::Debug for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routing").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Routing {
    /// A service at an address such as `http://127.0.0.1:5000`. `ca`: a PEM file of an authority to trust besides the public ones. Nothing
    /// is asked yet: a service that is not up does not keep the board from starting.
    pub fn new(address: &str, ca: Option<&Path>) -> Result<Self, RoutingConfigError> {
        let url = Url::parse(address.trim()).map_err(|_| RoutingConfigError::Address)?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(RoutingConfigError::Address);
        }
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(path) = ca {
            let none = || RoutingConfigError::NoCertificate(path.to_owned());
            let before = roots.len();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| none())? {
                roots.add(certificate.map_err(|_| none())?).map_err(|_| none())?;
            }
            if roots.len() == before {
                return Err(none());
            }
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().build();
        let client =
            Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(30)).pool_max_idle_per_host(4).build(connector);
        Ok(Self { client, base: url.as_str().trim_end_matches('/').to_owned() })
    }

    /// The drives from a place to others, at most [`PLACES_MAX`], in their order; `None` where the service does not say, or speaks of a road
    /// too far from the place. How long to wait is the caller's to say.
    pub async fn table(&self, from: Point, to: &[Point]) -> Result<Vec<Option<Leg>>, RoutingError> {
        let uri: Uri = self.address(from, to).parse().map_err(|_| RoutingError::Garbage)?;
        let request = Request::get(uri).header(header::ACCEPT, "application/json").header(header::USER_AGENT, "akidoko");
        let request = request.body(Empty::new()).map_err(|_| RoutingError::Garbage)?;
        // What the client has to say of a failure names the address, so it is not passed on.
        let answer = self.client.request(request).await.map_err(|_| RoutingError::NoAnswer)?;
        if answer.status() != StatusCode::OK {
            return Err(RoutingError::Status(answer.status().as_u16()));
        }
        let body = Limited::new(answer.into_body(), ANSWER_MAX).collect().await;
        let body =
            body.map_err(|e| if e.is::<http_body_util::LengthLimitError>() { RoutingError::TooLong } else { RoutingError::NoAnswer })?;
        read_table(&body.to_bytes(), to.len())
    }

    fn address(&self, from: Point, to: &[Point]) -> String {
        let mut out = format!("{}/table/v1/driving/", self.base);
        for (at, place) in [from].iter().chain(to).enumerate() {
            // Writing to a String cannot fail. Longitude first: theirs.
            let _ = write!(out, "{}{:.4},{:.4}", if at > 0 { ";" } else { "" }, place.longitude(), place.latitude());
        }
        out + "?sources=0&annotations=duration,distance&generate_hints=false"
    }
}

#[derive(Deserialize)]
struct Table {
    code: String,
    durations: Vec<Vec<Option<f64>>>,
    distances: Option<Vec<Vec<Option<f64>>>>,
    sources: Option<Vec<Option<Snapped>>>,
    destinations: Option<Vec<Option<Snapped>>>,
}

/// The road on which the service put a place.
#[derive(Deserialize)]
struct Snapped {
    /// How far off it is, in metres.
    distance: Option<f64>,
}

impl Snapped {
    fn is_there(&self) -> bool {
        self.distance.is_none_or(|metres| metres <= ON_THE_ROAD)
    }
}

/// Reads the answer about so many places. Either it is whole, or it is none.
fn read_table(body: &[u8], places: usize) -> Result<Vec<Option<Leg>>, RoutingError> {
    let table: Table = serde_json::from_slice(body).map_err(|_| RoutingError::Garbage)?;
    // The first column is the place itself.
    let row = |rows: Vec<Vec<Option<f64>>>| match <[_; 1]>::try_from(rows) {
        Ok([row]) if row.len() == places + 1 => Ok(row),
        _ => Err(RoutingError::Garbage),
    };
    if table.code != "Ok" {
        return Err(RoutingError::Garbage);
    }
    let durations = row(table.durations)?;
    let distances = table.distances.map(row).transpose()?;
    let is_there = |snapped: Option<&Option<Snapped>>| snapped.and_then(Option::as_ref).is_none_or(Snapped::is_there);
    if !is_there(table.sources.as_ref().and_then(|s| s.first())) {
        return Ok(vec![None; places]);
    }
    let leg = |at: usize| {
        if !is_there(table.destinations.as_ref().and_then(|d| d.get(at))) {
            return None;
        }
        match (durations[at], distances.as_ref().map(|all| all[at])) {
            (Some(seconds), None) => Some(Leg::Drive { seconds, metres: None }),
            (Some(seconds), Some(Some(metres))) => Some(Leg::Drive { seconds, metres: Some(metres) }),
            // Both places lie on roads, and none leads from one to the other.
            (None, None | Some(None)) => Some(Leg::NoRoad),
            (Some(_), Some(None)) | (None, Some(Some(_))) => None,
        }
    };
    Ok((1..=places).map(leg).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leg(seconds: f64, metres: f64) -> Leg {
        Leg::Drive { seconds, metres: Some(metres) }
    }

    #[test]
    fn answers_and_what_is_none() {
        let garbage = Err(RoutingError::Garbage);
        for (body, expected) in [
            (
                r#"{"code":"Ok","durations":[[0,60.5,null]],"distances":[[0,900,null]]}"#,
                Ok(vec![Some(leg(60.5, 900.0)), Some(Leg::NoRoad)]),
            ),
            (r#"{"code":"Ok","durations":[[0,60,null]]}"#, Ok(vec![Some(Leg::Drive { seconds: 60.0, metres: None }), Some(Leg::NoRoad)])),
            // A length left out is a drive left out, and a length without a time says nothing.
            (r#"{"code":"Ok","durations":[[0,null,70]],"distances":[[0,800,900]]}"#, Ok(vec![None, Some(leg(70.0, 900.0))])),
            (r#"{"code":"Ok","durations":[[0,60,70]],"distances":[[0,null,900]]}"#, Ok(vec![None, Some(leg(70.0, 900.0))])),
            // Put on a road of somewhere else: one of them, or the place itself. That none leads there says nothing of it.
            (
                r#"{"code":"Ok","durations":[[0,null,70]],"destinations":[{"distance":0},{"distance":90000},{"distance":3}]}"#,
                Ok(vec![None, Some(Leg::Drive { seconds: 70.0, metres: None })]),
            ),
            (
                r#"{"code":"Ok","durations":[[0,60,70]],"distances":[[0,800,900]],"sources":[{"distance":12.5}],
                    "destinations":[{"distance":12.5},{"distance":90000},{"distance":3}]}"#,
                Ok(vec![None, Some(leg(70.0, 900.0))]),
            ),
            (r#"{"code":"Ok","durations":[[0,60,70]],"sources":[{"distance":5000000,"name":"北の果て"}]}"#, Ok(vec![None, None])),
            (r#"{"code":"NoSegment","message":"no"}"#, garbage.clone()),
            (r#"{"code":"NoTable","durations":[[0,60,70]]}"#, garbage.clone()),
            (r#"{"code":"Ok","durations":[[0,60]]}"#, garbage.clone()),
            (r#"{"code":"Ok","durations":[[0,60,70],[1,2,3]]}"#, garbage.clone()),
            (r#"{"code":"Ok","durations":[]}"#, garbage.clone()),
            (r#"{"code":"Ok","durations":[[0,"60",70]]}"#, garbage.clone()),
            (r#"{"code":"Ok","durations":[[0,1e999,70]]}"#, garbage.clone()),
            ("<html>502 Bad Gateway</html>", garbage.clone()),
            ("", garbage),
        ] {
            assert_eq!(read_table(body.as_bytes(), 2), expected, "{body}");
        }
    }

    #[test]
    fn what_a_status_says() {
        for (error, is_answer, is_about_places) in [
            (RoutingError::Status(400), true, true),
            (RoutingError::Status(413), true, true),
            (RoutingError::Status(414), true, true),
            (RoutingError::Status(404), true, false),
            (RoutingError::Status(408), false, false),
            (RoutingError::Status(429), false, false),
            (RoutingError::Status(301), false, false),
            (RoutingError::Status(502), false, false),
            (RoutingError::NoAnswer, false, false),
            (RoutingError::Garbage, false, false),
        ] {
            assert_eq!((error.is_answer(), error.is_about_places()), (is_answer, is_about_places), "{error:?}");
        }
    }

    #[test]
    fn the_address_of_a_service() {
        let at = |text: &str| text.parse::<Point>().unwrap();
        for (address, asked) in
            [("http://127.0.0.1:5000", "http://127.0.0.1:5000"), ("https://road.example/osrm/", "https://road.example/osrm")]
        {
            let routing = Routing::new(address, None).unwrap();
            let expected = format!(
                "{asked}/table/v1/driving/140.1065,35.6074;-180.0000,90.0000?sources=0&annotations=duration,distance&generate_hints=false"
            );
            assert_eq!(routing.address(at("35.6074,140.1065"), &[at("90,-180")]), expected);
        }
        for wrong in [
            "",
            "127.0.0.1:5000",
            "ftp://road.example",
            "http://",
            "http://u:p@road.example",
            "http://road.example/?x=1",
            "http://road.example/#x",
        ] {
            assert!(matches!(Routing::new(wrong, None), Err(RoutingConfigError::Address)), "{wrong}");
        }
        let none = Routing::new("https://road.example", Some(Path::new("/nothing.pem")));
        assert!(matches!(none, Err(RoutingConfigError::NoCertificate(_))));
    }

    proptest! {
        #[test]
        fn reading_never_panics(body in ".*", places in 0usize..5) {
            let _ = read_table(body.as_bytes(), places);
        }
    }
}
