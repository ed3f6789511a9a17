//! お知らせ（各種連絡事項, memo §1）: what the ministry writes to chosen organisations. The same text goes by mail and stands on their screens.

use crate::{id::PrefCode, organisation::OrganisationKind, text::trim};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest subject, in characters: it has to fit a mail client's line.
pub const SUBJECT_MAX: usize = 100;
/// The longest text, in characters.
pub const BODY_MAX: usize = 5000;
/// It is planned at most so far ahead.
pub const AHEAD: TimeDelta = TimeDelta::days(366);

/// To whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// These kinds of organisation; never empty in what is sent.
    pub kinds: BTreeSet<OrganisationKind>,
    /// These prefectures; empty means all of them.
    pub prefectures: BTreeSet<PrefCode>,
    /// Only those that have not set a password yet.
    pub only_not_yet_active: bool,
}

impl Audience {
    /// Does it reach this organisation? The ministry writes, it is not written to.
    pub fn reaches(&self, kind: OrganisationKind, prefecture: Option<PrefCode>, is_active: bool) -> bool {
        let Some(prefecture) = prefecture else { return false };
        self.kinds.contains(&kind)
            && (self.prefectures.is_empty() || self.prefectures.contains(&prefecture))
            && !(self.only_not_yet_active && is_active)
    }
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// 下書き
    Draft,
    /// 送信予約
    Scheduled,
    /// 送信済み
    Sent,
    /// 削除: a draft that was thrown away.
    Discarded,
}

impl State {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Sent => "sent",
            Self::Discarded => "discarded",
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        [Self::Draft, Self::Scheduled, Self::Sent, Self::Discarded].into_iter().find(|state| state.as_str() == s)
    }
}

/// What is wrong with what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// No subject.
    NoSubject,
    /// The subject is too long, or has several lines.
    Subject,
    /// No text.
    NoBody,
    /// The text is too long, or has signs that cannot be read.
    Body,
    /// No kind of organisation.
    NoKind,
    /// Not a moment from now to a year ahead.
    Moment,
}

/// What is written: a subject and a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// 件名
    pub subject: String,
    /// 本文
    pub body: String,
}

/// Reads what was typed; every problem at once. A draft may be empty; what is sent may not.
pub fn read(subject: &str, body: &str, audience: &Audience) -> (Written, Vec<Problem>) {
    let subject = trim(subject).to_owned();
    // Browsers send CR LF. A first line that is set in stays so.
    let body = body.replace("\r\n", "\n").replace('\r', "\n").trim_end().trim_start_matches('\n').to_owned();
    let mut problems = Vec::new();
    if subject.is_empty() {
        problems.push(Problem::NoSubject);
    } else if subject.chars().count() > SUBJECT_MAX || subject.chars().any(char::is_control) {
        problems.push(Problem::Subject);
    }
    if body.is_empty() {
        problems.push(Problem::NoBody);
    } else if body.chars().count() > BODY_MAX || body.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        problems.push(Problem::Body);
    }
    if audience.kinds.is_empty() {
        problems.push(Problem::NoKind);
    }
    (Written { subject, body }, problems)
}

/// Can it be sent at this moment?
pub fn may_send_at(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at >= now && at <= now + AHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrganisationKind as K;

    fn audience(kinds: &[K], prefectures: &[u8], only_not_yet_active: bool) -> Audience {
        let prefectures = prefectures.iter().filter_map(|p| PrefCode::new(*p)).collect();
        Audience { kinds: kinds.iter().copied().collect(), prefectures, only_not_yet_active }
    }

    #[test]
    fn whom_it_reaches() {
        let fire = K::FireHeadquarters;
        for (to, kind, prefecture, active, reached) in [
            (audience(&[fire], &[], false), fire, Some(12), true, true),
            (audience(&[fire], &[], false), fire, Some(12), false, true),
            (audience(&[fire], &[], false), K::Hospital, Some(12), true, false),
            (audience(&[fire], &[12], false), fire, Some(12), true, true),
            (audience(&[fire], &[12], false), fire, Some(13), true, false),
            (audience(&[fire], &[], true), fire, Some(12), true, false),
            (audience(&[fire], &[], true), fire, Some(12), false, true),
            (audience(&[fire, K::PrefectureHealth], &[12, 13], false), K::PrefectureHealth, Some(13), true, true),
            (audience(&K::ALL, &[], false), K::Ministry, None, true, false),
            (audience(&[], &[], false), fire, Some(12), true, false),
        ] {
            assert_eq!(to.reaches(kind, prefecture.and_then(PrefCode::new), active), reached, "{to:?} {kind:?} {prefecture:?} {active}");
        }
    }

    #[test]
    fn what_may_be_sent() {
        let to = audience(&[K::FireHeadquarters], &[], false);
        let long = "あ".repeat(BODY_MAX + 1);
        for (subject, body, problems) in [
            ("研修のご案内", "本文\r\n2 行目", vec![]),
            (" 　", "\n", vec![Problem::NoSubject, Problem::NoBody]),
            ("件\n名", "本文", vec![Problem::Subject]),
            ("件名", "a\u{7}b", vec![Problem::Body]),
            ("件名", long.as_str(), vec![Problem::Body]),
        ] {
            assert_eq!(read(subject, body, &to).1, problems, "{subject:?}");
        }
        assert_eq!(read("件名", "一\r\n二\r三", &to).0.body, "一\n二\n三");
        assert_eq!(read("件名", "\r\n　一\r\n　二\r\n　\r\n", &to).0.body, "　一\n　二");
        assert_eq!(read("件名", "本文", &Audience::default()).1, [Problem::NoKind]);
        let now = DateTime::from_timestamp(1_775_781_720, 0).unwrap();
        for (ahead, may) in
            [(TimeDelta::zero(), true), (TimeDelta::seconds(-1), false), (AHEAD, true), (AHEAD + TimeDelta::seconds(1), false)]
        {
            assert_eq!(may_send_at(now + ahead, now), may);
        }
    }
}
