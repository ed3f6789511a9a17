-- Who has not reported. Until when a report is due is dated: a change holds from a day on. Minutes count from midnight in Japan; no times for
-- days off: no report is due on them.
CREATE TABLE due_rule (
    pref_code TEXT NOT NULL CONSTRAINT due_rule_pref_code_fkey REFERENCES prefecture (code),
    valid_from TEXT NOT NULL,
    working_due INTEGER NOT NULL,
    working_late INTEGER NOT NULL,
    off_due INTEGER,
    off_late INTEGER,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL,
    CONSTRAINT due_rule_pkey PRIMARY KEY (pref_code, valid_from)
) STRICT;

CREATE TABLE reminder_ladder (
    pref_code TEXT CONSTRAINT reminder_ladder_pkey PRIMARY KEY CONSTRAINT reminder_ladder_pref_code_fkey REFERENCES prefecture (code),
    ladder TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL
) STRICT;

-- From a day, to a day or until further notice, on some days of the week: a bit each, Sunday the lowest.
CREATE TABLE exemption (
    id BLOB CONSTRAINT exemption_pkey PRIMARY KEY,
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    from_on TEXT NOT NULL,
    to_on TEXT,
    weekdays INTEGER NOT NULL CONSTRAINT exemption_weekdays_check CHECK (weekdays BETWEEN 1 AND 127),
    reason TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL,
    CONSTRAINT exemption_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX exemption_hospital_id_idx ON exemption (hospital_id);
CREATE INDEX exemption_pref_code_idx ON exemption (pref_code);

-- A hospital's day, written with its versions. Without a moment: the published file lists the hospital, and it answered nothing.
CREATE TABLE report_day (
    hospital_id BLOB NOT NULL,
    survey TEXT NOT NULL,
    report_date TEXT NOT NULL,
    pref_code TEXT NOT NULL,
    first_full_at TEXT,
    on_time INTEGER NOT NULL CONSTRAINT report_day_on_time_check CHECK (on_time IN (0, 1)),
    late INTEGER NOT NULL CONSTRAINT report_day_late_check CHECK (late IN (0, 1)),
    corrected_at TEXT,
    on_behalf INTEGER NOT NULL CONSTRAINT report_day_on_behalf_check CHECK (on_behalf IN (0, 1)),
    -- Questions about services that a report leaves open, between commas.
    unanswered TEXT NOT NULL,
    CONSTRAINT report_day_pkey PRIMARY KEY (hospital_id, survey, report_date),
    CONSTRAINT report_day_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX report_day_report_date_idx ON report_day (report_date, survey, pref_code);
CREATE INDEX report_day_unanswered_idx ON report_day (survey, report_date) WHERE unanswered <> '';

-- The same, counted: a year of the nation is some thousand rows.
CREATE TABLE report_count (
    survey TEXT NOT NULL,
    report_date TEXT NOT NULL,
    pref_code TEXT NOT NULL,
    listed INTEGER NOT NULL,
    reported INTEGER NOT NULL,
    on_time INTEGER NOT NULL,
    late INTEGER NOT NULL,
    corrected INTEGER NOT NULL,
    on_behalf INTEGER NOT NULL,
    CONSTRAINT report_count_pkey PRIMARY KEY (survey, report_date, pref_code)
) STRICT;

-- Each rung once for a hospital and day; a press of an officer has the moment in its name.
CREATE TABLE reminder (
    hospital_id BLOB NOT NULL,
    survey TEXT NOT NULL,
    report_date TEXT NOT NULL,
    rung TEXT NOT NULL,
    pref_code TEXT NOT NULL,
    mail_id BLOB NOT NULL CONSTRAINT reminder_mail_id_fkey REFERENCES mail (id),
    at TEXT NOT NULL,
    CONSTRAINT reminder_pkey PRIMARY KEY (hospital_id, survey, report_date, rung),
    CONSTRAINT reminder_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX reminder_pref_code_idx ON reminder (pref_code, report_date);

-- 電話リスト: who called whom, and what came of it.
CREATE TABLE call_note (
    id BLOB CONSTRAINT call_note_pkey PRIMARY KEY,
    hospital_id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    survey TEXT NOT NULL,
    report_date TEXT NOT NULL,
    at TEXT NOT NULL,
    result TEXT NOT NULL,
    words TEXT NOT NULL,
    who TEXT NOT NULL,
    CONSTRAINT call_note_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;
CREATE INDEX call_note_pref_code_idx ON call_note (pref_code, report_date);

-- What stands already. No rule but the standing one was in force: due at 10:00, late after 13:00 in Japan.
INSERT INTO report_day (hospital_id, survey, report_date, pref_code, first_full_at, on_time, late, corrected_at, on_behalf, unanswered)
SELECT f.hospital_id, f.survey, f.report_date, f.pref_code, f.first_at, COALESCE(datetime(f.first_at) <= datetime(f.report_date, '+1 hour'), 0), COALESCE(datetime(f.first_at) > datetime(f.report_date, '+4 hours'), 0), CASE WHEN f.last_at > f.first_at THEN f.last_at END, COALESCE(json_extract(v.author, '$.on_behalf'), 0),
       CASE WHEN f.survey <> 'gmis_daily' OR f.first_at IS NULL THEN ''
            WHEN v.survey_version = 1 THEN rtrim(CASE WHEN json_extract(v.answers, '$.outpatient_weekday') IS NULL THEN 'outpatient_weekday,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.outpatient_weekend') IS NULL THEN 'outpatient_weekend,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.inpatient') IS NULL THEN 'inpatient,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.emergency') IS NULL THEN 'emergency,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.dialysis') IS NULL THEN 'dialysis,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.chemotherapy') IS NULL THEN 'chemotherapy,' ELSE '' END, ',')
            ELSE rtrim(CASE WHEN json_extract(v.answers, '$.outpatient') IS NULL THEN 'outpatient,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.inpatient') IS NULL THEN 'inpatient,' ELSE '' END || CASE WHEN json_extract(v.answers, '$.emergency') IS NULL THEN 'emergency,' ELSE '' END, ',') END
FROM (SELECT hospital_id, survey, report_date, pref_code, MIN(CASE WHEN answers <> '{}' THEN received_at END) AS first_at,
             MAX(CASE WHEN answers <> '{}' THEN received_at END) AS last_at, MAX(version) AS version
      FROM report_version WHERE kind = 'full' GROUP BY hospital_id, survey, report_date, pref_code) AS f
JOIN report_version v ON v.hospital_id = f.hospital_id AND v.survey = f.survey AND v.report_date = f.report_date AND v.version = f.version;
INSERT INTO report_count (survey, report_date, pref_code, listed, reported, on_time, late, corrected, on_behalf)
SELECT survey, report_date, pref_code, COUNT(*), COUNT(first_full_at), SUM(on_time), SUM(late), COUNT(corrected_at), SUM(on_behalf)
FROM report_day GROUP BY survey, report_date, pref_code;

-- From here on the counts follow by themselves; and a reminder that has not left is taken back with the commit of the report, by whatever road
-- that comes.
CREATE TRIGGER report_day_added AFTER INSERT ON report_day BEGIN
    INSERT INTO report_count (survey, report_date, pref_code, listed, reported, on_time, late, corrected, on_behalf)
    VALUES (NEW.survey, NEW.report_date, NEW.pref_code, 1, NEW.first_full_at IS NOT NULL, NEW.on_time, NEW.late, NEW.corrected_at IS NOT NULL, NEW.on_behalf)
    ON CONFLICT (survey, report_date, pref_code) DO UPDATE SET listed = listed + 1, reported = reported + excluded.reported,
        on_time = on_time + excluded.on_time, late = late + excluded.late, corrected = corrected + excluded.corrected,
        on_behalf = on_behalf + excluded.on_behalf;
    UPDATE mail SET state = 'cancelled' WHERE NEW.first_full_at IS NOT NULL AND +state = 'waiting' AND id IN
        (SELECT mail_id FROM reminder WHERE hospital_id = NEW.hospital_id AND survey = NEW.survey AND report_date = NEW.report_date);
END;
CREATE TRIGGER report_day_changed AFTER UPDATE ON report_day
WHEN OLD.first_full_at IS NOT NEW.first_full_at OR (OLD.corrected_at IS NULL) <> (NEW.corrected_at IS NULL) BEGIN
    UPDATE report_count SET reported = reported + (NEW.first_full_at IS NOT NULL) - (OLD.first_full_at IS NOT NULL),
        on_time = on_time + NEW.on_time - OLD.on_time, late = late + NEW.late - OLD.late,
        corrected = corrected + (NEW.corrected_at IS NOT NULL) - (OLD.corrected_at IS NOT NULL), on_behalf = on_behalf + NEW.on_behalf - OLD.on_behalf
    WHERE survey = NEW.survey AND report_date = NEW.report_date AND pref_code = NEW.pref_code;
    UPDATE mail SET state = 'cancelled' WHERE NEW.first_full_at IS NOT NULL AND +state = 'waiting' AND id IN
        (SELECT mail_id FROM reminder WHERE hospital_id = NEW.hospital_id AND survey = NEW.survey AND report_date = NEW.report_date);
END;
