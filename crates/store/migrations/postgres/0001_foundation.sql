-- The foundation. Roles: akidoko_owner runs this, akidoko_app serves people behind the wall, akidoko_system projects the board, signs
-- people in and imports. The wall stands below as row-level security, beside the filter of every query.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'akidoko_app') THEN
        CREATE ROLE akidoko_app LOGIN NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'akidoko_system') THEN
        CREATE ROLE akidoko_system LOGIN NOINHERIT;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another database of the same cluster is being migrated at this moment
END
$$;

CREATE TABLE prefecture (
    code text CONSTRAINT prefecture_pkey PRIMARY KEY CONSTRAINT prefecture_code_check CHECK (length(code) = 2),
    name text NOT NULL,
    invented boolean NOT NULL
);

CREATE TABLE medical_area (
    code text CONSTRAINT medical_area_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT medical_area_pref_code_fkey REFERENCES prefecture (code),
    name text NOT NULL
);

CREATE TABLE municipality (
    code text CONSTRAINT municipality_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT municipality_pref_code_fkey REFERENCES prefecture (code),
    name text NOT NULL,
    kana text NOT NULL,
    parent_code text,
    area_code text
);

CREATE TABLE holiday (
    on_date date CONSTRAINT holiday_pkey PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE organisation (
    id uuid CONSTRAINT organisation_pkey PRIMARY KEY,
    code text NOT NULL CONSTRAINT organisation_code_key UNIQUE,
    kind text NOT NULL,
    pref_code text CONSTRAINT organisation_pref_code_fkey REFERENCES prefecture (code),
    name text NOT NULL,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT organisation_pref_code_check CHECK ((pref_code IS NULL) = (kind = 'ministry'))
);

CREATE TABLE hospital (
    id uuid CONSTRAINT hospital_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT hospital_pref_code_fkey REFERENCES prefecture (code),
    organisation_id uuid NOT NULL CONSTRAINT hospital_organisation_id_key UNIQUE
        CONSTRAINT hospital_organisation_id_fkey REFERENCES organisation (id),
    -- What the registers say, merged; hospital_statement has the history.
    attributes jsonb NOT NULL,
    -- Two entries that turned out to be one hospital: this one lives on in the other.
    merged_into uuid CONSTRAINT hospital_merged_into_fkey REFERENCES hospital (id),
    updated_at timestamptz NOT NULL,
    CONSTRAINT hospital_id_pref_code_key UNIQUE (id, pref_code)
);
CREATE INDEX hospital_pref_code_idx ON hospital (pref_code);

CREATE TABLE hospital_code (
    system text NOT NULL,
    code text NOT NULL,
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT hospital_code_pkey PRIMARY KEY (system, code),
    CONSTRAINT hospital_code_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX hospital_code_hospital_id_idx ON hospital_code (hospital_id);

CREATE TABLE hospital_statement (
    hospital_id uuid NOT NULL,
    system text NOT NULL,
    valid_from date NOT NULL,
    pref_code text NOT NULL,
    attributes jsonb NOT NULL,
    CONSTRAINT hospital_statement_pkey PRIMARY KEY (hospital_id, system, valid_from),
    CONSTRAINT hospital_statement_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);

-- Two registers speak of one hospital. Known before or after either register was read.
CREATE TABLE hospital_link (
    mednet text CONSTRAINT hospital_link_pkey PRIMARY KEY,
    gmis text NOT NULL CONSTRAINT hospital_link_gmis_key UNIQUE
);

CREATE TABLE association_member (
    organisation_id uuid NOT NULL CONSTRAINT association_member_organisation_id_fkey REFERENCES organisation (id),
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    CONSTRAINT association_member_pkey PRIMARY KEY (organisation_id, hospital_id),
    CONSTRAINT association_member_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);

CREATE TABLE survey_version (
    code text NOT NULL,
    version integer NOT NULL,
    valid_from date NOT NULL,
    definition text NOT NULL,
    CONSTRAINT survey_version_pkey PRIMARY KEY (code, version)
);

-- Nothing here is ever updated: a correction is the next version.
CREATE TABLE report_version (
    hospital_id uuid NOT NULL,
    survey text NOT NULL,
    report_date date NOT NULL,
    version integer NOT NULL,
    pref_code text NOT NULL,
    survey_version integer NOT NULL,
    kind text NOT NULL CONSTRAINT report_version_kind_check CHECK (kind IN ('full', 'quick')),
    author jsonb NOT NULL,
    author_account_id uuid,
    answers jsonb NOT NULL,
    as_of timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    reason text,
    CONSTRAINT report_version_pkey PRIMARY KEY (hospital_id, survey, report_date, version),
    CONSTRAINT report_version_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code),
    CONSTRAINT report_version_survey_fkey FOREIGN KEY (survey, survey_version) REFERENCES survey_version (code, version)
);
CREATE INDEX report_version_report_date_idx ON report_version (report_date, survey);

-- The merged record: of each item the truest figure. It can be made anew from report_version.
CREATE TABLE hospital_record (
    hospital_id uuid NOT NULL,
    survey text NOT NULL,
    pref_code text NOT NULL,
    cells jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT hospital_record_pkey PRIMARY KEY (hospital_id, survey),
    CONSTRAINT hospital_record_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);

CREATE TABLE event (
    id bigint CONSTRAINT event_pkey PRIMARY KEY,
    pref_code text,
    kind text NOT NULL,
    subject uuid,
    at timestamptz NOT NULL
);
CREATE INDEX event_pref_code_idx ON event (pref_code, id);

CREATE TABLE account (
    id uuid CONSTRAINT account_pkey PRIMARY KEY,
    organisation_id uuid NOT NULL CONSTRAINT account_organisation_id_fkey REFERENCES organisation (id),
    operator integer NOT NULL,
    name text NOT NULL,
    password_hash text,
    suspended_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT account_operator_key UNIQUE (organisation_id, operator)
);

CREATE TABLE password_link (
    token_hash bytea CONSTRAINT password_link_pkey PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT password_link_account_id_fkey REFERENCES account (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE TABLE session (
    id uuid CONSTRAINT session_pkey PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT session_token_hash_key UNIQUE,
    account_id uuid NOT NULL CONSTRAINT session_account_id_fkey REFERENCES account (id),
    user_agent text NOT NULL,
    network text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX session_account_id_idx ON session (account_id);

CREATE TABLE api_token (
    id uuid CONSTRAINT api_token_pkey PRIMARY KEY,
    token_hash bytea NOT NULL CONSTRAINT api_token_token_hash_key UNIQUE,
    account_id uuid NOT NULL CONSTRAINT api_token_account_id_fkey REFERENCES account (id),
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- A browser that has signed in to an organisation before: not slowed by the failures of others.
CREATE TABLE known_device (
    token_hash bytea NOT NULL,
    organisation_id uuid NOT NULL CONSTRAINT known_device_organisation_id_fkey REFERENCES organisation (id),
    seen_at timestamptz NOT NULL,
    CONSTRAINT known_device_pkey PRIMARY KEY (token_hash, organisation_id)
);

CREATE TABLE sign_in_failure (
    key text CONSTRAINT sign_in_failure_pkey PRIMARY KEY,
    failures integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz
);

CREATE TABLE audit_entry (
    sequence bigint CONSTRAINT audit_entry_pkey PRIMARY KEY,
    segment_on date NOT NULL,
    at timestamptz NOT NULL,
    session_id uuid,
    account_id uuid,
    who text NOT NULL,
    name text NOT NULL,
    pref_code text,
    category text NOT NULL,
    target text NOT NULL,
    detail text NOT NULL,
    mac bytea NOT NULL
);
CREATE INDEX audit_entry_at_idx ON audit_entry (at);

-- A finished day of the log. Its entries may expire; this row stays, and the chain goes on from it.
CREATE TABLE audit_segment (
    segment_on date CONSTRAINT audit_segment_pkey PRIMARY KEY,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    head bytea NOT NULL,
    expired boolean NOT NULL
);

-- One row: the last event and the last entry of the log. Whoever appends locks it, so the order of ids is the order of commits.
CREATE TABLE log_head (
    id integer CONSTRAINT log_head_pkey PRIMARY KEY CONSTRAINT log_head_id_check CHECK (id = 1),
    event_id bigint NOT NULL,
    audit_sequence bigint NOT NULL,
    audit_segment_on date,
    audit_segment_first bigint NOT NULL,
    audit_head bytea NOT NULL
);
INSERT INTO log_head VALUES (1, 0, 0, NULL, 1, '');

-- The wall. akidoko.prefectures is set for each transaction: codes between commas, or * for the ministry; unset, nothing is seen.
CREATE FUNCTION akidoko_sees(pref text) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT current_setting('akidoko.prefectures', true) = '*'
           OR position(',' || pref || ',' IN current_setting('akidoko.prefectures', true)) > 0 $$;

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['organisation', 'hospital', 'hospital_code', 'hospital_statement', 'association_member', 'report_version',
                             'hospital_record', 'event'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['organisation', 'hospital', 'hospital_code', 'hospital_statement', 'association_member', 'report_version',
                             'hospital_record'] LOOP
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
-- Events of no prefecture end sign-ins: anyone may append them, nobody behind the wall reads them.
CREATE POLICY event_wall ON event FOR SELECT TO akidoko_app USING (akidoko_sees(pref_code));
CREATE POLICY event_append ON event FOR INSERT TO akidoko_app WITH CHECK (pref_code IS NULL OR akidoko_sees(pref_code));

GRANT SELECT ON prefecture, medical_area, municipality, holiday, survey_version TO akidoko_app;
GRANT SELECT ON organisation, hospital, hospital_code, hospital_statement, association_member, event TO akidoko_app;
GRANT SELECT, INSERT ON report_version TO akidoko_app;
GRANT SELECT, INSERT, UPDATE ON hospital_record TO akidoko_app;
GRANT INSERT ON event, audit_entry TO akidoko_app;
GRANT SELECT, INSERT ON audit_segment TO akidoko_app;
GRANT SELECT, UPDATE ON log_head TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO akidoko_system;
-- Not even the system role changes a report or the log, save that whole days of the log expire, and that the reports of two entries
-- that turned out to be one hospital come together.
REVOKE UPDATE, DELETE ON report_version FROM akidoko_system;
GRANT UPDATE (hospital_id) ON report_version TO akidoko_system;
REVOKE UPDATE ON audit_entry FROM akidoko_system;
