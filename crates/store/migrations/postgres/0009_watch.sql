-- When each operator was last inside; when the mailbox was told that an ID, or an operator, is not used any more.
ALTER TABLE account ADD COLUMN last_used_at timestamptz;
ALTER TABLE account ADD COLUMN unused_told_at timestamptz;
ALTER TABLE organisation ADD COLUMN unused_told_at timestamptz;
UPDATE account SET last_used_at = (SELECT MAX(s.last_seen_at) FROM session s WHERE s.account_id = account.id);
CREATE INDEX session_last_seen_at_idx ON session (last_seen_at);
CREATE INDEX mail_account_id_idx ON mail (account_id, created_at);

-- What an administrator is shown of sign-ins: a new device, one operator in two places. Nobody is blocked by it.
CREATE TABLE sign_in_note (
    id uuid CONSTRAINT sign_in_note_pkey PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT sign_in_note_organisation_id_fkey REFERENCES organisation (id),
    account_id uuid NOT NULL CONSTRAINT sign_in_note_account_id_fkey REFERENCES account (id),
    kind text NOT NULL CONSTRAINT sign_in_note_kind_check CHECK (kind IN ('new_device', 'two_places')),
    at timestamptz NOT NULL,
    -- What was seen: the browser and the network; of two places both.
    user_agent text NOT NULL,
    network text NOT NULL,
    other_user_agent text,
    other_network text,
    -- The two sign-ins of two places: each pair is noted once.
    pair text CONSTRAINT sign_in_note_pair_key UNIQUE,
    seen_at timestamptz,
    seen_by text
);
CREATE INDEX sign_in_note_organisation_id_idx ON sign_in_note (organisation_id, at);
-- As all tables of sign-in.
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_note TO akidoko_system;
