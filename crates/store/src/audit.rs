//! The log's chain: each entry carries a keyed hash over itself and the one before. The key lies outside the database, so whoever can
//! write the tables cannot mend the chain. A cut tail shows only to somebody who kept a head; so heads can be exported.

use crate::{db::Store, error::StoreError};
use akidoko_domain::audit::chained_bytes;
use chrono::{DateTime, NaiveDate, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::FromQueryResult;
use sha2::Sha256;
use std::fmt;
use uuid::Uuid;

/// The key of the chain, 32 bytes.
#[derive(Clone)]
pub struct AuditKey([u8; 32]);

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(…)")
    }
}

impl AuditKey {
    /// A key from its bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn mac(&self, bytes: &[u8]) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(bytes);
        mac.finalize().into_bytes().to_vec()
    }
}

/// An entry as its row stands.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct EntryRow {
    pub sequence: i64,
    pub segment_on: NaiveDate,
    pub at: DateTime<Utc>,
    pub session_id: Option<Uuid>,
    pub account_id: Option<Uuid>,
    pub who: String,
    pub name: String,
    pub pref_code: Option<String>,
    pub category: String,
    pub target: String,
    pub detail: String,
    pub mac: Vec<u8>,
}

impl EntryRow {
    /// Its columns, in the order of the struct.
    pub fn into_values(self) -> Vec<sea_orm::Value> {
        vec![
            self.sequence.into(),
            self.segment_on.into(),
            self.at.into(),
            self.session_id.into(),
            self.account_id.into(),
            self.who.into(),
            self.name.into(),
            self.pref_code.into(),
            self.category.into(),
            self.target.into(),
            self.detail.into(),
            self.mac.into(),
        ]
    }

    /// The hash that belongs in `mac`.
    pub fn expected_mac(&self, key: &AuditKey, previous: &[u8]) -> Vec<u8> {
        // A missing value and an empty one differ: each optional column is preceded by whether it is there.
        let optional = |bytes: Option<&[u8]>| bytes.map_or_else(|| vec![0], |b| [&[1], b].concat());
        let columns = [
            self.segment_on.to_string().into_bytes(),
            self.at.timestamp_micros().to_be_bytes().to_vec(),
            optional(self.session_id.as_ref().map(|id| id.as_bytes().as_slice())),
            optional(self.account_id.as_ref().map(|id| id.as_bytes().as_slice())),
            self.who.clone().into_bytes(),
            self.name.clone().into_bytes(),
            optional(self.pref_code.as_deref().map(str::as_bytes)),
            self.category.clone().into_bytes(),
            self.target.clone().into_bytes(),
            self.detail.clone().into_bytes(),
        ];
        let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
        key.mac(&chained_bytes(self.sequence, previous, &columns))
    }
}

/// The end of the log at some moment: keep it elsewhere, and a cut tail shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The last entry.
    pub sequence: i64,
    /// Its hash.
    pub mac: Vec<u8>,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.sequence)?;
        self.mac.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl std::str::FromStr for Head {
    type Err = StoreError;
    fn from_str(s: &str) -> Result<Self, StoreError> {
        let wrong = || StoreError::Configuration(format!("a head is NUMBER:HEX as `akidoko audit head` prints it, not {s:?}"));
        let (sequence, hex) = s.trim().split_once(':').ok_or_else(wrong)?;
        if hex.len() % 2 != 0 || !hex.is_ascii() {
            return Err(wrong());
        }
        let mac =
            (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16)).collect::<Result<_, _>>().map_err(|_| wrong())?;
        Ok(Self { sequence: sequence.parse().map_err(|_| wrong())?, mac })
    }
}

/// What a whole log amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Entries read.
    pub entries: u64,
    /// Days whose entries have expired.
    pub expired_segments: u64,
    /// The end of the log.
    pub head: Head,
}

/// Where the log is not whole.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// An entry was changed, or one before it was taken out or put in.
    #[error("entry {sequence} does not continue the chain: it, or what stood before it, was changed")]
    Broken {
        /// Its number.
        sequence: i64,
    },
    /// A number is missing.
    #[error("entry {sequence} is missing")]
    Missing {
        /// The number.
        sequence: i64,
    },
    /// The log ends before the head that was kept.
    #[error("the log ends at entry {last}, but the head that was kept is entry {kept}: its tail was cut")]
    Cut {
        /// The last entry.
        last: i64,
        /// The kept one.
        kept: i64,
    },
    /// The head that was kept is not in this log.
    #[error("entry {sequence} is not the one whose head was kept")]
    OtherHead {
        /// Its number.
        sequence: i64,
    },
    /// The end that the database remembers is not the last entry.
    #[error("the log should end at entry {expected}, but ends at {found}")]
    Tail {
        /// The remembered end.
        expected: i64,
        /// The real one.
        found: i64,
    },
    /// A finished day's head does not fit its entries.
    #[error("the head of {segment_on} does not fit its entries")]
    Segment {
        /// The day.
        segment_on: NaiveDate,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(FromQueryResult)]
struct SegmentRow {
    segment_on: NaiveDate,
    first_sequence: i64,
    last_sequence: i64,
    head: Vec<u8>,
    expired: bool,
}

#[derive(FromQueryResult)]
struct HeadRow {
    audit_sequence: i64,
    audit_head: Vec<u8>,
}

const SEGMENTS: &str = "SELECT segment_on, first_sequence, last_sequence, head, expired FROM audit_segment ORDER BY first_sequence";
const HEAD: &str = "SELECT audit_sequence, audit_head FROM log_head WHERE id = 1";
const ENTRIES: &str = "SELECT sequence, segment_on, at, session_id, account_id, who, name, pref_code, category, target, detail, mac \
     FROM audit_entry WHERE sequence > $1 ORDER BY sequence LIMIT 2000";

impl Store {
    /// The end of the log.
    pub async fn audit_head_unscoped(&self) -> Result<Head, StoreError> {
        let row: HeadRow = self.system_rows().one(HEAD, vec![]).await?.ok_or_else(|| StoreError::corrupt("log_head is empty"))?;
        Ok(Head { sequence: row.audit_sequence, mac: row.audit_head })
    }

    /// Reads the whole log and checks the chain; with a head that was kept, also that the log still reaches it.
    pub async fn verify_audit_unscoped(&self, kept: Option<&Head>) -> Result<Verification, VerifyError> {
        let rows = self.system_rows();
        let remembered = self.audit_head_unscoped().await?;
        let segments: Vec<SegmentRow> = rows.all(SEGMENTS, vec![]).await?;
        let mut previous: Vec<u8> = Vec::new();
        let mut last = 0;
        let mut expired_segments = 0;
        for s in segments.iter().take_while(|s| s.expired) {
            if s.first_sequence != last + 1 {
                return Err(VerifyError::Missing { sequence: last + 1 });
            }
            last = s.last_sequence;
            previous.clone_from(&s.head);
            expired_segments += 1;
        }
        if let Some(kept) = kept.filter(|k| k.sequence == last && last > 0)
            && kept.mac != previous
        {
            return Err(VerifyError::OtherHead { sequence: last });
        }
        let mut entries = 0;
        let mut finished = segments.iter().filter(|s| !s.expired).peekable();
        loop {
            let batch: Vec<EntryRow> = rows.all(ENTRIES, vec![last.into()]).await?;
            if batch.is_empty() {
                break;
            }
            for entry in batch {
                if entry.sequence != last + 1 {
                    return Err(VerifyError::Missing { sequence: last + 1 });
                }
                if entry.expected_mac(&self.inner.audit_key, &previous) != entry.mac {
                    return Err(VerifyError::Broken { sequence: entry.sequence });
                }
                if let Some(kept) = kept.filter(|k| k.sequence == entry.sequence)
                    && kept.mac != entry.mac
                {
                    return Err(VerifyError::OtherHead { sequence: entry.sequence });
                }
                last = entry.sequence;
                previous = entry.mac;
                entries += 1;
                if let Some(s) = finished.next_if(|s| s.last_sequence <= last)
                    && (s.last_sequence != last || s.head != previous)
                {
                    return Err(VerifyError::Segment { segment_on: s.segment_on });
                }
            }
        }
        if let Some(kept) = kept
            && kept.sequence > last
        {
            return Err(VerifyError::Cut { last, kept: kept.sequence });
        }
        if remembered.sequence > last || (remembered.sequence == last && remembered.mac != previous) {
            return Err(VerifyError::Tail { expected: remembered.sequence, found: last });
        }
        Ok(Verification { entries, expired_segments, head: Head { sequence: last, mac: previous } })
    }

    /// Whole finished days before `day` expire and leave their heads. Gives the number of entries that went.
    pub async fn expire_audit_unscoped(&self, day: NaiveDate, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.write_system(now).await?;
        tx.lock().await?;
        let gone = tx
            .execute(
                "DELETE FROM audit_entry WHERE segment_on IN (SELECT segment_on FROM audit_segment WHERE segment_on < $1)",
                vec![day.into()],
            )
            .await?;
        tx.execute("UPDATE audit_segment SET expired = TRUE WHERE segment_on < $1", vec![day.into()]).await?;
        tx.commit().await?;
        Ok(gone)
    }

    /// A page of the log after an entry, for its export as CSV in the columns of the safety guideline.
    pub async fn audit_after_unscoped(&self, after: i64) -> Result<Vec<(i64, [String; 5])>, StoreError> {
        let rows: Vec<EntryRow> = self.system_rows().all(ENTRIES, vec![after.into()]).await?;
        Ok(rows
            .into_iter()
            .map(|e| {
                let at = akidoko_domain::time::to_jst(e.at).format("%Y-%m-%dT%H:%M:%S%:z").to_string();
                let operation = if e.detail == "null" { e.target } else { format!("{} {}", e.target, e.detail) };
                (e.sequence, [e.who, e.name, at, e.category, operation])
            })
            .collect())
    }
}
