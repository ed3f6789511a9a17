//! Everything that can have happened and that an open screen must learn of.

use crate::id::{AccountId, HospitalId, OrganisationId, PrefCode, SessionId};
use chrono::{DateTime, Utc};

/// What happened. The event table delivers in the order of commits; its ids are what `Last-Event-ID` carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A hospital's figures or card changed.
    Hospital(HospitalId),
    /// So much changed in a prefecture that its board is to be read anew (an import).
    Board,
    /// A sign-in ended; its open streams close.
    SessionEnded(SessionId),
    /// An operator was suspended or changed; their sign-ins are read anew.
    AccountChanged(AccountId),
    /// An organisation was suspended or changed.
    OrganisationChanged(OrganisationId),
    /// お知らせ went out: who received what is read anew.
    Announced,
    /// An organisation opened one.
    AnnouncementRead(OrganisationId),
    /// A survey was published, or a prefecture marked one: surveys are read anew.
    SurveysChanged,
    /// Who has not reported is to be looked at anew: a call was noted, reminders went out, an exemption was set.
    Completeness,
    /// An alert of a prefecture was raised, seen or cleared, or its thresholds were changed.
    Picture,
}

impl EventKind {
    /// The name in the database.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Hospital(_) => "hospital",
            Self::Board => "board",
            Self::SessionEnded(_) => "session_ended",
            Self::AccountChanged(_) => "account_changed",
            Self::OrganisationChanged(_) => "organisation_changed",
            Self::Announced => "announced",
            Self::AnnouncementRead(_) => "announcement_read",
            Self::SurveysChanged => "surveys_changed",
            Self::Completeness => "completeness",
            Self::Picture => "picture",
        }
    }

    /// The id of what it happened to.
    pub fn subject(&self) -> Option<uuid::Uuid> {
        match self {
            Self::Hospital(id) => Some(id.0),
            Self::Board | Self::Announced | Self::SurveysChanged | Self::Completeness | Self::Picture => None,
            Self::SessionEnded(id) => Some(id.0),
            Self::AccountChanged(id) => Some(id.0),
            Self::OrganisationChanged(id) | Self::AnnouncementRead(id) => Some(id.0),
        }
    }

    /// Reads [`Self::as_str`] and [`Self::subject`] back.
    pub fn read(kind: &str, subject: Option<uuid::Uuid>) -> Option<Self> {
        Some(match (kind, subject) {
            ("hospital", Some(id)) => Self::Hospital(HospitalId(id)),
            ("board", _) => Self::Board,
            ("session_ended", Some(id)) => Self::SessionEnded(SessionId(id)),
            ("account_changed", Some(id)) => Self::AccountChanged(AccountId(id)),
            ("organisation_changed", Some(id)) => Self::OrganisationChanged(OrganisationId(id)),
            ("announced", _) => Self::Announced,
            ("surveys_changed", _) => Self::SurveysChanged,
            ("completeness", _) => Self::Completeness,
            ("picture", _) => Self::Picture,
            ("announcement_read", Some(id)) => Self::AnnouncementRead(OrganisationId(id)),
            _ => return None,
        })
    }
}

/// A row of the event table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order of commits.
    pub id: i64,
    /// The prefecture behind whose wall it happened.
    pub prefecture: Option<PrefCode>,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: DateTime<Utc>,
}
