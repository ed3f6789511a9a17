-- With the hospital in it, this index answers "this hospital's newest version of this day" as surely as the primary key does, whichever of
-- the two a planner takes, and the reports of a day come out in the order in which they are read.
DROP INDEX report_version_report_date_idx;
CREATE INDEX report_version_report_date_idx ON report_version (report_date, survey, hospital_id, version);

-- The log is read by its numbers and its days; nothing asks for entries by their moment, and every entry paid for it.
DROP INDEX audit_entry_at_idx;
