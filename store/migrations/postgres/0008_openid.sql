-- How a sign-in was begun: by the account's own password, or at the office's single sign-on.
ALTER TABLE sign_ins ADD COLUMN way text NOT NULL DEFAULT 'password' CHECK (way IN ('password', 'openid'));

-- Tries to sign in at the provider that have succeeded: each does so once, on whichever node. Only hashes are kept,
-- and only until the try would have ended anyway.
CREATE TABLE openid_used (
    hash text PRIMARY KEY,
    ends_at text NOT NULL
);
SELECT hatchery_wall('openid_used');
SELECT hatchery_grant(server) FROM hatchery_servers() AS server;
