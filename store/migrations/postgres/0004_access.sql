-- Who may sign in. The login stands in events as the person; names of people are not kept here.
CREATE TABLE accounts (
    account_id text PRIMARY KEY,
    login text NOT NULL UNIQUE,
    -- PHC string; none where the account signs in elsewhere, or only has tokens.
    password text,
    password_at text,
    must_change bigint NOT NULL,
    -- Whom an OpenID provider knows by that name.
    issuer text,
    subject text,
    created_at text NOT NULL,
    disabled_at text,
    UNIQUE (issuer, subject)
);

-- What an account may act as. A program of 'all' is any program.
CREATE TABLE grants (
    account_id text NOT NULL REFERENCES accounts (account_id),
    role text NOT NULL,
    program text NOT NULL,
    unit text NOT NULL,
    PRIMARY KEY (account_id, role, program, unit)
);

-- Who is signed in. Only the hash of the cookie is kept.
CREATE TABLE sign_ins (
    sign_in_id text PRIMARY KEY,
    hash text NOT NULL UNIQUE,
    account_id text NOT NULL REFERENCES accounts (account_id),
    begun_at text NOT NULL,
    used_at text NOT NULL,
    ends_at text NOT NULL,
    address text,
    agent text
);
CREATE INDEX sign_ins_of ON sign_ins (account_id);

-- Keys of programs. Only their hashes are kept.
CREATE TABLE tokens (
    token_id text PRIMARY KEY,
    hash text NOT NULL UNIQUE,
    account_id text NOT NULL REFERENCES accounts (account_id),
    title text NOT NULL,
    -- 'read' or 'all'.
    permits text NOT NULL CHECK (permits IN ('read', 'all')),
    -- The only grant that it may use, and the only district; empty for all that the account has.
    role text,
    program text,
    unit text,
    district text,
    issued_at text NOT NULL,
    ends_at text NOT NULL,
    revoked_at text,
    used_at text
);
CREATE INDEX tokens_of ON tokens (account_id);
