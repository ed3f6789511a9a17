//! What is looked at beside sign-in: new devices, one operator in two places, IDs and operators that nobody uses. Tables of sign-in: only the
//! system role reads them, so every read here names the organisation or the prefecture it is for.

use crate::{db::Store, error::StoreError, write::WriteTx};
use akidoko_domain::id::{AccountId, OrganisationCode, OrganisationId, PrefCode};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// What an administrator is shown of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInNote {
    /// Its id.
    pub id: Uuid,
    /// Whose organisation.
    pub organisation: OrganisationId,
    /// Who.
    pub account: AccountId,
    /// One operator in two places; otherwise a new device.
    pub two_places: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// From where.
    pub network: String,
    /// Of two places: the other browser and network, and the two sign-ins.
    pub other: Option<(String, String, String)>,
    /// Who has seen to it, and when.
    pub seen: Option<(DateTime<Utc>, String)>,
}

#[derive(FromQueryResult)]
struct FoundNote {
    id: Uuid,
    organisation_id: Uuid,
    account_id: Uuid,
    kind: String,
    at: DateTime<Utc>,
    user_agent: String,
    network: String,
    other_user_agent: Option<String>,
    other_network: Option<String>,
    pair: Option<String>,
    seen_at: Option<DateTime<Utc>>,
    seen_by: Option<String>,
}

impl From<FoundNote> for SignInNote {
    fn from(r: FoundNote) -> Self {
        let other = r.other_user_agent.zip(r.other_network).zip(r.pair);
        Self {
            id: r.id,
            organisation: OrganisationId(r.organisation_id),
            account: AccountId(r.account_id),
            two_places: r.kind == "two_places",
            at: r.at,
            user_agent: r.user_agent,
            network: r.network,
            other: other.map(|((agent, network), pair)| (agent, network, pair)),
            seen: r.seen_at.zip(r.seen_by),
        }
    }
}

const NOTE: &str = "SELECT n.id, n.organisation_id, n.account_id, n.kind, n.at, n.user_agent, n.network, n.other_user_agent, \
     n.other_network, n.pair, n.seen_at, n.seen_by FROM sign_in_note n JOIN organisation o ON o.id = n.organisation_id";

/// Two sign-ins of one operator that were used at about the same time.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct SessionPair {
    /// One of them.
    pub a: Uuid,
    /// Its browser.
    pub a_agent: String,
    /// From where.
    pub a_network: String,
    /// When it was last used.
    pub a_at: DateTime<Utc>,
    /// The other.
    pub b: Uuid,
    /// Its browser.
    pub b_agent: String,
    /// From where.
    pub b_network: String,
    /// When it was last used.
    pub b_at: DateTime<Utc>,
    /// Whose they are.
    pub account_id: Uuid,
    /// Of which organisation.
    pub organisation_id: Uuid,
}

/// An operator as their last use stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// Who.
    pub account: AccountId,
    /// Their number.
    pub operator: u16,
    /// Their name.
    pub name: String,
    /// An administrator.
    pub is_administrator: bool,
    /// Has a password, is neither suspended nor removed.
    pub can_sign_in: bool,
    /// When they were last inside; when they were named, if never.
    pub last_used_at: DateTime<Utc>,
    /// When the mailbox was told that they are not used any more.
    pub told_at: Option<DateTime<Utc>>,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its ID.
    pub code: OrganisationCode,
    /// Its name.
    pub organisation_name: String,
    /// Its prefecture.
    pub prefecture: Option<PrefCode>,
    /// Its mailbox.
    pub mailbox: Option<String>,
    /// When the mailbox was told that the whole ID is not used any more.
    pub organisation_told_at: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct FoundUse {
    id: Uuid,
    operator: i32,
    name: String,
    is_administrator: bool,
    can_sign_in: bool,
    last_used_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    unused_told_at: Option<DateTime<Utc>>,
    organisation_id: Uuid,
    code: String,
    organisation_name: String,
    pref_code: Option<String>,
    mailbox: Option<String>,
    organisation_told_at: Option<DateTime<Utc>>,
}

impl TryFrom<FoundUse> for LastUse {
    type Error = StoreError;
    fn try_from(r: FoundUse) -> Result<Self, StoreError> {
        Ok(Self {
            account: AccountId(r.id),
            operator: u16::try_from(r.operator).map_err(StoreError::corrupt)?,
            name: r.name,
            is_administrator: r.is_administrator,
            can_sign_in: r.can_sign_in,
            last_used_at: r.last_used_at.unwrap_or(r.created_at),
            told_at: r.unused_told_at,
            organisation: OrganisationId(r.organisation_id),
            code: r.code.parse().map_err(StoreError::corrupt)?,
            organisation_name: r.organisation_name,
            prefecture: r.pref_code.map(|p| p.parse()).transpose().map_err(StoreError::corrupt)?,
            mailbox: r.mailbox,
            organisation_told_at: r.organisation_told_at,
        })
    }
}

const LAST_USE: &str = "SELECT a.id, a.operator, a.name, a.is_administrator, a.last_used_at, a.created_at, a.unused_told_at, \
     (a.password_hash IS NOT NULL AND a.suspended_at IS NULL) AS can_sign_in, o.id AS organisation_id, o.code, \
     o.name AS organisation_name, o.pref_code, o.mailbox, o.unused_told_at AS organisation_told_at \
     FROM account a JOIN organisation o ON o.id = a.organisation_id \
     WHERE a.removed_at IS NULL AND o.suspended_at IS NULL AND o.kind <> 'ministry'";

impl Store {
    /// What is to be seen of an organisation's sign-ins from a moment on, the newest first.
    pub async fn sign_in_notes_unscoped(&self, organisation: OrganisationId, from: DateTime<Utc>) -> Result<Vec<SignInNote>, StoreError> {
        let sql = format!("{NOTE} WHERE n.organisation_id = $1 AND n.at >= $2 ORDER BY n.at DESC, n.id LIMIT 200");
        let found: Vec<FoundNote> = self.system_rows().all(&sql, vec![organisation.0.into(), from.into()]).await?;
        Ok(found.into_iter().map(SignInNote::from).collect())
    }

    /// One operator in two places, over a prefecture or the nation, from a moment on, the newest first.
    pub async fn two_places_unscoped(&self, prefecture: Option<PrefCode>, from: DateTime<Utc>) -> Result<Vec<SignInNote>, StoreError> {
        let prefecture = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let sql = format!(
            "{NOTE} WHERE n.kind = 'two_places' AND n.at >= $1 AND ($2 = '' OR o.pref_code = $2) ORDER BY n.at DESC, n.id LIMIT 500"
        );
        let found: Vec<FoundNote> = self.system_rows().all(&sql, vec![from.into(), prefecture.into()]).await?;
        Ok(found.into_iter().map(SignInNote::from).collect())
    }

    /// Pairs of sign-ins of one operator, in different browsers and networks, both used from a moment on.
    pub async fn session_pairs_unscoped(&self, from: DateTime<Utc>) -> Result<Vec<SessionPair>, StoreError> {
        let sql = "SELECT x.id AS a, x.user_agent AS a_agent, x.network AS a_network, x.last_seen_at AS a_at, y.id AS b, \
                   y.user_agent AS b_agent, y.network AS b_network, y.last_seen_at AS b_at, x.account_id, c.organisation_id \
                   FROM session x JOIN session y ON y.account_id = x.account_id AND y.id > x.id JOIN account c ON c.id = x.account_id \
                   WHERE x.last_seen_at >= $1 AND y.last_seen_at >= $1 AND x.network <> y.network AND x.user_agent <> y.user_agent \
                   ORDER BY x.id, y.id LIMIT 1000";
        self.system_rows().all(sql, vec![from.into()]).await
    }

    /// The operators of organisations of which nobody was inside since `before`, nor any key of theirs in use, of a prefecture or the nation, by organisation.
    pub async fn unused_unscoped(&self, prefecture: Option<PrefCode>, before: DateTime<Utc>) -> Result<Vec<LastUse>, StoreError> {
        let prefecture = prefecture.map(|p| p.to_string()).unwrap_or_default();
        let sql = format!(
            "{LAST_USE} AND ($1 = '' OR o.pref_code = $1) AND NOT EXISTS (SELECT 1 FROM account b WHERE b.organisation_id = o.id \
             AND b.removed_at IS NULL AND COALESCE(b.last_used_at, b.created_at) >= $2) \
             AND NOT EXISTS (SELECT 1 FROM api_token k WHERE k.organisation_id = o.id AND k.last_used_at >= $2) ORDER BY o.pref_code, o.code, a.operator"
        );
        uses(self.system_rows().all(&sql, vec![prefecture.into(), before.into()]).await?)
    }

    /// Operators who were not inside since `before`, of organisations where somebody else was.
    pub async fn unused_operators_unscoped(&self, before: DateTime<Utc>) -> Result<Vec<LastUse>, StoreError> {
        let sql = format!(
            "{LAST_USE} AND a.suspended_at IS NULL AND a.password_hash IS NOT NULL AND COALESCE(a.last_used_at, a.created_at) < $1 \
             AND EXISTS (SELECT 1 FROM account b WHERE b.organisation_id = o.id AND b.removed_at IS NULL \
             AND COALESCE(b.last_used_at, b.created_at) >= $1) ORDER BY o.pref_code, o.code, a.operator"
        );
        uses(self.system_rows().all(&sql, vec![before.into()]).await?)
    }

    /// The operators of an organisation as their last use stands.
    pub async fn last_uses_unscoped(&self, organisation: OrganisationId) -> Result<Vec<LastUse>, StoreError> {
        let sql = format!("{LAST_USE} AND o.id = $1 ORDER BY a.operator");
        uses(self.system_rows().all(&sql, vec![organisation.0.into()]).await?)
    }
}

fn uses(found: Vec<FoundUse>) -> Result<Vec<LastUse>, StoreError> {
    found.into_iter().map(LastUse::try_from).collect()
}

impl WriteTx {
    /// Puts a note. False where this pair was noted before.
    pub async fn add_sign_in_note(&self, note: &SignInNote) -> Result<bool, StoreError> {
        let (agent, network, pair) = note.other.clone().map_or((None, None, None), |(a, n, p)| (Some(a), Some(n), Some(p)));
        let sql = "INSERT INTO sign_in_note (id, organisation_id, account_id, kind, at, user_agent, network, other_user_agent, \
                   other_network, pair) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (pair) DO NOTHING";
        let values = vec![
            note.id.into(),
            note.organisation.0.into(),
            note.account.0.into(),
            if note.two_places { "two_places" } else { "new_device" }.into(),
            note.at.into(),
            note.user_agent.as_str().into(),
            note.network.as_str().into(),
            agent.into(),
            network.into(),
            pair.into(),
        ];
        Ok(self.execute(sql, values).await? == 1)
    }

    /// An administrator has seen to all notes up to this moment; says how many.
    pub async fn see_sign_in_notes(&self, organisation: OrganisationId, until: DateTime<Utc>, by: &str) -> Result<u64, StoreError> {
        let sql = "UPDATE sign_in_note SET seen_at = $2, seen_by = $3 WHERE organisation_id = $1 AND at <= $4 AND seen_at IS NULL";
        self.execute(sql, vec![organisation.0.into(), self.now().into(), by.into(), until.into()]).await
    }

    /// Has this operator been inside before?
    pub async fn was_inside(&self, account: AccountId) -> Result<bool, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM session WHERE account_id = $1";
        let found: Option<crate::account::Number> = self.rows().one(sql, vec![account.0.into()]).await?;
        Ok(found.is_some_and(|n| n.n > 0))
    }

    /// Was the same browser of this operator noted from this network within the day? Whoever keeps no cookies is told of once.
    pub async fn is_noted(&self, note: &SignInNote, from: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM sign_in_note WHERE account_id = $1 AND kind = 'new_device' AND at >= $2 \
                   AND user_agent = $3 AND network = $4";
        let values = vec![note.account.0.into(), from.into(), note.user_agent.as_str().into(), note.network.as_str().into()];
        let found: Option<crate::account::Number> = self.rows().one(sql, values).await?;
        Ok(found.is_some_and(|n| n.n > 0))
    }

    /// An operator was inside; what was told of not being used counts for nothing any more.
    pub async fn touch_account(&self, account: AccountId, at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql =
            "UPDATE account SET last_used_at = $2, unused_told_at = NULL WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        self.execute(sql, vec![account.0.into(), at.into()]).await?;
        Ok(())
    }

    /// The mailbox was told that nobody uses this ID.
    pub async fn note_unused_organisation(&self, organisation: OrganisationId) -> Result<(), StoreError> {
        let sql = "UPDATE organisation SET unused_told_at = $2 WHERE id = $1";
        self.execute(sql, vec![organisation.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// The mailbox was told that this operator is not used.
    pub async fn note_unused_operator(&self, account: AccountId) -> Result<(), StoreError> {
        self.execute("UPDATE account SET unused_told_at = $2 WHERE id = $1", vec![account.0.into(), self.now().into()]).await?;
        Ok(())
    }

    /// Ends an operator's sign-ins but one; gives those that ended.
    pub async fn end_other_sessions(&self, account: AccountId, but: Uuid) -> Result<Vec<Uuid>, StoreError> {
        #[derive(FromQueryResult)]
        struct Ended {
            id: Uuid,
        }
        let sql = "SELECT id FROM session WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL";
        let found: Vec<Ended> = self.rows().all(sql, vec![account.0.into(), but.into()]).await?;
        let sql = "UPDATE session SET ended_at = $3 WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL";
        self.execute(sql, vec![account.0.into(), but.into(), self.now().into()]).await?;
        Ok(found.into_iter().map(|e| e.id).collect())
    }
}
