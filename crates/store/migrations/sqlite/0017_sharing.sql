-- What a prefecture keeps of its board from a kind of organisation. What has no row is shared.
CREATE TABLE sharing (
    pref_code TEXT NOT NULL CONSTRAINT sharing_pref_code_fkey REFERENCES prefecture (code),
    board_column TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT sharing_pkey PRIMARY KEY (pref_code, board_column, kind)
) STRICT;

-- A prefecture that reports by another system: its fire headquarters find the way to it on the board.
CREATE TABLE other_system (
    pref_code TEXT CONSTRAINT other_system_pkey PRIMARY KEY CONSTRAINT other_system_pref_code_fkey REFERENCES prefecture (code),
    name TEXT NOT NULL,
    url TEXT NOT NULL
) STRICT;
