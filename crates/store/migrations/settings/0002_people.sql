-- People who log in to the console. Times are milliseconds since 1970.

CREATE TABLE person (
    id TEXT PRIMARY KEY NOT NULL,
    email TEXT NOT NULL UNIQUE,         -- in lower case
    name TEXT NOT NULL,
    role TEXT NOT NULL,                 -- 'owner'
    password TEXT NOT NULL,             -- Argon2id, as a PHC string
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE session (
    id TEXT PRIMARY KEY NOT NULL,
    person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    hash BLOB NOT NULL UNIQUE,          -- SHA-256 of the secret in the cookie
    created_at_ms BIGINT NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

CREATE INDEX session_person ON session (person, created_at_ms);

-- Links that work once: without a person the link makes the first owner, else it gives that person a new password.
CREATE TABLE one_time_link (
    hash BLOB PRIMARY KEY NOT NULL,     -- SHA-256 of the secret in the link
    person TEXT UNIQUE REFERENCES person (id) ON DELETE CASCADE,
    expires_at_ms BIGINT NOT NULL
);
