-- お知らせ: what the ministry writes to chosen organisations.
CREATE TABLE announcement (
    id BLOB CONSTRAINT announcement_pkey PRIMARY KEY,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    audience TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT announcement_state_check CHECK (state IN ('draft', 'scheduled', 'sent', 'discarded')),
    revision INTEGER NOT NULL,
    send_at TEXT,
    sent_at TEXT,
    written_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX announcement_state_idx ON announcement (state, send_at);

-- To whom it went, fixed when it was sent.
CREATE TABLE announcement_recipient (
    announcement_id BLOB NOT NULL CONSTRAINT announcement_recipient_announcement_id_fkey REFERENCES announcement (id),
    organisation_id BLOB NOT NULL CONSTRAINT announcement_recipient_organisation_id_fkey REFERENCES organisation (id),
    mail_id BLOB CONSTRAINT announcement_recipient_mail_id_fkey REFERENCES mail (id),
    read_at TEXT,
    read_by TEXT,
    CONSTRAINT announcement_recipient_pkey PRIMARY KEY (announcement_id, organisation_id)
) STRICT;
CREATE INDEX announcement_recipient_organisation_id_idx ON announcement_recipient (organisation_id);

