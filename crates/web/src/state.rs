//! What every handler can reach.

use crate::{
    guard::content_security_policy,
    ready::Ready,
    view::{Frame, InboxPart, Viewer},
};
use akidoko_domain::access::Actor;
use akidoko_exchange::outlines::Outlines;
use akidoko_service::{
    Service,
    account::Session,
    loading::DemoSignIn,
    picture::{AlertRow, words},
};
use axum::http::HeaderValue;
use std::{net::IpAddr, ops::Deref, sync::Arc};

/// How the program serves.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Everything in the database is invented: every page says so.
    pub demo: bool,
    /// The sign-ins that the demo offers on its first page.
    pub demo_sign_ins: Vec<DemoSignIn>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The ground of the map, where the operator gave any.
    pub outlines: Outlines,
    /// Pictures under the map, where the operator gave a server of them; without, nothing is asked of any other host.
    pub tiles: Option<Tiles>,
    /// People arrive over https: browsers are told never to come another way.
    pub https: bool,
}

/// A server of map tiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiles {
    /// `https://…/{z}/{x}/{y}.png`
    url: String,
    /// Whom the map has to name.
    credit: String,
    /// For the content security policy.
    origin: String,
}

impl Tiles {
    /// Reads an address with `{z}`, `{x}` and `{y}` in it. `None`: it is none.
    pub fn new(url: &str, credit: &str) -> Option<Self> {
        let whole = ["{z}", "{x}", "{y}"].iter().all(|part| url.contains(part));
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?.split('/').next()?;
        let plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
        let scheme = url.split("://").next()?;
        (whole && plain).then(|| Self { url: url.to_owned(), credit: credit.to_owned(), origin: format!("{scheme}://{host}") })
    }

    /// For the page.
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({ "url": self.url, "credit": self.credit })
    }

    /// The host from which pictures come.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// What every handler can reach. Each request takes it some times over, so a clone is one count and no more.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// See [`State`].
pub struct Shared {
    /// The use cases.
    pub service: Service,
    /// How the program serves.
    pub options: Options,
    pub(crate) ready: Ready,
    /// What pages may load.
    pub(crate) csp: HeaderValue,
}

impl Deref for State {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl State {
    /// Puts it together.
    pub fn new(service: Service, options: Options) -> Self {
        let csp = content_security_policy(options.tiles.as_ref());
        Self(Arc::new(Shared { service, options, ready: Ready::default(), csp }))
    }
}

impl Shared {
    /// What stands around a page.
    pub(crate) fn frame(&self, session: Option<&Session>) -> Frame {
        let frame = Frame::new(self.options.demo, session.map(|s| Viewer::of(&s.actor, InboxPart::of(&self.service.inbox(&s.actor)))));
        frame.alerting(session.map(|s| self.alerts(&s.actor)).unwrap_or_default())
    }

    /// Alerts of the actor's prefecture that nobody has seen yet, in words.
    fn alerts(&self, actor: &Actor) -> Vec<String> {
        let standing = self.service.standing_alerts(actor);
        if standing.is_empty() {
            return Vec::new();
        }
        let areas = &self.service.live().reference().areas;
        let words = |a: &AlertRow| {
            let t = &a.threshold.threshold;
            let area = t.area.as_ref().map(|code| areas.get(code).map_or(code.as_str(), |(_, name)| name.as_str()));
            words::why(t, area, a.raised.1)
        };
        standing.iter().filter(|a| a.seen.is_none()).map(words).collect()
    }
}
