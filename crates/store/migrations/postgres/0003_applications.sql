-- The road of an ID. Windows and the office's few figures are data of the ministry.
CREATE TABLE application_window (
    id uuid CONSTRAINT application_window_pkey PRIMARY KEY,
    opens_on date NOT NULL,
    closes_on date NOT NULL,
    issue_from date NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE office_setting (
    name text CONSTRAINT office_setting_pkey PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE bundle (
    id uuid CONSTRAINT bundle_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT bundle_pref_code_fkey REFERENCES prefecture (code),
    number integer NOT NULL,
    row_count integer NOT NULL,
    submitted_at timestamptz NOT NULL,
    submitted_by text NOT NULL,
    agreed boolean NOT NULL,
    CONSTRAINT bundle_number_key UNIQUE (pref_code, number)
);

-- What the prefecture's fire department says of the rows that are to be submitted.
CREATE TABLE bundle_agreement (
    pref_code text CONSTRAINT bundle_agreement_pkey PRIMARY KEY,
    agreed_at timestamptz NOT NULL,
    agreed_by text NOT NULL,
    note text NOT NULL
);

CREATE TABLE application (
    id uuid CONSTRAINT application_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT application_pref_code_fkey REFERENCES prefecture (code),
    applicant text NOT NULL,
    name_key text NOT NULL,
    form jsonb NOT NULL,
    state text NOT NULL,
    revision integer NOT NULL,
    bundle_id uuid CONSTRAINT application_bundle_id_fkey REFERENCES bundle (id),
    reason text,
    issue_from date,
    submitted_at timestamptz,
    decided_at timestamptz,
    noticed_at timestamptz,
    issued_at timestamptz,
    activated_at timestamptz,
    organisation_id uuid CONSTRAINT application_organisation_id_fkey REFERENCES organisation (id),
    link_hash bytea CONSTRAINT application_link_hash_key UNIQUE,
    link_expires_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX application_state_idx ON application (state, submitted_at);
-- One headquarters stands once, until its application is over.
CREATE UNIQUE INDEX application_name_key_key ON application (pref_code, name_key) WHERE state NOT IN ('rejected', 'withdrawn', 'closed');

-- Every step, and what prefecture and ministry wrote to each other.
CREATE TABLE application_step (
    application_id uuid NOT NULL CONSTRAINT application_step_application_id_fkey REFERENCES application (id),
    sequence integer NOT NULL,
    pref_code text NOT NULL,
    at timestamptz NOT NULL,
    action text NOT NULL,
    state text NOT NULL,
    role text NOT NULL,
    who text NOT NULL,
    words text,
    CONSTRAINT application_step_pkey PRIMARY KEY (application_id, sequence)
);

-- The outbox: written in the transaction that wants it sent. Links are made when a mail leaves; only their hashes are kept.
CREATE TABLE mail (
    id uuid CONSTRAINT mail_pkey PRIMARY KEY,
    message_id text NOT NULL CONSTRAINT mail_message_id_key UNIQUE,
    kind text NOT NULL,
    pref_code text,
    application_id uuid CONSTRAINT mail_application_id_fkey REFERENCES application (id),
    account_id uuid CONSTRAINT mail_account_id_fkey REFERENCES account (id),
    recipient text NOT NULL,
    facts jsonb NOT NULL,
    link_hash bytea CONSTRAINT mail_link_hash_key UNIQUE,
    state text NOT NULL,
    attempts integer NOT NULL,
    next_at timestamptz NOT NULL,
    claimed_until timestamptz,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    opened_at timestamptz,
    answer text
);
CREATE INDEX mail_next_at_idx ON mail (state, next_at);
CREATE INDEX mail_application_id_idx ON mail (application_id, created_at);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['bundle', 'bundle_agreement', 'application', 'application_step', 'mail'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT ON application_window, office_setting TO akidoko_app;
GRANT SELECT, INSERT, UPDATE ON bundle, bundle_agreement, application, mail TO akidoko_app;
GRANT SELECT, INSERT ON application_step TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON application_window, office_setting, bundle, bundle_agreement, application, application_step, mail
    TO akidoko_system;
-- What was said and done on the road stays.
REVOKE UPDATE, DELETE ON application_step FROM akidoko_system;
