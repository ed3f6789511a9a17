-- When each organisation last had a board, or the page of one hospital, before it: how a hospital learns that its report was read. Of whole
-- boards the hospital is the nil UUID.
CREATE TABLE board_reader (
    pref_code text NOT NULL,
    hospital_id uuid NOT NULL,
    organisation_id uuid NOT NULL CONSTRAINT board_reader_organisation_id_fkey REFERENCES organisation (id),
    kind text NOT NULL,
    read_at timestamptz NOT NULL,
    CONSTRAINT board_reader_pkey PRIMARY KEY (pref_code, hospital_id, organisation_id)
);

-- For how many days a past day can be corrected without asking. The ministry sets it from a day on; before the first row it is 14.
CREATE TABLE correction_window (
    valid_from date CONSTRAINT correction_window_pkey PRIMARY KEY,
    days integer NOT NULL CONSTRAINT correction_window_days_check CHECK (days BETWEEN 0 AND 3650),
    set_at timestamptz NOT NULL,
    set_by text NOT NULL
);

-- A correction after the window: kept as it was typed, on no board and in no figure until the prefecture consents.
CREATE TABLE correction_request (
    id uuid CONSTRAINT correction_request_pkey PRIMARY KEY,
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    survey text NOT NULL,
    survey_version integer NOT NULL,
    report_date date NOT NULL,
    kind text NOT NULL CONSTRAINT correction_request_kind_check CHECK (kind IN ('full', 'quick')),
    answers jsonb NOT NULL,
    -- Soft findings that its author confirmed.
    confirmed jsonb NOT NULL,
    reason text NOT NULL,
    author jsonb NOT NULL,
    author_account_id uuid,
    requested_at timestamptz NOT NULL,
    state text NOT NULL CONSTRAINT correction_request_state_check CHECK (state IN ('waiting', 'consented', 'declined', 'withdrawn')),
    decided_at timestamptz,
    -- Who: organisation, sign-in name, operator.
    decided_by jsonb,
    words text,
    -- The version that it became.
    version integer,
    CONSTRAINT correction_request_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
-- One waits at a time for each day.
CREATE UNIQUE INDEX correction_request_waiting_key ON correction_request (hospital_id, survey, report_date) WHERE state = 'waiting';
CREATE INDEX correction_request_pref_code_idx ON correction_request (pref_code, requested_at);
CREATE INDEX correction_request_hospital_id_idx ON correction_request (hospital_id, report_date);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['board_reader', 'correction_request'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT ON correction_window TO akidoko_app;
GRANT SELECT, INSERT, UPDATE ON board_reader, correction_request TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON board_reader, correction_window, correction_request TO akidoko_system;
-- What was asked and answered stays.
REVOKE DELETE ON correction_request FROM akidoko_system;
