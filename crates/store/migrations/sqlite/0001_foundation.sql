-- The foundation, for the embedded database. Same tables and columns as on PostgreSQL; the wall stands in the queries alone here.
CREATE TABLE prefecture (
    code TEXT CONSTRAINT prefecture_pkey PRIMARY KEY CONSTRAINT prefecture_code_check CHECK (length(code) = 2),
    name TEXT NOT NULL,
    invented INTEGER NOT NULL
) STRICT;

CREATE TABLE medical_area (
    code TEXT CONSTRAINT medical_area_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT medical_area_pref_code_fkey REFERENCES prefecture (code),
    name TEXT NOT NULL
) STRICT;

CREATE TABLE municipality (
    code TEXT CONSTRAINT municipality_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT municipality_pref_code_fkey REFERENCES prefecture (code),
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    parent_code TEXT,
    area_code TEXT
) STRICT;

CREATE TABLE holiday (
    on_date TEXT CONSTRAINT holiday_pkey PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;

CREATE TABLE organisation (
    id BLOB CONSTRAINT organisation_pkey PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT organisation_code_key UNIQUE,
    kind TEXT NOT NULL,
    pref_code TEXT CONSTRAINT organisation_pref_code_fkey REFERENCES prefecture (code),
    name TEXT NOT NULL,
    suspended_at TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT organisation_pref_code_check CHECK ((pref_code IS NULL) = (kind = 'ministry'))
) STRICT;

CREATE TABLE hospital (
    id BLOB CONSTRAINT hospital_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT hospital_pref_code_fkey REFERENCES prefecture (code),
    organisation_id BLOB NOT NULL CONSTRAINT hospital_organisation_id_key UNIQUE
        CONSTRAINT hospital_organisation_id_fkey REFERENCES organisation (id),
    -- What the registers say, merged; hospital_statement has the history.
    attributes TEXT NOT NULL,
    -- Two entries that turned out to be one hospital: this one lives on in the other.
    merged_into BLOB CONSTRAINT hospital_merged_into_fkey REFERENCES hospital (id),
    updated_at TEXT NOT NULL,
    CONSTRAINT hospital_id_pref_code_key UNIQUE (id, pref_code)
) STRICT;
CREATE INDEX hospital_pref_code_idx ON hospital (pref_code);

CREATE TABLE hospital_code (
    system TEXT NOT NULL,
    code TEXT NOT NULL,
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    CONSTRAINT hospital_code_pkey PRIMARY KEY (system, code),
    CONSTRAINT hospital_code_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX hospital_code_hospital_id_idx ON hospital_code (hospital_id);

CREATE TABLE hospital_statement (
    hospital_id BLOB NOT NULL,
    system TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    pref_code TEXT NOT NULL,
    attributes TEXT NOT NULL,
    CONSTRAINT hospital_statement_pkey PRIMARY KEY (hospital_id, system, valid_from),
    CONSTRAINT hospital_statement_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;

-- Two registers speak of one hospital. Known before or after either register was read.
CREATE TABLE hospital_link (
    mednet TEXT CONSTRAINT hospital_link_pkey PRIMARY KEY,
    gmis TEXT NOT NULL CONSTRAINT hospital_link_gmis_key UNIQUE
) STRICT;

CREATE TABLE association_member (
    organisation_id BLOB NOT NULL CONSTRAINT association_member_organisation_id_fkey REFERENCES organisation (id),
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    CONSTRAINT association_member_pkey PRIMARY KEY (organisation_id, hospital_id),
    CONSTRAINT association_member_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;

CREATE TABLE survey_version (
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    valid_from TEXT NOT NULL,
    definition TEXT NOT NULL,
    CONSTRAINT survey_version_pkey PRIMARY KEY (code, version)
) STRICT;

-- Nothing here is ever updated: a correction is the next version.
CREATE TABLE report_version (
    hospital_id BLOB NOT NULL,
    survey TEXT NOT NULL,
    report_date TEXT NOT NULL,
    version INTEGER NOT NULL,
    pref_code TEXT NOT NULL,
    survey_version INTEGER NOT NULL,
    kind TEXT NOT NULL CONSTRAINT report_version_kind_check CHECK (kind IN ('full', 'quick')),
    author TEXT NOT NULL,
    author_account_id BLOB,
    answers TEXT NOT NULL,
    as_of TEXT NOT NULL,
    received_at TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT report_version_pkey PRIMARY KEY (hospital_id, survey, report_date, version),
    CONSTRAINT report_version_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code),
    CONSTRAINT report_version_survey_fkey FOREIGN KEY (survey, survey_version) REFERENCES survey_version (code, version)
) STRICT;
CREATE INDEX report_version_report_date_idx ON report_version (report_date, survey);

-- The merged record: of each item the truest figure. It can be made anew from report_version.
CREATE TABLE hospital_record (
    hospital_id BLOB NOT NULL,
    survey TEXT NOT NULL,
    pref_code TEXT NOT NULL,
    cells TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT hospital_record_pkey PRIMARY KEY (hospital_id, survey),
    CONSTRAINT hospital_record_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;

CREATE TABLE event (
    id INTEGER CONSTRAINT event_pkey PRIMARY KEY,
    pref_code TEXT,
    kind TEXT NOT NULL,
    subject BLOB,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX event_pref_code_idx ON event (pref_code, id);

CREATE TABLE account (
    id BLOB CONSTRAINT account_pkey PRIMARY KEY,
    organisation_id BLOB NOT NULL CONSTRAINT account_organisation_id_fkey REFERENCES organisation (id),
    operator INTEGER NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT,
    suspended_at TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT account_operator_key UNIQUE (organisation_id, operator)
) STRICT;

CREATE TABLE password_link (
    token_hash BLOB CONSTRAINT password_link_pkey PRIMARY KEY,
    account_id BLOB NOT NULL CONSTRAINT password_link_account_id_fkey REFERENCES account (id),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_at TEXT
) STRICT;

CREATE TABLE session (
    id BLOB CONSTRAINT session_pkey PRIMARY KEY,
    token_hash BLOB NOT NULL CONSTRAINT session_token_hash_key UNIQUE,
    account_id BLOB NOT NULL CONSTRAINT session_account_id_fkey REFERENCES account (id),
    user_agent TEXT NOT NULL,
    network TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE INDEX session_account_id_idx ON session (account_id);

CREATE TABLE api_token (
    id BLOB CONSTRAINT api_token_pkey PRIMARY KEY,
    token_hash BLOB NOT NULL CONSTRAINT api_token_token_hash_key UNIQUE,
    account_id BLOB NOT NULL CONSTRAINT api_token_account_id_fkey REFERENCES account (id),
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT;

-- A browser that has signed in to an organisation before: not slowed by the failures of others.
CREATE TABLE known_device (
    token_hash BLOB NOT NULL,
    organisation_id BLOB NOT NULL CONSTRAINT known_device_organisation_id_fkey REFERENCES organisation (id),
    seen_at TEXT NOT NULL,
    CONSTRAINT known_device_pkey PRIMARY KEY (token_hash, organisation_id)
) STRICT;

CREATE TABLE sign_in_failure (
    key TEXT CONSTRAINT sign_in_failure_pkey PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    blocked_until TEXT
) STRICT;

CREATE TABLE audit_entry (
    sequence INTEGER CONSTRAINT audit_entry_pkey PRIMARY KEY,
    segment_on TEXT NOT NULL,
    at TEXT NOT NULL,
    session_id BLOB,
    account_id BLOB,
    who TEXT NOT NULL,
    name TEXT NOT NULL,
    pref_code TEXT,
    category TEXT NOT NULL,
    target TEXT NOT NULL,
    detail TEXT NOT NULL,
    mac BLOB NOT NULL
) STRICT;
CREATE INDEX audit_entry_at_idx ON audit_entry (at);

-- A finished day of the log. Its entries may expire; this row stays, and the chain goes on from it.
CREATE TABLE audit_segment (
    segment_on TEXT CONSTRAINT audit_segment_pkey PRIMARY KEY,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    head BLOB NOT NULL,
    expired INTEGER NOT NULL
) STRICT;

-- One row: the last event and the last entry of the log. Whoever appends locks it, so the order of ids is the order of commits.
CREATE TABLE log_head (
    id INTEGER CONSTRAINT log_head_pkey PRIMARY KEY CONSTRAINT log_head_id_check CHECK (id = 1),
    event_id INTEGER NOT NULL,
    audit_sequence INTEGER NOT NULL,
    audit_segment_on TEXT,
    audit_segment_first INTEGER NOT NULL,
    audit_head BLOB NOT NULL
) STRICT;
INSERT INTO log_head VALUES (1, 0, 0, NULL, 1, X'');
