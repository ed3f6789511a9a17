//! What the operator of the machine does: organisations, operators, tokens, the log.

use crate::{Service, Store, StoreError, chance};
use akidoko_domain::{
    audit::{Category, Entry},
    event::EventKind,
    hospital::Attributes,
    id::{AccountId, HospitalId, OrganisationCode, OrganisationId, PrefCode, SessionId, SignInName},
    operator::TERMS,
    organisation::{Organisation, OrganisationKind},
    password::{PASSWORD_MIN, PasswordError, check_password},
    time::SharedClock,
};
use akidoko_store::{ApiTokenRow, OrganisationRow, WriteTx};
use chrono::TimeDelta;
use serde_json::json;

/// A link to set a password stands for so long（domain.md §5.1）.
pub const LINK_LIFE: TimeDelta = TimeDelta::hours(72);

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Nobody of that name.
    #[error("{0} はありません。`akidoko admin list` で確かめてください。")]
    NotFound(String),
    /// Only the ministry has no prefecture.
    #[error("都道府県を --prefecture で指定してください（厚生労働省だけは指定しません）。")]
    Prefecture,
    /// A hospital is made with its own command, since it has more than a name.
    #[error("医療機関は `akidoko admin create-hospital` で作成してください。")]
    Hospital,
    /// Another prefecture.
    #[error("別の都道府県の医療機関は加えられません。")]
    OtherPrefecture,
    /// Not an association.
    #[error("{0} はとりまとめ団体ではありません。")]
    NotAnAssociation(String),
    /// The password.
    #[error("パスワードは 13 文字以上 200 文字以下で、ID を含まない推測しにくいものにしてください。")]
    Password(#[from] PasswordError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Administration of a database whose schema is up to date.
#[derive(Clone)]
pub struct Administration {
    store: Store,
    clock: SharedClock,
}

impl Administration {
    /// For the command line.
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }

    async fn write(&self) -> Result<WriteTx, StoreError> {
        self.store.write_system(self.clock.now()).await
    }

    async fn new_organisation(&self, kind: OrganisationKind, prefecture: Option<PrefCode>, name: &str) -> Result<Organisation, StoreError> {
        Ok(Organisation {
            id: OrganisationId(chance::uuid(self.clock.now())),
            code: self.write().await?.free_code(kind, prefecture, chance::number()).await?,
            kind,
            prefecture,
            name: name.to_owned(),
        })
    }

    /// Makes an organisation.
    pub async fn create_organisation(
        &self,
        kind: OrganisationKind,
        prefecture: Option<PrefCode>,
        name: &str,
    ) -> Result<Organisation, AdminError> {
        if kind == OrganisationKind::Hospital {
            return Err(AdminError::Hospital);
        }
        if prefecture.is_none() != (kind == OrganisationKind::Ministry) {
            return Err(AdminError::Prefecture);
        }
        self.add(self.new_organisation(kind, prefecture, name).await?).await
    }

    pub(crate) async fn add(&self, organisation: Organisation) -> Result<Organisation, AdminError> {
        let mut tx = self.write().await?;
        if let Some(prefecture) = organisation.prefecture {
            // The first organisation of a prefecture opens its board, empty as it is.
            if tx.ensure_prefecture(prefecture, None).await? {
                tx.event(Some(prefecture), EventKind::Board);
            }
        }
        tx.add_organisation(&organisation).await?;
        let detail = json!({ "kind": organisation.kind, "name": organisation.name });
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("create_organisation {}", organisation.code), detail));
        tx.commit().await?;
        Ok(organisation)
    }

    /// Makes a hospital that no register brought.
    pub async fn create_hospital(&self, prefecture: PrefCode, attributes: &Attributes) -> Result<Organisation, AdminError> {
        let name = attributes.name.clone().unwrap_or_default();
        let organisation = self.new_organisation(OrganisationKind::Hospital, Some(prefecture), &name).await?;
        let id = HospitalId(chance::uuid(self.clock.now()));
        let mut tx = self.write().await?;
        tx.ensure_prefecture(prefecture, None).await?;
        tx.add_own_hospital(&organisation, id, attributes).await?;
        tx.event(Some(prefecture), EventKind::Board);
        let detail = json!({ "name": name });
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("create_hospital {}", organisation.code), detail));
        tx.commit().await?;
        Ok(organisation)
    }

    async fn organisation(&self, code: &OrganisationCode) -> Result<OrganisationRow, AdminError> {
        self.store.organisation_unscoped(code).await?.ok_or_else(|| AdminError::NotFound(code.to_string()))
    }

    /// Puts a hospital into an association.
    pub async fn add_member(&self, association: &OrganisationCode, hospital: &OrganisationCode) -> Result<(), AdminError> {
        let association = self.organisation(association).await?.organisation;
        let hospital = self.organisation(hospital).await?.organisation;
        if association.kind != OrganisationKind::Association {
            return Err(AdminError::NotAnAssociation(association.code.to_string()));
        }
        let (Some(prefecture), true) = (association.prefecture, association.prefecture == hospital.prefecture) else {
            return Err(AdminError::OtherPrefecture);
        };
        let members = self.store.hospitals_of_unscoped(&hospital).await?;
        let id = members.first().copied().ok_or_else(|| AdminError::NotFound(hospital.code.to_string()))?;
        let mut tx = self.write().await?;
        tx.add_member(association.id, id, prefecture).await?;
        tx.event(None, EventKind::OrganisationChanged(association.id));
        let detail = json!({ "hospital": hospital.code });
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("add_member {}", association.code), detail));
        tx.commit().await?;
        Ok(())
    }

    /// Makes an operator; with a password, or with a link to set one, which is given back.
    pub async fn create_account(
        &self,
        code: &OrganisationCode,
        name: &str,
        password: Option<&str>,
    ) -> Result<(SignInName, Option<String>), AdminError> {
        let organisation = self.organisation(code).await?.organisation;
        if let Some(password) = password {
            check_password(password, password, &SignInName { organisation: code.clone(), operator: 1 }, PASSWORD_MIN)?;
        }
        let hash = match password {
            Some(password) => Some(crate::password::Passwords::new().hash(password.to_owned()).await),
            None => None,
        };
        let id = AccountId(chance::uuid(self.clock.now()));
        let token = chance::token();
        let mut tx = self.write().await?;
        tx.lock().await?;
        let operator = tx.add_account(id, organisation.id, name).await?;
        match &hash {
            // Whoever hands a password over by hand hands over the terms with it.
            Some(hash) => {
                tx.set_password_hash(id, hash, false).await?;
                tx.accept_terms(id, TERMS).await?;
            }
            None => tx.add_password_link(&chance::token_hash(&token), id, tx.now() + LINK_LIFE).await?,
        }
        let sign_in = SignInName { organisation: organisation.code, operator };
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("create_account {sign_in}"), json!({ "name": name })));
        tx.commit().await?;
        Ok((sign_in, hash.is_none().then_some(token)))
    }

    /// A new link to set a password; the earlier ones end.
    pub async fn reset_password(&self, name: &SignInName) -> Result<String, AdminError> {
        let account = self.store.account_named_unscoped(name).await?.ok_or_else(|| AdminError::NotFound(name.to_string()))?;
        let token = chance::token();
        let mut tx = self.write().await?;
        tx.add_password_link(&chance::token_hash(&token), account.id, tx.now() + LINK_LIFE).await?;
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("reset_password {name}"), json!(null)));
        tx.commit().await?;
        Ok(token)
    }

    /// Switches an operator's second factor off, for whoever lost it and has no administrator beside them. Their sign-ins end.
    pub async fn reset_second_factor(&self, name: &SignInName) -> Result<(), AdminError> {
        let account = self.store.account_named_unscoped(name).await?.ok_or_else(|| AdminError::NotFound(name.to_string()))?;
        let mut tx = self.write().await?;
        tx.remove_factors(account.id).await?;
        tx.end_half_sign_ins(account.id).await?;
        tx.end_sessions(account.id).await?;
        if account.password_short {
            // Alone it is too short to let anybody choose the next second factor.
            tx.clear_password(account.id).await?;
        }
        tx.event(None, EventKind::AccountChanged(account.id));
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("reset_second_factor {name}"), json!(null)));
        tx.commit().await?;
        Ok(())
    }

    /// A token of the API for an operator. It is shown once; the database keeps its hash.
    pub async fn create_token(&self, name: &SignInName, label: &str, days: u32) -> Result<(SessionId, String), AdminError> {
        let account = self.store.account_named_unscoped(name).await?.ok_or_else(|| AdminError::NotFound(name.to_string()))?;
        let now = self.clock.now();
        let token = format!("akidoko_{}", chance::token());
        let row = ApiTokenRow { id: SessionId(chance::uuid(now)), account: account.id, expires_at: now + TimeDelta::days(i64::from(days)) };
        let mut tx = self.write().await?;
        tx.add_api_token(&row, &chance::token_hash(&token), label).await?;
        tx.log(Entry::by_system(now, Category::Admin, format!("create_token {name}"), json!({ "token": row.id, "label": label })));
        tx.commit().await?;
        Ok((row.id, token))
    }

    /// Revokes a token; its open streams close.
    pub async fn revoke_token(&self, id: SessionId) -> Result<(), AdminError> {
        let mut tx = self.write().await?;
        if !tx.revoke_api_token(id).await? {
            return Err(AdminError::NotFound(id.to_string()));
        }
        tx.event(None, EventKind::SessionEnded(id));
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("revoke_token {id}"), json!(null)));
        tx.commit().await?;
        Ok(())
    }

    /// Suspends an organisation or an operator, or lets them in again. Open streams close within a second.
    pub async fn suspend(&self, who: &str, suspended: bool) -> Result<(), AdminError> {
        let mut tx = self.write().await?;
        if let Ok(name) = who.parse::<SignInName>() {
            let account = self.store.account_named_unscoped(&name).await?.ok_or_else(|| AdminError::NotFound(who.to_owned()))?;
            tx.suspend_account(account.id, suspended).await?;
            tx.event(None, EventKind::AccountChanged(account.id));
        } else {
            let code: OrganisationCode = who.parse().map_err(|_| AdminError::NotFound(who.to_owned()))?;
            let organisation = self.organisation(&code).await?.organisation;
            if suspended {
                tx.suspend_organisation(organisation.id).await?;
            } else {
                tx.resume_organisation(organisation.id, chance::uuid(tx.now())).await?;
            }
            tx.event(None, EventKind::OrganisationChanged(organisation.id));
        }
        let verb = if suspended { "suspend" } else { "resume" };
        tx.log(Entry::by_system(tx.now(), Category::Admin, format!("{verb} {who}"), json!(null)));
        tx.commit().await?;
        Ok(())
    }

    /// Organisations with their operators.
    pub async fn list(&self, kind: Option<OrganisationKind>) -> Result<Vec<(OrganisationRow, Vec<(u16, String)>)>, AdminError> {
        let mut list = Vec::new();
        for row in self.store.organisations_unscoped(kind).await? {
            let accounts = self.store.accounts_unscoped(row.organisation.id).await?;
            list.push((row, accounts.into_iter().map(|a| (a.operator, a.name)).collect()));
        }
        Ok(list)
    }
}

impl Service {
    /// Administration beside the running service.
    pub fn administration(&self) -> Administration {
        Administration::new(self.store.clone(), self.clock.clone())
    }
}
