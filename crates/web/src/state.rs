//! What every handler can reach.

use crate::{
    ready::Ready,
    view::{Frame, InboxPart, Viewer},
};
use akidoko_service::{Service, account::Session, loading::DemoSignIn};
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
    /// People arrive over https: browsers are told never to come another way.
    pub https: bool,
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
        Self(Arc::new(Shared { service, options, ready: Ready::default() }))
    }
}

impl Shared {
    /// What stands around a page.
    pub(crate) fn frame(&self, session: Option<&Session>) -> Frame {
        Frame::new(self.options.demo, session.map(|s| Viewer::of(&s.actor, InboxPart::of(&self.service.inbox(&s.actor)))))
    }
}
