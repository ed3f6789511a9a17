-- Surveys that the ministry edits on screen. A version that was published is never changed again; a draft is what the next one will be.
ALTER TABLE survey_version ADD COLUMN published_at timestamptz;
ALTER TABLE survey_version ADD COLUMN published_by text;

CREATE TABLE survey_draft (
    code text CONSTRAINT survey_draft_pkey PRIMARY KEY,
    revision integer NOT NULL,
    definition text NOT NULL,
    written_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- What a prefecture requires or hides of the optional items.
CREATE TABLE survey_mark (
    pref_code text NOT NULL CONSTRAINT survey_mark_pref_code_fkey REFERENCES prefecture (code),
    survey text NOT NULL,
    item text NOT NULL,
    mark text NOT NULL CONSTRAINT survey_mark_mark_check CHECK (mark IN ('required', 'hidden')),
    CONSTRAINT survey_mark_pkey PRIMARY KEY (pref_code, survey, item)
);

-- Of surveys that only some hospitals answer: whom the prefecture named.
CREATE TABLE survey_hospital (
    survey text NOT NULL,
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    CONSTRAINT survey_hospital_pkey PRIMARY KEY (survey, hospital_id),
    CONSTRAINT survey_hospital_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX survey_hospital_pref_code_idx ON survey_hospital (pref_code, survey);

-- What prefectures themselves answer. As report_version: nothing here is ever updated.
CREATE TABLE prefecture_report_version (
    pref_code text NOT NULL CONSTRAINT prefecture_report_version_pref_code_fkey REFERENCES prefecture (code),
    survey text NOT NULL,
    report_date date NOT NULL,
    version integer NOT NULL,
    survey_version integer NOT NULL,
    author jsonb NOT NULL,
    author_account_id uuid,
    answers jsonb NOT NULL,
    as_of timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    reason text,
    CONSTRAINT prefecture_report_version_pkey PRIMARY KEY (pref_code, survey, report_date, version),
    CONSTRAINT prefecture_report_version_survey_fkey FOREIGN KEY (survey, survey_version) REFERENCES survey_version (code, version)
);
CREATE INDEX prefecture_report_version_survey_idx ON prefecture_report_version (survey, report_date);

-- 緊急調査: a prefecture asks chosen hospitals a few items by a time.
CREATE TABLE query (
    id uuid CONSTRAINT query_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT query_pref_code_fkey REFERENCES prefecture (code),
    title text NOT NULL,
    note text NOT NULL,
    items jsonb NOT NULL,
    due_at timestamptz NOT NULL,
    revision integer NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by text NOT NULL,
    reminded_at timestamptz,
    closed_at timestamptz
);
CREATE INDEX query_pref_code_idx ON query (pref_code, asked_at);

CREATE TABLE query_hospital (
    query_id uuid NOT NULL CONSTRAINT query_hospital_query_id_fkey REFERENCES query (id),
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    answers jsonb,
    answered_at timestamptz,
    answered_by text,
    CONSTRAINT query_hospital_pkey PRIMARY KEY (query_id, hospital_id),
    CONSTRAINT query_hospital_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX query_hospital_hospital_id_idx ON query_hospital (hospital_id);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['survey_mark', 'survey_hospital', 'prefecture_report_version', 'query', 'query_hospital'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, DELETE ON survey_mark, survey_hospital TO akidoko_app, akidoko_system;
GRANT SELECT, INSERT ON prefecture_report_version TO akidoko_app, akidoko_system;
GRANT SELECT, INSERT, UPDATE ON query, query_hospital TO akidoko_app, akidoko_system;
GRANT SELECT, INSERT, UPDATE, DELETE ON survey_draft TO akidoko_system;
