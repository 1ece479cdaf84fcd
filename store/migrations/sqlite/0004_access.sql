-- Who may sign in. The login stands in events as the person; names of people are not kept here.
CREATE TABLE accounts (
    account_id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    -- PHC string; none where the account signs in elsewhere, or only has tokens.
    password TEXT,
    password_at TEXT,
    must_change INTEGER NOT NULL,
    -- Whom an OpenID provider knows by that name.
    issuer TEXT,
    subject TEXT,
    created_at TEXT NOT NULL,
    disabled_at TEXT,
    UNIQUE (issuer, subject)
) STRICT;

-- What an account may act as. A program of 'all' is any program.
CREATE TABLE grants (
    account_id TEXT NOT NULL REFERENCES accounts (account_id),
    role TEXT NOT NULL,
    program TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (account_id, role, program, unit)
) STRICT;

-- Who is signed in. Only the hash of the cookie is kept.
CREATE TABLE sign_ins (
    sign_in_id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (account_id),
    begun_at TEXT NOT NULL,
    used_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    address TEXT,
    agent TEXT
) STRICT;
CREATE INDEX sign_ins_of ON sign_ins (account_id);

-- Keys of programs. Only their hashes are kept.
CREATE TABLE tokens (
    token_id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (account_id),
    title TEXT NOT NULL,
    -- 'read' or 'all'.
    permits TEXT NOT NULL CHECK (permits IN ('read', 'all')),
    -- The only grant that it may use, and the only district; empty for all that the account has.
    role TEXT,
    program TEXT,
    unit TEXT,
    district TEXT,
    issued_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    revoked_at TEXT,
    used_at TEXT
) STRICT;
CREATE INDEX tokens_of ON tokens (account_id);
