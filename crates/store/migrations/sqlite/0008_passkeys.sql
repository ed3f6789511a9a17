-- Passkeys as a second factor. What is kept of one is public: its key, its counter.
CREATE TABLE account_passkey (
    id BLOB CONSTRAINT account_passkey_pkey PRIMARY KEY,
    account_id BLOB NOT NULL CONSTRAINT account_passkey_account_id_fkey REFERENCES account (id),
    credential_id BLOB NOT NULL CONSTRAINT account_passkey_credential_id_key UNIQUE,
    name TEXT NOT NULL,
    credential TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT
) STRICT;
CREATE INDEX account_passkey_account_id_idx ON account_passkey (account_id);

-- What was asked of an authenticator, and is good once. Bound to the page that asked: `subject` is a hash of its secret.
CREATE TABLE passkey_ceremony (
    subject BLOB CONSTRAINT passkey_ceremony_pkey PRIMARY KEY,
    account_id BLOB NOT NULL CONSTRAINT passkey_ceremony_account_id_fkey REFERENCES account (id),
    state TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
