-- Who administers an organisation's operators, the second factor, and the terms. An operator who is removed keeps the row: numbers are never
-- used again, and the log goes on naming who it was.
ALTER TABLE account ADD COLUMN is_administrator boolean NOT NULL DEFAULT false;
-- Under 13 characters: good only together with a second factor.
ALTER TABLE account ADD COLUMN password_short boolean NOT NULL DEFAULT false;
ALTER TABLE account ADD COLUMN removed_at timestamptz;
ALTER TABLE account ADD COLUMN terms_version integer;
ALTER TABLE account ADD COLUMN terms_at timestamptz;
-- The first operator of each organisation administers the others.
UPDATE account SET is_administrator = true WHERE operator = 1;

-- The secret stands here as it is: a code cannot be checked against a hash. Only the system role reads it, and a copy of the database is to
-- be kept as a password is.
CREATE TABLE account_totp (
    account_id uuid CONSTRAINT account_totp_pkey PRIMARY KEY CONSTRAINT account_totp_account_id_fkey REFERENCES account (id),
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- Until a code was typed it is an offer.
    confirmed_at timestamptz,
    -- The step of the last code that was taken: none is taken twice.
    last_step bigint
);

CREATE TABLE recovery_code (
    account_id uuid NOT NULL CONSTRAINT recovery_code_account_id_fkey REFERENCES account (id),
    code_hash bytea NOT NULL,
    used_at timestamptz,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (account_id, code_hash)
);

-- Somebody who gave the right password, or set one, and is not inside yet. It opens the pages of the next step and nothing else.
CREATE TABLE half_sign_in (
    token_hash bytea CONSTRAINT half_sign_in_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT half_sign_in_account_id_fkey REFERENCES account (id),
    kind text NOT NULL CONSTRAINT half_sign_in_kind_check CHECK (kind IN ('code', 'setup')),
    -- Recovery codes were made from this token, and are shown until the road goes on.
    codes_at timestamptz,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX half_sign_in_account_id_idx ON half_sign_in (account_id);

-- As all tables of sign-in: the role that serves people behind the wall has no right on them.
GRANT SELECT, INSERT, UPDATE, DELETE ON account_totp, recovery_code, half_sign_in TO akidoko_system;
