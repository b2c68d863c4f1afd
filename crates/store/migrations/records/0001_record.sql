-- One partition: the exchanges that began in one UTC month. Plain SQL that PostgreSQL would take too, but for the
-- first line of `record` (there: BIGINT GENERATED ALWAYS AS IDENTITY) and BLOB (there: BYTEA).

-- The last three columns hold what is rarely there or never searched for.
CREATE TABLE record (
    seq INTEGER PRIMARY KEY,            -- order of arrival
    id BLOB NOT NULL UNIQUE,            -- 16 bytes, in order of begin
    at_ms BIGINT NOT NULL,
    organization TEXT NOT NULL,
    project TEXT NOT NULL,
    key_id TEXT NOT NULL,
    door TEXT NOT NULL,
    operation TEXT NOT NULL,
    requested_model TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    status INTEGER NOT NULL,
    stream INTEGER NOT NULL,            -- 0 or 1
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    audio_input BIGINT NOT NULL,
    audio_output BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    cost BIGINT,                        -- 10^-12 USD
    estimate INTEGER NOT NULL,          -- 0 or 1
    interrupted INTEGER NOT NULL,       -- 0 or 1
    duration_ms BIGINT NOT NULL,
    first_token_ms BIGINT,
    client_request_id TEXT,
    detail TEXT                         -- JSON: error, excluded, lost
);

-- Listings by key; everything else is found in order of time, which is that of the id.
CREATE INDEX record_by_key ON record (key_id, id);

CREATE TABLE attempt (
    record BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    provider TEXT NOT NULL,
    wire_model TEXT NOT NULL,
    credential TEXT NOT NULL,
    status INTEGER,
    outcome TEXT NOT NULL,
    message TEXT,
    begin_ms BIGINT NOT NULL,
    first_token_ms BIGINT,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (record, ordinal)
) WITHOUT ROWID;
