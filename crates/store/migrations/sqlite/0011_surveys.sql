-- Surveys that the ministry edits on screen. A version that was published is never changed again; a draft is what the next one will be.
ALTER TABLE survey_version ADD COLUMN published_at TEXT;
ALTER TABLE survey_version ADD COLUMN published_by TEXT;

CREATE TABLE survey_draft (
    code TEXT CONSTRAINT survey_draft_pkey PRIMARY KEY,
    revision INTEGER NOT NULL,
    definition TEXT NOT NULL,
    written_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- What a prefecture requires or hides of the optional items.
CREATE TABLE survey_mark (
    pref_code TEXT NOT NULL CONSTRAINT survey_mark_pref_code_fkey REFERENCES prefecture (code),
    survey TEXT NOT NULL,
    item TEXT NOT NULL,
    mark TEXT NOT NULL CONSTRAINT survey_mark_mark_check CHECK (mark IN ('required', 'hidden')),
    CONSTRAINT survey_mark_pkey PRIMARY KEY (pref_code, survey, item)
) STRICT;

-- Of surveys that only some hospitals answer: whom the prefecture named.
CREATE TABLE survey_hospital (
    survey TEXT NOT NULL,
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    CONSTRAINT survey_hospital_pkey PRIMARY KEY (survey, hospital_id),
    CONSTRAINT survey_hospital_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX survey_hospital_pref_code_idx ON survey_hospital (pref_code, survey);

-- What prefectures themselves answer. As report_version: nothing here is ever updated.
CREATE TABLE prefecture_report_version (
    pref_code TEXT NOT NULL CONSTRAINT prefecture_report_version_pref_code_fkey REFERENCES prefecture (code),
    survey TEXT NOT NULL,
    report_date TEXT NOT NULL,
    version INTEGER NOT NULL,
    survey_version INTEGER NOT NULL,
    author TEXT NOT NULL,
    author_account_id BLOB,
    answers TEXT NOT NULL,
    as_of TEXT NOT NULL,
    received_at TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT prefecture_report_version_pkey PRIMARY KEY (pref_code, survey, report_date, version),
    CONSTRAINT prefecture_report_version_survey_fkey FOREIGN KEY (survey, survey_version) REFERENCES survey_version (code, version)
) STRICT;
CREATE INDEX prefecture_report_version_survey_idx ON prefecture_report_version (survey, report_date);

-- 緊急調査: a prefecture asks chosen hospitals a few items by a time.
CREATE TABLE query (
    id BLOB CONSTRAINT query_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT query_pref_code_fkey REFERENCES prefecture (code),
    title TEXT NOT NULL,
    note TEXT NOT NULL,
    items TEXT NOT NULL,
    due_at TEXT NOT NULL,
    revision INTEGER NOT NULL,
    asked_at TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    reminded_at TEXT,
    closed_at TEXT
) STRICT;
CREATE INDEX query_pref_code_idx ON query (pref_code, asked_at);

CREATE TABLE query_hospital (
    query_id BLOB NOT NULL CONSTRAINT query_hospital_query_id_fkey REFERENCES query (id),
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    answers TEXT,
    answered_at TEXT,
    answered_by TEXT,
    CONSTRAINT query_hospital_pkey PRIMARY KEY (query_id, hospital_id),
    CONSTRAINT query_hospital_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX query_hospital_hospital_id_idx ON query_hospital (hospital_id);
