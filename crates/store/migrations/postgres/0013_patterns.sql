-- 応需パターン: what a hospital can take by day, by night, on a holiday.
CREATE TABLE hospital_pattern (
    hospital_id uuid NOT NULL CONSTRAINT hospital_pattern_pkey PRIMARY KEY,
    pref_code text NOT NULL,
    revision integer NOT NULL,
    patterns text NOT NULL,
    updated_at timestamptz NOT NULL,
    updated_by text NOT NULL,
    CONSTRAINT hospital_pattern_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);

-- What was answered to an update that a device sends until it is answered: sent twice, it is one. Kept for some days.
CREATE TABLE update_once (
    account_id uuid NOT NULL CONSTRAINT update_once_account_id_fkey REFERENCES account (id),
    id uuid NOT NULL,
    pref_code text NOT NULL,
    answer text NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT update_once_pkey PRIMARY KEY (account_id, id)
);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['hospital_pattern', 'update_once'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON hospital_pattern TO akidoko_app;
GRANT SELECT, INSERT, DELETE ON update_once TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON hospital_pattern, update_once TO akidoko_system;
