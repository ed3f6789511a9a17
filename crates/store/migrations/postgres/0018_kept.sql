-- What people keep of the board: views that they come back to, their own or the whole organisation's, and places from where they measure.
CREATE TABLE saved_view (
    id uuid CONSTRAINT saved_view_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT saved_view_pref_code_fkey REFERENCES prefecture (code),
    organisation_id uuid NOT NULL CONSTRAINT saved_view_organisation_id_fkey REFERENCES organisation (id),
    -- Without one it is the organisation's.
    account_id uuid,
    name text NOT NULL,
    parameters text NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text NOT NULL
);
CREATE INDEX saved_view_organisation_id_idx ON saved_view (organisation_id);

CREATE TABLE landmark (
    id uuid CONSTRAINT landmark_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT landmark_pref_code_fkey REFERENCES prefecture (code),
    organisation_id uuid NOT NULL CONSTRAINT landmark_organisation_id_fkey REFERENCES organisation (id),
    name text NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text NOT NULL
);
CREATE INDEX landmark_organisation_id_idx ON landmark (organisation_id);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['saved_view', 'landmark'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, DELETE ON saved_view, landmark TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_view, landmark TO akidoko_system;
