//! My signed-in devices: see them, end one, end all others.

use super::{Frame, Here};
use crate::words;
use akidoko_domain::id::SessionId;
use akidoko_service::watch::device;
use askama::Template;
use chrono::{DateTime, Utc};

/// A signed-in device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLine {
    /// The sign-in.
    pub id: SessionId,
    /// `User-Agent`, as it was sent.
    pub user_agent: String,
    /// The network address.
    pub address: String,
    /// When it was signed in.
    pub signed_in_at: DateTime<Utc>,
    /// When it last asked for something.
    pub last_seen_at: DateTime<Utc>,
    /// Is it the one that reads this page?
    pub current: bool,
}

impl SessionLine {
    fn device(&self) -> String {
        device(&self.user_agent)
    }
}

/// The list.
#[derive(Debug, Clone, Template)]
#[template(path = "sessions.html")]
pub struct SessionsPage {
    frame: Frame,
    lines: Vec<SessionLine>,
    now: DateTime<Utc>,
}

impl SessionsPage {
    /// The list of one operator's devices, this one first.
    pub fn new(frame: Frame, mut lines: Vec<SessionLine>, now: DateTime<Utc>) -> Self {
        lines.sort_by_key(|l| (!l.current, std::cmp::Reverse(l.last_seen_at)));
        Self { frame: frame.of("サインイン中の端末", Here::Account, &[]), lines, now }
    }

    fn moment(&self, at: &DateTime<Utc>) -> String {
        words::moment(*at, self.now)
    }

    fn age(&self, at: &DateTime<Utc>) -> String {
        words::age(*at, self.now).to_string()
    }

    fn others(&self) -> usize {
        self.lines.iter().filter(|l| !l.current).count()
    }
}
