-- What happened in each hour, summed when records are written and in the same transaction: nothing is counted twice and
-- nothing is missing. Records that were written before this table existed are not in it.
CREATE TABLE rollup (
    scope INTEGER NOT NULL,             -- 0: exchanges; 1: calls to providers
    model INTEGER NOT NULL,             -- name.id: of the model; of a call, the provider's own name of it
    provider INTEGER NOT NULL,          -- name.id
    hour BIGINT NOT NULL,               -- hours since 1970
    requests BIGINT NOT NULL,
    served BIGINT NOT NULL,
    caller_fault BIGINT NOT NULL,
    rate_limited BIGINT NOT NULL,
    abandoned BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cache_read BIGINT NOT NULL,
    output BIGINT NOT NULL,
    cost BIGINT NOT NULL,               -- 10^-12 USD
    detail BLOB NOT NULL,               -- domain's `performance::Detail`, as postcard
    UNIQUE (scope, model, provider, hour)
);
