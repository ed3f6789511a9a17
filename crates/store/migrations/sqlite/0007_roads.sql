-- A hospital applies for an ID itself. Which hospital of the register it is, its prefecture says; none where it becomes a new entry. A hospital has
-- one organisation and one ID, so one application that is not over.
ALTER TABLE application ADD COLUMN hospital_id BLOB CONSTRAINT application_hospital_id_fkey REFERENCES hospital (id);
CREATE UNIQUE INDEX application_hospital_id_key ON application (hospital_id) WHERE state NOT IN ('rejected', 'withdrawn', 'closed');
CREATE INDEX application_organisation_id_idx ON application (organisation_id);
