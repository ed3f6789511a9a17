-- What people keep of the board: views that they come back to, their own or the whole organisation's, and places from where they measure.
CREATE TABLE saved_view (
    id BLOB CONSTRAINT saved_view_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT saved_view_pref_code_fkey REFERENCES prefecture (code),
    organisation_id BLOB NOT NULL CONSTRAINT saved_view_organisation_id_fkey REFERENCES organisation (id),
    -- Without one it is the organisation's.
    account_id BLOB,
    name TEXT NOT NULL,
    parameters TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    saved_by TEXT NOT NULL
) STRICT;
CREATE INDEX saved_view_organisation_id_idx ON saved_view (organisation_id);

CREATE TABLE landmark (
    id BLOB CONSTRAINT landmark_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT landmark_pref_code_fkey REFERENCES prefecture (code),
    organisation_id BLOB NOT NULL CONSTRAINT landmark_organisation_id_fkey REFERENCES organisation (id),
    name TEXT NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    saved_at TEXT NOT NULL,
    saved_by TEXT NOT NULL
) STRICT;
CREATE INDEX landmark_organisation_id_idx ON landmark (organisation_id);
