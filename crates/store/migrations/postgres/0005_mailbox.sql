-- The shared mailbox of an organisation: notices go there, and what an administrator is told. Known from the application that it came of.
ALTER TABLE organisation ADD COLUMN mailbox text;
UPDATE organisation SET mailbox = (
    SELECT MAX(a.form ->> 'email') FROM application a WHERE a.organisation_id = organisation.id AND a.form ->> 'email' <> ''
);
