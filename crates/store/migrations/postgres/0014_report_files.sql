-- Files of reports that were taken whole: the receipt of each. What they brought stands in report_version, each version with its author.
CREATE TABLE report_file (
    organisation_id uuid NOT NULL CONSTRAINT report_file_organisation_id_fkey REFERENCES organisation (id),
    -- From 1 within the organisation.
    number integer NOT NULL,
    pref_code text NOT NULL,
    account_id uuid NOT NULL,
    operator text NOT NULL,
    file_name text NOT NULL,
    -- SHA-256 of the file as it came, and of what was taken of it: the same twice is one report.
    file_hash text NOT NULL,
    content_hash text NOT NULL,
    -- JSON: hospital, day and version of each row.
    lines text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT report_file_pkey PRIMARY KEY (organisation_id, number)
);
CREATE INDEX report_file_content_hash_idx ON report_file (organisation_id, content_hash);

ALTER TABLE report_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY report_file_system ON report_file TO akidoko_system USING (true) WITH CHECK (true);
CREATE POLICY report_file_wall ON report_file TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code));
GRANT SELECT, INSERT ON report_file TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON report_file TO akidoko_system;
