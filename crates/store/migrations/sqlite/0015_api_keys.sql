-- Keys of the API belong to an organisation and have limits. A token without organisation is one operator's, as before, and has none.
ALTER TABLE api_token ADD COLUMN organisation_id BLOB CONSTRAINT api_token_organisation_id_fkey REFERENCES organisation (id);
ALTER TABLE api_token ADD COLUMN may_read INTEGER NOT NULL DEFAULT 1 CONSTRAINT api_token_may_read_check CHECK (may_read IN (0, 1));
ALTER TABLE api_token ADD COLUMN may_report INTEGER NOT NULL DEFAULT 1 CONSTRAINT api_token_may_report_check CHECK (may_report IN (0, 1));
-- Hospitals as a JSON list of ids; NULL: all that the organisation acts for.
ALTER TABLE api_token ADD COLUMN hospitals TEXT;
-- Networks with blanks between; empty: from anywhere.
ALTER TABLE api_token ADD COLUMN networks TEXT NOT NULL DEFAULT '';
-- Requests a minute; NULL: not counted.
ALTER TABLE api_token ADD COLUMN per_minute INTEGER;
ALTER TABLE api_token ADD COLUMN last_used_at TEXT;
ALTER TABLE api_token ADD COLUMN last_network TEXT;
-- So many days before its end the mailbox was told last.
ALTER TABLE api_token ADD COLUMN told_days INTEGER;
CREATE INDEX api_token_organisation_id_idx ON api_token (organisation_id);
CREATE INDEX api_token_expires_at_idx ON api_token (expires_at);

-- What was answered to a request that carried an Idempotency-Key: written with what it did, kept for two days.
CREATE TABLE api_answer (
    caller BLOB NOT NULL,
    key TEXT NOT NULL,
    pref_code TEXT NOT NULL CONSTRAINT api_answer_pref_code_fkey REFERENCES prefecture (code),
    request_hash BLOB NOT NULL,
    answer TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT api_answer_pkey PRIMARY KEY (caller, key)
) STRICT;
CREATE INDEX api_answer_created_at_idx ON api_answer (created_at);
