-- お知らせ: what the ministry writes to chosen organisations.
CREATE TABLE announcement (
    id uuid CONSTRAINT announcement_pkey PRIMARY KEY,
    subject text NOT NULL,
    body text NOT NULL,
    audience jsonb NOT NULL,
    state text NOT NULL CONSTRAINT announcement_state_check CHECK (state IN ('draft', 'scheduled', 'sent', 'discarded')),
    revision integer NOT NULL,
    send_at timestamptz,
    sent_at timestamptz,
    written_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX announcement_state_idx ON announcement (state, send_at);

-- To whom it went, fixed when it was sent.
CREATE TABLE announcement_recipient (
    announcement_id uuid NOT NULL CONSTRAINT announcement_recipient_announcement_id_fkey REFERENCES announcement (id),
    organisation_id uuid NOT NULL CONSTRAINT announcement_recipient_organisation_id_fkey REFERENCES organisation (id),
    mail_id uuid CONSTRAINT announcement_recipient_mail_id_fkey REFERENCES mail (id),
    read_at timestamptz,
    read_by text,
    CONSTRAINT announcement_recipient_pkey PRIMARY KEY (announcement_id, organisation_id)
);
CREATE INDEX announcement_recipient_organisation_id_idx ON announcement_recipient (organisation_id);

-- Asked for by organisation, not by prefecture: the role that serves people behind the wall has no right on them.
GRANT SELECT, INSERT, UPDATE, DELETE ON announcement, announcement_recipient TO akidoko_system;
