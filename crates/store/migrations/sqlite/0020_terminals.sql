-- 表示端末: a screen that an organisation's administrator lets look at the board without anybody's sign-in, and takes back. A link opens it once.
CREATE TABLE terminal (
    id BLOB CONSTRAINT terminal_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT terminal_pref_code_fkey REFERENCES prefecture (code),
    organisation_id BLOB NOT NULL CONSTRAINT terminal_organisation_id_fkey REFERENCES organisation (id),
    name TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at TEXT NOT NULL,
    link_hash BLOB CONSTRAINT terminal_link_hash_key UNIQUE,
    link_expires_at TEXT,
    token_hash BLOB CONSTRAINT terminal_token_hash_key UNIQUE,
    opened_at TEXT,
    user_agent TEXT,
    seen_at TEXT,
    on_duty TEXT,
    on_duty_at TEXT,
    ended_at TEXT
) STRICT;
CREATE INDEX terminal_organisation_id_idx ON terminal (organisation_id);
