-- 他システム連携: what the key reports was taken out of another system of the prefecture.
ALTER TABLE api_token ADD COLUMN is_feed INTEGER NOT NULL DEFAULT 0 CONSTRAINT api_token_is_feed_check CHECK (is_feed IN (0, 1));
