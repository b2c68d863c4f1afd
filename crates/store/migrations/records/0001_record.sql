-- One partition: the exchanges that began in one UTC month. Plain SQL that PostgreSQL would take too, but for BLOB
-- (there: BYTEA) and WITHOUT ROWID (there: nothing).
--
-- What is written is written where the last thing was: an index filled in random order outgrows every cache, and then
-- each record costs several pages read and written.

-- Texts that come again and again (ids, models, paths), once. Numbered by the one who writes.
CREATE TABLE name (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

-- Spans of time with some thousand records each, from this moment (ms since 1970) to the next one's.
CREATE TABLE slice (
    begin_ms BIGINT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

INSERT INTO slice (begin_ms) VALUES (0);

-- In order of begin, which is that of the ids. The last four columns hold what is rarely there or never searched for.
CREATE TABLE record (
    id BLOB NOT NULL PRIMARY KEY,       -- 16 bytes
    arrival BIGINT NOT NULL,            -- order in which records were written
    slice BIGINT NOT NULL,              -- slice.begin_ms of the one that its begin falls into
    at_ms BIGINT NOT NULL,
    organization INTEGER NOT NULL,      -- name.id, here and below to `provider`
    project INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    door INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    requested_model INTEGER NOT NULL,
    model INTEGER NOT NULL,
    provider INTEGER NOT NULL,
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
    image_input BIGINT NOT NULL,
    image_output BIGINT NOT NULL,
    web_searches BIGINT NOT NULL,
    cost BIGINT,                        -- 10^-12 USD
    estimate INTEGER NOT NULL,          -- 0 or 1
    interrupted INTEGER NOT NULL,       -- 0 or 1
    duration_ms BIGINT NOT NULL,
    first_token_ms BIGINT,
    client_request_id TEXT,
    attempts TEXT,                      -- JSON: an array for each, with the fields of domain's `Attempt` in their order
    detail TEXT                         -- JSON: error, excluded, lost
) WITHOUT ROWID;

-- For those who follow.
CREATE INDEX record_by_arrival ON record (arrival);

-- Listings by key. The slice first, so that only a small part of the index, that of now, is written to; a listing
-- looks into one slice after the other.
CREATE INDEX record_by_key ON record (slice, key_id);
