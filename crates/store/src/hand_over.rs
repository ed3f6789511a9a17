//! Operators that go on under another organisation's ID: they keep their password, their second factor, their tokens and their open
//! sign-ins; their number is a new one.

use crate::{account::Number, error::StoreError, write::WriteTx};
use akidoko_domain::id::{AccountId, OrganisationId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// An operator who went over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedOperator {
    /// Who.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// The number before.
    pub before: u16,
    /// The number now.
    pub now: u16,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    operator: i32,
    name: String,
}

impl WriteTx {
    /// Moves all operators of an organisation who were not removed to another one, behind the numbers that it ever gave. Whoever
    /// administered the first does so no longer, unless nobody could administer the other. The old names go on leading to them, and their
    /// browsers stay known ones.
    pub async fn move_operators(&self, from: OrganisationId, to: OrganisationId) -> Result<Vec<MovedOperator>, StoreError> {
        let sql = "SELECT id, operator, name FROM account WHERE organisation_id = $1 AND removed_at IS NULL ORDER BY operator";
        let found: Vec<Found> = self.rows().all(sql, vec![from.0.into()]).await?;
        let sql = "SELECT CAST(COUNT(*) AS INTEGER) AS n FROM account WHERE organisation_id = $1 AND is_administrator \
                   AND suspended_at IS NULL AND removed_at IS NULL AND password_hash IS NOT NULL";
        let administrators: Option<Number> = self.rows().one(sql, vec![to.0.into()]).await?;
        let keep = administrators.is_none_or(|n| n.n == 0);
        let sql = "SELECT CAST(COALESCE(MAX(operator), 0) AS INTEGER) AS n FROM account WHERE organisation_id = $1";
        let last: Option<Number> = self.rows().one(sql, vec![to.0.into()]).await?;
        let mut number = last.map_or(0, |n| n.n);
        let mut moved = Vec::with_capacity(found.len());
        for account in found {
            number += 1;
            let sql = "INSERT INTO former_sign_in (organisation_id, operator, account_id, moved_at) VALUES ($1, $2, $3, $4)";
            self.execute(sql, vec![from.0.into(), account.operator.into(), account.id.into(), self.now().into()]).await?;
            let sql = "UPDATE account SET organisation_id = $2, operator = $3, is_administrator = (is_administrator AND $4) WHERE id = $1";
            self.execute(sql, vec![account.id.into(), to.0.into(), number.into(), keep.into()]).await?;
            moved.push(MovedOperator {
                account: AccountId(account.id),
                name: account.name,
                before: u16::try_from(account.operator).map_err(StoreError::corrupt)?,
                now: u16::try_from(number).map_err(StoreError::corrupt)?,
            });
        }
        let sql = "INSERT INTO known_device (token_hash, organisation_id, seen_at) SELECT token_hash, $2, seen_at FROM known_device d \
                   WHERE d.organisation_id = $1 AND NOT EXISTS (SELECT 1 FROM known_device k WHERE k.organisation_id = $2 \
                   AND k.token_hash = d.token_hash)";
        self.execute(sql, vec![from.0.into(), to.0.into()]).await?;
        self.move_keys(from, to).await?;
        self.move_terminals(from, to).await?;
        Ok(moved)
    }
}
