//! My signed-in devices: see them, end one, end all others.

use super::{Frame, Here};
use crate::words;
use akidoko_domain::id::SessionId;
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
        Self { frame: frame.of("サインイン中の端末", Here::Elsewhere, &[]), lines, now }
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

/// 「Edge、Windows」: enough to know one's own devices apart.
fn device(user_agent: &str) -> String {
    let find = |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, words)| *words);
    // The order matters: Edge and Chrome also call themselves Safari, Android also calls itself Linux.
    let browser = find(&[("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari")]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "Chromebook"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}、{system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "名前のわからない端末".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices() {
        for (user_agent, expected) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge、Windows"),
            ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1", "Safari、iPad"),
            ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome、Android"),
            ("curl/8.0", "名前のわからない端末"),
        ] {
            assert_eq!(device(user_agent), expected);
        }
    }
}
