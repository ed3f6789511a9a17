-- Passkeys as a second factor. What is kept of one is public: its key, its counter.
CREATE TABLE account_passkey (
    id uuid CONSTRAINT account_passkey_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT account_passkey_account_id_fkey REFERENCES account (id),
    credential_id bytea NOT NULL CONSTRAINT account_passkey_credential_id_key UNIQUE,
    name text NOT NULL,
    credential text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX account_passkey_account_id_idx ON account_passkey (account_id);

-- What was asked of an authenticator, and is good once. Bound to the page that asked: `subject` is a hash of its secret.
CREATE TABLE passkey_ceremony (
    subject bytea CONSTRAINT passkey_ceremony_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT passkey_ceremony_account_id_fkey REFERENCES account (id),
    state text NOT NULL,
    expires_at timestamptz NOT NULL
);
-- As all tables of sign-in.
GRANT SELECT, INSERT, UPDATE, DELETE ON account_passkey, passkey_ceremony TO akidoko_system;
