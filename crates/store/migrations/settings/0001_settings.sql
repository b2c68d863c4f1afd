-- Settings that the admin API and the CLI own. Ids are ours (`proj_…`), times are milliseconds since 1970.

CREATE TABLE organization (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE project (
    id TEXT PRIMARY KEY NOT NULL,
    organization TEXT NOT NULL REFERENCES organization (id),
    name TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    UNIQUE (organization, name)
);

CREATE TABLE access_key (
    id TEXT PRIMARY KEY NOT NULL,
    project TEXT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,          -- SHA-256 of the secret
    allowed_models TEXT NOT NULL,       -- JSON array; empty means all
    created_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT,
    revoked_at_ms BIGINT
);

-- The name of a revoked key may be used again.
CREATE UNIQUE INDEX access_key_name ON access_key (project, name) WHERE revoked_at_ms IS NULL;

CREATE TABLE management_token (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL UNIQUE,
    hash BLOB NOT NULL UNIQUE,          -- SHA-256 of the secret
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE credential (
    id TEXT PRIMARY KEY NOT NULL,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed BLOB NOT NULL,               -- nonce, ciphertext and tag
    sealing_key TEXT NOT NULL,          -- id of the key that it is sealed with
    created_at_ms BIGINT NOT NULL,
    UNIQUE (provider, name)
);

CREATE TABLE provider (
    id TEXT PRIMARY KEY NOT NULL,
    enabled INTEGER NOT NULL,           -- 0 or 1
    base_url TEXT,
    speaks TEXT NOT NULL,               -- JSON array
    models TEXT,                        -- JSON array
    updated_at_ms BIGINT NOT NULL
);
