-- When each organisation last had a board, or the page of one hospital, before it: how a hospital learns that its report was read. Of whole
-- boards the hospital is the nil UUID.
CREATE TABLE board_reader (
    pref_code TEXT NOT NULL,
    hospital_id BLOB NOT NULL,
    organisation_id BLOB NOT NULL CONSTRAINT board_reader_organisation_id_fkey REFERENCES organisation (id),
    kind TEXT NOT NULL,
    read_at TEXT NOT NULL,
    CONSTRAINT board_reader_pkey PRIMARY KEY (pref_code, hospital_id, organisation_id)
) STRICT;

-- For how many days a past day can be corrected without asking. The ministry sets it from a day on; before the first row it is 14.
CREATE TABLE correction_window (
    valid_from TEXT CONSTRAINT correction_window_pkey PRIMARY KEY,
    days INTEGER NOT NULL CONSTRAINT correction_window_days_check CHECK (days BETWEEN 0 AND 3650),
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL
) STRICT;

-- A correction after the window: kept as it was typed, on no board and in no figure until the prefecture consents.
CREATE TABLE correction_request (
    id BLOB CONSTRAINT correction_request_pkey PRIMARY KEY,
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    survey TEXT NOT NULL,
    survey_version INTEGER NOT NULL,
    report_date TEXT NOT NULL,
    kind TEXT NOT NULL CONSTRAINT correction_request_kind_check CHECK (kind IN ('full', 'quick')),
    answers TEXT NOT NULL,
    -- Soft findings that its author confirmed.
    confirmed TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    author_account_id BLOB,
    requested_at TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT correction_request_state_check CHECK (state IN ('waiting', 'consented', 'declined', 'withdrawn')),
    decided_at TEXT,
    -- Who: organisation, sign-in name, operator.
    decided_by TEXT,
    words TEXT,
    -- The version that it became.
    version INTEGER,
    CONSTRAINT correction_request_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
-- One waits at a time for each day.
CREATE UNIQUE INDEX correction_request_waiting_key ON correction_request (hospital_id, survey, report_date) WHERE state = 'waiting';
CREATE INDEX correction_request_pref_code_idx ON correction_request (pref_code, requested_at);
CREATE INDEX correction_request_hospital_id_idx ON correction_request (hospital_id, report_date);
