-- The picture of a prefecture（病床の状況）: its beds and patients added up, a row for each day that is over, of the whole prefecture (no area code) and of
-- each 二次医療圏. It can be made anew from report_version. Beside each sum stands of how many hospitals it is; a rate is kept with both parts.
CREATE TABLE picture_day (
    pref_code TEXT NOT NULL CONSTRAINT picture_day_pref_code_fkey REFERENCES prefecture (code),
    on_date TEXT NOT NULL,
    area_code TEXT NOT NULL,
    hospitals INTEGER NOT NULL,
    current_hospitals INTEGER NOT NULL,
    secured_beds INTEGER NOT NULL,
    secured_beds_hospitals INTEGER NOT NULL,
    secured_beds_severe INTEGER NOT NULL,
    secured_beds_severe_hospitals INTEGER NOT NULL,
    ready_beds INTEGER NOT NULL,
    ready_beds_hospitals INTEGER NOT NULL,
    ready_beds_severe INTEGER NOT NULL,
    ready_beds_severe_hospitals INTEGER NOT NULL,
    inpatients_total INTEGER NOT NULL,
    inpatients_total_hospitals INTEGER NOT NULL,
    inpatients_in_secured INTEGER NOT NULL,
    inpatients_in_secured_hospitals INTEGER NOT NULL,
    inpatients_severe INTEGER NOT NULL,
    inpatients_severe_hospitals INTEGER NOT NULL,
    available_beds INTEGER NOT NULL,
    available_beds_hospitals INTEGER NOT NULL,
    available_beds_severe INTEGER NOT NULL,
    available_beds_severe_hospitals INTEGER NOT NULL,
    available_beds_moderate INTEGER NOT NULL,
    available_beds_moderate_hospitals INTEGER NOT NULL,
    available_beds_mild INTEGER NOT NULL,
    available_beds_mild_hospitals INTEGER NOT NULL,
    secured_rate_part INTEGER NOT NULL,
    secured_rate_whole INTEGER NOT NULL,
    secured_rate_hospitals INTEGER NOT NULL,
    ready_rate_part INTEGER NOT NULL,
    ready_rate_whole INTEGER NOT NULL,
    ready_rate_hospitals INTEGER NOT NULL,
    secured_rate_severe_part INTEGER NOT NULL,
    secured_rate_severe_whole INTEGER NOT NULL,
    secured_rate_severe_hospitals INTEGER NOT NULL,
    ready_rate_severe_part INTEGER NOT NULL,
    ready_rate_severe_whole INTEGER NOT NULL,
    ready_rate_severe_hospitals INTEGER NOT NULL,
    CONSTRAINT picture_day_pkey PRIMARY KEY (area_code, on_date, pref_code)
) STRICT;
CREATE INDEX picture_day_pref_code_idx ON picture_day (pref_code, on_date);

-- Days that are over and of which a report came since they were added up. The moment is that of the report: whoever adds up strikes out only what
-- it has seen.
CREATE TABLE picture_due (
    pref_code TEXT NOT NULL CONSTRAINT picture_due_pref_code_fkey REFERENCES prefecture (code),
    on_date TEXT NOT NULL,
    at TEXT NOT NULL,
    CONSTRAINT picture_due_pkey PRIMARY KEY (pref_code, on_date)
) STRICT;

-- フェーズ: each change is a row, the newest holds. Without phases: switched off.
CREATE TABLE phase (
    pref_code TEXT NOT NULL CONSTRAINT phase_pref_code_fkey REFERENCES prefecture (code),
    set_at TEXT NOT NULL,
    phases TEXT,
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    CONSTRAINT phase_pkey PRIMARY KEY (pref_code, set_at)
) STRICT;

-- しきい値. Values are beds, persons, or tenths of a percent. One that is changed ends, and another begins.
CREATE TABLE threshold (
    id BLOB CONSTRAINT threshold_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL CONSTRAINT threshold_pref_code_fkey REFERENCES prefecture (code),
    measure TEXT NOT NULL,
    area_code TEXT,
    side TEXT NOT NULL CONSTRAINT threshold_side_check CHECK (side IN ('above', 'below')),
    raise_at INTEGER NOT NULL,
    clear_at INTEGER NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL,
    ended_at TEXT
) STRICT;
CREATE INDEX threshold_pref_code_idx ON threshold (pref_code);

-- An alert, from the value that raised it to the one that cleared it. Of a threshold one stands at a time.
CREATE TABLE alert (
    id BLOB CONSTRAINT alert_pkey PRIMARY KEY,
    threshold_id BLOB NOT NULL CONSTRAINT alert_threshold_id_fkey REFERENCES threshold (id),
    pref_code TEXT NOT NULL CONSTRAINT alert_pref_code_fkey REFERENCES prefecture (code),
    raised_at TEXT NOT NULL,
    raised_part INTEGER NOT NULL,
    raised_whole INTEGER NOT NULL,
    raised_hospitals INTEGER NOT NULL,
    seen_at TEXT,
    seen_by TEXT,
    cleared_at TEXT,
    cleared_part INTEGER,
    cleared_whole INTEGER,
    cleared_hospitals INTEGER
) STRICT;
CREATE UNIQUE INDEX alert_open_key ON alert (threshold_id) WHERE cleared_at IS NULL;
CREATE INDEX alert_pref_code_idx ON alert (pref_code, raised_at);
