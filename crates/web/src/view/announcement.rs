//! お知らせ: the pages of who receives them, and of the office that writes them.

use super::{Frame, Here, path};
use crate::words::{
    self,
    announcement::{KINDS, state, state_mark},
};
use akidoko_domain::{
    announcement::{Audience, BODY_MAX, SUBJECT_MAX, State},
    id::PrefCode,
    time::{jst_day, to_jst},
};
use akidoko_service::announcement::{AnnouncementRow, Preview, Reached, Received, RecipientRow, Typed};
use askama::Template;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

const SHEETS: &[&str] = &["office.css", "application.css", "announcement.css"];

struct Line {
    href: String,
    subject: String,
    at: String,
    is_read: bool,
}

/// Those that my organisation received.
#[derive(Template)]
#[template(path = "announcement/list.html")]
pub struct AnnouncementsPage {
    frame: Frame,
    lines: Vec<Line>,
}

impl AnnouncementsPage {
    /// The newest first.
    pub fn new(frame: Frame, mine: &[Received], now: DateTime<Utc>) -> Self {
        let line = |one: &Received| Line {
            href: path::announcement(one.id),
            subject: one.subject.clone(),
            at: words::moment(one.sent_at, now),
            is_read: one.is_read,
        };
        Self { frame: frame.of("お知らせ", Here::Elsewhere, &[]).with_sheets(SHEETS), lines: mine.iter().map(line).collect() }
    }
}

/// One of them in full.
#[derive(Template)]
#[template(path = "announcement/one.html")]
pub struct AnnouncementPage {
    frame: Frame,
    subject: String,
    at: String,
    body: String,
}

impl AnnouncementPage {
    /// As it was sent.
    pub fn new(frame: Frame, row: &AnnouncementRow, now: DateTime<Utc>) -> Self {
        Self {
            frame: frame.of(format!("{}　お知らせ", row.subject), Here::Elsewhere, &[]).with_sheets(SHEETS),
            subject: row.subject.clone(),
            at: row.sent_at.map(|at| words::moment(at, now)).unwrap_or_default(),
            body: row.body.clone(),
        }
    }
}

struct OfficeLine {
    href: String,
    subject: String,
    mark: (&'static str, &'static str),
    state: &'static str,
    when: String,
    reached: Reached,
    is_sent: bool,
}

/// The office's list.
#[derive(Template)]
#[template(path = "announcement/office_list.html")]
pub struct OfficeAnnouncementsPage {
    frame: Frame,
    lines: Vec<OfficeLine>,
}

impl OfficeAnnouncementsPage {
    /// The newest first.
    pub fn new(frame: Frame, all: &[(AnnouncementRow, Reached)], now: DateTime<Utc>) -> Self {
        let line = |(row, reached): &(AnnouncementRow, Reached)| OfficeLine {
            href: path::office_announcement(row.id),
            subject: if row.subject.is_empty() { "（件名なし）".to_owned() } else { row.subject.clone() },
            mark: state_mark(row.state),
            state: state(row.state),
            when: words::moment(row.sent_at.or(row.send_at).unwrap_or(row.updated_at), now),
            reached: *reached,
            is_sent: row.state == State::Sent,
        };
        Self { frame: frame.of("お知らせを送る", Here::Office, &[]).with_sheets(SHEETS), lines: all.iter().map(line).collect() }
    }
}

/// Which of those to whom it went are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceivedFilter {
    /// All.
    All,
    /// A server took the mail, and it did not come back.
    Delivered,
    /// The mail came back, or nobody took it.
    Bounced,
    /// The mail has not left.
    Waiting,
    /// No mailbox is known.
    WithoutMail,
    /// Somebody opened it on screen.
    Read,
    /// Nobody opened it on screen.
    Unread,
}

impl ReceivedFilter {
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::All, "", "すべて"),
        (Self::Delivered, "delivered", "届いた"),
        (Self::Bounced, "bounced", "不達"),
        (Self::Waiting, "waiting", "送信待ち"),
        (Self::WithoutMail, "without_mail", "宛先なし"),
        (Self::Read, "read", "既読"),
        (Self::Unread, "unread", "未読"),
    ];

    /// Of an address; what is unknown shows all.
    pub fn parse(s: &str) -> Self {
        Self::ALL.iter().find(|(_, name, _)| *name == s).map_or(Self::All, |(filter, ..)| *filter)
    }

    fn has(self, r: &RecipientRow) -> bool {
        match self {
            Self::All => true,
            Self::Delivered => r.mail_state.as_deref() == Some("sent"),
            Self::Bounced => matches!(r.mail_state.as_deref(), Some("bounced" | "failed")),
            Self::Waiting => r.mail_state.as_deref() == Some("waiting"),
            Self::WithoutMail => r.recipient.is_none(),
            Self::Read => r.read.is_some(),
            Self::Unread => r.read.is_none(),
        }
    }
}

/// So many rows a page shows; more of them are found by choosing.
const SHOWN: usize = 1000;

/// The page with what is chosen.
fn narrowed(page: &str, show: &str, place: Option<PrefCode>) -> String {
    let show = (!show.is_empty()).then(|| format!("show={show}"));
    let parts: Vec<String> = show.into_iter().chain(place.map(|p| format!("prefecture={p}"))).collect();
    if parts.is_empty() { page.to_owned() } else { format!("{page}?{}", parts.join("&")) }
}

struct Chip {
    href: String,
    words: &'static str,
    count: usize,
    current: bool,
}

struct To {
    name: String,
    code: String,
    prefecture: String,
    mail: String,
    address: String,
    answer: String,
    bad: bool,
    read: Option<String>,
}

struct Shown {
    subject: String,
    body: String,
    mail: (String, String),
    count: usize,
    by_prefecture: Vec<(String, usize)>,
    without_mail: Vec<String>,
}

/// One, as the office sees it.
#[derive(Template)]
#[template(path = "announcement/office_one.html")]
pub struct OfficeAnnouncementPage {
    frame: Frame,
    heading: &'static str,
    mark: Option<(&'static str, &'static str, &'static str)>,
    action: String,
    revision: i32,
    /// The fields can be written in.
    editable: bool,
    is_draft: bool,
    typed: Typed,
    send_at: String,
    least: String,
    problem: Option<String>,
    kinds: Vec<(&'static str, &'static str, bool)>,
    prefectures: Vec<(String, String, bool)>,
    shown: Option<Shown>,
    when: Option<String>,
    audience: String,
    chips: Vec<Chip>,
    /// Prefectures to choose among: code, name, chosen.
    places: Vec<(String, String, bool)>,
    /// What is chosen, for the form beside.
    show: &'static str,
    to: Vec<To>,
    found: usize,
}

/// To whom, in one line.
fn audience(to: &Audience, prefectures: &BTreeMap<PrefCode, String>) -> String {
    let kinds: Vec<&str> = KINDS.iter().filter(|(kind, _)| to.kinds.contains(kind)).map(|(_, words)| *words).collect();
    let kinds = if kinds.is_empty() { "宛先を選んでいません".to_owned() } else { kinds.join("、") };
    let places: Vec<&str> = to.prefectures.iter().filter_map(|p| prefectures.get(p)).map(String::as_str).collect();
    let places = if to.prefectures.is_empty() { "全国".to_owned() } else { places.join("、") };
    format!("{kinds}（{places}）{}", if to.only_not_yet_active { "　パスワード未設定のみ" } else { "" })
}

fn shown(row: &AnnouncementRow, preview: &Preview, prefectures: &BTreeMap<PrefCode, String>) -> Shown {
    let mut counts: BTreeMap<PrefCode, usize> = BTreeMap::new();
    for to in &preview.to {
        if let Some(p) = to.organisation.prefecture {
            *counts.entry(p).or_default() += 1;
        }
    }
    let without = preview.to.iter().filter(|a| a.mailbox.as_deref().is_none_or(str::is_empty));
    Shown {
        subject: row.subject.clone(),
        body: row.body.clone(),
        mail: preview.mail.clone(),
        count: preview.to.len(),
        by_prefecture: counts.into_iter().map(|(p, n)| (prefectures.get(&p).cloned().unwrap_or_default(), n)).collect(),
        without_mail: without.map(|a| a.organisation.name.clone()).collect(),
    }
}

fn to(r: &RecipientRow, prefectures: &BTreeMap<PrefCode, String>, now: DateTime<Utc>) -> To {
    let mail = match r.mail_state.as_deref() {
        None => "宛先なし",
        Some("sent") => "届いた",
        Some("bounced" | "failed") => "不達",
        Some(_) => "送信待ち",
    };
    To {
        name: r.name.clone(),
        code: r.code.to_string(),
        prefecture: r.prefecture.and_then(|p| prefectures.get(&p).cloned()).unwrap_or_default(),
        mail: mail.to_owned(),
        address: r.recipient.clone().unwrap_or_default(),
        answer: r.answer.clone().unwrap_or_default(),
        bad: mail == "不達",
        read: r.read.as_ref().map(|(at, by)| format!("{}　{by}", words::moment(*at, now))),
    }
}

impl OfficeAnnouncementPage {
    /// `again`: what was typed and not taken, with the moment, and why.
    pub fn new(
        frame: Frame,
        stands: Option<(&AnnouncementRow, &[RecipientRow])>,
        preview: Option<&Preview>,
        prefectures: &BTreeMap<PrefCode, String>,
        again: Option<(Typed, String, String)>,
        (filter, place): (ReceivedFilter, Option<PrefCode>),
        now: DateTime<Utc>,
    ) -> Self {
        let row = stands.map(|(row, _)| row);
        let recipients = stands.map_or(&[][..], |(_, to)| to);
        let (typed, send_at, problem) = if let Some((typed, send_at, problem)) = again {
            (typed, send_at, Some(problem))
        } else {
            let typed = row.map(|r| Typed { subject: r.subject.clone(), body: r.body.clone(), audience: r.audience.clone() });
            (typed.unwrap_or_default(), String::new(), None)
        };
        let is_draft = row.is_none_or(|r| r.state == State::Draft);
        let href = row.map_or_else(String::new, |r| path::office_announcement(r.id));
        let here: Vec<&RecipientRow> = recipients.iter().filter(|r| place.is_none() || r.prefecture == place).collect();
        let chips = ReceivedFilter::ALL.iter().map(|(f, name, words)| Chip {
            href: narrowed(&href, name, place),
            words,
            count: here.iter().filter(|r| f.has(r)).count(),
            current: *f == filter,
        });
        let chosen: Vec<&RecipientRow> = here.iter().copied().filter(|r| filter.has(r)).collect();
        let met: BTreeSet<PrefCode> = recipients.iter().filter_map(|r| r.prefecture).collect();
        let heading = if row.is_none() { "お知らせを書く" } else { "お知らせ" };
        Self {
            frame: frame.of(heading, Here::Office, &[]).with_sheets(SHEETS),
            heading,
            mark: row.map(|r| (state_mark(r.state).0, state_mark(r.state).1, state(r.state))),
            action: row.map_or_else(|| path::OFFICE_ANNOUNCEMENT_NEW.to_owned(), |r| path::office_announcement(r.id)),
            revision: row.map_or(0, |r| r.revision),
            editable: is_draft,
            is_draft: is_draft && row.is_some(),
            kinds: KINDS.iter().map(|(kind, words)| (kind.as_str(), *words, typed.audience.kinds.contains(kind))).collect(),
            prefectures: prefectures
                .iter()
                .map(|(p, name)| (p.to_string(), name.clone(), typed.audience.prefectures.contains(p)))
                .collect(),
            shown: row.zip(preview).map(|(row, preview)| shown(row, preview, prefectures)),
            when: row.and_then(|r| r.sent_at.or(r.send_at)).map(|at| words::moment(at, now)),
            audience: audience(&typed.audience, prefectures),
            chips: chips.collect(),
            places: met.iter().map(|p| (p.to_string(), prefectures.get(p).cloned().unwrap_or_default(), place == Some(*p))).collect(),
            show: ReceivedFilter::ALL.iter().find(|(f, ..)| *f == filter).map_or("", |(_, name, _)| name),
            to: chosen.iter().take(SHOWN).map(|r| to(r, prefectures, now)).collect(),
            found: chosen.len(),
            least: to_jst(now).format("%Y-%m-%dT%H:%M").to_string(),
            typed,
            send_at: if send_at.is_empty() { format!("{}T09:00", jst_day(now).succ_opt().unwrap_or(jst_day(now))) } else { send_at },
            problem,
        }
    }

    fn is_sent(&self) -> bool {
        self.mark.is_some_and(|(.., words)| words == state(State::Sent))
    }
}
