-- The road of an ID. Windows and the office's few figures are data of the ministry.
CREATE TABLE application_window (
    id BLOB CONSTRAINT application_window_pkey PRIMARY KEY,
    opens_on TEXT NOT NULL,
    closes_on TEXT NOT NULL,
    issue_from TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE office_setting (
    name TEXT CONSTRAINT office_setting_pkey PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE bundle (
    id BLOB CONSTRAINT bundle_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT bundle_pref_code_fkey REFERENCES prefecture (code),
    number INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    submitted_at TEXT NOT NULL,
    submitted_by TEXT NOT NULL,
    agreed INTEGER NOT NULL CONSTRAINT bundle_agreed_check CHECK (agreed IN (0, 1)),
    CONSTRAINT bundle_number_key UNIQUE (pref_code, number)
) STRICT;

-- What the prefecture's fire department says of the rows that are to be submitted.
CREATE TABLE bundle_agreement (
    pref_code TEXT CONSTRAINT bundle_agreement_pkey PRIMARY KEY,
    agreed_at TEXT NOT NULL,
    agreed_by TEXT NOT NULL,
    note TEXT NOT NULL
) STRICT;

CREATE TABLE application (
    id BLOB CONSTRAINT application_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT application_pref_code_fkey REFERENCES prefecture (code),
    applicant TEXT NOT NULL,
    name_key TEXT NOT NULL,
    form TEXT NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    bundle_id BLOB CONSTRAINT application_bundle_id_fkey REFERENCES bundle (id),
    reason TEXT,
    issue_from TEXT,
    submitted_at TEXT,
    decided_at TEXT,
    noticed_at TEXT,
    issued_at TEXT,
    activated_at TEXT,
    organisation_id BLOB CONSTRAINT application_organisation_id_fkey REFERENCES organisation (id),
    link_hash BLOB CONSTRAINT application_link_hash_key UNIQUE,
    link_expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX application_state_idx ON application (state, submitted_at);
-- One headquarters stands once, until its application is over.
CREATE UNIQUE INDEX application_name_key_key ON application (pref_code, name_key) WHERE state NOT IN ('rejected', 'withdrawn', 'closed');

-- Every step, and what prefecture and ministry wrote to each other.
CREATE TABLE application_step (
    application_id BLOB NOT NULL CONSTRAINT application_step_application_id_fkey REFERENCES application (id),
    sequence INTEGER NOT NULL,
    pref_code TEXT NOT NULL,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    role TEXT NOT NULL,
    who TEXT NOT NULL,
    words TEXT,
    CONSTRAINT application_step_pkey PRIMARY KEY (application_id, sequence)
) STRICT;

-- The outbox: written in the transaction that wants it sent. Links are made when a mail leaves; only their hashes are kept.
CREATE TABLE mail (
    id BLOB CONSTRAINT mail_pkey PRIMARY KEY,
    message_id TEXT NOT NULL CONSTRAINT mail_message_id_key UNIQUE,
    kind TEXT NOT NULL,
    pref_code TEXT,
    application_id BLOB CONSTRAINT mail_application_id_fkey REFERENCES application (id),
    account_id BLOB CONSTRAINT mail_account_id_fkey REFERENCES account (id),
    recipient TEXT NOT NULL,
    facts TEXT NOT NULL,
    link_hash BLOB CONSTRAINT mail_link_hash_key UNIQUE,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TEXT NOT NULL,
    claimed_until TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    opened_at TEXT,
    answer TEXT
) STRICT;
CREATE INDEX mail_next_at_idx ON mail (state, next_at);
CREATE INDEX mail_application_id_idx ON mail (application_id, created_at);
