-- 他システム連携: what the key reports was taken out of another system of the prefecture.
ALTER TABLE api_token ADD COLUMN is_feed boolean NOT NULL DEFAULT false;
