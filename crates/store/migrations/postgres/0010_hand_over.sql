-- Headquarters that merge（統合・広域化）: which one takes over, and from which day.
ALTER TABLE application ADD COLUMN successor_id uuid CONSTRAINT application_successor_id_fkey REFERENCES application (id);
ALTER TABLE application ADD COLUMN hand_over_on date;
CREATE INDEX application_hand_over_on_idx ON application (hand_over_on) WHERE hand_over_on IS NOT NULL;

-- Under which name an operator signed in before the headquarters was taken over. The old name goes on leading to the same person: nobody
-- stands before a closed door on the morning after.
CREATE TABLE former_sign_in (
    organisation_id uuid NOT NULL CONSTRAINT former_sign_in_organisation_id_fkey REFERENCES organisation (id),
    operator integer NOT NULL,
    account_id uuid NOT NULL CONSTRAINT former_sign_in_account_id_fkey REFERENCES account (id),
    moved_at timestamptz NOT NULL,
    CONSTRAINT former_sign_in_pkey PRIMARY KEY (organisation_id, operator)
);
-- As all tables of sign-in.
GRANT SELECT, INSERT, UPDATE, DELETE ON former_sign_in TO akidoko_system;
