-- Who has not reported. Until when a report is due is dated: a change holds from a day on. Minutes count from midnight in Japan; no times for
-- days off: no report is due on them.
CREATE TABLE due_rule (
    pref_code text NOT NULL CONSTRAINT due_rule_pref_code_fkey REFERENCES prefecture (code),
    valid_from date NOT NULL,
    working_due integer NOT NULL,
    working_late integer NOT NULL,
    off_due integer,
    off_late integer,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    CONSTRAINT due_rule_pkey PRIMARY KEY (pref_code, valid_from)
);

CREATE TABLE reminder_ladder (
    pref_code text CONSTRAINT reminder_ladder_pkey PRIMARY KEY CONSTRAINT reminder_ladder_pref_code_fkey REFERENCES prefecture (code),
    ladder jsonb NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL
);

-- From a day, to a day or until further notice, on some days of the week: a bit each, Sunday the lowest.
CREATE TABLE exemption (
    id uuid CONSTRAINT exemption_pkey PRIMARY KEY,
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    from_on date NOT NULL,
    to_on date,
    weekdays integer NOT NULL CONSTRAINT exemption_weekdays_check CHECK (weekdays BETWEEN 1 AND 127),
    reason text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    CONSTRAINT exemption_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX exemption_hospital_id_idx ON exemption (hospital_id);
CREATE INDEX exemption_pref_code_idx ON exemption (pref_code);

-- A hospital's day, written with its versions. Without a moment: the published file lists the hospital, and it answered nothing.
CREATE TABLE report_day (
    hospital_id uuid NOT NULL,
    survey text NOT NULL,
    report_date date NOT NULL,
    pref_code text NOT NULL,
    first_full_at timestamptz,
    on_time integer NOT NULL CONSTRAINT report_day_on_time_check CHECK (on_time IN (0, 1)),
    late integer NOT NULL CONSTRAINT report_day_late_check CHECK (late IN (0, 1)),
    corrected_at timestamptz,
    on_behalf integer NOT NULL CONSTRAINT report_day_on_behalf_check CHECK (on_behalf IN (0, 1)),
    -- Questions about services that a report leaves open, between commas.
    unanswered text NOT NULL,
    CONSTRAINT report_day_pkey PRIMARY KEY (hospital_id, survey, report_date),
    CONSTRAINT report_day_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX report_day_report_date_idx ON report_day (report_date, survey, pref_code);
CREATE INDEX report_day_unanswered_idx ON report_day (survey, report_date) WHERE unanswered <> '';

-- The same, counted: a year of the nation is some thousand rows.
CREATE TABLE report_count (
    survey text NOT NULL,
    report_date date NOT NULL,
    pref_code text NOT NULL,
    listed integer NOT NULL,
    reported integer NOT NULL,
    on_time integer NOT NULL,
    late integer NOT NULL,
    corrected integer NOT NULL,
    on_behalf integer NOT NULL,
    CONSTRAINT report_count_pkey PRIMARY KEY (survey, report_date, pref_code)
);

-- Each rung once for a hospital and day; a press of an officer has the moment in its name.
CREATE TABLE reminder (
    hospital_id uuid NOT NULL,
    survey text NOT NULL,
    report_date date NOT NULL,
    rung text NOT NULL,
    pref_code text NOT NULL,
    mail_id uuid NOT NULL CONSTRAINT reminder_mail_id_fkey REFERENCES mail (id),
    at timestamptz NOT NULL,
    CONSTRAINT reminder_pkey PRIMARY KEY (hospital_id, survey, report_date, rung),
    CONSTRAINT reminder_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX reminder_pref_code_idx ON reminder (pref_code, report_date);

-- 電話リスト: who called whom, and what came of it.
CREATE TABLE call_note (
    id uuid CONSTRAINT call_note_pkey PRIMARY KEY,
    hospital_id uuid NOT NULL,
    pref_code text NOT NULL,
    survey text NOT NULL,
    report_date date NOT NULL,
    at timestamptz NOT NULL,
    result text NOT NULL,
    words text NOT NULL,
    who text NOT NULL,
    CONSTRAINT call_note_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
);
CREATE INDEX call_note_pref_code_idx ON call_note (pref_code, report_date);

-- What stands already. No rule but the standing one was in force: due at 10:00, late after 13:00 in Japan.
INSERT INTO report_day (hospital_id, survey, report_date, pref_code, first_full_at, on_time, late, corrected_at, on_behalf, unanswered)
SELECT f.hospital_id, f.survey, f.report_date, f.pref_code, f.first_at, CASE WHEN f.first_at <= (f.report_date + time '10:00') AT TIME ZONE 'Asia/Tokyo' THEN 1 ELSE 0 END, CASE WHEN f.first_at > (f.report_date + time '13:00') AT TIME ZONE 'Asia/Tokyo' THEN 1 ELSE 0 END, CASE WHEN f.last_at > f.first_at THEN f.last_at END, CASE WHEN (v.author ->> 'on_behalf')::boolean THEN 1 ELSE 0 END,
       CASE WHEN f.survey <> 'gmis_daily' OR f.first_at IS NULL THEN ''
            WHEN v.survey_version = 1 THEN rtrim(CASE WHEN v.answers ->> 'outpatient_weekday' IS NULL THEN 'outpatient_weekday,' ELSE '' END || CASE WHEN v.answers ->> 'outpatient_weekend' IS NULL THEN 'outpatient_weekend,' ELSE '' END || CASE WHEN v.answers ->> 'inpatient' IS NULL THEN 'inpatient,' ELSE '' END || CASE WHEN v.answers ->> 'emergency' IS NULL THEN 'emergency,' ELSE '' END || CASE WHEN v.answers ->> 'dialysis' IS NULL THEN 'dialysis,' ELSE '' END || CASE WHEN v.answers ->> 'chemotherapy' IS NULL THEN 'chemotherapy,' ELSE '' END, ',')
            ELSE rtrim(CASE WHEN v.answers ->> 'outpatient' IS NULL THEN 'outpatient,' ELSE '' END || CASE WHEN v.answers ->> 'inpatient' IS NULL THEN 'inpatient,' ELSE '' END || CASE WHEN v.answers ->> 'emergency' IS NULL THEN 'emergency,' ELSE '' END, ',') END
FROM (SELECT hospital_id, survey, report_date, pref_code, MIN(CASE WHEN answers <> '{}'::jsonb THEN received_at END) AS first_at,
             MAX(CASE WHEN answers <> '{}'::jsonb THEN received_at END) AS last_at, MAX(version) AS version
      FROM report_version WHERE kind = 'full' GROUP BY hospital_id, survey, report_date, pref_code) AS f
JOIN report_version v ON v.hospital_id = f.hospital_id AND v.survey = f.survey AND v.report_date = f.report_date AND v.version = f.version;
INSERT INTO report_count (survey, report_date, pref_code, listed, reported, on_time, late, corrected, on_behalf)
SELECT survey, report_date, pref_code, COUNT(*), COUNT(first_full_at), SUM(on_time), SUM(late), COUNT(corrected_at), SUM(on_behalf)
FROM report_day GROUP BY survey, report_date, pref_code;

-- From here on the counts follow by themselves; and a reminder that has not left is taken back with the commit of the report, by whatever road
-- that comes.
CREATE FUNCTION report_day_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO report_count AS c (survey, report_date, pref_code, listed, reported, on_time, late, corrected, on_behalf)
        VALUES (NEW.survey, NEW.report_date, NEW.pref_code, 1, (NEW.first_full_at IS NOT NULL)::integer, NEW.on_time, NEW.late,
                (NEW.corrected_at IS NOT NULL)::integer, NEW.on_behalf)
        ON CONFLICT (survey, report_date, pref_code) DO UPDATE SET listed = c.listed + 1, reported = c.reported + excluded.reported,
            on_time = c.on_time + excluded.on_time, late = c.late + excluded.late, corrected = c.corrected + excluded.corrected,
            on_behalf = c.on_behalf + excluded.on_behalf;
    ELSE
        UPDATE report_count SET reported = reported + (NEW.first_full_at IS NOT NULL)::integer - (OLD.first_full_at IS NOT NULL)::integer,
            on_time = on_time + NEW.on_time - OLD.on_time, late = late + NEW.late - OLD.late,
            corrected = corrected + (NEW.corrected_at IS NOT NULL)::integer - (OLD.corrected_at IS NOT NULL)::integer,
            on_behalf = on_behalf + NEW.on_behalf - OLD.on_behalf
        WHERE survey = NEW.survey AND report_date = NEW.report_date AND pref_code = NEW.pref_code;
    END IF;
    IF NEW.first_full_at IS NOT NULL THEN
        UPDATE mail SET state = 'cancelled' WHERE state = 'waiting' AND id IN
            (SELECT mail_id FROM reminder WHERE hospital_id = NEW.hospital_id AND survey = NEW.survey AND report_date = NEW.report_date);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER report_day_added AFTER INSERT ON report_day FOR EACH ROW EXECUTE FUNCTION report_day_counted();
CREATE TRIGGER report_day_changed AFTER UPDATE ON report_day FOR EACH ROW
    WHEN (OLD.first_full_at IS DISTINCT FROM NEW.first_full_at OR (OLD.corrected_at IS NULL) <> (NEW.corrected_at IS NULL))
    EXECUTE FUNCTION report_day_counted();

-- The wall, as in 0001.
DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['due_rule', 'reminder_ladder', 'exemption', 'report_day', 'report_count', 'reminder', 'call_note'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_system USING (true) WITH CHECK (true)', t || '_system', t);
        EXECUTE format('CREATE POLICY %I ON %I TO akidoko_app USING (akidoko_sees(pref_code)) WITH CHECK (akidoko_sees(pref_code))',
                       t || '_wall', t);
    END LOOP;
END
$$;
GRANT SELECT ON due_rule, reminder_ladder, exemption, reminder, call_note TO akidoko_app;
GRANT SELECT, INSERT, UPDATE ON report_day, report_count TO akidoko_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON due_rule, reminder_ladder, exemption, report_day, report_count, reminder, call_note TO akidoko_system;
-- What was said on the telephone stays; only two entries that turn out to be one hospital come together.
REVOKE UPDATE, DELETE ON call_note FROM akidoko_system;
GRANT UPDATE (hospital_id) ON call_note TO akidoko_system;
