-- The picture of a prefecture（病床の状況）: its beds and patients added up, a row for each day that is over, of the whole prefecture (no area code) and of
-- each 二次医療圏. It can be made anew from report_version. Beside each sum stands of how many hospitals it is; a rate is kept with both parts.
CREATE TABLE picture_day (
    pref_code text NOT NULL CONSTRAINT picture_day_pref_code_fkey REFERENCES prefecture (code),
    on_date date NOT NULL,
    area_code text NOT NULL,
    hospitals integer NOT NULL,
    current_hospitals integer NOT NULL,
    secured_beds bigint NOT NULL,
    secured_beds_hospitals integer NOT NULL,
    secured_beds_severe bigint NOT NULL,
    secured_beds_severe_hospitals integer NOT NULL,
    ready_beds bigint NOT NULL,
    ready_beds_hospitals integer NOT NULL,
    ready_beds_severe bigint NOT NULL,
    ready_beds_severe_hospitals integer NOT NULL,
    inpatients_total bigint NOT NULL,
    inpatients_total_hospitals integer NOT NULL,
    inpatients_in_secured bigint NOT NULL,
    inpatients_in_secured_hospitals integer NOT NULL,
    inpatients_severe bigint NOT NULL,
    inpatients_severe_hospitals integer NOT NULL,
    available_beds bigint NOT NULL,
    available_beds_hospitals integer NOT NULL,
    available_beds_severe bigint NOT NULL,
    available_beds_severe_hospitals integer NOT NULL,
    available_beds_moderate bigint NOT NULL,
    available_beds_moderate_hospitals integer NOT NULL,
    available_beds_mild bigint NOT NULL,
    available_beds_mild_hospitals integer NOT NULL,
    secured_rate_part bigint NOT NULL,
    secured_rate_whole bigint NOT NULL,
    secured_rate_hospitals integer NOT NULL,
    ready_rate_part bigint NOT NULL,
    ready_rate_whole bigint NOT NULL,
    ready_rate_hospitals integer NOT NULL,
    secured_rate_severe_part bigint NOT NULL,
    secured_rate_severe_whole bigint NOT NULL,
    secured_rate_severe_hospitals integer NOT NULL,
    ready_rate_severe_part bigint NOT NULL,
    ready_rate_severe_whole bigint NOT NULL,
    ready_rate_severe_hospitals integer NOT NULL,
    CONSTRAINT picture_day_pkey PRIMARY KEY (area_code, on_date, pref_code)
);
CREATE INDEX picture_day_pref_code_idx ON picture_day (pref_code, on_date);

-- Days that are over and of which a report came since they were added up. The moment is that of the report: whoever adds up strikes out only what
-- it has seen.
CREATE TABLE picture_due (
    pref_code text NOT NULL CONSTRAINT picture_due_pref_code_fkey REFERENCES prefecture (code),
    on_date date NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT picture_due_pkey PRIMARY KEY (pref_code, on_date)
);

-- フェーズ: each change is a row, the newest holds. Without phases: switched off.
CREATE TABLE phase (
    pref_code text NOT NULL CONSTRAINT phase_pref_code_fkey REFERENCES prefecture (code),
    set_at timestamptz NOT NULL,
    phases jsonb,
    reason text NOT NULL,
    set_by text NOT NULL,
    CONSTRAINT phase_pkey PRIMARY KEY (pref_code, set_at)
);

-- しきい値. Values are beds, persons, or tenths of a percent. One that is changed ends, and another begins.
CREATE TABLE threshold (
    id uuid CONSTRAINT threshold_pkey PRIMARY KEY,
    pref_code text NOT NULL CONSTRAINT threshold_pref_code_fkey REFERENCES prefecture (code),
    measure text NOT NULL,
    area_code text,
    side text NOT NULL CONSTRAINT threshold_side_check CHECK (side IN ('above', 'below')),
    raise_at bigint NOT NULL,
    clear_at bigint NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    ended_at timestamptz
);
CREATE INDEX threshold_pref_code_idx ON threshold (pref_code);

-- An alert, from the value that raised it to the one that cleared it. Of a threshold one stands at a time.
CREATE TABLE alert (
    id uuid CONSTRAINT alert_pkey PRIMARY KEY,
    threshold_id uuid NOT NULL CONSTRAINT alert_threshold_id_fkey REFERENCES threshold (id),
    pref_code text NOT NULL CONSTRAINT alert_pref_code_fkey REFERENCES prefecture (code),
    raised_at timestamptz NOT NULL,
    raised_part bigint NOT NULL,
    raised_whole bigint NOT NULL,
    raised_hospitals integer NOT NULL,
    seen_at timestamptz,
    seen_by text,
    cleared_at timestamptz,
    cleared_part bigint,
    cleared_whole bigint,
    cleared_hospitals integer
);
CREATE UNIQUE INDEX alert_open_key ON alert (threshold_id) WHERE cleared_at IS NULL;
CREATE INDEX alert_pref_code_idx ON alert (pref_code, raised_at);

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['picture_day', 'picture_due', 'phase', 'threshold', 'alert'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT ON picture_day, phase, threshold, alert TO akidoko_app;
GRANT SELECT, INSERT, UPDATE ON picture_due TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON picture_day, picture_due TO akidoko_system;
GRANT SELECT, INSERT ON phase TO akidoko_system;
GRANT SELECT, INSERT, UPDATE ON threshold, alert TO akidoko_system;
