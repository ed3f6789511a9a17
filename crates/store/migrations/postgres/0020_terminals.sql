-- 表示端末: a screen that an organisation's administrator lets look at the board without anybody's sign-in, and takes back. A link opens it once.
CREATE TABLE terminal (
    id uuid CONSTRAINT terminal_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT terminal_pref_code_fkey REFERENCES prefecture (code),
    organisation_id uuid NOT NULL CONSTRAINT terminal_organisation_id_fkey REFERENCES organisation (id),
    name text NOT NULL,
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL,
    link_hash bytea CONSTRAINT terminal_link_hash_key UNIQUE,
    link_expires_at timestamptz,
    token_hash bytea CONSTRAINT terminal_token_hash_key UNIQUE,
    opened_at timestamptz,
    user_agent text,
    seen_at timestamptz,
    on_duty text,
    on_duty_at timestamptz,
    ended_at timestamptz
);
CREATE INDEX terminal_organisation_id_idx ON terminal (organisation_id);

-- A table of sign-in: only the system role sees it.
ALTER TABLE terminal ENABLE ROW LEVEL SECURITY;
CREATE POLICY terminal_system ON terminal TO akidoko_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON terminal TO akidoko_system;
