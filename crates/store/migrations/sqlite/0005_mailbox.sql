-- The shared mailbox of an organisation: notices go there, and what an administrator is told. Known from the application that it came of.
ALTER TABLE organisation ADD COLUMN mailbox TEXT;
UPDATE organisation SET mailbox = (
    SELECT MAX(json_extract(a.form, '$.email')) FROM application a
    WHERE a.organisation_id = organisation.id AND json_extract(a.form, '$.email') <> ''
);
