-- A mail that says "today" is worth nothing tomorrow: what has not left by then stays.
ALTER TABLE mail ADD COLUMN good_until timestamptz;
