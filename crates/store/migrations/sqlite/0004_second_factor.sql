-- Who administers an organisation's operators, the second factor, and the terms. An operator who is removed keeps the row: numbers are never
-- used again, and the log goes on naming who it was.
ALTER TABLE account ADD COLUMN is_administrator INTEGER NOT NULL DEFAULT 0
    CONSTRAINT account_is_administrator_check CHECK (is_administrator IN (0, 1));
-- Under 13 characters: good only together with a second factor.
ALTER TABLE account ADD COLUMN password_short INTEGER NOT NULL DEFAULT 0
    CONSTRAINT account_password_short_check CHECK (password_short IN (0, 1));
ALTER TABLE account ADD COLUMN removed_at TEXT;
ALTER TABLE account ADD COLUMN terms_version INTEGER;
ALTER TABLE account ADD COLUMN terms_at TEXT;
-- The first operator of each organisation administers the others.
UPDATE account SET is_administrator = 1 WHERE operator = 1;

-- The secret stands here as it is: a code cannot be checked against a hash. A copy of the database is to
-- be kept as a password is.
CREATE TABLE account_totp (
    account_id BLOB CONSTRAINT account_totp_pkey PRIMARY KEY CONSTRAINT account_totp_account_id_fkey REFERENCES account (id),
    secret BLOB NOT NULL,
    created_at TEXT NOT NULL,
    -- Until a code was typed it is an offer.
    confirmed_at TEXT,
    -- The step of the last code that was taken: none is taken twice.
    last_step INTEGER
) STRICT;

CREATE TABLE recovery_code (
    account_id BLOB NOT NULL CONSTRAINT recovery_code_account_id_fkey REFERENCES account (id),
    code_hash BLOB NOT NULL,
    used_at TEXT,
    CONSTRAINT recovery_code_pkey PRIMARY KEY (account_id, code_hash)
) STRICT;

-- Somebody who gave the right password, or set one, and is not inside yet. It opens the pages of the next step and nothing else.
CREATE TABLE half_sign_in (
    token_hash BLOB CONSTRAINT half_sign_in_pkey PRIMARY KEY,
    account_id BLOB NOT NULL CONSTRAINT half_sign_in_account_id_fkey REFERENCES account (id),
    kind TEXT NOT NULL CONSTRAINT half_sign_in_kind_check CHECK (kind IN ('code', 'setup')),
    -- Recovery codes were made from this token, and are shown until the road goes on.
    codes_at TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT;
CREATE INDEX half_sign_in_account_id_idx ON half_sign_in (account_id);

