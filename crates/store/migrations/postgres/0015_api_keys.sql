-- Keys of the API belong to an organisation and have limits. A token without organisation is one operator's, as before, and has none.
ALTER TABLE api_token ADD COLUMN organisation_id uuid CONSTRAINT api_token_organisation_id_fkey REFERENCES organisation (id);
ALTER TABLE api_token ADD COLUMN may_read boolean NOT NULL DEFAULT true;
ALTER TABLE api_token ADD COLUMN may_report boolean NOT NULL DEFAULT true;
-- Hospitals as a JSON list of ids; NULL: all that the organisation acts for.
ALTER TABLE api_token ADD COLUMN hospitals text;
-- Networks with blanks between; empty: from anywhere.
ALTER TABLE api_token ADD COLUMN networks text NOT NULL DEFAULT '';
-- Requests a minute; NULL: not counted.
ALTER TABLE api_token ADD COLUMN per_minute integer;
ALTER TABLE api_token ADD COLUMN last_used_at timestamptz;
ALTER TABLE api_token ADD COLUMN last_network text;
-- So many days before its end the mailbox was told last.
ALTER TABLE api_token ADD COLUMN told_days integer;
CREATE INDEX api_token_organisation_id_idx ON api_token (organisation_id);
CREATE INDEX api_token_expires_at_idx ON api_token (expires_at);

-- What was answered to a request that carried an Idempotency-Key: written with what it did, kept for two days.
CREATE TABLE api_answer (
    caller uuid NOT NULL,
    key text NOT NULL,
    pref_code text NOT NULL CONSTRAINT api_answer_pref_code_fkey REFERENCES prefecture (code),
    request_hash bytea NOT NULL,
    answer text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT api_answer_pkey PRIMARY KEY (caller, key)
);
CREATE INDEX api_answer_created_at_idx ON api_answer (created_at);

-- The wall, as in 0001. What was answered is not changed any more.
ALTER TABLE api_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY api_answer_system ON api_answer TO akidoko_system USING (true) WITH CHECK (true);
CREATE POLICY api_answer_wall ON api_answer TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code));
GRANT SELECT, INSERT ON api_answer TO akidoko_app;
GRANT SELECT, DELETE ON api_answer TO akidoko_system;
