-- What a prefecture keeps of its board from a kind of organisation. What has no row is shared.
CREATE TABLE sharing (
    pref_code text NOT NULL CONSTRAINT sharing_pref_code_fkey REFERENCES prefecture (code),
    board_column text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT sharing_pkey PRIMARY KEY (pref_code, board_column, kind)
);

-- A prefecture that reports by another system: its fire headquarters find the way to it on the board.
CREATE TABLE other_system (
    pref_code text CONSTRAINT other_system_pkey PRIMARY KEY CONSTRAINT other_system_pref_code_fkey REFERENCES prefecture (code),
    name text NOT NULL,
    url text NOT NULL
);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['sharing', 'other_system'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, DELETE ON sharing, other_system TO akidoko_app, akidoko_system;
