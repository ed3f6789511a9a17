-- Files of reports that were taken whole: the receipt of each. What they brought stands in report_version, each version with its author.
CREATE TABLE report_file (
    organisation_id BLOB NOT NULL CONSTRAINT report_file_organisation_id_fkey REFERENCES organisation (id),
    -- From 1 within the organisation.
    number INTEGER NOT NULL,
    pref_code TEXT NOT NULL,
    account_id BLOB NOT NULL,
    operator TEXT NOT NULL,
    file_name TEXT NOT NULL,
    -- SHA-256 of the file as it came, and of what was taken of it: the same twice is one report.
    file_hash TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    -- JSON: hospital, day and version of each row.
    lines TEXT NOT NULL,
    received_at TEXT NOT NULL,
    CONSTRAINT report_file_pkey PRIMARY KEY (organisation_id, number)
) STRICT;
CREATE INDEX report_file_content_hash_idx ON report_file (organisation_id, content_hash);
