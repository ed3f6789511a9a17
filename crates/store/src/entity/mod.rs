//! Tables as SeaORM sees them. Private to this crate: what leaves it are domain types.

use sea_orm::entity::prelude::*;

macro_rules! table {
    ($module:ident, $table:literal, { $($(#[$attr:meta])* $field:ident : $ty:ty),+ $(,)? }) => {
        pub mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model { $( $(#[$attr])* pub $field: $ty, )+ }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

table!(organisation, "organisation", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    code: String,
    kind: String,
    pref_code: Option<String>,
    name: String,
    suspended_at: Option<DateTimeUtc>,
    created_at: DateTimeUtc,
    mailbox: Option<String>,
});
table!(hospital, "hospital", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    pref_code: String,
    organisation_id: Uuid,
    attributes: Json,
    merged_into: Option<Uuid>,
    updated_at: DateTimeUtc,
});
table!(hospital_code, "hospital_code", {
    #[sea_orm(primary_key, auto_increment = false)] system: String,
    #[sea_orm(primary_key, auto_increment = false)] code: String,
    hospital_id: Uuid,
    pref_code: String,
    valid_from: Date,
    valid_to: Option<Date>,
});
table!(hospital_statement, "hospital_statement", {
    #[sea_orm(primary_key, auto_increment = false)] hospital_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] system: String,
    #[sea_orm(primary_key, auto_increment = false)] valid_from: Date,
    pref_code: String,
    attributes: Json,
});
table!(hospital_link, "hospital_link", {
    #[sea_orm(primary_key, auto_increment = false)] mednet: String,
    gmis: String,
});
table!(association_member, "association_member", {
    #[sea_orm(primary_key, auto_increment = false)] organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)] hospital_id: Uuid,
    pref_code: String,
});
table!(account, "account", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    organisation_id: Uuid,
    operator: i32,
    name: String,
    password_hash: Option<String>,
    suspended_at: Option<DateTimeUtc>,
    created_at: DateTimeUtc,
    is_administrator: bool,
    password_short: bool,
    removed_at: Option<DateTimeUtc>,
    terms_version: Option<i32>,
    terms_at: Option<DateTimeUtc>,
});
table!(session, "session", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    token_hash: Vec<u8>,
    account_id: Uuid,
    user_agent: String,
    network: String,
    created_at: DateTimeUtc,
    last_seen_at: DateTimeUtc,
    expires_at: DateTimeUtc,
    ended_at: Option<DateTimeUtc>,
});
table!(api_token, "api_token", {
    #[sea_orm(primary_key, auto_increment = false)] id: Uuid,
    token_hash: Vec<u8>,
    account_id: Uuid,
    name: String,
    created_at: DateTimeUtc,
    expires_at: DateTimeUtc,
    revoked_at: Option<DateTimeUtc>,
});
table!(password_link, "password_link", {
    #[sea_orm(primary_key, auto_increment = false)] token_hash: Vec<u8>,
    account_id: Uuid,
    created_at: DateTimeUtc,
    expires_at: DateTimeUtc,
    used_at: Option<DateTimeUtc>,
});
