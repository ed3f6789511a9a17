-- 応需パターン: what a hospital can take by day, by night, on a holiday.
CREATE TABLE hospital_pattern (
    hospital_id BLOB NOT NULL CONSTRAINT hospital_pattern_pkey PRIMARY KEY,
    pref_code TEXT NOT NULL,
    revision INTEGER NOT NULL,
    patterns TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    CONSTRAINT hospital_pattern_hospital_fkey FOREIGN KEY (hospital_id, pref_code) REFERENCES hospital (id, pref_code)
) STRICT;

-- What was answered to an update that a device sends until it is answered: sent twice, it is one. Kept for some days.
CREATE TABLE update_once (
    account_id BLOB NOT NULL CONSTRAINT update_once_account_id_fkey REFERENCES account (id),
    id BLOB NOT NULL,
    pref_code TEXT NOT NULL,
    answer TEXT NOT NULL,
    received_at TEXT NOT NULL,
    CONSTRAINT update_once_pkey PRIMARY KEY (account_id, id)
) STRICT;
